"""One server and one client for calls of sections, and a little of each kind of answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import UUID

import transports
from raw_server import Answer, RawServer, reply

from ledger_async import LedgerClient, RetryPolicy
from ledger_async._auth.schemes import KeySource

HASTY = RetryPolicy(backoff_base=0.0)
MOMENT = "2026-01-02T03:04:05+00:00"
PLEDGE_ID = str(UUID(int=1))
SETTLEMENT_ID = str(UUID(int=2))

Call = Callable[[LedgerClient], Awaitable[object]]


class Sample(NamedTuple):
    """A call, the line and the body that it sends, an answer, and what that becomes."""

    call: Call
    line: str
    answer: object
    result: type
    body: object = None


@asynccontextmanager
async def answering(
    answer: Answer | bytes,
    *,
    api_key: str | KeySource = "key",
    retry: RetryPolicy = HASTY,
    listening: bool = True,
) -> AsyncIterator[tuple[RawServer, LedgerClient]]:
    """A server that meets each request with `answer`, and its client."""
    async with (
        RawServer(answer, listening=listening) as server,
        transports.client(server.url, api_key=api_key, api_user="user", retry=retry) as ledger,
    ):
        yield server, ledger


def json_reply(content: object, *headers: str, status: str = "200 OK") -> bytes:
    return reply(json.dumps(content).encode(), *headers, status=status)


def page(*nodes: object) -> dict[str, Any]:
    """The only page of a listing."""
    return {
        "edges": [{"cursor": cursor, "node": node} for cursor, node in enumerate(nodes)],
        "page_info": {"count": len(nodes), "has_next_page": False},
    }


def in_turn(*answers: bytes) -> Answer:
    """Meet each request with the next of these; the last answers all that follow."""
    left = list(answers)

    async def answer(peer: Any) -> None:
        await peer.send(left.pop(0) if len(left) > 1 else left[0])

    return answer


REQUEST = {
    "created_on": MOMENT,
    "expires_at": MOMENT,
    "id": 7,
    "status": "PENDING_APPROVAL",
    "target_id": 3,
    "target_type": "TRANSACTION",
    "type": "CREATE_TRANSACTION",
}
VAULT_REQUEST = {
    "created_on": MOMENT,
    "expired_at": MOMENT,
    "id": 7,
    "status": "APPROVED",
    "target_id": 3,
    "target_type": "TRANSACTION",
    "type": "CREATE_TRANSACTION",
}
GOVERNANCE = {
    "governance_steps": [],
    "is_complete": False,
    "request": {
        "created_by": {"id": 1},
        "created_on": MOMENT,
        "current_step_index": 0,
        "id": 7,
        "status": "PENDING_APPROVAL",
        "target_id": 3,
        "target_type": "TRANSACTION",
        "type": "CREATE_TRANSACTION",
    },
}
HISTORY = {
    "history": [
        [
            {
                "created_on": MOMENT,
                "expired_at": MOMENT,
                "id": 7,
                "is_complete": True,
                "status": "APPROVED",
                "type": "CREATE_TRANSACTION",
            }
        ]
    ]
}
TRANSACTION = {
    "account_id": 101,
    "account_index": 0,
    "confirmations": 3,
    "created_by": 1,
    "created_on": MOMENT,
    "currency": "ethereum",
    "currency_family": "ethereum",
    "id": 3,
    "min_confirmations": 12,
    "notes": [],
    "status": "CONFIRMED",
    "type": "SEND",
}
LABEL = {
    "created_by": 1,
    "created_on": MOMENT,
    "id": 5,
    "info": {"color": "#00FF00", "description": "Salaries"},
    "name": "Payroll",
    "updated_by": 1,
    "updated_on": MOMENT,
}
MESSAGE = {
    "account_id": 101,
    "created_by": 1,
    "created_on": MOMENT,
    "data": "hello",
    "id": 4,
    "message_type": "EIP-191",
    "notes": [],
    "status": "SIGNED",
}
DIGESTS = {
    "account_id": 101,
    "created_by": 1,
    "created_on": MOMENT,
    "digests_data": [{"derivation_path": "44'/60'", "digest": "ab"}],
    "id": 6,
    "notes": [],
    "status": "PENDING_APPROVAL",
}
_PARTY = {"code": "C", "id": "1", "name": "N", "role": "R"}
_RULED = {**_PARTY, "approver_group_id": 1, "whitelist_id": 1}
PLEDGE = {
    "account_id": 101,
    "amount": 10**20,
    "asset_manager": _RULED,
    "custodian": _PARTY,
    "exchange": _RULED,
    "id": PLEDGE_ID,
    "pending": 0,
    "pledge_subaccount_id": 9,
    "state": "PLEDGE_READY",
}
SETTLEMENT = {"from_pledge_id": PLEDGE_ID, "id": SETTLEMENT_ID, "meta": {}, "state": "CREATED"}
