"""The reports: one file is one output format."""
