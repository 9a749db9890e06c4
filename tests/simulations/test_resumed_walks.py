"""Walks that are cut off and gone on with, over listings that change at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from statistics import mean
from typing import Any

import pytest
from simulator import (
    ChurningServer,
    Cuts,
    Outcome,
    Scenario,
    pages_of,
    pause,
    simulate,
    simulate_resumed,
)

from ledger_async._exactness.checkpoints import Carried
from ledger_async._exactness.resumption import Resumption, Run
from ledger_async._exactness.walk import Walk
from ledger_async._exactness.ways import HEAD

WALKS = 1000
MANY = 10_000


def scenario(seed: int, **fields: Any) -> Scenario:
    """One in which the listing does not grow faster than it can be read, or it would for ever."""
    found = replace(Scenario.of(seed), **fields)
    return replace(found, mutations=min(found.mutations, (found.fixed or found.cap) / 8))


def resumed(count: int = WALKS, **fields: Any) -> list[Outcome]:
    """Walks that were cut off and gone on with, over scenarios of all kinds."""
    return [
        simulate_resumed(scenario(seed, **fields), Cuts.of(seed), new_walk=None)
        for seed in range(count)
    ]


def wrong(outcomes: Sequence[Outcome]) -> list[int]:
    """The seeds of those that miss what was there throughout the last walk, and do not say so."""
    return [o.scenario.seed for o in outcomes if o.missed and o.status != "incomplete"]


@pytest.fixture(
    scope="module",
    params=[pytest.param(WALKS, marks=pytest.mark.quick), MANY],
    ids="{} walks".format,
)
def outcomes(request: pytest.FixtureRequest) -> list[Outcome]:
    return resumed(request.param)


def test_no_element_comes_in_two_of_the_walks(outcomes: Sequence[Outcome]) -> None:
    assert not [o.scenario.seed for o in outcomes if len(o.yielded) != len({*o.yielded})]


def test_all_that_was_there_throughout_the_last_walk_has_come_in_one_of_them(
    outcomes: Sequence[Outcome],
) -> None:
    assert not wrong(outcomes)


def test_hardly_any_is_given_up(outcomes: Sequence[Outcome]) -> None:
    assert sum(o.status == "incomplete" for o in outcomes) < len(outcomes) / 100


def test_none_is_left_unverified(outcomes: Sequence[Outcome]) -> None:
    assert {o.status for o in outcomes} == {"exact", "repaired", "incomplete"}


KINDS: dict[str, dict[str, Any]] = {
    "long listings, read ahead": {"size": 1900, "page_size": 100, "cap": 100, "slots": 16},
    "elements that come back": {"returns": 0.7, "moves": 0.3},
    "nothing but elements that come back": {"returns": 1.0, "moves": 0.5, "slots": 16},
    "more follows as if none were capped": {"more_as_asked": True},
    "pages begin as if none were capped": {"offset_as_asked": True},
    "pages are empty now and then": {"empty": 0.05},
    "past the end it refuses": {"refuses": True, "gone": 100},
    "sizes are ignored, pages of 1": {"fixed": 1, "size": 40},
    "sizes are ignored, pages of 10": {"fixed": 10},
    "sizes are ignored, pages of 100": {"fixed": 100},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "count", [pytest.param(WALKS // 10, marks=pytest.mark.quick), WALKS], ids="{} walks".format
)
def test_nothing_is_lost_of(kind: str, count: int) -> None:
    found = resumed(count, **KINDS[kind])
    assert not wrong(found)
    assert not [o.scenario.seed for o in found if len(o.yielded) != len({*o.yielded})]


@pytest.mark.parametrize("returns", [0.0, 0.7])
def test_nothing_is_lost_where_elements_come_in_anywhere(returns: float) -> None:
    found = [
        simulate_resumed(
            each,
            Cuts.of(each.seed),
            new_walk=lambda carried, size=each.page_size: Walk(  # type: ignore[misc]
                size, check=True, trust_count=False, carried=carried
            ),
        )
        for each in (scenario(s, anywhere=1.0, returns=returns) for s in range(WALKS // 2))
    ]
    assert not wrong(found)


TEETH: dict[str, tuple[type, str, Any]] = {
    "the head is met at once": (Run, "goes_to", lambda *_: True),
    "what was read ahead is closed by anything": (
        Resumption,
        "_in_place",
        lambda self, *_: [*range(HEAD)] if self._carried.checkpoint.calm else [],
    ),
}


@pytest.mark.parametrize("broken", TEETH)
def test_a_check_that_is_too_lenient_is_found_out(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, name, lenient = TEETH[broken]
    monkeypatch.setattr(where, name, lenient)
    assert wrong(resumed())


# The price


def quiet(pages: int, *, slots: int, length: int = 100) -> Scenario:
    return Scenario(
        seed=0,
        size=length * pages,
        page_size=length,
        cap=length,
        mutations=0,
        inserts=0.5,
        slots=slots,
    )


def cut_off_and_gone_on(cuts: Cuts, scenario: Scenario, *, seed: int) -> int:
    """Requests for a listing whose first walk is cut off on its way; all of both walks."""
    random, carried, slots = Random(seed), Carried(), scenario.slots
    server = ChurningServer(scenario, random, tell=None)
    old = pages_of(Walk(scenario.page_size, check=True), server.serve, slots=slots, random=random)
    while len(carried.keys) < cuts.after * scenario.size:
        page = next(old)
        carried.add(page.nodes, page.checkpoint)
    pause(server, cuts, random)
    walk = Walk[int](scenario.page_size, check=True, carried=carried)
    new = pages_of(walk, server.serve, slots=slots, random=random, start=server.now)
    assert {*carried.keys, *(node for page in new for node in page.nodes)} >= {*server.listing}
    return len(server.asked)


@pytest.mark.parametrize("slots", [1, 16])
@pytest.mark.parametrize("came", [0, 3, 50])
@pytest.mark.parametrize("length", [10, 100])
def test_a_walk_that_was_cut_off_at_90_percent_costs_a_fifth_more_at_most(
    slots: int, came: int, length: int
) -> None:
    cuts = Cuts(times=1, after=0.9, pause=0, came=came)
    scenario = quiet(200, slots=slots, length=length)
    asked = [cut_off_and_gone_on(cuts, scenario, seed=seed) for seed in range(10)]
    assert mean(asked) / (200 + came / length) <= 1.2


@pytest.mark.parametrize("slots", [4, 16])
def test_one_that_comes_in_halfway_costs_15_percent_more_at_most(slots: int) -> None:
    scenario, random = quiet(1000, slots=slots), Random(0)
    server, came = ChurningServer(scenario, random, tell=None), set[int]()
    for page in pages_of(Walk(100, check=True), server.serve, slots=slots, random=random):
        came.update(page.nodes)
        if len(server.asked) >= 500 and server.born == scenario.size:
            server.insert()
    assert server.throughout <= came
    assert len(server.asked) <= 1150


@pytest.mark.parametrize(
    ("pages", "least", "most"), [(20, 0, 0), (99, 0, 0), (200, 1, 3), (1000, 13, 19)]
)
def test_a_quiet_listing_is_confirmed_in_between_if_it_is_long(
    pages: int, least: int, most: int
) -> None:
    outcome = simulate(quiet(pages, slots=16), walk=Walk(100, check=True))
    assert outcome.status == "exact"
    assert least <= len(outcome.asked) - pages - 1 <= most
