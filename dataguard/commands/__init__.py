"""The commands, one file each; `dataguard/cli.py` puts them together."""
