"""The checks: one file is one check, in a folder a family."""
