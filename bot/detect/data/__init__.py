"""Facts about Kubernetes that checks look up, as Python literals. No logic beyond a look-up, no I/O."""
