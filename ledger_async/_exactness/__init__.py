"""Which page to ask for next, and what is proven: no I/O."""
