"""Pure functions of arrays and texts: no files, no engine, no findings."""
