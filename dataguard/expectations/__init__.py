"""Suites of Great Expectations: read, learnt from data, run."""
