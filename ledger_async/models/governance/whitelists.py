"""Whitelists of recipients."""

from typing import Annotated

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import Timestamp
from ledger_async.models.base.values import GovernanceStatus
from ledger_async.models.currency_names import CurrencyName

__all__ = ["Whitelist", "WhitelistAddress"]


class WhitelistAddress(Struct, Described, frozen=True):
    """A recipient that a whitelist allows, with the destination tags that may be used.

    The API documents `destination_tags`, and shows one `destination_tag`: either may come.
    """

    address: str
    currency: Annotated[str, CurrencyName]
    id: int
    name: str
    destination_tag: int | None = None
    destination_tags: tuple[int, ...] | None = None


class Whitelist(Struct, Described, frozen=True):
    """Recipients that rules of accounts may be restricted to."""

    addresses: tuple[WhitelistAddress, ...]
    created_by: int
    created_on: Timestamp
    id: int
    name: str
    status: Annotated[str, GovernanceStatus]
    description: str | None = None
    last_request: int | None = None
