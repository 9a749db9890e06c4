"""The proof that listings are exact: tens of thousands of simulated walks, and its teeth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from random import Random
from statistics import mean
from typing import Any

import pytest
from simulator import Outcome, Scenario, simulate

from ledger_async._exactness import key_set
from ledger_async._exactness.coverage import Coverage
from ledger_async._exactness.survey import Survey
from ledger_async._exactness.walk import Walk
from ledger_async._exactness.ways import Overlapping

WALKS = 2000
MANY = 20_000


def failing(outcomes: Iterable[Outcome]) -> str:
    """How to see the first of these again, and how many there are."""
    found = list(outcomes)
    return f"{len(found)} walks, the first: {found[0].replay}" if found else ""


def wrong(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Those that missed what was there throughout, and say nothing of it."""
    return [each for each in outcomes if each.missed and each.status != "incomplete"]


def walks(count: int = WALKS, **fields: Any) -> list[Outcome]:
    """Walks over scenarios of all kinds, with these fields set."""
    return [simulate(replace(Scenario.of(seed), **fields)) for seed in range(count)]


# Every walk


@pytest.fixture(
    scope="module",
    params=[pytest.param(WALKS, marks=pytest.mark.quick), MANY],
    ids="{} walks".format,
)
def outcomes(request: pytest.FixtureRequest) -> list[Outcome]:
    return walks(request.param)


def test_no_walk_yields_a_node_twice(outcomes: Sequence[Outcome]) -> None:
    assert not failing(o for o in outcomes if len(o.yielded) != len(set(o.yielded)))


def test_every_walk_yields_all_that_was_there_throughout_or_says_that_it_may_not(
    outcomes: Sequence[Outcome],
) -> None:
    assert not failing(wrong(outcomes))


def test_no_walk_is_left_unverified(outcomes: Sequence[Outcome]) -> None:
    assert not failing(o for o in outcomes if o.status == "unverified")


def test_every_walk_over_a_quiet_listing_is_exact(outcomes: Sequence[Outcome]) -> None:
    assert not failing(o for o in outcomes if not o.mutations and o.status != "exact")


def test_hardly_any_walk_is_given_up(outcomes: Sequence[Outcome]) -> None:
    assert sum(o.status == "incomplete" for o in outcomes) < len(outcomes) / 100


def test_every_walk_ends_within_a_bounded_number_of_requests(outcomes: Sequence[Outcome]) -> None:
    assert not failing(o for o in outcomes if len(o.asked) > 10_000)


def test_the_scenarios_are_of_every_kind(outcomes: Sequence[Outcome]) -> None:
    kinds = {(o.scenario.ahead, o.mutations > 0, o.status) for o in outcomes}
    assert kinds >= {
        (ahead, moved, status)
        for ahead in (False, True)
        for moved, status in ((False, "exact"), (True, "exact"), (True, "repaired"))
    }


def test_pages_that_are_as_foreseen_mean_what_a_closer_look_finds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = walks(200)
    monkeypatch.setattr(Coverage, "append", lambda *_: False)
    assert walks(200) == found


def test_a_seed_replays_its_walk() -> None:
    assert simulate(Scenario.of(11)) == simulate(Scenario.of(11))


# Listings of other kinds


def some(least: float, most: float, seed: int) -> float:
    """A number in between, the same for each seed."""
    return Random(f"some {seed}").uniform(least, most)


RETURNS: dict[str, Callable[[int], dict[str, Any]]] = {
    "of every rate": lambda seed: {"returns": some(0, 1, seed)},
    "at once": lambda seed: {"moves": some(0, 1, seed)},
    "among many changes": lambda seed: {
        "returns": 1.0,
        "moves": some(0, 0.5, seed),
        "mutations": some(0, 20, seed),
        "size": 100 + seed % 100,
        "slots": 16,
    },
    "in small pages": lambda seed: {
        "returns": 1.0,
        "moves": some(0, 0.5, seed),
        "mutations": some(0, 10, seed),
        "size": 150,
        "page_size": 2 + seed % 20,
        "cap": 5 + seed % 23,
        "slots": 16,
    },
}


@pytest.fixture(
    params=[pytest.param(WALKS // 10, marks=pytest.mark.quick), MANY // 4], ids="{} walks".format
)
def count(request: pytest.FixtureRequest) -> int:
    found: int = request.param
    return found


@pytest.mark.parametrize("kind", RETURNS)
def test_elements_that_leave_and_come_back_hide_no_others(kind: str, count: int) -> None:
    outcomes = (simulate(replace(Scenario.of(s), **RETURNS[kind](s))) for s in range(count))
    assert not failing(wrong(outcomes))


@pytest.mark.parametrize("returns", [0.0, 0.7])
def test_elements_that_come_in_anywhere_are_no_reason_to_lose_others(
    returns: float, count: int
) -> None:
    scenarios = [
        replace(Scenario.of(seed), anywhere=1.0, returns=returns, moves=returns / 2)
        for seed in range(count)
    ]
    by_overlap = [
        simulate(each, walk=Walk(each.page_size, check=True, trust_count=False))
        for each in scenarios
    ]
    assert not failing(wrong(by_overlap))


@pytest.mark.parametrize("fields", [{}, {"returns": 0.5, "moves": 0.2}, {"burst": 5, "gone": 5}])
def test_changes_now_and_then_hide_nothing_from_a_walk_that_goes_ahead(
    fields: dict[str, Any], count: int
) -> None:
    scenarios = [
        Scenario(
            seed=seed,
            size=Random(f"long {seed}").randint(200, 2000),
            page_size=20 + seed % 10,
            cap=100,
            mutations=some(0, 0.5, seed) ** 2,
            inserts=(0, 0.5, 1)[seed % 3],
            slots=16,
            **fields,
        )
        for seed in range(count // 2)
    ]
    assert not failing(wrong(map(simulate, scenarios)))


@pytest.mark.parametrize("mutations", [0.0, 0.2])
def test_many_that_come_in_at_once_are_no_reason_to_give_up(mutations: float) -> None:
    outcomes = walks(400, burst=1500, page_size=20, mutations=mutations, cap=100)
    assert not failing(wrong(outcomes))
    assert not failing(o for o in outcomes if o.status == "incomplete")


def test_many_that_leave_at_once_are_no_reason_to_give_up() -> None:
    outcomes = walks(400, gone=300, size=380, page_size=20, cap=100, refuses=True)
    assert not failing(wrong(outcomes))
    assert not failing(o for o in outcomes if o.status == "incomplete")


# Servers of other kinds

QUIRKS: dict[str, dict[str, Any]] = {
    "more follows as if none were capped": {"more_as_asked": True},
    "pages begin as if none were capped": {"offset_as_asked": True},
    "both": {"more_as_asked": True, "offset_as_asked": True, "cap": 50},
    "pages are empty now and then": {"empty": 0.05},
    "past the end it refuses": {"refuses": True, "gone": 100},
    "all of that": {
        "more_as_asked": True,
        "offset_as_asked": True,
        "empty": 0.05,
        "refuses": True,
        "gone": 50,
        "returns": 0.5,
    },
    "sizes are ignored, pages of 1": {"fixed": 1, "size": 40},
    "sizes are ignored, pages of 10": {"fixed": 10},
    "sizes are ignored, pages of 100": {"fixed": 100},
}


@pytest.mark.parametrize("trust_count", [True, False])
@pytest.mark.parametrize("quirk", QUIRKS)
def test_a_server_with_a_quirk_loses_nothing_in_silence(
    quirk: str, count: int, *, trust_count: bool
) -> None:
    scenarios = [replace(Scenario.of(seed), **QUIRKS[quirk]) for seed in range(count // 2)]
    outcomes = [
        simulate(each, walk=Walk(each.page_size, check=True, trust_count=trust_count))
        for each in scenarios
    ]
    assert not failing(wrong(outcomes))


def test_a_count_that_is_too_high_is_never_taken_for_true() -> None:
    assert not failing(o for o in walks(400, off=1) if o.status != "incomplete")


def test_a_count_that_lags_behind_passes_for_true_hardly_ever() -> None:
    """It cannot be told in every case: where it falls as a true one would, it is taken for one."""
    outcomes = walks(stale=5.0)
    assert not failing(o for o in wrong(outcomes) if o.status == "exact")
    assert len(wrong(outcomes)) < len(outcomes) / 100


def test_a_walk_that_keeps_its_keys_in_buckets_goes_as_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Listings of hundreds stand for such of ten thousands."""
    found = walks()
    monkeypatch.setattr(key_set, "FEW", 0)
    assert walks() == found


# What is trusted: where it does not hold, hardly anything is lost, but that is in silence.


@pytest.mark.parametrize(
    "broken",
    [{"replicas": 0.3}, {"copies": 3}, {"off": -1}, {"stale": 1.0}, {"stale": 1e4}],
    ids=["lagging replicas", "two of one identity", "too low", "lagging count", "fixed count"],
)
def test_what_cannot_be_told_is_lost_hardly_ever(broken: dict[str, Any]) -> None:
    outcomes = walks(**broken)
    assert len(wrong(outcomes)) < len(outcomes) / 100


# The teeth


@pytest.mark.parametrize("slots", [1, 4, 16])
def test_without_a_check_walks_miss_what_was_there(slots: int) -> None:
    scenarios = [
        replace(Scenario.of(seed), size=400, page_size=20, cap=100, mutations=1.0, slots=slots)
        for seed in range(200)
    ]
    unchecked = [simulate(each, walk=Walk(each.page_size, check=False)) for each in scenarios]
    assert len([o for o in unchecked if o.missed]) > 100


TEETH: dict[str, tuple[Any, str, Any, dict[str, Any]]] = {
    "all pages are linked": (Overlapping, "_links", lambda *_: True, {}),
    "a count may fall": (Coverage, "fallen", lambda *_: 0, {}),
    "an end is believed": (Survey, "lacks", lambda *_: False, {"more_as_asked": True}),
}


@pytest.mark.parametrize("broken", TEETH)
def test_a_check_that_is_too_lenient_is_found_out(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, name, lenient, fields = TEETH[broken]
    monkeypatch.setattr(owner, name, lenient)
    assert wrong(walks(**fields))


# The price


def price(*, pages: int, mutations: float, slots: int, listings: int = 60) -> float:
    """Requests for listings of so many pages of 100, as a multiple of their pages."""
    outcomes = [
        simulate(
            Scenario(
                seed=seed,
                size=100 * pages - seed % 100,
                page_size=100,
                cap=100,
                mutations=mutations,
                inserts=0.5,
                slots=slots,
            )
        )
        for seed in range(listings)
    ]
    assert not failing(wrong(outcomes))
    return mean(len(o.asked) for o in outcomes) / pages


@pytest.mark.parametrize("pages", [5, 20, 100])
def test_in_sequence_a_quiet_listing_costs_nothing_more(pages: int) -> None:
    assert price(pages=pages, mutations=0, slots=1) == 1


def test_at_once_a_quiet_listing_costs_one_request_more() -> None:
    assert price(pages=100, mutations=0, slots=16) == 1.01


@pytest.mark.parametrize(("pages", "slots"), [(5, 1), (20, 1), (100, 1), (100, 16)])
def test_a_listing_that_changes_once_a_request_costs_less_than_half_more(
    pages: int, slots: int
) -> None:
    assert price(pages=pages, mutations=1, slots=slots) <= 1.4
