"""A whole workspace: requests that are answered, and listings that are exact."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from ledger_async import BadRequestError, LedgerClient
from ledger_async._signing.es256 import signer
from ledger_async.sandbox import Sandbox

KEY = ec.generate_private_key(ec.SECP256R1())
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


@pytest.fixture
async def workspace() -> AsyncIterator[LedgerClient]:
    """Of forty accounts, so that listings are long."""
    async with (
        Sandbox(dict.fromkeys(range(101, 141), 0)) as sandbox,
        LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user) as ledger,
    ):
        yield ledger


async def pending(ledger: LedgerClient) -> int:
    """The newest request that waits for approval."""
    page = await ledger.requests.page(page_size=1, status=["PENDING_APPROVAL"])
    return page.nodes[0].id


async def test_a_request_that_is_signed_often_enough_is_approved(workspace: LedgerClient) -> None:
    request_id = await pending(workspace)
    governance = await workspace.requests.governance_status(request_id)
    for _ in range(sum(step.quorum for step in governance.governance_steps)):
        await workspace.requests.approve_with(request_id, KEY)
    assert (await workspace.requests.get(request_id)).status == "APPROVED"


async def test_a_request_that_one_rejects_is_rejected(workspace: LedgerClient) -> None:
    request_id = await pending(workspace)
    await workspace.requests.reject_with(request_id, KEY)
    assert (await workspace.requests.get(request_id)).status == "REJECTED"


async def test_a_request_that_is_not_confirmed_goes_on_waiting(workspace: LedgerClient) -> None:
    request_id = await pending(workspace)
    await workspace.requests.approve_with(request_id, KEY, confirm=lambda _: False)
    governance = await workspace.requests.governance_status(request_id)
    assert not any(step.approvals for step in governance.governance_steps)


async def test_a_signature_over_another_challenge_approves_nothing(
    workspace: LedgerClient,
) -> None:
    request_id = await pending(workspace)
    other = await workspace.requests.reject_challenge(request_id)
    jws = signer(KEY)(other.challenge.encode())
    with pytest.raises(BadRequestError, match="challenge"):
        await workspace.requests.approve(request_id, jws)


SETTLED: list[tuple[str, dict[str, Any]]] = [
    ("transactions", {"type": "SEND"}),
    ("transactions", {"created_after": LONG_AGO}),
    ("requests", {"target_type": ["TRANSACTION"]}),
    ("requests", {"type": ["CREATE_TRANSACTION"]}),
    ("requests", {"created_after": LONG_AGO}),
    ("messages", {"message_type": "EIP191"}),
    ("messages", {"created_after": LONG_AGO}),
    ("digests", {"created_after": LONG_AGO}),
    ("pledges", {"account_id": 101}),
]
UNSETTLED: list[tuple[str, dict[str, Any]]] = [
    ("transactions", {"order": "asc"}),
    ("requests", {"status": ["PENDING_APPROVAL", "APPROVED"]}),
    ("requests", {"order": "asc"}),
    ("messages", {"account": range(101, 141)}),
    ("digests", {"account": range(101, 141)}),
    ("pledges", {"state": ["PLEDGE_READY", "PLEDGE_APPROVED", "UNPLEDGE_APPROVED"]}),
]


async def proof(ledger: LedgerClient, name: str, filters: dict[str, Any]) -> str:
    """What is proven of a listing of several pages."""
    count = (await getattr(ledger, name).page(page_size=1, **filters)).page_info.count
    stream = getattr(ledger, name).stream(page_size=max(1, count // 3), **filters)
    assert len([node async for node in stream]) == count > 1
    return str(stream.reports[None].status)


@pytest.mark.parametrize(("name", "filters"), SETTLED)
async def test_filters_on_what_does_not_change_leave_it_exact(
    name: str, filters: dict[str, Any], workspace: LedgerClient
) -> None:
    assert await proof(workspace, name, filters) == "exact"


@pytest.mark.parametrize(("name", "filters"), UNSETTLED)
async def test_filters_on_what_may_change_are_proven_by_pages_that_overlap(
    name: str, filters: dict[str, Any], workspace: LedgerClient
) -> None:
    assert await proof(workspace, name, filters) == "repaired"


@pytest.mark.parametrize("name", ["transactions", "requests", "messages", "digests"])
async def test_an_order_in_which_nodes_may_change_places_proves_nothing(
    name: str, workspace: LedgerClient
) -> None:
    assert await proof(workspace, name, {"order_by": "id"}) == "unverified"
