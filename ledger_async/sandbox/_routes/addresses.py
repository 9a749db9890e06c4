"""Addresses of accounts, in the clear and as signed tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from ledger_async.models.accounts.addresses import Address, Addresses
from ledger_async.sandbox._data.seeded import seeded
from ledger_async.sandbox._data.shelf import UnknownError
from ledger_async.sandbox._governance.challenges import base64url
from ledger_async.sandbox._http.query import Query

from .route import Asked, Route, get

if TYPE_CHECKING:
    from ledger_async.sandbox._data.accounts import Account
    from ledger_async.sandbox._data.workspace import Workspace

_USED = 5  # receiving addresses of an account that holds outputs
_HEADER = {"alg": "ES256", "typ": "JWT"}


class AddressQuery(Query, frozen=True, kw_only=True):
    """The parameters of `GET /accounts/{account_id}/address/{index}`."""

    type: Literal["change", "receive"]


def _address(workspace: Workspace, asked: Asked) -> str:
    account = workspace.account(asked.id("account_id"))
    if account.chain.is_utxo:
        raise UnknownError(f"account {account.id} has no single address")
    return _token(workspace, account, _own(account))


def _address_at(workspace: Workspace, asked: Asked) -> str:
    account = workspace.account(asked.id("account_id"))
    change = asked.search(AddressQuery).type == "change"
    return _token(workspace, account, _at(workspace, account, asked.id("index"), int(change)))


def _addresses(workspace: Workspace, asked: Asked) -> Addresses:
    account = workspace.account(asked.id("account_id"))
    free = range(_USED, _USED + 3) if account.chain.is_utxo else range(1)
    return Addresses(addresses=tuple(_at(workspace, account, place, 0) for place in free))


def _receiving(workspace: Workspace, asked: Asked) -> Address:
    account = workspace.account(asked.id("account_id"))
    index = asked.id("index")
    if account.chain.is_utxo and index > _USED:
        raise UnknownError(f"index {index} is beyond the next free one, {_USED}")
    return _at(workspace, account, index, 0)


def _at(workspace: Workspace, account: Account, place: int, change: int) -> Address:
    """Return an address of many; accounts with a single one have that at every index."""
    chain = account.chain
    if not chain.is_utxo:
        return _own(account)
    noise = seeded(workspace.seed, "address", account.id, change, place)
    path = chain.path(account.index, change=change, place=place)
    return Address(address=chain.address(noise), derivation_path=path)


def _own(account: Account) -> Address:
    path = account.body["derivation_path"] or account.chain.path(account.index)
    return Address(address=account.address, derivation_path=path)


def _token(workspace: Workspace, account: Account, address: Address) -> str:
    payload = {
        "address": address.address,
        "derivation_path": address.derivation_path,
        "blockchain_name": account.chain.name,
    }
    signature = seeded(workspace.seed, "jwt", address.address)
    parts = (msgspec.json.encode(_HEADER), msgspec.json.encode(payload), signature)
    return ".".join(map(base64url, parts))


_ACCOUNT = "/accounts/{account_id}"

ROUTES: tuple[Route, ...] = (
    get(f"{_ACCOUNT}/address", _address),
    get(f"{_ACCOUNT}/address/{{index}}", _address_at),
    get(f"{_ACCOUNT}/addresses", _addresses),
    get(f"{_ACCOUNT}/addresses/{{index}}", _receiving),
)
