"""Every operation of the API, what it is called on a client, and how the two are found."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import unquote

from ledger_async._support import checks
from ledger_async.errors import ConfigurationError

# Paths as `paths.fill` takes them: a parameter is a number, or with the format `s` a string.
# The two without a name are called by `BearerAuth`.
OPERATIONS: Mapping[str, str | None] = MappingProxyType(
    {
        "GET /accounts": "accounts.stream",
        "GET /accounts/{account_id}": "accounts.get",
        "GET /accounts/{account_id}/address": "accounts.address",
        "GET /accounts/{account_id}/address/{index}": "accounts.address_at",
        "GET /accounts/{account_id}/addresses": "accounts.receiving_addresses",
        "GET /accounts/{account_id}/addresses/{index}": "accounts.receiving_address",
        "GET /accounts/{account_id}/balances": "accounts.balances",
        "GET /accounts/{account_id}/balances/history": "accounts.balance_history",
        "GET /accounts/{account_id}/currency": "accounts.currency",
        "GET /accounts/{account_id}/history": "accounts.history",
        "GET /accounts/{account_id}/labels": "accounts.labels",
        "GET /accounts/{account_id}/nft-collections": "nft_collections.stream",
        "GET /accounts/{account_id}/nft-portfolio": "nfts.portfolio",
        "GET /accounts/{account_id}/nfts": "nfts.stream",
        "GET /accounts/{account_id}/sync": "accounts.sync",
        "GET /accounts/{account_id}/tokens": "accounts.tokens",
        "GET /accounts/{parent_account_id}/erc20-children-accounts": (
            "accounts.erc20_children.stream"
        ),
        "GET /api_users": "api_users.list",
        "POST /api_users": "api_users.create",
        "GET /api_users/{name:s}": "api_users.get",
        "POST /api_users/{name:s}/register/{url_id:s}": "api_users.register",
        "POST /auth/token": None,
        "POST /auth/token/refresh": None,
        "GET /cardano/accounts/{account_id}/periodic-rewards": "staking.cardano.periodic_rewards",
        "GET /cardano/accounts/{account_id}/rewards": "staking.cardano.rewards",
        "GET /cardano/accounts/{account_id}/stakes": "staking.cardano.stakes.stream",
        "GET /cardano/accounts/{account_id}/stakes/{stake_uid:s}/rewards": (
            "staking.cardano.stake_rewards"
        ),
        "GET /certificates/chain": "certificates.chain",
        "GET /compliance/address-risk/{address:s}": "compliance.address_risk",
        "GET /compliance/sanctions/{address:s}": "compliance.sanctions",
        "GET /currencies": "currencies.list",
        "GET /currencies/tokens": "currencies.tokens",
        "GET /currencies/{currency_name:s}": "currencies.get",
        "GET /currencies/{currency_name:s}/tokens/{contract_address:s}": "currencies.token",
        "GET /currencies/{currency_name:s}/{address:s}": "currencies.validate_address",
        "GET /digests": "digests.stream",
        "GET /digests/{digests_id}": "digests.get",
        "GET /digests/{digests_id}/history": "digests.history",
        "GET /entities": "entities.stream",
        "GET /entities/{entity_id}": "entities.get",
        "GET /entities/{entity_id}/history": "entities.history",
        "GET /entities/{entity_id}/users": "entities.users",
        "GET /ethereum/accounts/{account_id}/rewards": "staking.ethereum.rewards",
        "GET /ethereum/accounts/{account_id}/stakes": "staking.ethereum.stakes",
        "GET /ethereum/accounts/{account_id}/stakes/{stake_uid:s}/rewards": (
            "staking.ethereum.stake_rewards"
        ),
        "GET /groups": "groups.stream",
        "GET /groups/{group_id}": "groups.get",
        "GET /groups/{group_id}/history": "groups.history",
        "GET /labels": "labels.stream",
        "GET /labels/{label_id}": "labels.get",
        "GET /messages": "messages.stream",
        "GET /messages/{message_id}": "messages.get",
        "GET /messages/{message_id}/history": "messages.history",
        "GET /notifications/configuration": "notifications.configuration",
        "PUT /notifications/configuration": "notifications.configure",
        "GET /organization": "organization.get",
        "GET /pledges": "pledges.stream",
        "GET /pledges/{pledge_id:s}": "pledges.get",
        "GET /requests": "requests.stream",
        "POST /requests": "requests.create",
        "GET /requests/{request_id}": "requests.get",
        "POST /requests/{request_id}/approve": "requests.approve",
        "GET /requests/{request_id}/challenge": "requests.challenge",
        "GET /requests/{request_id}/challenge/reject": "requests.reject_challenge",
        "GET /requests/{request_id}/governance-status": "requests.governance_status",
        "POST /requests/{request_id}/reject": "requests.reject",
        "GET /settlements": "settlements.stream",
        "POST /settlements": "settlements.create",
        "GET /settlements/{settlement_id:s}": "settlements.get",
        "POST /settlements/{settlement_id:s}/cancel": "settlements.cancel",
        "POST /settlements/{settlement_id:s}/recover": "settlements.recover",
        "GET /solana/accounts/{account_id}/periodic-rewards": "staking.solana.periodic_rewards",
        "GET /solana/accounts/{account_id}/rewards": "staking.solana.rewards",
        "GET /solana/accounts/{account_id}/stakes": "staking.solana.stakes.stream",
        "GET /solana/accounts/{account_id}/stakes/{stake_uid:s}/rewards": (
            "staking.solana.stake_rewards"
        ),
        "GET /tezos/accounts/{account_id}/rewards": "staking.tezos.rewards",
        "GET /tezos/accounts/{account_id}/stakes": "staking.tezos.stakes.stream",
        "GET /transactions": "transactions.stream",
        "POST /transactions": "transactions.create",
        "POST /transactions/estimate-fees": "transactions.estimate_fees",
        "POST /transactions/fees": "transactions.fees",
        "GET /transactions/{transaction_id}": "transactions.get",
        "POST /transactions/{transaction_id}/approve": "transactions.approve",
        "GET /transactions/{transaction_id}/history": "transactions.history",
        "GET /transactions/{transaction_id}/labels": "transactions.labels",
        "POST /transactions/{transaction_id}/reject": "transactions.reject",
        "GET /users": "users.stream",
        "GET /users/{user_id}": "users.get",
        "GET /users/{user_id}/history": "users.history",
        "GET /whitelists": "whitelists.stream",
        "GET /whitelists/{whitelist_id}": "whitelists.get",
        "GET /whitelists/{whitelist_id}/history": "whitelists.history",
    }
)

_ID = re.compile("[0-9]{1,19}")


class Operation(NamedTuple):
    """An HTTP method on a path, and what it is called on a client, if users call it."""

    method: str
    path: str
    name: str | None

    def __str__(self) -> str:
        return f"{self.method} {self.path.replace(':s}', '}')}"

    @property
    def is_listing(self) -> bool:
        """True if the operation is paged, so that `page` is beside `stream`."""
        return self.name is not None and self.name.endswith(".stream")


def operations() -> list[Operation]:
    """All operations, those of a path side by side."""
    keys = ((key.partition(" "), name) for key, name in OPERATIONS.items())
    return [Operation(method, path, name) for (method, _, path), name in keys]


def find(path: str) -> tuple[list[Operation], list[int | str]]:
    """The operations on a concrete path, by its literal segments first, and its parameters.

    Both are empty where there is none. `ConfigurationError` for a parameter that does not decode.
    """
    segments = _segments(path)
    matches = [each for each in operations() if _matches(each.path, segments)]
    if not matches:
        return [], []
    best = min(map(_parameters_at, matches))
    found = [each for each in matches if _parameters_at(each) == best]
    return found, _parameters(found[0].path, segments)


def check_ids(path: str, *, method: str) -> None:
    """Raise `ConfigurationError` where only an id that is none keeps `path` from an operation."""
    given = _segments(path)
    for operation in operations():
        wanted = _segments(operation.path)
        if operation.method == method and len(wanted) == len(given):
            unlike = [pair for pair in zip(wanted, given, strict=True) if pair[0] != pair[1]]
            if all(_is_parameter(name) for name, _ in unlike):
                _check_numbers(unlike)


def _check_numbers(parameters: Iterable[tuple[str, str]]) -> None:
    for name, text in parameters:
        if not name.endswith(":s}") and not _ID.fullmatch(text):
            checks.identifier(name.strip("{}"), text)  # a text is none: raises, and says why


def bound(client: object, name: str, parameters: Iterable[int | str]) -> partial[Any]:
    """The method of this name on a client, given the parameters of its path.

    A method on the way, such as `erc20_children`, takes them.
    """
    target: Any = client
    for attribute in name.split("."):
        if inspect.ismethod(target):
            target, parameters = target(*parameters), ()
        target = getattr(target, attribute)
    return partial(target, *parameters)


def _segments(path: str) -> list[str]:
    return path.strip("/").split("/")


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{")


def _parameters_at(operation: Operation) -> list[bool]:
    return [_is_parameter(each) for each in _segments(operation.path)]


def _matches(template: str, segments: list[str]) -> bool:
    wanted = _segments(template)
    return len(wanted) == len(segments) and all(map(_fits, wanted, segments))


def _fits(wanted: str, segment: str) -> bool:
    if not _is_parameter(wanted):
        return wanted == segment
    return segment != "" if wanted.endswith(":s}") else _ID.fullmatch(segment) is not None


def _parameters(template: str, segments: list[str]) -> list[int | str]:
    return [
        _decoded(segment) if wanted.endswith(":s}") else int(segment)
        for wanted, segment in zip(_segments(template), segments, strict=True)
        if _is_parameter(wanted)
    ]


def _decoded(segment: str) -> str:
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        message = f"the path is not valid UTF-8 in {checks.shown(segment)}"
        raise ConfigurationError(message) from None
