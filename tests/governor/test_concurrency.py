"""How many requests may be in flight: fewer after failures, more while all goes well."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger_async._governor.concurrency import Concurrency


def rounds(concurrency: Concurrency, n: int) -> list[int]:
    """How many may be in flight after each of `n` rounds in which all succeed."""
    seen = []
    for _ in range(n):
        for _ in range(concurrency.now):
            concurrency.rise()
        seen.append(concurrency.now)
    return seen


def test_concurrency_begins_at_the_most() -> None:
    assert (Concurrency(16).now, Concurrency(16).reason) == (16, "")


def test_after_a_restart_it_doubles_to_half_of_where_it_was_and_then_grows_by_one_a_round() -> None:
    concurrency = Concurrency(16)
    concurrency.restart("rate limit")
    assert concurrency.now == 1
    assert rounds(concurrency, 6) == [2, 4, 8, 8, 9, 10]
    assert concurrency.reason == "rate limit"


def test_it_comes_back_to_the_most_and_no_further() -> None:
    concurrency = Concurrency(16)
    concurrency.restart("rate limit")
    assert rounds(concurrency, 20)[-1] == 16
    assert concurrency.reason == ""


def test_a_restart_of_what_is_low_already_does_not_lower_the_goal() -> None:
    concurrency = Concurrency(16)
    for _ in range(5):
        concurrency.restart("rate limit")
    assert rounds(concurrency, 3) == [2, 4, 8]


def test_failures_bring_it_down_to_one() -> None:
    concurrency = Concurrency(16)
    for _ in range(40):
        concurrency.fall()
    assert (concurrency.now, concurrency.reason) == (1, "failures")


def test_a_tenth_of_failures_leaves_it_near_the_most() -> None:
    concurrency = Concurrency(16)
    for number in range(10_000):
        (concurrency.fall if number % 10 == 0 else concurrency.rise)()
    assert concurrency.now >= 15


@given(st.integers(1, 100), st.lists(st.sampled_from(["rise", "fall", "restart"])))
def test_it_is_always_between_one_and_the_most(most: int, steps: list[str]) -> None:
    concurrency = Concurrency(most)
    for step in steps:
        concurrency.restart("") if step == "restart" else getattr(concurrency, step)()
        assert 1 <= concurrency.now <= most
