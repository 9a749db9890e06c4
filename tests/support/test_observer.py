"""Whoever watches: functions of one event are taken, their failures change nothing, and `log`."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ledger_async import ConfigurationError, LedgerClient
from ledger_async._support.log import facts
from ledger_async._support.observer import Watch, checked_observer
from ledger_async.events import Event, Throttled

EVENT = Throttled(420, 1.0)


class Called:
    """An object that can be called."""

    def __call__(self, event: Event) -> None:
        pass


class CalledAsync:
    async def __call__(self, event: Event) -> None:
        pass


async def later(event: Event) -> None:
    pass


async def piecemeal(event: Event) -> AsyncIterator[Event]:
    yield event


@pytest.mark.parametrize("observer", [print, [].append, Called(), lambda _: None, None])
def test_functions_of_one_event_are_taken(observer: Any) -> None:
    assert checked_observer(observer) is observer


@pytest.mark.parametrize(
    ("observer", "why"),
    [
        ("log", "must be a function that takes an event, got str"),
        (Called, "must be a function that takes an event, got Called"),
        (later, "is not awaited"),
        (functools.partial(later), "is not awaited"),
        (piecemeal, "is not awaited"),
        (CalledAsync(), "is not awaited"),
        (lambda: None, "its only argument"),
        (lambda _a, _b: None, "its only argument"),
    ],
)
def test_everything_else_is_refused_by_name_before_a_request(observer: Any, why: str) -> None:
    with pytest.raises(ConfigurationError, match=f"observer .*{why}"):
        LedgerClient("http://127.0.0.1:1", api_key="key", observer=observer)


@pytest.mark.parametrize("failure", [ValueError("mine"), asyncio.CancelledError()])
def test_an_observer_that_fails_is_logged_once(
    failure: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Event) -> None:
        raise failure

    watch = Watch(fail)
    watch.tell(EVENT)
    watch.tell(EVENT)
    (record,) = caplog.records
    assert (record.levelno, record.exc_info and record.exc_info[1]) == (logging.ERROR, failure)


def test_an_interrupt_passes_through_an_observer() -> None:
    def stop(_: Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Watch(stop).tell(EVENT)


def test_attempts_are_seen_by_an_observer_and_by_who_debugs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "ledger_async")
    seen = [Watch(print).sees_attempts, Watch().sees_attempts]
    caplog.set_level(logging.DEBUG, "ledger_async")
    assert [*seen, Watch().sees_attempts] == [True, False, True]


def test_every_name_is_in_every_line() -> None:
    assert facts(page=2).keys() == facts().keys()
    assert facts(page=2)["page"] == 2
