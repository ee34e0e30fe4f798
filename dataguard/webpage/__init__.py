"""The HTML report: what is gathered for it while data is linted, its plots, its pages."""
