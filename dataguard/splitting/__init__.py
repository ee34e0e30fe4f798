"""Dividing a data set so that what is alike stays together."""
