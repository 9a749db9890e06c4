"""Hexadecimal addresses, which are the same in any case."""

from __future__ import annotations

from functools import lru_cache


# The addresses of a listing repeat: with most of them, this is no call of Python's.
@lru_cache(maxsize=4096)
def folded(address: object) -> object:
    """`address` in lower case, if it is a hexadecimal one; anything else as it is."""
    if isinstance(address, str) and address[:2] in {"0x", "0X"}:
        return address.lower()
    return address
