"""Rows that stand in the data more than once."""
