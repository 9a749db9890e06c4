"""The head of a request, as it goes over the wire."""

from __future__ import annotations

from collections.abc import Mapping


def lines_of(headers: Mapping[str, str]) -> bytes:
    """Headers, a line each, as they go over the wire."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
