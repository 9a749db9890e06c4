"""A mirror in a file of SQLite, by the standard library alone."""
