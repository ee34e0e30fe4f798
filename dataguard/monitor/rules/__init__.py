"""The rules of the monitor, one file a rule."""
