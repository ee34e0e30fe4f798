"""Generated tables with planted faults whose rows and columns are known."""
