"""Currencies and tokens, compliance, certificates and the organization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger_async.models.currencies import (
    AddressValidation,
    Currency,
    CurrencyList,
    Token,
    TokenList,
)
from ledger_async.sandbox._data.chains import CHAINS, CURRENCIES, TOKENS
from ledger_async.sandbox._data.compliance import address_risk, sanctions
from ledger_async.sandbox._data.seeded import seeded
from ledger_async.sandbox._data.shelf import UnknownError

from .route import Asked, Route, get

if TYPE_CHECKING:
    from ledger_async.sandbox._data.workspace import Workspace

_CHAIN_LENGTH = 3  # leaf, intermediate, root


def _currencies(_workspace: Workspace, _asked: Asked) -> CurrencyList:
    return CurrencyList(currencies=tuple(CURRENCIES.values()))


def _tokens(_workspace: Workspace, _asked: Asked) -> TokenList:
    return TokenList(tokens=TOKENS)


def _currency(_workspace: Workspace, asked: Asked) -> Currency:
    name = asked.path["currency_name"]
    if name not in CURRENCIES:
        raise UnknownError(f"no currency {name}")
    return CURRENCIES[name]


def _token(_workspace: Workspace, asked: Asked) -> Token:
    name, contract = asked.path["currency_name"], asked.path["contract_address"]
    for token in TOKENS:
        if token.parent_currency == name and _same(token.contract_address, contract):
            return token
    raise UnknownError(f"no token {contract} on {name}")


def _same(one: str, other: str) -> bool:
    """Compare addresses: hexadecimal ones may be spelled in capitals."""
    return one == other or (one.startswith("0x") and one.lower() == other.lower())


def _address(workspace: Workspace, asked: Asked) -> AddressValidation:
    chain = CHAINS.get(_currency(workspace, asked).name)
    return AddressValidation(is_valid=chain is not None and chain.accepts(asked.path["address"]))


def _risk(workspace: Workspace, asked: Asked) -> object:
    return address_risk(workspace.seed, asked.path["address"])


def _sanctions(workspace: Workspace, asked: Asked) -> object:
    return sanctions(workspace.seed, asked.path["address"])


def _certificates(workspace: Workspace, _asked: Asked) -> list[str]:
    return [_der(workspace.seed, place) for place in range(_CHAIN_LENGTH)]


def _der(seed: int, place: int) -> str:
    """Return what begins as a certificate does: a sequence, with its length."""
    content = b"".join(seeded(seed, "certificate", place, part) for part in range(8))
    return f"3082{len(content):04x}{content.hex()}"


def _organization(workspace: Workspace, _asked: Asked) -> object:
    return workspace.organization


ROUTES: tuple[Route, ...] = (
    get("/currencies", _currencies),
    get("/currencies/tokens", _tokens),
    get("/currencies/{currency_name}", _currency),
    get("/currencies/{currency_name}/tokens/{contract_address}", _token),
    get("/currencies/{currency_name}/{address}", _address),
    get("/compliance/address-risk/{address}", _risk),
    get("/compliance/sanctions/{address}", _sanctions),
    get("/certificates/chain", _certificates),
    get("/organization", _organization),
)
