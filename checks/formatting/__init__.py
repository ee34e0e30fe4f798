"""Cells written in a way that a model or a reader misreads."""
