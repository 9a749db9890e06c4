"""Currencies and tokens that the workspace supports."""

from __future__ import annotations

from ledger_async.errors import ConfigurationError
from ledger_async.models.currencies import (
    AddressValidation,
    Currency,
    CurrencyList,
    Token,
    TokenList,
)
from ledger_async.sections._base.section import Section


class Currencies(Section):
    """Currencies and tokens that the workspace supports."""

    async def list(self) -> tuple[Currency, ...]:
        """Every currency that is supported. `GET /currencies`."""
        return (await self._get("/currencies", CurrencyList)).currencies

    async def tokens(self) -> tuple[Token, ...]:
        """Every token that is supported. `GET /currencies/tokens`."""
        return (await self._get("/currencies/tokens", TokenList)).tokens

    async def get(self, name: str) -> Currency:
        """One currency; `NotFoundError` if it is unknown. `GET /currencies/{currency_name}`."""
        if name == "tokens":
            raise ConfigurationError("name: no currency is called so, its path lists the tokens")
        return await self._get("/currencies/{name:s}", Currency, name=name)

    async def token(self, name: str, contract_address: str) -> Token:
        """One token of a currency, by its contract; `NotFoundError` if it is unknown.

        `GET /currencies/{currency_name}/tokens/{contract_address}`.
        """
        path = "/currencies/{name:s}/tokens/{contract_address:s}"
        return await self._get(path, Token, name=name, contract_address=contract_address)

    async def validate_address(self, name: str, address: str) -> bool:
        """True if an address is valid in a currency; `NotFoundError` for an unknown currency.

        `GET /currencies/{currency_name}/{address}`.
        """
        path = "/currencies/{name:s}/{address:s}"
        return (await self._get(path, AddressValidation, name=name, address=address)).is_valid
