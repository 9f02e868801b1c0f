"""Tables that policies are measured by; data only."""
