"""Every call of these sections: the request it sends, and the answer it reads."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from samples import (
    APPROVAL,
    CREATION,
    CREATION_BODY,
    JWS,
    RECOVERY,
    SPEED,
    TEZOS,
    every_call,
)
from section_server import (
    DIGESTS,
    MESSAGE,
    PLEDGE,
    REQUEST,
    SETTLEMENT,
    SETTLEMENT_ID,
    TRANSACTION,
    Sample,
    answering,
    json_reply,
    page,
)

from ledger_async import ConfigurationError
from ledger_async.models.governance.digests import Digests
from ledger_async.models.governance.messages import Message
from ledger_async.models.governance.pledges import Pledge, Settlement
from ledger_async.models.governance.requests import (
    Request,
)
from ledger_async.models.transactions.transactions import Transaction
from ledger_async.sections.digests import Digests as DigestsSection
from ledger_async.sections.messages import Messages
from ledger_async.sections.pledges import Pledges
from ledger_async.sections.requests import Requests
from ledger_async.sections.settlements import Settlements
from ledger_async.sections.transactions import Transactions


@every_call
async def test_a_call_is_one_request_as_the_contract_has_it(sample: Sample) -> None:
    async with answering(json_reply(sample.answer)) as (server, ledger):
        await sample.call(ledger)
    (request,) = server.requests
    assert request.line == f"{sample.line} HTTP/1.1"
    assert (json.loads(request.body) if request.body else None) == sample.body


@every_call
async def test_a_call_gives_what_the_contract_promises(sample: Sample) -> None:
    async with answering(json_reply(sample.answer)) as (_, ledger):
        assert type(await sample.call(ledger)) is sample.result


# Listings


LISTINGS: dict[str, tuple[Any, dict[str, Any], type]] = {
    "transactions": (Transactions, TRANSACTION, Transaction),
    "requests": (Requests, REQUEST, Request),
    "messages": (Messages, MESSAGE, Message),
    "digests": (DigestsSection, DIGESTS, Digests),
    "pledges": (Pledges, PLEDGE, Pledge),
    "settlements": (Settlements, SETTLEMENT, Settlement),
}


@pytest.mark.parametrize(("name", "node", "kind"), [(n, x, k) for n, (_, x, k) in LISTINGS.items()])
async def test_a_stream_yields_the_nodes_of_the_listing(
    name: str, node: dict[str, Any], kind: type
) -> None:
    async with answering(json_reply(page(node))) as (server, ledger):
        (found,) = [each async for each in getattr(ledger, name).stream(page_size=2)]
    assert (type(found), found.id) == (kind, node["id"])
    assert server.requests[0].line == f"GET /{name}?page=1&page_size=2 HTTP/1.1"


@pytest.mark.parametrize("section", [each for each, _, _ in LISTINGS.values()])
def test_filters_on_what_never_changes_are_among_the_filters(section: Any) -> None:
    listing = section._endpoint
    if listing.filters is not None:
        assert listing.settled <= listing.filters.__optional_keys__


# Wrong arguments


NUMBERED = {
    "transactions.get": lambda ledger, wrong: ledger.transactions.get(wrong),
    "transactions.history": lambda ledger, wrong: ledger.transactions.history(wrong),
    "transactions.labels": lambda ledger, wrong: ledger.transactions.labels(wrong),
    "transactions.approve": lambda ledger, wrong: ledger.transactions.approve(wrong, APPROVAL),
    "transactions.approve_if": lambda ledger, wrong: ledger.transactions.approve_if(
        wrong, APPROVAL
    ),
    "transactions.reject": lambda ledger, wrong: ledger.transactions.reject(wrong),
    "requests.get": lambda ledger, wrong: ledger.requests.get(wrong),
    "requests.challenge": lambda ledger, wrong: ledger.requests.challenge(wrong),
    "requests.reject_challenge": lambda ledger, wrong: ledger.requests.reject_challenge(wrong),
    "requests.governance_status": lambda ledger, wrong: ledger.requests.governance_status(wrong),
    "requests.approve": lambda ledger, wrong: ledger.requests.approve(wrong, JWS),
    "requests.reject": lambda ledger, wrong: ledger.requests.reject(wrong),
    "messages.get": lambda ledger, wrong: ledger.messages.get(wrong),
    "messages.history": lambda ledger, wrong: ledger.messages.history(wrong),
    "digests.get": lambda ledger, wrong: ledger.digests.get(wrong),
    "digests.history": lambda ledger, wrong: ledger.digests.history(wrong),
}


NAMED = {
    "pledges.get": lambda ledger, wrong: ledger.pledges.get(wrong),
    "settlements.get": lambda ledger, wrong: ledger.settlements.get(wrong),
    "settlements.cancel": lambda ledger, wrong: ledger.settlements.cancel(wrong),
    "settlements.recover": lambda ledger, wrong: ledger.settlements.recover(wrong, RECOVERY),
}


async def refused(call: Any, *arguments: Any, **filters: Any) -> str:
    """What a call that must send nothing says of its arguments."""
    async with answering(b"") as (server, ledger):
        with pytest.raises(ConfigurationError) as caught:
            await call(ledger, *arguments, **filters)
        assert server.requests == []
    return str(caught.value)


@pytest.mark.parametrize("wrong", [-1, True, "7", "", 1.5, None, 2**64, [7]], ids=repr)
@pytest.mark.parametrize("call", NUMBERED.values(), ids=NUMBERED)
async def test_a_wrong_id_is_refused_by_name(call: Any, wrong: Any) -> None:
    assert "_id must be an integer" in await refused(call, wrong)


@pytest.mark.parametrize("wrong", [7, True, "", " ", "..", None, ["a"]], ids=repr)
@pytest.mark.parametrize("call", NAMED.values(), ids=NAMED)
async def test_a_wrong_uuid_is_refused_by_name(call: Any, wrong: Any) -> None:
    assert "_id must be a" in await refused(call, wrong)


WRONG_FILTERS: list[tuple[str, dict[str, Any]]] = [
    ("transactions", {"account": "101"}),
    ("transactions", {"status": "CONFIRMED"}),
    ("transactions", {"min_amount": "1e5"}),
    ("transactions", {"created_after": "2026-01-01"}),
    ("requests", {"status": ["SLEEPING"]}),
    ("requests", {"status": "ACTIVE"}),
    ("requests", {"type": ["CREATE_MESSAGE_SIGNING"]}),
    ("requests", {"target_type": ["PLANET"]}),
    ("requests", {"created_by": True}),
    ("requests", {"colour": "red"}),
    ("requests", {"order": "up"}),
    ("messages", {"message_type": "EIP-191"}),
    ("messages", {"account": 101}),
    ("messages", {"status": []}),
    ("digests", {"message_type": "EIP191"}),
    ("digests", {"account": ["101"]}),
    ("pledges", {"account_id": -1}),
    ("pledges", {"exchange_id": "1"}),
    ("pledges", {"asset_manager_id": -5}),
    ("pledges", {"state": "PLEDGE_READY"}),
    ("pledges", {"state": ["READY"]}),
    ("pledges", {"order": "asc"}),
]


@pytest.mark.parametrize(("name", "filters"), WRONG_FILTERS)
async def test_a_wrong_filter_of_a_page_is_refused_by_name(
    name: str, filters: dict[str, Any]
) -> None:
    async def call(ledger: Any) -> None:
        await getattr(ledger, name).page(**filters)

    assert next(iter(filters)) in await refused(call)


@pytest.mark.parametrize(("name", "filters"), WRONG_FILTERS)
async def test_a_wrong_filter_of_a_stream_is_refused_by_name(
    name: str, filters: dict[str, Any]
) -> None:
    async def call(ledger: Any) -> None:
        getattr(ledger, name).stream(**filters)

    assert next(iter(filters)) in await refused(call)


@pytest.mark.parametrize("name", ["transactions", "requests", "messages", "digests"])
async def test_a_moment_without_an_offset_is_refused_by_name(name: str) -> None:
    naive = datetime(2026, 1, 2)  # noqa: DTZ001 - the mistake

    async def call(ledger: Any) -> None:
        await getattr(ledger, name).page(created_before=naive)

    assert "created_before" in await refused(call)


@pytest.mark.parametrize("name", LISTINGS)
@pytest.mark.parametrize("number", [0, -1, True, "1", None], ids=repr)
async def test_a_wrong_page_number_is_refused(name: str, number: Any) -> None:
    async def call(ledger: Any) -> None:
        await getattr(ledger, name).page(number)

    assert "page number" in await refused(call)


PAYLOADS: dict[str, tuple[Any, str]] = {
    "requests.create": (lambda ledger, wrong: ledger.requests.create(wrong), "payload"),
    "settlements.create": (lambda ledger, wrong: ledger.settlements.create(wrong), "settlement"),
    "settlements.recover": (
        lambda ledger, wrong: ledger.settlements.recover(SETTLEMENT_ID, wrong),
        "recovery",
    ),
    "transactions.estimate_fees": (
        lambda ledger, wrong: ledger.transactions.estimate_fees(wrong),
        "creation",
    ),
}


@pytest.mark.parametrize("wrong", [None, {}, "payload", CREATION_BODY, SPEED, [CREATION]])
@pytest.mark.parametrize(("call", "name"), PAYLOADS.values(), ids=PAYLOADS)
async def test_a_payload_of_another_kind_is_refused_by_name(
    call: Any, name: str, wrong: Any
) -> None:
    assert (await refused(call, wrong)).startswith(f"{name} must be ")


async def test_a_transaction_alone_is_no_request() -> None:
    assert "payload must be" in await refused(PAYLOADS["requests.create"][0], TEZOS)
