"""Faults of the label column."""
