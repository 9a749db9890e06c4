"""The `mirror` command, from a real workspace into real files (`mirroring`, `failures`)."""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import anyio
import pytest
from cli_processes import MODULE, TIMEOUT, Start, ended, held
from rich.console import Console

from ledger_async import LedgerClient, LedgerError, ListingIncompleteError, NotFoundError
from ledger_async.cli import failures, tables
from ledger_async.cli.exits import Exit
from ledger_async.cli.mirroring import MirrorMeter, PagesRead, going_on
from ledger_async.cli.run import run
from ledger_async.events import PageRead
from ledger_async.mirror import MirrorProgress
from ledger_async.sandbox import RateLimit, Sandbox

pytest_plugins = ["cli_fixtures"]

Captured = pytest.CaptureFixture[str]
OnATerminal = Callable[..., tuple[int, str]]

MAIN = "from ledger_async.__main__ import main; main()"
SECRET = "hunter2"
SHOW_CURSOR = "\x1b[?25h"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def mirrored(database: Path, *tokens: str) -> Exit:
    return run(["mirror", *tokens, "--to", f"sqlite:{database}"])


def held_by(database: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def finished_in(database: Path) -> list[Any]:
    """The accounts that are finished, as far as there is a table that tells."""
    with suppress(sqlite3.OperationalError):
        return held_by(database, "SELECT account_id FROM mirror_accounts")
    return []


def words(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines() if line.strip()]


# What is kept, and what is said of it


def test_the_nfts_of_accounts_are_kept(workspace: Sandbox, database: Path) -> None:
    assert mirrored(database, "nfts", "101", "103") == Exit.ALL
    counts = held_by(database, "SELECT account_id, count(*) FROM nfts GROUP BY 1 ORDER BY 1")
    assert counts == [(101, 250), (103, 7)]


def test_all_accounts_are_those_of_the_workspace(workspace: Sandbox, database: Path) -> None:
    assert mirrored(database, "nfts", "--all-accounts") == Exit.ALL
    assert held_by(database, "SELECT count(*) FROM nfts") == [(257,)]


def test_a_listing_of_the_workspace_takes_no_accounts(workspace: Sandbox, database: Path) -> None:
    assert mirrored(database, "accounts") == Exit.ALL
    assert held_by(database, "SELECT id FROM accounts ORDER BY id") == [(101,), (102,), (103,)]


def test_the_table_has_the_differences(workspace: Sandbox, database: Path, capfd: Captured) -> None:
    mirrored(database, "nfts", "101", "102", "103")
    header, row, summary = _without_rules(capfd.readouterr().out)
    assert header == ["Table", "Accounts", "Rows", "Added", "Changed", "Gone", "Failed"]
    assert row == ["nfts", "3", "257", "257", "0", "0", "0"]
    assert summary[:2] == ["257", "rows"]


def test_the_table_of_a_listing_of_the_workspace_counts_no_accounts(
    workspace: Sandbox, database: Path, capfd: Captured
) -> None:
    mirrored(database, "accounts")
    header, row, _ = _without_rules(capfd.readouterr().out)
    assert header[:2] == ["Table", "Rows"]
    assert row == ["accounts", "3", "3", "0", "0", "0"]


def test_run_again_it_tells_what_has_changed_since(
    workspace: Sandbox, database: Path, capfd: Captured
) -> None:
    mirrored(database, "accounts")
    workspace.set_account(101, name="Treasury")
    capfd.readouterr()
    assert mirrored(database, "accounts") == Exit.ALL
    _, row, _ = _without_rules(capfd.readouterr().out)
    assert row == ["accounts", "3", "0", "1", "0", "0"]


def test_for_machines_the_outcome_is_one_json_object(
    workspace: Sandbox, database: Path, capfd: Captured
) -> None:
    assert mirrored(database, "nfts", "103", "--json") == Exit.ALL
    outcome = json.loads(capfd.readouterr().out)
    assert outcome.pop("run_id")
    assert outcome == {
        "listing": "nfts",
        "accounts": 1,
        "rows": 7,
        "added": 7,
        "changed": 0,
        "gone": 0,
        "failed": [],
    }


def _without_rules(text: str) -> list[list[str]]:
    return [line for line in words(text) if not line[0].startswith("─")]


# What fails


def test_accounts_that_fail_are_told_and_the_others_kept(
    workspace: Sandbox, database: Path, capfd: Captured
) -> None:
    assert mirrored(database, "nfts", "103", "999") == Exit.FAILED
    captured = capfd.readouterr()
    assert ["nfts", "2", "7", "7", "0", "0", "1"] in words(captured.out)
    assert "999" in [row[0] for row in words(captured.err)]
    assert held_by(database, "SELECT count(*) FROM nfts") == [(7,)]


def test_where_nothing_could_be_read_there_is_one_line(
    workspace: Sandbox, database: Path, capfd: Captured
) -> None:
    assert mirrored(database, "nfts", "999") == Exit.FAILED
    captured = capfd.readouterr()
    (line,) = captured.err.splitlines()
    assert line.startswith("error: GET /accounts/999/nfts")
    assert not captured.out


def test_for_machines_errors_are_facts(workspace: Sandbox, database: Path, capfd: Captured) -> None:
    assert mirrored(database, "nfts", "103", "999", "--json") == Exit.FAILED
    captured = capfd.readouterr()
    (failed,) = json.loads(captured.out)["failed"]
    assert failed["account_id"] == 999
    assert failed["error"]["type"] == "NotFoundError"
    assert failed["error"]["status"] == 404
    assert not captured.err


def test_an_account_that_is_gone_is_forgotten_on_demand(
    workspace: Sandbox, database: Path, capfd: Captured
) -> None:
    assert mirrored(database, "nfts", "999", "103", "--forget") == Exit.ALL


def test_failures_are_a_line_where_all_are_alike() -> None:
    errors: dict[int | None, LedgerError] = {
        101: NotFoundError("gone"),
        102: NotFoundError("gone"),
    }
    with pytest.raises(NotFoundError):
        failures.raise_if_all(errors, of=2)
    failures.raise_if_all(errors, of=3)


def test_what_fails_of_the_whole_workspace_is_said_of_all() -> None:
    table = tables.failures({None: ListingIncompleteError("the walk is not proven")})
    console = Console(width=80)
    with console.capture() as captured:
        console.print(table)
    assert words(captured.get())[-1] == ["all", "the", "walk", "is", "not", "proven"]


@pytest.mark.parametrize(
    ("tokens", "complaint"),
    [
        (["nft"], "there is no listing 'nft': there are accounts"),
        (["nfts"], "give either account ids or --all-accounts"),
        (["nfts", "101", "--all-accounts"], "give either account ids or --all-accounts"),
        (["users", "101"], "users are the workspace's: give no accounts"),
        (["users", "--all-accounts"], "users are the workspace's: give no accounts"),
        (["users", "--schema", "mine"], "schema is for PostgreSQL"),
    ],
)
def test_a_wrong_call_is_2_and_one_line_and_makes_no_file(
    tokens: list[str], complaint: str, workspace: Sandbox, database: Path, capfd: Captured
) -> None:
    assert mirrored(database, *tokens) == Exit.USAGE
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith(f"error: {complaint}")
    assert not database.exists()
    assert workspace.requests == []


def test_a_table_of_another_shape_is_2_before_any_request(
    workspace: Sandbox, database: Path, capfd: Captured
) -> None:
    held_by(database, "CREATE TABLE nfts (mine TEXT)")
    assert mirrored(database, "nfts", "103") == Exit.USAGE
    (line,) = capfd.readouterr().err.splitlines()
    assert "nfts" in line
    assert workspace.requests == []


@pytest.mark.parametrize("tokens", [[], ["--json"], ["--verbose"]])
def test_a_store_that_is_not_there_is_1_and_one_line_before_any_request(
    tokens: list[str], workspace: Sandbox, capfd: Captured
) -> None:
    url = f"postgresql://me:{SECRET}@127.0.0.1:1/ledger"
    assert run(["mirror", "nfts", "103", "--to", url, *tokens]) == Exit.FAILED
    captured = capfd.readouterr()
    (line,) = captured.err.splitlines()
    assert line.startswith("error: ")
    assert SECRET not in line
    assert not captured.out
    assert workspace.requests == []


def test_a_full_disk_is_1_and_one_line_and_run_again_it_goes_on(
    workspace: Sandbox, start: Start, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)  # it writes files as well
    command = ["mirror", "nfts", "103", "101", "--to", f"sqlite:{database}"]
    assert run([*command[:2], "103", *command[4:]]) == Exit.ALL
    limit = f"resource.setrlimit(resource.RLIMIT_FSIZE, ({database.stat().st_size},) * 2)"
    process = start("-c", f"import resource; {limit}; {MAIN}", *command)
    code, said = ended(process)
    assert (code, said.count("\n"), said[:7]) == (Exit.FAILED, 1, "error: ")
    assert held_by(database, "SELECT DISTINCT account_id FROM nfts") == [(103,)]
    assert run(command) == Exit.ALL
    assert held_by(database, "SELECT count(*) FROM nfts") == [(257,)]


def test_a_file_of_something_else_is_2_and_left_alone(
    workspace: Sandbox, database: Path, capfd: Captured
) -> None:
    database.write_text("not a database, and longer than the header of one" * 10)
    before = database.read_bytes()
    assert mirrored(database, "nfts", "103") == Exit.USAGE
    (line,) = capfd.readouterr().err.splitlines()
    assert str(database) in line
    assert database.read_bytes() == before


# Passwords


@pytest.mark.parametrize(
    "tokens",
    [
        ["nfts", f"postgresql://me:{SECRET}@db/ledger"],
        ["nfts", "--concurrency", f"postgresql://me:{SECRET}@db/ledger"],
        ["nfts", "--concurrency", f"postgresql://db/ledger?user=me&password={SECRET}"],
        ["nfts", "--mode", f"postgresql://me:a/b@ {SECRET}@db/ledger"],
        ["nfts", "--to", f"mysql://me:{SECRET}@db/ledger"],
        ["nfts", "101", "--to", f"postgresql://me:a@{SECRET}@db/ledger"],
        ["nfts", "101", "--to", f"postgresql://me:{SECRET}@127.0.0.1:x/ledger"],
        ["nfts", "101", "--to", f"postgresql://me:a% {SECRET}@127.0.0.1:1/ledger"],
        [f"postgresql://me:{SECRET}@db/ledger"],
    ],
)
def test_no_complaint_shows_a_password(
    tokens: list[str], workspace: Sandbox, capfd: Captured
) -> None:
    assert run(["mirror", *tokens]) in {Exit.USAGE, Exit.FAILED}
    captured = capfd.readouterr()
    assert captured.err
    assert SECRET not in captured.err + captured.out


# Stopped


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, Exit.INTERRUPTED), (signal.SIGTERM, Exit.TERMINATED)]
)
def test_a_signal_leaves_what_was_finished_and_says_how_to_go_on(
    number: signal.Signals, code: Exit, workspace: Sandbox, start: Start, database: Path
) -> None:
    assert mirrored(database, "nfts", "103") == Exit.ALL
    asked = held(workspace)
    process = start(*MODULE, "mirror", "nfts", "101", "--to", f"sqlite:{database}")
    assert asked.wait(TIMEOUT)
    process.send_signal(number)
    line = "stopped: all that was finished is kept; run it again, and it goes on\n"
    assert ended(process) == (code, line)
    assert held_by(database, "SELECT DISTINCT account_id FROM nfts") == [(103,)]


def test_stopped_and_run_again_it_goes_on(
    workspace: Sandbox, start: Start, database: Path, capfd: Captured
) -> None:
    held(workspace, account_id=101)
    process = start(*MODULE, "mirror", "nfts", "103", "101", "--to", f"sqlite:{database}")
    while not (database.exists() and finished_in(database)):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert ended(process)[0] == Exit.TERMINATED
    workspace.heal()
    before = len(workspace.requests)
    assert mirrored(database, "nfts", "103", "101", "--json") == Exit.ALL
    assert json.loads(capfd.readouterr().out)["added"] == 257
    assert {each.path for each in workspace.requests[before:]} == {"/accounts/101/nfts"}


def test_who_began_anew_is_told_not_to_do_so_again() -> None:
    assert going_on(resume=False) == "run it again without --no-resume, and it goes on"


# On a terminal


@pytest.mark.parametrize("option", ["--no-progress", "--verbose"])
def test_a_display_can_be_left_out(
    option: str, workspace: Sandbox, on_a_terminal: OnATerminal, database: Path
) -> None:
    code, seen = on_a_terminal("mirror", "nfts", "103", option, "--to", f"sqlite:{database}")
    assert code == Exit.ALL
    assert SHOW_CURSOR not in seen
    assert ("GET /accounts/103/nfts" in seen) == (option == "--verbose")


def test_a_terminal_gets_a_display_and_then_the_table(
    workspace: Sandbox, on_a_terminal: OnATerminal, database: Path
) -> None:
    code, seen = on_a_terminal("mirror", "nfts", "101", "103", "--to", f"sqlite:{database}")
    display, _, rest = seen.partition(SHOW_CURSOR)
    assert code == Exit.ALL
    assert "of 2 accounts" in display
    assert "0 gone" in display
    assert "Changed" in rest
    assert "257 rows" in rest.splitlines()[-1]


async def test_the_display_counts_rows_within_an_account(ledger: LedgerClient) -> None:
    read = PagesRead()
    meter = MirrorMeter(ledger.accounts.stream(), read, by_account=True, known=1)
    read.observe(PageRead(account_id=None, number=1, nodes=40, repeats=0))  # of the accounts
    read.observe(PageRead(account_id=101, number=1, nodes=100, repeats=0))
    assert meter.summary().startswith("100 rows · 1 page")


async def test_the_display_has_the_differences_and_the_accounts(ledger: LedgerClient) -> None:
    meter = MirrorMeter(ledger.accounts.stream(), PagesRead(), by_account=True, known=3)
    meter.tell(MirrorProgress(2, 2, 1_500, 1_200, 30, 4, 0.0))
    _, accounts, differences = _drawn(meter)
    assert accounts[-4:] == ["2", "of", "3", "accounts"]
    assert differences == ["1,200", "added", "·", "30", "changed", "·", "4", "gone"]


async def test_the_display_says_what_it_waits_for() -> None:
    async with (
        Sandbox({101: 250}, rate_limit=RateLimit(2, seconds=30)) as sandbox,
        LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user) as ledger,
    ):
        meter = MirrorMeter(ledger.accounts.stream(), PagesRead(), by_account=True)
        async for _ in ledger.nfts.stream(101):
            if ledger.nfts.stream(101).progress.wait_left:
                break
        await anyio.sleep(10)
        assert _drawn(meter)[-1] == ["waiting:", "rate", "limit,", "20", "s"]


def _drawn(meter: MirrorMeter) -> list[list[str]]:
    console = Console(width=80)
    with console.capture() as captured:
        console.print(meter)
    return words(captured.get())
