"""The gate: who may start a request, in which order, and after which wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from virtual_time import VirtualTimeLoop

from ledger_async._governor.gate import Gate, Permit
from ledger_async._protocol.rate_limit_headers import Quota
from ledger_async.errors import ConfigurationError, LedgerError, RateLimitError, ServerError

# On this loop a day is over at once: whoever waits for ever fails, and does not hang.
DAY = 86400.0

GONE = ServerError("503", status=503)


class Line:
    """People who want in, by name: `inside` lists who got in and when, `outside` who did not."""

    def __init__(self) -> None:
        self.inside: dict[str, float] = {}
        self.outside: dict[str, LedgerError] = {}
        self._gates: dict[str, Gate] = {}
        self._permits: dict[str, Permit] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._started = asyncio.get_running_loop().time()

    @property
    def names(self) -> list[str]:
        """Everyone who ever joined, in that order."""
        return list(self._tasks)

    @property
    def now(self) -> float:
        """Seconds since the line was opened."""
        return asyncio.get_running_loop().time() - self._started

    async def join(self, gate: Gate, *names: str) -> None:
        """Let these queue up at the gate, one after another."""
        for name in names:
            self._gates[name] = gate
            self._tasks[name] = asyncio.create_task(self._enter(gate, name))
            await asyncio.sleep(0)

    def leave(self, name: str, *, throttled: bool = False) -> None:
        """Let somebody who is inside give the permit back."""
        self._gates.pop(name).release(self._permits.pop(name), passed=not throttled)

    def cancel(self, *names: str) -> None:
        for name in names:
            self._tasks[name].cancel()

    def permit(self, name: str) -> Permit:
        """The permit of somebody who is inside."""
        return self._permits[name]

    async def settled(self, *names: str) -> None:
        """Wait until these are inside, outside or cancelled."""
        tasks = [self._tasks[name] for name in names or self._tasks]
        _, waiting = await asyncio.wait(tasks, timeout=DAY)
        assert not waiting

    async def close(self) -> None:
        self.cancel(*self._tasks)
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _enter(self, gate: Gate, name: str) -> None:
        try:
            self._permits[name] = await gate.acquire()
        except LedgerError as error:
            self.outside[name] = error
        else:
            self.inside[name] = self.now


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    line = Line()
    yield line
    await line.close()


def block(seconds: float) -> None:
    """Let time pass without a turn of the loop, as a busy task does: its timers are late."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    loop._jumping.jumped += seconds


def closed() -> ConfigurationError:
    return ConfigurationError("the client is closed")


# Permits


async def test_as_many_are_inside_as_there_are_permits(line: Line) -> None:
    await line.join(Gate(2), *"abcd")
    assert list(line.inside) == ["a", "b"]


async def test_those_who_wait_enter_in_the_order_they_came(line: Line) -> None:
    gate = Gate(1)
    await line.join(gate, *"abcd")
    for name in "abc":
        line.leave(name)
        await asyncio.sleep(0)
    assert list(line.inside) == ["a", "b", "c", "d"]


async def test_a_newcomer_does_not_overtake_who_was_let_in_but_has_not_run_yet(line: Line) -> None:
    gate = Gate(1)
    await line.join(gate, "a", "b")
    line.leave("a")
    await line.join(gate, "newcomer")
    assert list(line.inside) == ["a", "b"]


async def test_a_newcomer_does_not_overtake_who_waits_for_a_timer_that_is_late(line: Line) -> None:
    gate = Gate(1)
    gate.learn(Quota(0, 30.0))
    await line.join(gate, "a")
    block(30)
    await line.join(gate, "newcomer")
    await line.settled("a")
    assert list(line.inside) == ["a"]


async def test_waiting_for_a_permit_takes_no_time_of_the_rate_limit(line: Line) -> None:
    gate = Gate(1)
    await line.join(gate, "a", "b")
    await asyncio.sleep(10)
    line.leave("a")
    await line.settled("b")
    assert (line.inside["b"], gate.held_seconds) == (10, 0)


# Cancellation


async def test_a_cancelled_waiter_leaves_the_line_to_the_next(line: Line) -> None:
    gate = Gate(1)
    await line.join(gate, *"abc")
    line.cancel("b")
    await line.settled("b")
    line.leave("a")
    await line.settled("c")
    assert list(line.inside) == ["a", "c"]


async def test_a_permit_granted_in_the_moment_of_the_cancellation_goes_to_the_next(
    line: Line,
) -> None:
    gate = Gate(1)
    await line.join(gate, *"abc")
    line.leave("a")
    line.cancel("b")
    await line.settled("b", "c")
    assert list(line.inside) == ["a", "c"]


async def test_a_permit_granted_to_a_cancelled_waiter_is_there_for_a_newcomer(line: Line) -> None:
    gate = Gate(1)
    await line.join(gate, "a", "b")
    line.leave("a")
    line.cancel("b")
    await line.settled("b")
    await line.join(gate, "newcomer")
    assert list(line.inside) == ["a", "newcomer"]


async def test_a_permit_released_right_after_a_cancellation_goes_to_the_next(line: Line) -> None:
    gate = Gate(1)
    await line.join(gate, *"abc")
    line.cancel("b")
    line.leave("a")
    await line.settled("b", "c")
    assert list(line.inside) == ["a", "c"]


async def test_a_waiter_that_is_cancelled_during_a_pause_costs_the_others_nothing(
    line: Line,
) -> None:
    gate = Gate(2)
    gate.pause(5)
    await line.join(gate, "a", "b")
    line.cancel("a")
    await line.settled("b")
    assert line.inside == {"b": 5}


async def test_who_is_cancelled_while_being_turned_away_is_cancelled(line: Line) -> None:
    gate = Gate(1)
    await line.join(gate, "a", "b")
    gate.shut(closed)
    line.cancel("b")
    await line.settled("b")
    assert "b" not in line.outside


HAPPENS: dict[str, Callable[[Gate, int], None]] = {
    "pause": lambda gate, seconds: gate.pause(seconds),
    "suspend": lambda gate, seconds: gate.suspend(seconds, GONE),
    "learn": lambda gate, number: gate.learn(Quota(number, number)),
}
ACTIONS = st.sampled_from(["join", "release", "throttle", "cancel", "run", *HAPPENS])


@given(st.integers(1, 3), st.lists(st.tuples(ACTIONS, st.integers(0, 9)), max_size=40))
def test_whatever_happens_no_permit_is_lost_or_made(
    permits: int, steps: list[tuple[str, int]]
) -> None:
    async def play() -> None:
        gate, line, left = Gate(permits), Line(), set[str]()
        for number, (action, choice) in enumerate(steps):
            present = [name for name in line.inside if name not in left]
            if action == "join":
                await line.join(gate, f"{number}")
            elif action == "cancel":
                line.cancel(*line.names[choice : choice + 1])
            elif action in HAPPENS:
                HAPPENS[action](gate, choice)
            elif action == "run":
                await asyncio.sleep(choice)
            elif present:
                left.add(present[choice % len(present)])
                line.leave(present[choice % len(present)], throttled=action == "throttle")
            assert len(line.inside) - len(left) <= permits
        await line.close()
        for name in line.inside.keys() - left:
            line.leave(name)
        await asyncio.sleep(10)
        later = Line()
        for number in range(20):  # one at a time, until it is wide open
            await later.join(gate, f"{number}")
            await later.settled(f"{number}")
            later.leave(f"{number}")
        await asyncio.sleep(DAY)
        await later.join(gate, *"abcd")
        assert len(later.inside) == permits + 20
        await later.close()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(play())


# Pauses


async def test_a_pause_holds_everyone(line: Line) -> None:
    gate = Gate(3)
    gate.pause(5)
    await line.join(gate, "a", "b")
    await asyncio.sleep(4.9)
    assert not line.inside


async def test_a_shorter_pause_does_not_shorten_a_longer_one(line: Line) -> None:
    gate = Gate(3)
    gate.pause(5)
    gate.pause(1)
    await line.join(gate, "a")
    await line.settled()
    assert line.inside == {"a": 5}


async def test_a_longer_pause_holds_also_those_who_wait_already(line: Line) -> None:
    gate = Gate(3)
    gate.pause(5)
    await line.join(gate, "a")
    await asyncio.sleep(4)
    gate.pause(5)
    await line.settled()
    assert line.inside == {"a": 9}


async def test_one_probe_goes_first_after_a_pause(line: Line) -> None:
    gate = Gate(3)
    gate.pause(5)
    await line.join(gate, *"abc")
    await asyncio.sleep(100)
    assert line.inside == {"a": 5}


async def test_a_probe_that_passed_opens_the_gate_step_by_step(line: Line) -> None:
    gate = Gate(8)
    gate.pause(5)
    await line.join(gate, *"abcdefg")
    await line.settled("a")
    await asyncio.sleep(2)
    line.leave("a")
    await line.settled("b", "c")
    await asyncio.sleep(1)
    line.leave("b")
    line.leave("c")
    await line.settled("d", "e", "f", "g")
    assert line.inside == {"a": 5, "b": 7, "c": 7, "d": 8, "e": 8, "f": 8, "g": 8}


async def test_many_throttles_of_one_moment_are_one_pause(line: Line) -> None:
    gate = Gate(16)
    await line.join(gate, *"abcdefghijklmnop")
    for name in "abcdefghijklmnop":
        gate.pause(5, line.permit(name))
        line.leave(name, throttled=True)
    assert gate.pauses_in_a_row == 1
    await line.join(gate, "probe", "next")
    await line.settled("probe")
    line.leave("probe")
    await line.settled("next")
    assert gate.pauses_in_a_row == 0
    assert line.inside["next"] == pytest.approx(5, abs=0.1)


async def test_a_late_throttle_lengthens_the_pause_and_is_no_other_probe(line: Line) -> None:
    gate = Gate(2)
    await line.join(gate, "a", "b")
    permit = line.permit("a")
    for seconds in (5, 8):
        gate.pause(seconds, permit)
    assert (gate.opens_in, gate.pauses_in_a_row) == (8, 1)


async def test_a_probe_that_was_throttled_keeps_the_gate_closed(line: Line) -> None:
    gate = Gate(3)
    gate.pause(5)
    await line.join(gate, *"abc")
    await line.settled("a")
    gate.pause(10)
    line.leave("a", throttled=True)
    await asyncio.sleep(100)
    assert line.inside == {"a": 5, "b": 15}


async def test_the_first_to_come_after_a_quiet_pause_is_the_probe(line: Line) -> None:
    gate = Gate(3)
    gate.pause(5)
    await asyncio.sleep(60)
    await line.join(gate, "a", "b")
    assert list(line.inside) == ["a"]


async def test_an_answer_that_was_on_its_way_does_not_shorten_a_pause(line: Line) -> None:
    gate = Gate(2)
    await line.join(gate, "slow", "throttled", "next")
    gate.pause(5)
    line.leave("throttled", throttled=True)
    line.leave("slow")
    await line.settled("next")
    assert line.inside["next"] == 5


async def test_a_request_from_before_the_pause_does_not_hold_up_the_probe(line: Line) -> None:
    gate = Gate(3)
    await line.join(gate, "slow", "throttled")
    gate.pause(5)
    line.leave("throttled", throttled=True)
    await line.join(gate, "probe")
    await asyncio.sleep(10)
    assert line.inside.get("probe") == 5


async def test_a_request_from_before_the_pause_does_not_stand_for_the_probe(line: Line) -> None:
    gate = Gate(3)
    await line.join(gate, "slow", "throttled")
    gate.pause(5)
    line.leave("throttled", throttled=True)
    await line.join(gate, "probe", "next")
    await asyncio.sleep(10)
    line.leave("slow")
    await asyncio.sleep(10)
    assert "probe" in line.inside
    assert "next" not in line.inside


# Quota


async def test_nobody_enters_before_the_reset_when_nothing_remains(line: Line) -> None:
    gate = Gate(3)
    gate.learn(Quota(0, 30.0))
    await line.join(gate, "a", "b")
    await line.settled()
    assert line.inside == {"a": 30, "b": 30}


async def test_as_many_enter_as_remain_and_the_others_after_the_reset(line: Line) -> None:
    gate = Gate(5)
    gate.learn(Quota(2, 30.0))
    await line.join(gate, *"abcd")
    await line.settled()
    assert line.inside == {"a": 0, "b": 0, "c": 30, "d": 30}


async def test_no_more_enter_than_remain_though_answers_do_not_count_down(line: Line) -> None:
    # A request whose answer is lost, or comes without headers, has used up quota all the same.
    gate = Gate(5)
    gate.learn(Quota(2, 30.0))
    for name in "abcd":
        await line.join(gate, name)
        if name in line.inside:
            line.leave(name)
    await line.settled()
    assert line.inside == {"a": 0, "b": 0, "c": 30, "d": 30}


async def test_requests_in_flight_are_taken_off_what_remains(line: Line) -> None:
    gate = Gate(5)
    await line.join(gate, "a", "b")
    gate.learn(Quota(2, 30.0))
    await line.join(gate, "c")
    await line.settled()
    assert line.inside["c"] == 30


@pytest.mark.parametrize("order", [(0, 5), (5, 0)])
async def test_the_lowest_number_of_a_window_counts(line: Line, order: tuple[int, int]) -> None:
    gate = Gate(3)
    for remaining in order:
        gate.learn(Quota(remaining, 30.0))
    await line.join(gate, "a")
    await line.settled()
    assert line.inside == {"a": 30}


async def test_a_new_window_starts_with_what_it_says(line: Line) -> None:
    gate = Gate(3)
    gate.learn(Quota(0, 30.0))
    await asyncio.sleep(30)
    gate.learn(Quota(2, 30.0))
    await line.join(gate, *"abc")
    await line.settled()
    assert line.inside == {"a": 30, "b": 30, "c": 60}


async def test_a_reset_that_is_now_holds_nobody(line: Line) -> None:
    gate = Gate(3)
    gate.learn(Quota(0, 0.0))
    await line.join(gate, "a")
    assert line.inside == {"a": 0}


async def test_the_longer_of_pause_and_reset_holds(line: Line) -> None:
    gate = Gate(3)
    gate.learn(Quota(0, 30.0))
    gate.pause(20)
    await line.join(gate, "a")
    await line.settled()
    assert line.inside == {"a": 30}


# Waits that are too long


async def test_a_newcomer_is_turned_away_at_once(line: Line) -> None:
    gate = Gate(3, max_wait=60)
    gate.pause(61)
    await line.join(gate, "a")
    assert isinstance(line.outside["a"], RateLimitError)


async def test_those_who_wait_are_turned_away_with_the_next_release(line: Line) -> None:
    gate = Gate(1, max_wait=60)
    await line.join(gate, *"abc")
    gate.pause(61)
    line.leave("a", throttled=True)
    await line.settled()
    assert list(line.outside) == ["b", "c"]


async def test_a_quota_that_would_hold_too_long_lets_one_at_a_time_try(line: Line) -> None:
    gate = Gate(3, max_wait=60)
    gate.learn(Quota(0, 61.0))
    await line.join(gate, *"abc")
    assert list(line.inside) == ["a"]
    line.leave("a")
    await asyncio.sleep(0)
    assert list(line.inside) == ["a", "b"]


async def test_a_pause_that_is_too_long_turns_away_though_others_are_inside(line: Line) -> None:
    gate = Gate(3, max_wait=60)
    await line.join(gate, "slow", "throttled")
    gate.pause(61)
    line.leave("throttled", throttled=True)
    await line.join(gate, "a")
    assert isinstance(line.outside.get("a"), RateLimitError)


async def test_who_is_turned_away_learns_how_long_it_would_take(line: Line) -> None:
    gate = Gate(3, max_wait=60)
    gate.pause(100)
    await asyncio.sleep(10)
    await line.join(gate, "a")
    assert line.outside["a"].retry_after == pytest.approx(90)


async def test_each_who_is_turned_away_has_an_error_of_their_own(line: Line) -> None:
    gate = Gate(1, max_wait=60)
    await line.join(gate, *"abc")
    gate.pause(61)
    line.leave("a", throttled=True)
    await line.settled()
    assert line.outside["b"] is not line.outside["c"]


@pytest.mark.parametrize("clock", [0.0, 4.001, 4.004])
async def test_a_wait_of_just_the_cap_is_waited_out(line: Line, clock: float) -> None:
    # On some clocks (t + 60) - t is a little more than 60.
    await asyncio.sleep(clock)
    gate = Gate(3, max_wait=60)
    gate.pause(60)
    await line.join(gate, "a")
    await line.settled()
    assert line.inside == {"a": pytest.approx(clock + 60)}


async def test_the_line_moves_again_once_the_rest_of_the_wait_is_short_enough(line: Line) -> None:
    gate = Gate(3, max_wait=60)
    gate.pause(61)
    await asyncio.sleep(2)
    await line.join(gate, "a")
    await line.settled()
    assert line.inside == {"a": 60}


async def test_after_the_longest_wait_one_may_try_whatever_was_asked_for(line: Line) -> None:
    gate = Gate(3, max_wait=60)
    gate.pause(1e9)
    await asyncio.sleep(60)
    await line.join(gate, "a", "b")
    assert (list(line.inside), line.outside) == (["a"], {})


async def test_who_comes_while_the_probe_is_under_way_waits_for_it(line: Line) -> None:
    gate = Gate(3, max_wait=60)
    gate.pause(1e9)
    await asyncio.sleep(60)
    await line.join(gate, "probe", "a")
    line.leave("probe")
    await line.settled()
    assert list(line.inside) == ["probe", "a"]


async def test_a_probe_that_is_told_the_same_turns_away_who_waits_for_it(line: Line) -> None:
    gate = Gate(3, max_wait=60)
    gate.pause(1000)
    await asyncio.sleep(60)
    await line.join(gate, "probe", "a")
    gate.pause(940, line.permit("probe"))
    line.leave("probe", throttled=True)
    await line.join(gate, "b")
    await line.settled()
    assert {name: error.retry_after for name, error in line.outside.items()} == {"a": 940, "b": 940}


async def test_what_was_asked_for_is_forgotten_with_the_pause(line: Line) -> None:
    gate = Gate(3, max_wait=60)
    gate.pause(1e9)
    await asyncio.sleep(60)
    await line.join(gate, "probe")
    line.leave("probe")
    gate.pause(5)
    await line.join(gate, "a")
    await line.settled()
    assert line.inside["a"] == 65


async def test_a_pause_that_nobody_waits_for_is_kept_for_a_moment_all_the_same(line: Line) -> None:
    gate = Gate(3, max_wait=0)
    gate.pause(5)
    await line.join(gate, "a")
    await asyncio.sleep(1)
    await line.join(gate, "b")
    assert (list(line.outside), list(line.inside)) == (["a"], ["b"])


# Deadlines


async def test_who_could_not_wait_until_a_pause_ends_is_turned_away_at_once(line: Line) -> None:
    gate = Gate(3)
    gate.pause(5)
    with anyio.move_on_after(4), pytest.raises(RateLimitError) as caught:
        await gate.acquire()
    assert (line.now, caught.value.retry_after) == (0, 5)


async def test_who_can_wait_until_a_pause_ends_waits(line: Line) -> None:
    gate = Gate(3)
    gate.pause(5)
    with anyio.fail_after(6):
        await gate.acquire()
    assert line.now == 5


async def test_who_could_not_wait_for_the_reset_is_turned_away_at_once(line: Line) -> None:
    gate = Gate(3)
    gate.learn(Quota(0, 5.0))
    with anyio.move_on_after(4), pytest.raises(RateLimitError):
        await gate.acquire()
    assert line.now == 0


async def test_a_pause_turns_away_those_in_line_who_cannot_wait_for_its_end(line: Line) -> None:
    gate = Gate(1)
    await line.join(gate, "inside")

    async def hasty() -> None:
        with anyio.move_on_after(10):
            await gate.acquire()

    waiting = asyncio.create_task(hasty())
    await asyncio.sleep(1)
    gate.pause(30)
    line.leave("inside", throttled=True)
    with pytest.raises(RateLimitError):
        await waiting
    assert line.now == 1


async def test_who_is_cancelled_already_is_cancelled_and_not_turned_away() -> None:
    gate = Gate(1)
    gate.pause(5)
    with anyio.CancelScope() as scope:
        scope.cancel()
        await gate.acquire()
    assert scope.cancelled_caught


async def test_waiting_for_a_permit_is_no_reason_to_turn_away(line: Line) -> None:
    gate = Gate(1)
    await line.join(gate, "inside")
    with anyio.move_on_after(4) as scope:
        await gate.acquire()
    assert (scope.cancelled_caught, line.now) == (True, 4)


# Outages


async def test_an_outage_holds_everyone_and_takes_no_time_of_the_rate_limit(line: Line) -> None:
    gate = Gate(3)
    gate.suspend(5, GONE)
    await line.join(gate, *"abc")
    await asyncio.sleep(10)
    assert (line.inside, gate.held_seconds, gate.opens_in) == ({"a": 5}, 0, 0)


async def test_a_hopeless_outage_turns_away_who_waits_and_who_comes(line: Line) -> None:
    gate = Gate(1)
    await line.join(gate, *"abc")
    gate.suspend(5, GONE, hopeless=True)
    line.leave("a", throttled=True)
    await line.join(gate, "d")
    await line.settled()
    assert [error.status for error in line.outside.values()] == [503] * 3
    assert len({id(error) for error in [GONE, *line.outside.values()]}) == 4


async def test_after_a_hopeless_outage_one_may_try_again(line: Line) -> None:
    gate = Gate(3)
    gate.suspend(5, GONE, hopeless=True)
    await asyncio.sleep(5)
    await line.join(gate, *"ab")
    assert list(line.inside) == ["a"]


async def test_who_could_not_wait_for_the_next_probe_gets_the_failure_at_once(line: Line) -> None:
    gate = Gate(1)
    gate.suspend(5, GONE)
    with anyio.move_on_after(4), pytest.raises(ServerError):
        await gate.acquire()
    assert line.now == 0


# Concurrency


async def test_failures_lower_the_concurrency_and_successes_raise_it(line: Line) -> None:
    gate = Gate(4)
    await line.join(gate, *"abcd")
    gate.fail(line.permit("a"))
    line.leave("a", throttled=True)
    assert (gate.concurrency, gate.concurrency_reason) == (3, "failures")
    for name in "bcd":
        line.leave(name)
    assert (gate.concurrency, gate.concurrency_reason) == (4, "")


async def test_a_pause_says_why_the_concurrency_is_low(line: Line) -> None:
    gate = Gate(4)
    assert (gate.concurrency, gate.concurrency_reason) == (4, "")
    gate.pause(5)
    assert (gate.concurrency, gate.concurrency_reason) == (1, "probing")
    await line.join(gate, "a")
    await line.settled("a")
    line.leave("a")
    assert (gate.concurrency, gate.concurrency_reason) == (2, "rate limit")


# Closing


async def test_a_closed_gate_turns_away_who_waits(line: Line) -> None:
    gate = Gate(1)
    await line.join(gate, *"abc")
    gate.shut(closed)
    await line.settled()
    assert [str(error) for error in line.outside.values()] == ["the client is closed"] * 2


async def test_a_closed_gate_turns_away_who_comes(line: Line) -> None:
    gate = Gate(1)
    gate.shut(closed)
    await line.join(gate, "a")
    assert isinstance(line.outside["a"], ConfigurationError)


async def test_closing_gives_each_an_error_of_their_own(line: Line) -> None:
    gate = Gate(1)
    await line.join(gate, *"abc")
    gate.shut(closed)
    await line.join(gate, "d")
    await line.settled()
    assert len({id(error) for error in line.outside.values()}) == 3


async def test_closing_during_a_pause_leaves_no_timer_behind(line: Line) -> None:
    gate = Gate(1)
    gate.pause(5)
    await line.join(gate, "a")
    gate.shut(closed)
    await asyncio.sleep(10)
    assert not line.inside


async def test_a_permit_may_be_given_back_after_closing(line: Line) -> None:
    gate = Gate(1)
    await line.join(gate, "a")
    gate.shut(closed)
    line.leave("a")
    await line.join(gate, "b")
    assert list(line.inside) == ["a"]


# What it tells


async def test_opens_in_counts_down_a_pause() -> None:
    gate = Gate(1)
    gate.pause(5)
    await asyncio.sleep(2)
    assert gate.opens_in == 3


async def test_opens_in_counts_down_to_the_reset() -> None:
    gate = Gate(1)
    gate.learn(Quota(0, 30.0))
    await asyncio.sleep(10)
    assert gate.opens_in == 20


async def test_opens_in_is_nothing_when_the_rate_limit_holds_nobody(line: Line) -> None:
    gate = Gate(1)
    gate.learn(Quota(5, 30.0))
    await line.join(gate, "a", "b")
    assert gate.opens_in == 0


async def test_held_seconds_are_those_in_which_somebody_stood_here(line: Line) -> None:
    gate = Gate(1)
    gate.pause(5)
    await asyncio.sleep(2)
    await line.join(gate, "a")
    await line.settled()
    assert gate.held_seconds == 3


async def test_held_seconds_are_counted_once_for_all_who_stand_here(line: Line) -> None:
    gate = Gate(3)
    gate.learn(Quota(0, 5.0))
    await line.join(gate, *"abc")
    await line.settled()
    assert gate.held_seconds == 5


async def test_held_seconds_grow_while_somebody_stands_here(line: Line) -> None:
    gate = Gate(1)
    gate.pause(5)
    await line.join(gate, "a")
    await asyncio.sleep(2)
    assert gate.held_seconds == 2


async def test_held_seconds_stop_when_the_last_one_leaves(line: Line) -> None:
    gate = Gate(1)
    gate.pause(5)
    await line.join(gate, "a")
    await asyncio.sleep(2)
    line.cancel("a")
    await asyncio.sleep(2)
    assert gate.held_seconds == 2


async def test_held_seconds_stop_when_all_are_turned_away(line: Line) -> None:
    gate = Gate(1)
    await line.join(gate, "a")
    gate.pause(5)
    await line.join(gate, "b")
    await asyncio.sleep(2)
    gate.suspend(0, GONE, hopeless=True)
    line.leave("a", throttled=True)
    await asyncio.sleep(2)
    assert (gate.held_seconds, gate._timer) == (2, None)


async def test_held_seconds_are_none_where_nobody_could_wait() -> None:
    async def hurried() -> None:
        with anyio.fail_after(1):
            await gate.acquire()

    gate = Gate(2)
    first = await gate.acquire()
    gate.release(first, passed=True)
    permits = [await gate.acquire() for _ in range(2)]
    task = asyncio.create_task(hurried())
    await asyncio.sleep(0)
    gate.pause(5, permits[0])
    gate.release(permits[0], passed=False)
    with pytest.raises(RateLimitError):
        await task
    await asyncio.sleep(2)
    assert gate.held_seconds == 0


async def test_held_seconds_add_up_over_pauses(line: Line) -> None:
    gate = Gate(2)
    for name in "ab":
        gate.pause(5)
        await line.join(gate, name)
        await line.settled()
        line.leave(name)
    assert gate.held_seconds == 10


async def test_held_seconds_do_not_count_waiting_for_a_permit_once_the_limit_is_over(
    line: Line,
) -> None:
    gate = Gate(1)
    await line.join(gate, "a")
    gate.learn(Quota(0, 5.0))
    await line.join(gate, "b")
    await asyncio.sleep(20)
    line.leave("a")
    await line.settled()
    assert (line.inside["b"], gate.held_seconds) == (20, 5)
