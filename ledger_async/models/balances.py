"""The balances of an account, now and over time."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from .coin_fields import SolanaBalances
from .fields import open_union

__all__ = [
    "AccountBalances",
    "AccountBalancesHistory",
    "AccountBalancesHistoryEntry",
    "Balances",
    "BitcoinBalances",
    "CurrencyInfo",
]


class AccountBalances(Struct, frozen=True):
    """TODO."""

    available: str
    pending: str
    total: str


class BitcoinBalances(Struct, frozen=True):
    """TODO."""

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


class AccountBalancesHistoryEntry(Struct, frozen=True):
    """TODO."""

    date: str
    value: str | None = None


class CurrencyInfo(Struct, frozen=True):
    """TODO."""

    magnitude: int
    name: str
    network: str
    token_address: str | None = None


class AccountBalancesHistory(Struct, frozen=True):
    """TODO."""

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
