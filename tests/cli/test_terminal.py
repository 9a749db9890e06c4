"""What a person sees: the display and the tables, and of a stranger's text no commands."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
from msgspec import structs
from rich.console import Console, RenderableType

from ledger_async import AccountReport, LedgerClient, NotFoundError
from ledger_async.cli import tables
from ledger_async.cli.display import Meter
from ledger_async.cli.exits import Exit
from ledger_async.cli.run import run
from ledger_async.mirror import MirrorOutcome
from ledger_async.sandbox import RateLimit, Sandbox

pytest_plugins = ["cli_fixtures"]

OnATerminal = Callable[..., tuple[int, str]]

HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
CLEAR = "\x1b[2J"


def drawn(picture: RenderableType, width: int = 80) -> list[list[str]]:
    """The words of each line that is not blank."""
    console = Console(file=io.StringIO(), width=width)
    with console.capture() as captured:
        console.print(picture)
    return [line.split() for line in captured.get().splitlines() if line.strip()]


# Commands on a terminal


def test_a_terminal_gets_a_display_and_then_the_table(
    workspace: Sandbox, on_a_terminal: OnATerminal
) -> None:
    code, seen = on_a_terminal("nfts", "101", "103")
    display, _, rest = seen.partition(SHOW_CURSOR)
    assert code == Exit.ALL
    assert "of 2 accounts" in display
    assert "Duplicates" in rest
    assert "257 NFTs" in rest.splitlines()[-1]


def test_with_a_file_the_display_ends_in_a_summary(
    workspace: Sandbox, on_a_terminal: OnATerminal, tmp_path: Path
) -> None:
    _, seen = on_a_terminal("nfts", "101", "103", "--output", str(tmp_path / "nfts.csv"))
    display, _, rest = seen.partition(SHOW_CURSOR)
    assert "of 2 accounts" in display
    assert "Duplicates" not in rest
    assert "257 NFTs" in rest.splitlines()[-1]


def test_no_display_runs_into_what_the_reader_of_a_pipe_writes(
    workspace: Sandbox, on_a_terminal: OnATerminal, capfd: pytest.CaptureFixture[str]
) -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader) as read, os.fdopen(writer, "w") as pipe:
        code, seen = on_a_terminal("nfts", "103", stdout=pipe)
        pipe.close()
        assert len(read.readlines()) == 7
    assert code == Exit.ALL
    assert HIDE_CURSOR not in seen
    assert "7 NFTs" in seen


@pytest.mark.parametrize("format_", ["ndjson", "csv"])
def test_no_display_runs_into_lines_of_data(
    format_: str, workspace: Sandbox, on_a_terminal: OnATerminal
) -> None:
    _, seen = on_a_terminal("nfts", "101", "--format", format_)
    assert HIDE_CURSOR not in seen
    assert len(seen.splitlines()) > 250


def test_one_account_on_a_terminal_is_a_table_of_its_nfts(
    workspace: Sandbox, on_a_terminal: OnATerminal
) -> None:
    code, seen = on_a_terminal("nfts", "103")
    lines = [line.split() for line in seen.partition(SHOW_CURSOR)[2].splitlines()]
    assert code == Exit.ALL
    tokens = "".join(line[0] for line in lines if line and line[0].isdigit())
    assert all(token_id in tokens for _, token_id in workspace.identities(103)[:3])


def test_where_no_terminal_is_there_is_no_display(
    workspace: Sandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    run(["nfts", "101", "103", "--format", "table"])
    captured = capfd.readouterr()
    assert not captured.err
    assert "\x1b" not in captured.out


def test_an_error_is_the_last_line(workspace: Sandbox, on_a_terminal: OnATerminal) -> None:
    code, seen = on_a_terminal("nfts", "999")
    assert code == Exit.FAILED
    assert "error: GET /accounts/999/nfts" in seen.partition(SHOW_CURSOR)[2].splitlines()[-1]


@pytest.mark.parametrize("format_", ["table", "ndjson", "csv"])
def test_a_name_gives_the_terminal_no_commands(
    format_: str, workspace: Sandbox, on_a_terminal: OnATerminal
) -> None:
    workspace.set_account(101, name=f"{CLEAR}[red]A")
    _, seen = on_a_terminal("accounts", "--format", format_)
    assert CLEAR not in seen
    assert "[red]A" in seen


@pytest.mark.parametrize("format_", ["table", "ndjson", "csv"])
def test_a_name_reorders_nothing_on_the_terminal(
    format_: str, workspace: Sandbox, on_a_terminal: OnATerminal
) -> None:
    workspace.set_account(101, name="abc\u202edcba")
    _, seen = on_a_terminal("accounts", "--format", format_)
    assert r"abc\u202edcba" in seen
    assert "\u202e" not in seen


@pytest.mark.parametrize("format_", ["ndjson", "csv"])
def test_elsewhere_a_name_stays_as_it_is(
    format_: str, workspace: Sandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    workspace.set_account(101, name="abc\u202edcba")
    run(["accounts", "--format", format_])
    assert "abc\u202edcba" in capfd.readouterr().out


# Pictures


async def test_the_display_says_what_it_waits_for_and_how_long() -> None:
    async with (
        Sandbox({101: 250}, rate_limit=RateLimit(2, seconds=30)) as sandbox,
        LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user) as ledger,
        ledger.nfts.stream(101) as stream,
    ):
        meter = Meter("NFT", stream)
        async for _ in stream:
            if stream.progress.wait_left:
                break
        await anyio.sleep(10)
        assert drawn(meter)[-1] == ["waiting:", "rate", "limit,", "20", "s"]


async def test_the_display_knows_of_listed_accounts_that_were_not_begun(
    ledger: LedgerClient,
) -> None:
    listing = ledger.accounts.stream()
    async with listing, ledger.nfts.stream_accounts([101]) as stream:
        await anext(listing)
        assert drawn(Meter("NFT", stream, listing))[1][-4:] == ["0", "of", "3", "accounts"]


async def test_the_display_of_one_account_has_a_bar_once_its_size_is_known(
    ledger: LedgerClient,
) -> None:
    async with ledger.nfts.stream(101) as stream:
        assert len(drawn(Meter("NFT", stream))) == 1
        await anext(stream)
        counts, bar = drawn(Meter("NFT", stream))
        assert counts[1:5] == ["100", "of", "250", "NFTs"]
        assert set("".join(bar)) <= set("━╸╺")


async def test_the_bar_of_many_accounts_counts_what_they_hold(ledger: LedgerClient) -> None:
    async with ledger.nfts.stream_accounts([101, 103]) as stream:
        async for account_id, _ in stream:
            if account_id == 103:
                break
        counts, bar = drawn(Meter("NFT", stream))
    assert counts[2:5] == ["of", "257", "NFTs"]
    assert bar[-2:] == ["2", "accounts"]


async def test_accounts_that_were_not_begun_count_as_the_others(ledger: LedgerClient) -> None:
    async with ledger.nfts.stream(101) as stream:
        await anext(stream)
        assert Meter("NFT", stream)._share(0, 1) == 100 / 250
        assert Meter("NFT", stream)._share(0, 10) == 10 / 250


def test_the_table_of_nfts_counts_each_status() -> None:
    reports: dict[int | None, AccountReport] = {
        101: AccountReport("exact", nodes=1_500, pages=15, duplicates_dropped=2),
        102: AccountReport(pages=1),
        103: AccountReport(error=NotFoundError("no such account")),
    }
    table = drawn(tables.nfts_by_account(reports))
    assert [row[-1] for row in table[3:-1]] == ["exact", "unverified", "failed"]
    totals = ["3", "1,500", "16", "2", "1", "exact,", "1", "unverified,", "1", "failed"]
    assert table[-1] == totals


def test_the_table_of_failures_shows_what_a_server_said_as_text() -> None:
    table = drawn(tables.failures({103: NotFoundError("[red]no\x1b such account")}))
    assert table[2:] == [["103", r"[red]no\u001b", "such", "account"]]


@pytest.mark.parametrize(
    ("width", "headers"),
    [
        (100, ["Account", "Name", "Type", "Status", "in", "base", "units", "Currency"]),
        (70, ["Account", "Name", "Status", "in", "base", "units", "Currency"]),
        (60, ["Account", "Name", "in", "base", "units", "Currency"]),
    ],
)
async def test_the_table_of_accounts_breaks_no_word_but_drops_columns(
    width: int, headers: list[str], ledger: LedgerClient
) -> None:
    async with ledger.accounts.stream() as stream:
        found = [
            structs.replace(each, name="market making", currency="arbitrum")
            async for each in stream
        ]
    table = drawn(tables.accounts(found), width)
    assert table[1] == headers
    words = [word for row in table for word in row]
    assert words.count("arbitrum") == len(found)
    assert words.count("market") == words.count("making") == len(found)


@pytest.mark.parametrize("width", [120, 80, 50, 30])
async def test_the_table_of_a_mirror_breaks_no_number(width: int, ledger: LedgerClient) -> None:
    outcome = MirrorOutcome("a-run", 1_234_567, 9_876_543_210, 1_000_000_001, 12_345_678, 4, {})
    table = drawn(tables.Mirrored(ledger.nfts.listing, outcome), width)
    words = {word for row in table for word in row}
    counts = {"1,234,567", "9,876,543,210", "1,000,000,001", "12,345,678", "4", "0"}
    assert {"nfts", "Accounts", "Rows", "Added", "Changed", "Gone", "Failed", *counts} <= words


@pytest.mark.parametrize(
    ("limit", "last"), [(RateLimit(2, seconds=30), "waited 30.0 s for the rate limit"), (None, "s")]
)
async def test_a_summary_speaks_of_a_wait_only_if_there_was_one(
    limit: RateLimit | None, last: str
) -> None:
    async with (
        Sandbox({101: 250}, rate_limit=limit) as sandbox,
        LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user) as ledger,
        ledger.nfts.stream(101) as stream,
    ):
        meter = Meter("NFT", stream)
        async for _ in stream:
            pass
        assert meter.summary().split(" · ")[-1].endswith(last)
        assert ("waited" in meter.summary()) == (limit is not None)
