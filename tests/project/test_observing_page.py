"""docs/observing.md by the letter: its programs run, its events and names exist."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import sentry_sdk

from ledger_async import LedgerClient, events
from ledger_async._streaming.progress import Progress
from ledger_async.sandbox import Fault, Sandbox

PAGE = (Path(__file__).parents[2] / "docs/observing.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def names(part: str) -> dict[str, Any]:
    """What the block in which this stands defines."""
    (block,) = (block for block in BLOCKS if part in block)
    made: dict[str, Any] = {}
    exec(block, made)
    return made


def client(sandbox: Sandbox, observer: Any = None) -> LedgerClient:
    return LedgerClient(
        sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user, observer=observer
    )


async def left_out_999(ledger: LedgerClient) -> int:
    """The nodes of account 103, beside one that does not exist."""
    stream = ledger.nfts.stream_accounts([103, 999], on_error="skip")
    return len([node async for node in stream])


@pytest.fixture
def _log_as_before() -> Iterator[None]:
    logger = logging.getLogger("ledger_async")
    handlers, level = [*logger.handlers], logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)


@pytest.mark.usefixtures("_log_as_before")
async def test_the_log_can_be_formatted_with_its_facts(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    names("StreamHandler")
    async with client(sandbox) as ledger:
        await ledger.nfts.page(101)
    (said,) = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"DEBUG 101 GET /accounts/101/nfts: 200 in \d+ ms, attempt 1", said)


async def test_the_progress_says_what_the_requests_of_a_stream_met(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.status(503))
    async with client(sandbox) as ledger:
        said = await names("stream.progress")["read"](ledger, [101, 103])
    assert re.match(r"257 NFTs on (\d+) pages of 2 accounts: \d+ requests, 1 of them repeats", said)


async def test_the_observer_counts(sandbox: Sandbox) -> None:
    totals = names("class Totals")["Totals"]()
    sandbox.fail(Fault.status(420, headers={"Retry-After": "1"}))
    async with client(sandbox, totals) as ledger:
        assert await left_out_999(ledger) == 7
    assert totals.statuses == {420: 1, 200: 1, 404: 1}
    assert (totals.pauses, totals.nodes, totals.failed) == (1, 7, 1)
    assert totals.waited["rate limit"] >= 1000


async def test_the_client_with_telemetry_reads(sandbox: Sandbox) -> None:
    observed = names("Telemetry()")["observed"]
    assert await observed(sandbox.url, sandbox.api_key, sandbox.api_user) == 250


async def test_sentry_is_told_of_accounts_that_are_left_out(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(sentry_sdk, "capture_exception", told.append)
    async with client(sandbox, names("sentry_sdk")["report"]) as ledger:
        assert await left_out_999(ledger) == 7
    assert [error.status for error in told] == [404]


def test_its_table_has_every_event() -> None:
    listed = re.findall(r"^\| `([A-Z]\w*[a-z])` \|", PAGE, re.MULTILINE)
    assert listed == [each.__name__ for each in get_args(events.Event)]


def test_the_totals_that_it_names_exist() -> None:
    for name in re.findall(r"done\.(\w+)", PAGE):
        assert name in {*dir(Progress), "pages", "nodes", "accounts_done"}


def test_the_spans_and_metrics_that_it_names_are_made() -> None:
    source = (Path(events.__file__).parent / "otel.py").read_text(encoding="utf-8")
    for name in re.findall(r"`((?:http|error|server|url|ledger_async)\.[a-z_.]+)`", PAGE):
        if not name.startswith(("ledger_async.events", "ledger_async.otel")):
            assert f'"{name}"' in source, name
