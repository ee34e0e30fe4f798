"""Readers of training logs: bytes in, rows out. One reader a file; none needs a framework."""
