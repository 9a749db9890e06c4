"""The command line, a thin reader of the public API: parse, call, print."""
