"""The balances of an account, now and over time."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import open_union

from .coin_fields import SolanaBalances

__all__ = [
    "AccountBalances",
    "AccountBalancesHistory",
    "AccountBalancesHistoryEntry",
    "Balances",
    "BitcoinBalances",
    "CurrencyInfo",
]


class AccountBalances(Struct, Described, frozen=True):
    """Balances by state, and their `total`, in the base unit of the currency."""

    available: str
    pending: str
    total: str


class BitcoinBalances(Struct, Described, frozen=True):
    """The worth of an account's UTXOs, in satoshi or its like.

    `confirmed` ones have six confirmations, those `under_confirmation` fewer, and those in the
    `mempool` none: each of these comes in, goes out, or comes back as change. `worthless` ones cost
    more than they hold. `available` and `pending` are sums by state, `total` of everything.
    """

    available: str
    confirmed: str
    mempool_change: str
    mempool_in: str
    mempool_out: str
    pending: str
    total: str
    under_confirmation_change: str
    under_confirmation_in: str
    under_confirmation_out: str
    worthless: str


class AccountBalancesHistoryEntry(Struct, Described, frozen=True):
    """An account's balance at `date`, as sent; `None` where it is not known."""

    date: str
    value: str | None = None


class CurrencyInfo(Struct, Described, frozen=True):
    """The currency of a history: its unit is 10 ** `magnitude` base units.

    `token_address` is the contract of a token.
    """

    magnitude: int
    name: str
    network: str
    token_address: str | None = None


class AccountBalancesHistory(Struct, Described, frozen=True):
    """The balances of an account over time."""

    account_index: int
    balances: tuple[AccountBalancesHistoryEntry, ...]
    currency: CurrencyInfo


if TYPE_CHECKING:
    Balances: TypeAlias = AccountBalances | BitcoinBalances | SolanaBalances | Mapping[str, object]
else:
    Balances = open_union(
        {
            "activating": SolanaBalances,
            "confirmed": BitcoinBalances,
            "available": AccountBalances,
        }
    )
