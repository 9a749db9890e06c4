"""Base64 with the alphabet of URLs, as JWTs and challenges have it."""

from __future__ import annotations

from base64 import b64decode

_FROM_URL_SAFE = str.maketrans("-_", "+/", "=")


def decode(text: str) -> bytes:
    """The bytes that `text` stands for, padded or not; `ValueError` if it stands for none."""
    bare = text.translate(_FROM_URL_SAFE)
    return b64decode(bare + "=" * (-len(bare) % 4), validate=True)
