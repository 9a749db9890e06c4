"""How many permits are out, how many may be, and which still count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger_async._governor.permits import Permits


def test_as_many_are_left_as_were_not_given() -> None:
    permits = Permits(3, probe_first=False)
    permits.give()
    assert (permits.given, permits.left) == (1, 2)


def test_a_probe_goes_alone() -> None:
    permits = Permits(3, probe_first=True)
    assert (permits.most, permits.left, permits.reason) == (1, 1, "")
    permits.give()
    assert permits.left == 0


def test_a_closing_makes_those_that_are_out_worthless() -> None:
    permits = Permits(3, probe_first=False)
    old = permits.give()
    permits.close("rate limit", restart=False)
    new = permits.give()
    assert (permits.count(old), permits.count(new)) == (False, True)
    assert (permits.take_back(old), permits.take_back(new)) == (False, True)
    assert permits.given == 0


def test_after_a_closing_a_probe_goes_though_others_are_out() -> None:
    permits = Permits(3, probe_first=False)
    permits.give()
    permits.close("rate limit", restart=False)
    assert (permits.left, permits.reason) == (1, "probing")


def test_those_from_before_a_closing_still_take_a_place() -> None:
    permits = Permits(2, probe_first=False)
    for _ in range(2):
        permits.give()
    permits.close("failures", restart=False)
    assert permits.left == 0


@given(st.lists(st.sampled_from(["give", "take back", "close", "probe passed"])))
def test_permits_are_out_if_none_is_left(events: list[str]) -> None:
    permits, out = Permits(3, probe_first=True), list[int]()
    for event in events:
        match event:
            case "give" if permits.left:
                out.append(permits.give())
            case "take back" if out:
                permits.take_back(out.pop(0))
            case "close":
                permits.close("failures", restart=True)
            case "probe passed":
                permits.is_probing = False
                permits.rise()
        assert permits.is_out == (permits.left == 0)


def test_a_restart_begins_with_few_and_says_why() -> None:
    permits = Permits(8, probe_first=False)
    permits.close("failures", restart=True)
    permits.is_probing = False
    assert (permits.most, permits.reason) == (1, "failures")
    permits.rise()
    assert permits.most == 2


def test_a_probe_that_fails_is_no_news() -> None:
    permits = Permits(8, probe_first=True)
    permits.fall()
    permits.is_probing = False
    assert permits.most == 8
