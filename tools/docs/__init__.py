"""Pages of the documentation that are written from policies and tables: `make docs`. Nothing here runs for users."""
