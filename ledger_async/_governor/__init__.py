"""When a request may start, and whether it is sent again."""
