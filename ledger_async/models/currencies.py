"""Currencies, tokens and their units."""

from typing import Annotated

from msgspec import Struct

from .currency_names import CurrencyName
from .values import CurrencyFamily, CurrencyType

__all__ = [
    "AccountCurrency",
    "AddressValidation",
    "Currency",
    "CurrencyList",
    "CurrencyUnit",
    "Token",
    "TokenList",
]


class CurrencyUnit(Struct, frozen=True):
    """TODO."""

    code: str
    magnitude: int


class Currency(Struct, frozen=True):
    """TODO."""

    name: Annotated[str, CurrencyName]
    num_confirmation_needed: int
    type: Annotated[str, CurrencyType]
    units: tuple[CurrencyUnit, ...]
    family: Annotated[str, CurrencyFamily] | None = None


class CurrencyList(Struct, frozen=True):
    """TODO."""

    currencies: tuple[Currency, ...]


class Token(Struct, frozen=True):
    """TODO."""

    contract_address: str
    name: str
    parent_currency: Annotated[str, CurrencyName]
    units: tuple[CurrencyUnit, ...]


class TokenList(Struct, frozen=True):
    """TODO."""

    tokens: tuple[Token, ...]


class AddressValidation(Struct, frozen=True):
    """TODO."""

    is_valid: bool


class AccountCurrency(Struct, frozen=True):
    """TODO."""

    amount_units: tuple[CurrencyUnit, ...]
    fees_units: tuple[CurrencyUnit, ...]
