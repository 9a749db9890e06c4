"""`otel`: spans, metrics and `traceparent`, as OpenTelemetry's own SDK has them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from raw_server import Peer, RawServer, hang_up, reply

from ledger_async import LedgerClient, RetryPolicy
from ledger_async.events import Attempt
from ledger_async.otel import Telemetry
from ledger_async.sandbox import Fault, RateLimit, Sandbox

PAGE = reply(b'{"edges": [], "page_info": {"count": 0, "has_next_page": false}}')


class Collected:
    """A telemetry, and all that it made."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        self.tracers = TracerProvider(shutdown_on_exit=False)
        self.tracers.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.meters = MeterProvider([self._reader], shutdown_on_exit=False)
        self.telemetry = Telemetry(tracer_provider=self.tracers, meter_provider=self.meters)

    def spans(self, kind: SpanKind = SpanKind.CLIENT) -> list[ReadableSpan]:
        return [each for each in self._exporter.get_finished_spans() if each.kind is kind]

    def points(self, name: str) -> list[Any]:
        data = self._reader.get_metrics_data()
        return [
            point
            for resource in (data.resource_metrics if data else [])
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]

    def total(self, name: str) -> float:
        return sum(
            point.count if isinstance(point, HistogramDataPoint) else point.value
            for point in self.points(name)
        )


@pytest.fixture
def collected() -> Collected:
    return Collected()


@asynccontextmanager
async def opened(url: str, collected: Collected, **options: Any) -> AsyncIterator[LedgerClient]:
    telemetry = collected.telemetry
    own = {"observer": telemetry, "trace_configs": [telemetry.trace_config()]}
    options = {"api_key": "key", "api_user": "user", **own, **options}
    async with LedgerClient(url, **options) as ledger:
        yield ledger


def of(sandbox: Sandbox) -> dict[str, Any]:
    return {"api_key": sandbox.api_key, "api_user": sandbox.api_user}


def facts(span: ReadableSpan) -> Mapping[str, Any]:
    return span.attributes or {}


# Spans


async def test_spans_are_as_many_as_requests_and_name_them_by_the_conventions(
    sandbox: Sandbox, collected: Collected
) -> None:
    async with opened(sandbox.url, collected, **of(sandbox)) as ledger:
        assert len([nft async for nft in ledger.nfts.stream(101)]) == 250
    spans = collected.spans()
    assert len(spans) == len(sandbox.requests)
    assert {span.name for span in spans} == {"GET"}
    assert facts(spans[0]) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "server.address": "127.0.0.1",
        "server.port": int(sandbox.url.rpartition(":")[2]),
        "url.full": f"{sandbox.url}/accounts/101/nfts",
        "ledger_async.account_id": 101,
        "ledger_async.page": 1,
    }


async def test_without_the_trace_config_there_are_the_same_spans_but_for_the_server(
    sandbox: Sandbox, collected: Collected
) -> None:
    options = of(sandbox) | {"trace_configs": ()}
    async with opened(sandbox.url, collected, **options) as ledger:
        await ledger.nfts.page(101)
    (span,) = collected.spans()
    assert facts(span)["url.path"] == "/accounts/101/nfts"
    assert "server.address" not in facts(span)


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Fault.cut(), "TransportError"), (Fault.status(503), "503"), (Fault.status(420), "420")],
    ids=str,
)
async def test_a_failed_attempt_is_an_error_and_its_repeat_says_which_it_is(
    fault: Fault, error: str, sandbox: Sandbox, collected: Collected
) -> None:
    async with opened(sandbox.url, collected, **of(sandbox)) as ledger:
        await ledger.accounts.get(101)
        sandbox.fail(fault)
        await ledger.nfts.page(101)
    _, failed, repeat = collected.spans()
    assert failed.status.status_code is StatusCode.ERROR
    assert facts(failed)["error.type"] == error
    assert facts(repeat)["http.request.resend_count"] == 1
    assert repeat.status.status_code is StatusCode.UNSET


async def test_a_cancelled_attempt_ends_its_span(collected: Collected) -> None:
    async with (
        Sandbox({101: 1}, latency=30) as sandbox,
        opened(sandbox.url, collected, **of(sandbox)) as ledger,
    ):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ledger.accounts.get(101), 1)
    (span,) = collected.spans()
    assert facts(span)["error.type"] == "CancelledError"


def test_an_attempt_that_ends_after_its_loop_has_a_span(collected: Collected) -> None:
    collected.telemetry(
        Attempt("GET", "/accounts", None, None, 1, None, "GeneratorExit", 1, 0, resent=False)
    )
    (span,) = collected.spans()
    assert facts(span)["error.type"] == "GeneratorExit"


async def test_what_is_sent_again_on_another_connection_is_one_attempt(
    collected: Collected,
) -> None:
    answers = iter([PAGE, None, PAGE])

    async def play(peer: Peer) -> None:
        answer = next(answers)
        await (hang_up(peer) if answer is None else peer.send(answer))

    async with RawServer(play) as server, opened(server.url, collected) as ledger:
        for _ in range(2):
            await ledger.nfts.page(101)
    first, second = collected.spans()
    assert "ledger_async.resent" not in facts(first)
    assert facts(second)["ledger_async.resent"] is True


async def test_waits_are_spans_with_their_reason(sandbox: Sandbox, collected: Collected) -> None:
    sandbox.fail(Fault.status(420, headers={"Retry-After": "30"}))
    async with opened(sandbox.url, collected, **of(sandbox)) as ledger:
        await ledger.nfts.page(101)
    (span,) = collected.spans(SpanKind.INTERNAL)
    assert span.name == "wait: rate limit"
    assert facts(span)["ledger_async.account_id"] == 101
    assert span.start_time is not None
    assert span.end_time is not None
    assert span.end_time - span.start_time == pytest.approx(30e9, rel=0.01)


async def test_spans_belong_to_the_span_in_which_a_stream_is_read(
    sandbox: Sandbox, collected: Collected
) -> None:
    tracer = collected.tracers.get_tracer("test")
    async with opened(sandbox.url, collected, **of(sandbox)) as ledger:
        with tracer.start_as_current_span("job") as job:
            assert len([nft async for nft in ledger.nfts.stream(101)]) == 250
    parents = {span.parent and span.parent.span_id for span in collected.spans()}
    assert parents == {job.get_span_context().span_id}


# Propagation


async def test_traceparent_names_the_span_of_the_attempt(collected: Collected) -> None:
    async with RawServer(PAGE) as server, opened(server.url, collected) as ledger:
        for _ in range(2):
            await ledger.nfts.page(101)
    sent = [request.headers["traceparent"].rpartition("-")[0] for request in server.requests]
    assert sent == [
        f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}"
        for span in collected.spans()
        if span.context
    ]


# Metrics


async def test_counters_equal_what_the_sandbox_refused_and_served(collected: Collected) -> None:
    sizes = dict.fromkeys(range(101, 131), 150)
    async with (
        Sandbox(sizes, rate_limit=RateLimit(10, seconds=2.0, headers=False)) as sandbox,
        opened(sandbox.url, collected, **of(sandbox)) as ledger,
    ):
        stream = ledger.nfts.stream_accounts(sizes)
        nodes = len([node async for node in stream])
        served = [each for each in sandbox.requests if each.status == 200]
        assert sandbox.refusals > 0
        assert collected.total("ledger_async.throttles") == sandbox.refusals
        assert collected.total("ledger_async.retries") == stream.progress.retries
        assert collected.total("ledger_async.pages") == len(served) == stream.progress.pages
        assert collected.total("ledger_async.nodes") == nodes == 30 * 150
        assert collected.total("http.client.request.duration") == len(sandbox.requests)


async def test_durations_are_told_by_method_status_and_server(
    sandbox: Sandbox, collected: Collected
) -> None:
    async with opened(sandbox.url, collected, **of(sandbox)) as ledger:
        await ledger.accounts.get(101)
        sandbox.fail(Fault.status(503))
        await ledger.accounts.get(101)
    points = {
        point.attributes["http.response.status_code"]: dict(point.attributes)
        for point in collected.points("http.client.request.duration")
    }
    server = {
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "server.port": int(sandbox.url.rpartition(":")[2]),
    }
    assert points == {
        200: {**server, "http.response.status_code": 200},
        503: {**server, "http.response.status_code": 503, "error.type": "503"},
    }


async def test_waits_are_measured_by_reason(sandbox: Sandbox, collected: Collected) -> None:
    options = of(sandbox) | {"retry": RetryPolicy(max_attempts=2)}
    sandbox.fail(Fault.status(503), times=2)
    async with opened(sandbox.url, collected, **options) as ledger:
        await ledger.accounts.get(101)
    reasons = {
        point.attributes["ledger_async.wait.reason"]
        for point in collected.points("ledger_async.wait.duration")
    }
    assert reasons == {"backoff", "outage"}


# Secrets


async def test_neither_keys_nor_queries_are_told(sandbox: Sandbox, collected: Collected) -> None:
    async with opened(sandbox.url, collected, **of(sandbox)) as ledger:
        await ledger.accounts.page(name="hush")
    told = repr([span.to_json() for span in collected.spans()])
    assert "/accounts" in told
    assert "hush" not in told
    assert sandbox.api_key not in told
