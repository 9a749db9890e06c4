"""What makes two nodes the same, also where the caller's own struct leaves it out."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec

from . import codec
from .errors import DecodeError
from .models.paging import Page, page_of


class Identity:
    """Reads the identity of `node_type`: the fields `names`, as they are called on the wire."""

    def __init__(self, node_type: type[Any], names: tuple[str, ...]) -> None:
        self._key = msgspec.defstruct("Key", [(name, str | int) for name in names])
        self._page_of_keys = page_of(self._key)
        self._read_key = attrgetter(*names)
        # What stands in for several structs has no fields: its nodes do not tell.
        fields = msgspec.structs.fields(node_type) if issubclass(node_type, msgspec.Struct) else ()
        declared = {each.encode_name: each for each in fields}
        self._read_node = None
        if all(name in declared and _tells(declared[name]) for name in names):
            self._read_node = attrgetter(*(declared[name].name for name in names))

    def of_page(self, body: bytes, page: Page[Any]) -> list[Hashable]:
        """The identity of each node of a page, of which `body` is the JSON."""
        if self._read_node is not None:
            return [self._read_node(edge.node) for edge in page.edges]
        # The nodes do not tell: the body is gone through once more for this alone.
        return [self._read_key(edge.node) for edge in codec.decode(body, self._page_of_keys).edges]

    def of_node(self, raw: bytes) -> Hashable:
        """The identity of the node in `raw`, which is all of it where there is no other."""
        try:
            key: Hashable = self._read_key(codec.decode(raw, self._key))
        except DecodeError:
            return raw
        return key


def _tells(field: msgspec.structs.FieldInfo) -> bool:
    """Whether a node has this field for sure, and it can be told from another."""
    return field.required and field.type in {str, int}


identity_of = lru_cache(maxsize=256)(Identity)
"""The `Identity` of these arguments, made once."""
