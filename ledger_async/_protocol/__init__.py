"""The API's rules over status, headers and bytes: no I/O."""
