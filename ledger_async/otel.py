"""OpenTelemetry: spans of attempts and waits, and metrics, from the events of a client.

Needs the extra `otel`: `pip install 'ledger-async[otel]'`.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from time import time_ns
from types import SimpleNamespace
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import aiohttp
from opentelemetry import metrics, trace
from opentelemetry.metrics import MeterProvider
from opentelemetry.propagate import inject
from opentelemetry.trace import Span, SpanKind, StatusCode, TracerProvider

from . import __version__
from .events import AccountDone, Attempt, Event, PageRead, Throttled, Wait

_NAME = "ledger_async"
_CONVENTIONS = "https://opentelemetry.io/schemas/1.37.0"

# Seconds, as the conventions have them.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)

_THROTTLES = (420, 429)

Attributes = dict[str, str | int | bool]


class _Begun(NamedTuple):
    """The span of an attempt that is under way, and the server that it asks."""

    span: Span
    server: Attributes


class Telemetry:
    """An observer that makes spans and metrics of what a client does.

    Each attempt is a client span by the HTTP semantic conventions, and an error if it was refused,
    failed or was cut off. Each wait is a span, too. Their parent is the span that is current where
    a call is made, or where a stream is first read. The metrics are `http.client.request.duration`,
    `ledger_async.wait.duration`, and the counters `ledger_async.throttles`, `.retries`, `.pages`
    and `.nodes`.

    `trace_config` makes what a client takes in `trace_configs=`, so that the spans name the server
    and its own spans join them. The providers are the global ones unless they are given.
    """

    def __init__(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        self._tracer = trace.get_tracer(_NAME, __version__, tracer_provider, _CONVENTIONS)
        meter = metrics.get_meter(_NAME, __version__, meter_provider, _CONVENTIONS)
        self._duration = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )
        self._waits = meter.create_histogram(
            "ledger_async.wait.duration",
            unit="s",
            description="Time for which requests waited before an attempt.",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )
        self._throttles = meter.create_counter(
            "ledger_async.throttles", "{request}", "Requests that the rate limit refused."
        )
        self._retries = meter.create_counter(
            "ledger_async.retries", "{request}", "Requests that were repeats."
        )
        self._pages = meter.create_counter("ledger_async.pages", "{page}", "Pages read by streams.")
        self._nodes = meter.create_counter("ledger_async.nodes", "{node}", "New nodes in them.")
        # An attempt begins, and its event comes, in one task.
        self._begun: WeakKeyDictionary[asyncio.Task[Any], _Begun] = WeakKeyDictionary()

    def trace_config(self) -> aiohttp.TraceConfig:
        """A config for `trace_configs=` of the clients that this observes.

        It begins the span of an attempt, and puts its `traceparent` on the request.
        """
        config = aiohttp.TraceConfig()
        config.on_request_start.append(self._begin)
        return config

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        match event:
            case Attempt():
                self._end(event)
                self._count(event)
            case Wait():
                self._waited(event)
            case PageRead():
                self._pages.add(1)
                self._nodes.add(event.nodes)
            case Throttled() | AccountDone():
                pass  # the answers that the first tells of are attempts, too

    async def _begin(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestStartParams,
    ) -> None:
        task = _current_task()
        if task is None:
            return
        # Sent once more on another connection, it is the same attempt.
        if task not in self._begun:
            self._begun[task] = self._started(params)
        inject(params.headers, trace.set_span_in_context(self._begun[task].span))

    def _started(self, params: aiohttp.TraceRequestStartParams) -> _Begun:
        url = params.url
        server: Attributes = {"server.address": url.host or "", "server.port": url.port or 0}
        attributes = {
            "http.request.method": params.method,
            "url.full": str(url.with_query(None)),  # filters may be confidential
            **server,
        }
        return _Begun(
            self._tracer.start_span(params.method, None, SpanKind.CLIENT, attributes), server
        )

    def _end(self, event: Attempt) -> None:
        ended = time_ns()
        task = _current_task()
        span, server = (task and self._begun.pop(task, None)) or _Begun(
            self._tracer.start_span(
                event.method,
                None,
                SpanKind.CLIENT,
                {"http.request.method": event.method, "url.path": event.path},
                start_time=ended - _nanoseconds(event.seconds),
            ),
            {},
        )
        measured = _measured(event)
        span.set_attributes(measured | _told(event))
        if "error.type" in measured:
            span.set_status(StatusCode.ERROR)
        span.end(ended)
        self._duration.record(event.seconds, measured | server, trace.set_span_in_context(span))

    def _count(self, event: Attempt) -> None:
        if event.status in _THROTTLES:
            self._throttles.add(1)
        if event.attempt > 1:
            self._retries.add(1)

    def _waited(self, event: Wait) -> None:
        ended = time_ns()
        reason = {"ledger_async.wait.reason": event.reason}
        span = self._tracer.start_span(
            f"wait: {event.reason}",
            attributes={**reason, **_place(event)},
            start_time=ended - _nanoseconds(event.seconds),
        )
        span.end(ended)
        self._waits.record(event.seconds, reason)


def _measured(event: Attempt) -> Attributes:
    """The attributes of the span and of the metric."""
    attributes: Attributes = {"http.request.method": event.method}
    if event.status is not None:
        attributes["http.response.status_code"] = event.status
    if event.error is not None:
        attributes["error.type"] = event.error
    elif event.status is not None and event.status >= HTTPStatus.BAD_REQUEST:
        attributes["error.type"] = str(event.status)
    return attributes


def _told(event: Attempt) -> Attributes:
    """The attributes of the span alone."""
    attributes = _place(event)
    if event.attempt > 1:
        attributes["http.request.resend_count"] = event.attempt - 1
    if event.resent:
        attributes["ledger_async.resent"] = True
    return attributes


def _place(event: Attempt | Wait) -> Attributes:
    facts = {"ledger_async.account_id": event.account_id, "ledger_async.page": event.page}
    return {name: fact for name, fact in facts.items() if fact is not None}


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None  # the loop has ended under a request


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
