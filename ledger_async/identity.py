"""What makes two nodes the same, also where the caller's own struct leaves it out."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec

from . import codec
from .models.paging import Page, page_of

Keys = Callable[[bytes, Page[Any]], list[Hashable]]


@lru_cache(maxsize=256)
def keys_reader(node_type: type[msgspec.Struct], identity: tuple[str, ...]) -> Keys:
    """A function of a page's body and its decoded form: the identity of each of its nodes.

    `identity` names fields as they are on the wire. Where `node_type` declares them, they are
    read off its nodes, else the body is gone through once more for them alone.
    """
    declared = {each.encode_name: each for each in msgspec.structs.fields(node_type)}
    if all(name in declared and declared[name].type in {str, int} for name in identity):
        read = attrgetter(*(declared[name].name for name in identity))
        return lambda _, page: [read(edge.node) for edge in page.edges]
    key_type = page_of(msgspec.defstruct("Key", [(name, str | int) for name in identity]))
    read = attrgetter(*identity)
    return lambda body, _: [read(edge.node) for edge in codec.decode(body, key_type).edges]
