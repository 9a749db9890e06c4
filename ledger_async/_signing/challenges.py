"""Challenges of requests: their content, and the bytes of it that are signed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from ledger_async._protocol import codec
from ledger_async.errors import DecodeError

from . import base64url

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}")


class Challenge(NamedTuple):
    """A challenge: its content, and the JSON of it byte for byte, which is what gets signed."""

    content: Mapping[str, object]
    payload: bytes


def open_challenge(text: str) -> Challenge:
    """Read a challenge from JSON, or from base64url of JSON; `DecodeError` if it is neither."""
    # The second parser takes less depth than the first.
    with suppress(DecodeError, RecursionError, ValueError):
        payload = _unwrapped(text)
        content = codec.decode(payload, dict[str, object])
        _refuse_repeats(payload)
        if _is_base64url(content.get("challenge")):
            return Challenge(content, payload)
    raise DecodeError(
        "the challenge is not JSON with a `challenge` in it, nor base64url of that: "
        "sign it yourself, and use `approve` or `reject`"
    )


def _unwrapped(text: str) -> bytes:
    """The JSON; `ValueError` for half a character, and for a length that base64url never has."""
    return base64url.decode(text) if _is_base64url(text) else text.encode()


def _is_base64url(value: object) -> bool:
    return isinstance(value, str) and _BASE64URL.fullmatch(value) is not None


def _refuse_repeats(payload: bytes) -> None:
    # If a key comes twice, who confirms may read one of its values, and who acts the other.
    json.loads(payload, object_pairs_hook=_unrepeated, parse_int=str, parse_float=str)


def _unrepeated(pairs: list[tuple[str, object]]) -> None:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key comes twice")
