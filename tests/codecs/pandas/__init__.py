"""One file for each table of changes."""
