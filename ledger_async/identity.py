"""What makes two nodes the same, also where the caller's own struct leaves it out.

A key is a hash of 64 bits, and two of a million nodes share one once in 36 million listings.
Kept as they are, the strings would take forty times the memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
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
        self._read_edge = None
        if all(name in declared and _tells(declared[name]) for name in names):
            self._read_edge = attrgetter(*(f"node.{declared[name].name}" for name in names))
        # What is made of strings for sure needs no look at its parts.
        strings = all(name in declared and declared[name].type is str for name in names)
        self._hash: Callable[[object], int] = hash if strings else _hash

    def of_page(self, body: bytes, page: Page[Any]) -> list[int]:
        """The key of each node of a page, of which `body` is the JSON."""
        if self._read_edge is not None:
            return list(map(self._hash, map(self._read_edge, page.edges)))
        # The nodes do not tell: the body is gone through once more for this alone.
        edges = codec.decode(body, self._page_of_keys).edges
        return [_hash(self._read_key(edge.node)) for edge in edges]

    def of_raw_nodes(self, raws: Iterable[bytes]) -> list[int]:
        """The key of each of these nodes of a page, whether or not they decode.

        One without an identity is known by all that it is, and by how many like it precede it.
        """
        before: Counter[bytes] = Counter()
        keys = []
        for raw in raws:
            try:
                keys.append(_hash(self._read_key(codec.decode(raw, self._key))))
            except DecodeError:
                keys.append(hash((raw, before[raw])))
                before[raw] += 1
        return keys


def _hash(identity: object) -> int:
    # Python seeds the hash of a string, not that of an integer: anybody could make two alike.
    parts = identity if isinstance(identity, tuple) else (identity,)
    return hash(identity if all(isinstance(part, str) for part in parts) else repr(identity))


def _tells(field: msgspec.structs.FieldInfo) -> bool:
    """Whether a node has this field for sure, and it can be told from another."""
    return field.required and field.type in {str, int}


identity_of = lru_cache(maxsize=256)(Identity)
"""The `Identity` of these arguments, made once."""
