"""Bytes in, tables out; structural faults are noticed on the way."""
