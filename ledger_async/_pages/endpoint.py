"""Paged endpoints of the API, as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec

from ledger_async._protocol.query import encode_query, types_of
from ledger_async.errors import ConfigurationError

T = TypeVar("T", bound=msgspec.Struct)


class Listing(msgspec.Struct, frozen=True):
    """A listing of the API, for programs that take any of them.

    `name` is the section's, such as `"nfts"` or `"cardano_stakes"`. `node_type` is the struct of
    its nodes, or stands for several structs. `identity` names the fields, as on the wire, that tell
    two nodes of a listing apart. `by_account` is true if each account has a listing of its own;
    `account_id` is the only one, where the section was made for that.
    """

    name: str
    path: str
    node_type: type[Any]
    identity: tuple[str, ...]
    by_account: bool
    account_id: int | None = None

    def check(self, account_ids: object) -> None:
        """Raise `ConfigurationError` if account ids are missing, or given where none are taken."""
        if (account_ids is None) == (self.by_account and self.account_id is None):
            needs = "needs" if account_ids is None else "takes no"
            raise ConfigurationError(f"{self.name} {needs} account_ids")


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

    def listing(self, account_id: int | None = None) -> Listing:
        """The listing that is read here, of this account alone if one is given."""
        place = "/accounts/{account_id}/"
        name = self.path.replace(place, "/").strip("/").replace("/", "_").replace("-", "_")
        by_account = place in self.path
        return Listing(name, self.path, self.node_type, self.identity, by_account, account_id)

    def query(self, filters: Mapping[str, object]) -> str:
        """The query string of these filters; `ConfigurationError` names one that is wrong."""
        return encode_query(filters, types_of(self.filters) if self.filters else {})
