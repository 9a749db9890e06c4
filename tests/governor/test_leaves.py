"""`leaves`: a gate of a `shared_pace` starts requests when a `limiter` says so, if that works."""

from __future__ import annotations

import asyncio
import logging

import pytest

from ledger_async import ConfigurationError, LedgerClient, Limiter, Quota
from ledger_async._governor.gate import Gate
from ledger_async._governor.waiter import Permit
from ledger_async.sandbox import Sandbox


class ByHand:
    """A limiter that gives leave when the test does."""

    def __init__(self) -> None:
        self.asked = list[bool]()
        self.quotas, self.pauses = list[Quota](), list[float]()
        self.is_closed = False
        self.gone: Exception | None = None
        self._waiting = list[asyncio.Future[None]]()

    async def acquire(self, *, interactive: bool) -> None:
        self.asked.append(interactive)
        if self.gone is not None:
            raise self.gone
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn

    def learn(self, quota: Quota) -> None:
        self.quotas.append(quota)

    def throttled(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def aclose(self) -> None:
        self.is_closed = True

    @property
    def waiting(self) -> int:
        return sum(not each.done() for each in self._waiting)

    async def let_pass(self) -> None:
        next(each for each in self._waiting if not each.done()).set_result(None)
        await turns()

    async def fail(self, error: Exception | None = None) -> None:
        self.gone = error or OSError("gone")
        for each in self._waiting:
            if not each.done():
                each.set_exception(self.gone)
        await turns()


async def turns() -> None:
    """Let every task come as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


Entering = asyncio.Task[Permit]


async def enter(gate: Gate, *, interactive: bool = False) -> Entering:
    entering = asyncio.create_task(gate.acquire(interactive=interactive))
    await turns()
    return entering


async def leave(*entering: Entering) -> None:
    for each in entering:
        each.cancel()
    await asyncio.gather(*entering, return_exceptions=True)
    await turns()


async def test_a_request_starts_when_the_limiter_gives_it_leave() -> None:
    limiter = ByHand()
    request = await enter(Gate(2, limiter=limiter))
    assert not request.done()
    await limiter.let_pass()
    assert request.done()


async def test_leave_is_asked_for_as_many_as_could_start() -> None:
    limiter = ByHand()
    gate = Gate(2, limiter=limiter)
    requests = [await enter(gate) for _ in range(5)]
    assert limiter.waiting == 2
    await limiter.let_pass()
    assert (limiter.waiting, sum(each.done() for each in requests)) == (1, 1)
    gate.release(requests[0].result(), passed=True)
    await turns()
    assert limiter.waiting == 2
    await leave(*requests)


async def test_an_interactive_request_takes_the_leave_that_was_asked_for_another() -> None:
    limiter = ByHand()
    gate = Gate(4, limiter=limiter)
    bulk, urgent = await enter(gate), await enter(gate, interactive=True)
    await limiter.let_pass()
    assert (bulk.done(), urgent.done()) == (False, True)
    assert limiter.asked == [False, True]
    await leave(bulk)


async def test_nothing_is_asked_any_more_for_requests_that_were_cancelled() -> None:
    limiter = ByHand()
    gate = Gate(4, limiter=limiter)
    one, other = await enter(gate), await enter(gate)
    await leave(one)
    assert limiter.waiting == 1
    await limiter.let_pass()
    assert other.done()


async def test_no_leave_is_kept_through_a_pause() -> None:
    limiter = ByHand()
    gate = Gate(4, limiter=limiter)
    first = await enter(gate)
    await limiter.let_pass()
    waiting = [await enter(gate) for _ in range(2)]
    gate.pause(5.0, first.result())
    gate.release(first.result(), passed=False)
    await turns()
    assert (limiter.waiting, limiter.pauses) == (0, [5.0])
    await asyncio.sleep(5.1)
    assert limiter.waiting == 1  # for the probe
    await leave(*waiting)


async def test_a_limiter_takes_the_place_of_the_clients_own_pace() -> None:
    limiter = ByHand()
    gate = Gate(4, limiter=limiter)
    gate.learn(Quota(1, 30.0, 100))
    requests = [await enter(gate) for _ in range(2)]
    await limiter.let_pass()
    await limiter.let_pass()
    assert all(each.done() for each in requests)
    assert limiter.quotas == [Quota(1, 30.0, 100)]


async def test_nothing_is_sent_while_the_quota_is_known_to_be_gone() -> None:
    limiter = ByHand()
    gate = Gate(4, limiter=limiter)
    gate.learn(Quota(0, 3.0, 100))
    request = await enter(gate)
    assert limiter.waiting == 0
    await asyncio.sleep(3.1)
    await limiter.let_pass()
    assert request.done()


async def test_after_a_refusal_requests_go_on_as_many_at_once_as_before() -> None:
    limiter = ByHand()
    gate = Gate(4, limiter=limiter)
    first = await enter(gate)
    await limiter.let_pass()
    gate.pause(1.0, first.result())
    gate.release(first.result(), passed=False)
    probe = await enter(gate)
    await asyncio.sleep(1.1)
    await limiter.let_pass()
    gate.release(probe.result(), passed=True)
    assert gate.concurrency == 4


async def test_requests_go_on_at_their_own_pace_when_the_limiter_fails(
    caplog: pytest.LogCaptureFixture,
) -> None:
    limiter = ByHand()
    gate = Gate(4, limiter=limiter)
    gate.learn(Quota(0, 3.0, 100))
    requests = [await enter(gate) for _ in range(3)]
    await limiter.fail()
    assert not any(each.done() for each in requests)
    await asyncio.sleep(3.5)
    assert all(each.done() for each in requests)
    assert [each.levelname for each in caplog.records] == ["WARNING"]
    assert "OSError: gone" in caplog.text


async def test_a_limiter_that_is_back_is_in_force_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    limiter = ByHand()
    gate = Gate(4, limiter=limiter)
    first = await enter(gate)
    await limiter.fail()
    gate.release(first.result(), passed=True)
    limiter.gone = None
    await asyncio.sleep(1.1)
    second = await enter(gate)
    assert second.done()  # nobody waits for a limiter that failed
    await limiter.let_pass()
    third = await enter(gate)
    assert not third.done()
    await limiter.let_pass()
    assert third.done()
    assert [each.levelname for each in caplog.records] == ["WARNING", "INFO"]


async def test_a_limiter_that_failed_is_asked_once_a_second() -> None:
    limiter = ByHand()
    limiter.gone = OSError("gone")
    gate = Gate(4, limiter=limiter)
    for _ in range(100):
        gate.release(await gate.acquire(), passed=True)
        await asyncio.sleep(0.1)
    assert 9 <= len(limiter.asked) <= 11


async def test_a_hint_that_the_limiter_does_not_take_changes_nothing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: ByHand, quota: Quota) -> None:
        raise LookupError("broken")

    monkeypatch.setattr(ByHand, "learn", broken)
    limiter = ByHand()
    gate = Gate(4, limiter=limiter)
    gate.learn(Quota(1, 30.0))
    request = await enter(gate)
    await limiter.let_pass()
    assert request.done()
    assert "LookupError: broken" in caplog.text


async def test_waiting_for_the_limiter_is_waiting_for_the_rate_limit() -> None:
    limiter = ByHand()
    gate = Gate(4, limiter=limiter)
    request = await enter(gate)
    await asyncio.sleep(3)
    await limiter.let_pass()
    await asyncio.sleep(2)
    assert request.done()
    assert gate.held_seconds == pytest.approx(3)


async def test_a_gate_that_is_shut_asks_nothing_more_and_closes_its_limiter() -> None:
    limiter = ByHand()
    gate = Gate(4, limiter=limiter)
    request = await enter(gate)
    gate.shut(lambda: ConfigurationError("closed"))
    await gate.pace.aclose()
    assert (limiter.waiting, limiter.is_closed) == (0, True)
    with pytest.raises(ConfigurationError, match="closed"):
        await request


async def test_a_client_closes_the_limiter_that_it_was_given(sandbox: Sandbox) -> None:
    limiter = ByHand()
    assert isinstance(limiter, Limiter)
    async with LedgerClient(
        sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user, limiter=limiter
    ) as ledger:
        call = asyncio.create_task(ledger.accounts.get(101))
        await turns()
        assert limiter.waiting == 1
        assert not sandbox.requests
        await limiter.let_pass()
        assert (await call).id == 101
    assert limiter.is_closed


@pytest.mark.parametrize("wrong", [object(), ByHand, "redis://127.0.0.1"])
def test_what_is_no_limiter_is_refused(wrong: object) -> None:
    with pytest.raises(ConfigurationError, match="limiter"):
        LedgerClient(api_key="key", limiter=wrong)  # type: ignore[arg-type] # that is the point
