"""Nodes that do not decode: the others of their page stay typed, and these are handed on raw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

import msgspec

from . import codec
from .errors import DecodeError, without_frames
from .models.paging import Page, page_of

T = TypeVar("T", bound=msgspec.Struct)


class InvalidNode(msgspec.Struct, frozen=True):
    """A node that does not decode: its JSON as it came, its place, and what is wrong with it.

    `page` is numbered from 1, `index` within the page from 0.
    """

    account_id: int | None
    page: int | None
    index: int
    raw: bytes
    error: DecodeError


OnInvalid = Literal["raise", "skip"] | Callable[[InvalidNode], None]

_PAGE = page_of(msgspec.Raw)


def decode_page(body: bytes) -> Page[msgspec.Raw]:
    """A page whose nodes are still JSON; `DecodeError` where what is around them is at fault."""
    return codec.decode(body, _PAGE)


def decode_node(
    raw: bytes, node_type: type[T], *, account_id: int | None, page: int | None, index: int
) -> T | InvalidNode:
    """The node that `raw` holds, valid or not."""
    try:
        return codec.decode(raw, node_type, at=f"$.edges[{index}].node")
    except DecodeError as error:
        error.account_id, error.page = account_id, page
        return InvalidNode(account_id, page, index, raw, without_frames(error))
