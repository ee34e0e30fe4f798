"""Faults of the file itself."""
