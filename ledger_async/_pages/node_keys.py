"""Tell nodes apart by their identity, also where the caller's own struct leaves it out.

A key is a hash of 64 bits, and two of a million nodes share one once in 36 million listings.
Kept as they are, the strings would take forty times the memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any

import msgspec

from ledger_async._protocol import codec, outline
from ledger_async._support.hex_addresses import folded
from ledger_async.errors import DecodeError
from ledger_async.models.base.paging import page_of


class NodeKeys:
    """Reads the identity of `node_type`: the fields `names`, as they are called on the wire.

    Hexadecimal addresses are the same in any case: some servers spell them with a checksum in it.
    """

    def __init__(self, node_type: type[Any], names: tuple[str, ...]) -> None:
        self._key = msgspec.defstruct("Key", [(name, str | int) for name in names])
        self._shape: outline.Shape = {name.encode(): "keep" for name in names}
        self._page_of_keys = page_of(self._key)
        self._columns = [_column(name, name) for name in names]
        # A type that stands for several structs has no fields of its own to read.
        fields = msgspec.structs.fields(node_type) if issubclass(node_type, msgspec.Struct) else ()
        declared = {each.encode_name: each for each in fields}
        self._own_columns = None
        if all(name in declared and _tells(declared[name]) for name in names):
            self._own_columns = [_column(declared[name].name, name) for name in names]
        self._names = names
        self._types = {name: declared[name].type for name in names if name in declared}
        # Keys that are surely made of strings need no look at their parts.
        strings = all(name in declared and declared[name].type is str for name in names)
        self._hash: Callable[[Any], int] = hash if strings else _hash

    def of_nodes(self, nodes: Sequence[Any], body: bytes) -> list[int]:
        """The key of each of these nodes of a page, of which `body` is the JSON."""
        if self._own_columns is not None:
            return _keys(self._own_columns, nodes, self._hash)
        # The nodes do not tell: the body is gone through once more for this alone.
        return _keys(self._columns, codec.decode(body, self._page_of_keys).nodes, _hash)

    def of_identities(self, identities: Iterable[Sequence[str | int]]) -> list[int]:
        """The keys of nodes that are known by nothing but their identity, its parts in order."""
        return [_hash(tuple(map(self._part, self._names, each))) for each in identities]

    def _part(self, name: str, part: str | int) -> object:
        type_ = self._types.get(name)
        if type_ is int or type_ is str:
            part = type_(part)  # stores may know numbers by their digits, or the other way round
        return folded(part) if name.endswith("address") else part

    def of_raw_nodes(self, raws: Iterable[bytes]) -> list[int]:
        """The key of each of these nodes of a page, whether or not they decode.

        One without an identity is known by all that it is, and by how many like it precede it.
        """
        before: Counter[bytes] = Counter()
        keys = []
        for raw in raws:
            try:
                keys += _keys(self._columns, [self._key_in(raw)], _hash)
            except DecodeError:
                keys.append(hash((raw, before[raw])))
                before[raw] += 1
        return keys

    def _key_in(self, raw: bytes) -> msgspec.Struct:
        try:
            return codec.decode(raw, self._key)
        except DecodeError:
            # msgspec looks at every field, and another one may be at fault.
            trimmed = outline.trim(raw, self._shape)
            if trimmed is None:
                raise
            return codec.decode(trimmed[0], self._key)


Column = Callable[[Sequence[Any]], Iterable[object]]


def _column(attribute: str, name: str) -> Column:
    """Reads one part of the identity from each node."""
    read = partial(map, attrgetter(attribute))
    return (lambda nodes: map(folded, read(nodes))) if name.endswith("address") else read


def _keys(columns: list[Column], nodes: Sequence[Any], hash_: Callable[[Any], int]) -> list[int]:
    parts = [column(nodes) for column in columns]
    return list(map(hash_, zip(*parts)))  # noqa: B905 - asking for `strict` takes its time


def _hash(identity: tuple[object, ...]) -> int:
    # Python seeds the hashes of strings, but not those of integers: anybody could make two alike.
    return hash(identity if all(isinstance(part, str) for part in identity) else repr(identity))


def _tells(field: msgspec.structs.FieldInfo) -> bool:
    """True if every node has this field, and its values can be told apart."""
    return field.required and field.type in {str, int}


node_keys_of = lru_cache(maxsize=256)(NodeKeys)
"""The `NodeKeys` of these arguments, made once."""
