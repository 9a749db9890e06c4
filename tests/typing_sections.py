"""User code that is only type-checked: requests, transactions, and what hangs on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_type

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from test_sections_calls import CREATION, TEZOS

from ledger_async import LedgerClient, NodeStream, Page
from ledger_async.models.fees import FeeEstimation
from ledger_async.models.history import APIHistoryResult
from ledger_async.models.pledges import Pledge, Settlement
from ledger_async.models.requests import Request, RequestWithChallenge, VaultRequest


def plain(challenge: Mapping[str, object]) -> bool:
    return challenge["amount"] == "5"


async def asked(challenge: Mapping[str, object]) -> bool:
    return plain(challenge)


async def requests(ledger: LedgerClient, key: EllipticCurvePrivateKey) -> None:
    assert_type(ledger.requests.stream(status=["ACTIVE"]), NodeStream[Request])
    assert_type(await ledger.requests.get(7), RequestWithChallenge)
    assert_type(await ledger.requests.create(CREATION), VaultRequest)
    assert_type(await ledger.requests.reject(7), VaultRequest)
    assert_type(await ledger.requests.approve_with(7, "PEM", confirm=plain), VaultRequest | None)
    assert_type(await ledger.requests.approve_with(7, b"PEM", confirm=asked), VaultRequest | None)
    assert_type(await ledger.requests.reject_with(7, key), VaultRequest | None)
    ledger.requests.stream(status=["SLEEPING"])  # type: ignore[list-item]
    await ledger.requests.create(TEZOS)  # type: ignore[arg-type]
    await ledger.requests.approve_with(7, 5)  # type: ignore[arg-type]
    await ledger.requests.approve_with(7, key, confirm=True)  # type: ignore[arg-type]


async def others(ledger: LedgerClient) -> None:
    assert_type(await ledger.transactions.estimate_fees(TEZOS), FeeEstimation)
    assert_type(await ledger.transactions.estimate_fees(CREATION), FeeEstimation)
    history = await ledger.messages.history(4)
    assert_type(history, tuple[tuple[APIHistoryResult, ...], ...])
    assert_type(ledger.settlements.stream(), NodeStream[Settlement | Pledge])
    assert_type(await ledger.settlements.page(), Page[Settlement | Pledge])
    assert_type(ledger.pledges.stream(account_id=101), NodeStream[Pledge])
    await ledger.pledges.get(7)  # type: ignore[arg-type]
    ledger.settlements.stream(state="CREATED")  # type: ignore[call-arg]
