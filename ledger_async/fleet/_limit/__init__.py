"""One rate for many processes, kept in a store that all of them reach."""
