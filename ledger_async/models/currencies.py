"""Currencies, tokens and their units."""

from typing import Annotated

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.values import CurrencyFamily, CurrencyType

from .currency_names import CurrencyName

__all__ = [
    "AccountCurrency",
    "AddressValidation",
    "Currency",
    "CurrencyList",
    "CurrencyUnit",
    "Token",
    "TokenList",
]


class CurrencyUnit(Struct, Described, frozen=True):
    """A unit of 10 ** `magnitude` base units: 8 for BTC, 0 for satoshi."""

    code: str
    magnitude: int


class Currency(Struct, Described, frozen=True):
    """A currency that the workspace supports.

    `num_confirmation_needed` is how many confirmations its transactions need.
    """

    name: Annotated[str, CurrencyName]
    num_confirmation_needed: int
    type: Annotated[str, CurrencyType]
    units: tuple[CurrencyUnit, ...]
    family: Annotated[str, CurrencyFamily] | None = None


class CurrencyList(Struct, Described, frozen=True):
    """All currencies that the workspace supports."""

    currencies: tuple[Currency, ...]


class Token(Struct, Described, frozen=True):
    """A token that the workspace supports, on the chain of `parent_currency`."""

    contract_address: str
    name: str
    parent_currency: Annotated[str, CurrencyName]
    units: tuple[CurrencyUnit, ...]


class TokenList(Struct, Described, frozen=True):
    """All tokens that the workspace supports."""

    tokens: tuple[Token, ...]


class AddressValidation(Struct, Described, frozen=True):
    """A verdict on an address: it is one of the currency, or is not."""

    is_valid: bool


class AccountCurrency(Struct, Described, frozen=True):
    """The units in which amounts and fees of an account can be shown.

    The API counts in that of magnitude 0.
    """

    amount_units: tuple[CurrencyUnit, ...]
    fees_units: tuple[CurrencyUnit, ...]
