"""Settlements and pledges: one listing of two kinds of nodes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from section_server import (
    PLEDGE,
    PLEDGE_ID,
    SETTLEMENT,
    SETTLEMENT_ID,
    answering,
    in_turn,
    json_reply,
    page,
)

from ledger_async import ConfigurationError, DecodeError, InvalidNode
from ledger_async.models.base.fields import Timestamp
from ledger_async.models.governance.pledges import Pledge, Settlement

BROKEN = {**SETTLEMENT, "id": str(UUID(int=3)), "state": 5}


def cut_page(number: int, *nodes: object, count: int) -> bytes:
    """One page of several."""
    answer = page(*nodes)
    seen = number * len(nodes)
    answer["page_info"] = {"count": count, "has_next_page": seen < count}
    return json_reply(answer)


async def test_a_node_is_of_the_kind_that_its_fields_say() -> None:
    async with answering(json_reply(page(SETTLEMENT, PLEDGE))) as (_, ledger):
        nodes = [node async for node in ledger.settlements.stream()]
    assert [type(node) for node in nodes] == [Settlement, Pledge]


async def test_a_page_holds_both_kinds() -> None:
    async with answering(json_reply(page(PLEDGE, SETTLEMENT))) as (_, ledger):
        found = await ledger.settlements.page()
    assert [(type(node), node.id) for node in found.nodes] == [
        (Pledge, PLEDGE_ID),
        (Settlement, SETTLEMENT_ID),
    ]


async def test_nodes_of_two_kinds_are_told_apart_from_page_to_page() -> None:
    first = cut_page(1, SETTLEMENT, count=2)
    second = cut_page(2, PLEDGE, count=2)
    async with answering(in_turn(first, second, first)) as (_, ledger):
        stream = ledger.settlements.stream(page_size=1)
        assert [node.id async for node in stream] == [SETTLEMENT_ID, PLEDGE_ID]
    assert stream.reports[None].status == "exact"


@pytest.mark.parametrize("node", [BROKEN, {**PLEDGE, "amount": "much"}, {}, None, [], "id"])
async def test_a_node_of_neither_kind_does_not_decode(node: Any) -> None:
    async with answering(json_reply(page(node))) as (_, ledger):
        with pytest.raises(DecodeError) as caught:
            await ledger.settlements.page()
    assert str(caught.value.json_path).startswith("$.edges[0].node")


async def test_a_node_that_does_not_decode_can_be_skipped() -> None:
    skipped: list[InvalidNode] = []
    async with answering(json_reply(page(SETTLEMENT, BROKEN, PLEDGE))) as (_, ledger):
        stream = ledger.settlements.stream(on_invalid=skipped.append)
        assert [type(node) async for node in stream] == [Settlement, Pledge]
    assert [node.error.json_path for node in skipped] == ["$.edges[1].node.state"]


async def test_settlements_take_no_filters() -> None:
    async with answering(json_reply(page())) as (server, ledger):
        with pytest.raises(TypeError, match="state"):
            ledger.settlements.stream(state="CREATED")  # type: ignore[call-arg]
        assert server.requests == []


async def test_a_callers_node_type_is_still_a_struct() -> None:
    node_type: Any = Timestamp  # it stands in for a type, as a listing's own may
    async with answering(json_reply(page())) as (server, ledger):
        with pytest.raises(ConfigurationError, match="node_type must be a msgspec Struct"):
            ledger.nfts.stream(101, node_type=node_type)
        assert server.requests == []


async def test_amounts_of_pledges_are_whole_however_large() -> None:
    async with answering(json_reply(page(PLEDGE))) as (_, ledger):
        (pledge,) = (await ledger.pledges.page()).nodes
    assert pledge.amount == 10**20


async def test_what_settlements_mean_is_kept_as_it_came() -> None:
    meta = {"note": "x", "ratio": 0.5, "tags": [1, None]}
    async with answering(json_reply({**SETTLEMENT, "meta": meta})) as (_, ledger):
        settlement = await ledger.settlements.get(SETTLEMENT_ID)
    assert settlement.meta == {**meta, "ratio": Decimal("0.5")}
