"""Mending what the linter finds: which cells and rows change, and files written with no others."""
