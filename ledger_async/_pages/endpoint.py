"""Paged endpoints of the API, as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

import msgspec

from ledger_async._protocol.query import encode_query, types_of

T = TypeVar("T", bound=msgspec.Struct)


class Endpoint(msgspec.Struct, Generic[T], frozen=True):
    """A paged endpoint: its path, its nodes, and the wire fields that tell two nodes apart.

    `filters` are a TypedDict. Those that are `settled` ask for what never changes: new nodes that
    match them come at the head, as they do without a filter.
    """

    path: str
    node_type: type[T]
    identity: tuple[str, ...] = ("id",)
    filters: type | None = None
    settled: frozenset[str] = frozenset({"created_after", "created_before", "id"})

    def query(self, filters: Mapping[str, object]) -> str:
        """The query string of these filters; `ConfigurationError` names one that is wrong."""
        return encode_query(filters, types_of(self.filters) if self.filters else {})
