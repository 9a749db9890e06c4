"""Whoever watches a client: the log, and an observer that is given every event."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable

from ledger_async.errors import ConfigurationError
from ledger_async.events import Attempt, Event

from .log import facts, logger

Observer = Callable[[Event], object]


class Watch:
    """Tells of events. Where nobody looks, none is to be built: ask before."""

    def __init__(self, observer: Observer | None = None) -> None:
        self.is_observed = observer is not None
        self._observer = observer
        self._has_failed = False

    @property
    def sees_attempts(self) -> bool:
        """True if somebody wants to know of each attempt, the log at least."""
        return self.is_observed or logger.isEnabledFor(logging.DEBUG)

    def attempted(self, event: Attempt) -> None:
        """Tell of an attempt, to the log as well."""
        _log(event)
        self.tell(event)

    def tell(self, event: Event | None) -> None:
        """Hand an event to the observer, if there are both; if that raises, go on all the same."""
        if self._observer is None or event is None:
            return
        try:
            self._observer(event)
        except (Exception, asyncio.CancelledError):  # noqa: BLE001 - whatever it is, it is logged
            if not self._has_failed:
                self._has_failed = True
                logger.exception(
                    "the observer failed at %s; later failures of it are not logged",
                    type(event).__name__,
                    extra=facts(),
                )


def checked_observer(observer: object) -> Observer | None:
    """Return `observer` if it is a plain function of one event; else raise, naming it."""
    if observer is None:
        return None
    if isinstance(observer, type) or not callable(observer):
        named = observer.__name__ if isinstance(observer, type) else type(observer).__name__
        raise ConfigurationError(f"observer must be a function that takes an event, got {named}")
    if _is_async(observer):
        raise ConfigurationError("observer must be a plain function: an async one is not awaited")
    if not _takes_one(observer):
        raise ConfigurationError("observer must take an event as its only argument")
    return observer


def _is_async(observer: Callable[..., object]) -> bool:
    tests = (inspect.iscoroutinefunction, inspect.isasyncgenfunction)
    call = getattr(type(observer), "__call__", None)  # noqa: B004 - that of objects, to be tested
    return any(test(each) for test in tests for each in (observer, call))


def _takes_one(observer: Callable[..., object]) -> bool:
    try:
        inspect.signature(observer).bind(None)
    except TypeError:
        return False
    except ValueError:
        return True  # it is built in, and nobody can tell
    return True


def _log(event: Attempt) -> None:
    request = f"{event.method} {event.path}"
    extra = facts(
        account_id=event.account_id, page=event.page, attempt=event.attempt, reason=event.error
    )
    if event.resent:
        logger.debug("%s: sent again, as its connection was closed", request, extra=extra)
    logger.debug(
        "%s: %s in %.0f ms, attempt %d",
        request,
        event.error or event.status,
        event.seconds * 1000,
        event.attempt,
        extra=extra,
    )
