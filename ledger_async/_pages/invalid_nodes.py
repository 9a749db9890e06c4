"""Nodes that do not decode: the others of their page stay typed, and these are handed on raw."""

from __future__ import annotations

from contextlib import suppress
from typing import TypeVar

import msgspec

from ledger_async._protocol import codec, outline
from ledger_async._protocol.messages import Request
from ledger_async.errors import DecodeError, without_frames
from ledger_async.models.base.paging import Edge, Page, page_of

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


_decode_page = codec.decoder(page_of(msgspec.Raw))

# The same for a body that is no JSON: its nodes are put aside, and so is whatever the structs of a
# page do not declare, which may be as bad as a node.
_ENVELOPE: outline.Shape = {
    b"edges": [{b"cursor": "keep", b"node": "lift"}],
    b"page_info": {b"count": "keep", b"has_next_page": "keep"},
}

# Each takes a tenth of a millisecond, in which the event loop does nothing else.
_MOST_INVALID = 10_000


def raw_page(body: bytes, error: DecodeError) -> Page[msgspec.Raw]:
    """The page that did not decode because of `error`, its nodes as they came, valid or not.

    If the fault lies around the nodes, its error is raised.
    """
    with suppress(DecodeError):
        return _decode_page(body)
    trimmed = outline.trim(body, _ENVELOPE)
    if trimmed is None:
        raise error
    envelope, raws = trimmed
    page = _envelope(envelope, body, error)
    edges = tuple(Edge(edge.cursor, msgspec.Raw(raws[edge.node])) for edge in page.edges)
    return Page(edges, page.page_info)


def _envelope(envelope: bytes, body: bytes, error: DecodeError) -> Page[int]:
    try:
        return codec.decode(envelope, Page[int])
    except DecodeError as around:
        if not isinstance(around.__cause__, msgspec.ValidationError):
            raise error from error.__cause__  # it says where, in what came
        around.excerpt = codec.excerpt(body)
        raise


def decode_page(
    raw: Page[msgspec.Raw], node_type: type[T], request: Request, *, hands_on: bool
) -> Page[T | InvalidNode]:
    """The answer to `request`, its nodes decoded one by one.

    Unless it `hands_on` those that do not decode, the error of the first is raised.
    """
    left = _MOST_INVALID if hands_on else 0
    edges: list[Edge[T | InvalidNode]] = []
    for index, edge in enumerate(raw.edges):
        node = decode_node(bytes(edge.node), node_type, request, index)
        if isinstance(node, InvalidNode):
            if not left:
                raise node.error
            left -= 1
        edges.append(Edge(edge.cursor, node))
    return Page(tuple(edges), raw.page_info)


def decode_node(raw: bytes, node_type: type[T], request: Request, index: int) -> T | InvalidNode:
    """The node that `raw` holds, valid or not, at this place of the answer to `request`."""
    try:
        return codec.decode(raw, node_type, at=f"$.edges[{index}].node")
    except DecodeError as error:
        error.account_id, error.page = request.account_id, request.page
        error.truncated = False  # the page around it is whole
        return InvalidNode(request.account_id, request.page, index, raw, without_frames(error))
