"""The proof that listings are exact: tens of thousands of simulated walks, and its teeth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import mean
from typing import Any

import pytest
from simulator import Outcome, Scenario, simulate

from ledger_async import cover
from ledger_async.cover import Cover
from ledger_async.pages import Slice
from ledger_async.walk import Walk

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
    params=[WALKS, pytest.param(MANY, marks=pytest.mark.heavy)],
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
    monkeypatch.setattr(Cover, "follow", lambda *_: False)
    assert walks(200) == found


def test_a_seed_replays_its_walk() -> None:
    assert simulate(Scenario.of(11)) == simulate(Scenario.of(11))


# Listings and servers of other kinds


def test_elements_that_leave_and_come_back_are_not_lost() -> None:
    assert not failing(wrong(walks(returns=0.7)))


def test_elements_that_come_in_anywhere_are_no_reason_to_lose_others() -> None:
    scenarios = [replace(Scenario.of(seed), anywhere=1.0) for seed in range(WALKS)]
    by_overlap = [
        simulate(each, walk=Walk(each.page_size, check=True, trust_count=False))
        for each in scenarios
    ]
    assert not failing(wrong(by_overlap))


@pytest.mark.parametrize("mutations", [0.0, 0.2])
def test_many_that_come_in_at_once_are_no_reason_to_give_up(mutations: float) -> None:
    outcomes = walks(400, burst=1500, page_size=20, mutations=mutations, cap=100)
    assert not failing(wrong(outcomes))
    assert not failing(o for o in outcomes if o.status == "incomplete")


@pytest.mark.parametrize("fixed", [1, 10, 100])
def test_a_server_that_ignores_the_page_size_loses_nothing_in_silence(fixed: int) -> None:
    assert not failing(wrong(walks(400, fixed=fixed)))


def test_a_count_that_never_changes_loses_nothing_in_silence() -> None:
    assert not failing(wrong(walks(stale=10_000.0, page_size=20)))


def test_a_count_that_lags_behind_passes_for_true_hardly_ever() -> None:
    """It cannot be told in every case: where it falls as a true one would, it is taken for one."""
    outcomes = walks(stale=5.0)
    assert not failing(o for o in wrong(outcomes) if o.status == "exact")
    assert len(wrong(outcomes)) < len(outcomes) / 100


def test_a_walk_that_forgets_early_repeats_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Listings of hundreds stand for such of ten thousands."""
    monkeypatch.setattr(cover, "RECENT", 100)
    outcomes = walks()
    assert not failing(o for o in outcomes if len(o.yielded) != len(set(o.yielded)))
    assert not failing(wrong(outcomes))


def test_elements_that_move_to_the_head_pass_unseen_hardly_ever() -> None:
    """Overlap holds for elements that keep their order; here three in ten changes break it."""
    outcomes = walks(moves=0.3)
    assert len([o for o in wrong(outcomes) if o.status == "exact"]) <= 2
    assert len(wrong(outcomes)) < len(outcomes) / 10


# The teeth


@pytest.mark.parametrize("slots", [1, 4, 16])
def test_without_a_check_walks_miss_what_was_there(slots: int) -> None:
    scenarios = [
        replace(Scenario.of(seed), size=400, page_size=20, cap=100, mutations=1.0, slots=slots)
        for seed in range(200)
    ]
    unchecked = [simulate(each, walk=Walk(each.page_size, check=False)) for each in scenarios]
    assert len([o for o in unchecked if o.missed]) > 100


def linked(*_page: Any, **_facts: bool) -> bool:
    return True


def though_count_fell(
    _cover: Cover, _page: Slice[Any], start: int, *, repeats: bool, by_count: bool
) -> bool:
    return by_count or start == 0 or repeats


@pytest.mark.parametrize("broken", [linked, though_count_fell])
def test_a_check_that_is_too_lenient_is_found_out(
    broken: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cover, "is_linked", broken)
    assert wrong(walks())


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
