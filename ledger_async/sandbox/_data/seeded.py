"""Bytes that look random and are the same in every run, on every Python."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


def seeded(*key: object) -> bytes:
    """Return 64 bytes that depend on `key` alone."""
    return blake2b("/".join(map(str, key)).encode()).digest()


def address(noise: bytes) -> str:
    """Return an EVM address of 40 hex digits."""
    return f"0x{noise[:20].hex()}"


def pick(roll: int, options: Sequence[T]) -> T:
    """Return the option that a random byte falls on."""
    return options[roll % len(options)]


def number(noise: bytes, start: int = 0, size: int = 8) -> int:
    """Return the integer that `size` of these bytes spell."""
    return int.from_bytes(noise[start : start + size], "big")
