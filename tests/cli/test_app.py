"""The commands and their `options`, `reading` a workspace as the console script does."""

from __future__ import annotations

import asyncio
import csv
import errno
import io
import json
import os
import socket
from datetime import datetime
from decimal import Decimal
from math import inf
from pathlib import Path
from typing import Any

import pytest
from anyio import wait_all_tasks_blocked
from cli_processes import Start, ended

from ledger_async import LedgerClient, NotFoundError, __version__
from ledger_async import json as exact_json
from ledger_async.cli import credentials
from ledger_async.cli import workspace as workspace_to_read
from ledger_async.cli.app import nfts, serve
from ledger_async.cli.connection import Connection
from ledger_async.cli.exits import Exit
from ledger_async.cli.formats import ACCOUNTS, NFTS, Style, lines_of
from ledger_async.cli.run import run
from ledger_async.cli.workspace import Settings, opened, uneven, with_currencies
from ledger_async.sandbox import Fault, Sandbox, SeenRequest

pytest_plugins = ["cli_fixtures"]

HUGE = 10**30 + 7
PRICE = Decimal("0.123456789012345678901")

Captured = pytest.CaptureFixture[str]


def records(text: str) -> list[Any]:
    return [json.loads(line, parse_float=Decimal) for line in text.splitlines()]


def one_line(capfd: Captured) -> str:
    (line,) = capfd.readouterr().err.splitlines()
    return line


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def identities(found: list[Any], account_id: int) -> list[tuple[str, str]]:
    return [
        (each["contract_address"], each["token_id"].removeprefix("'"))
        for each in found
        if int(each["account_id"]) == account_id
    ]


def renamed(sandbox: Sandbox, **fields: Any) -> None:
    """Have every NFT of the sandbox say this of itself."""

    @sandbox.rewrite
    def rewrite(_seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
        for edge in page["edges"]:
            edge["node"] |= fields
        return page


# What is written


def test_nfts_are_ndjson_where_no_terminal_is(workspace: Sandbox, capfd: Captured) -> None:
    assert run(["nfts", "101", "102", "103"]) == Exit.ALL
    found = records(capfd.readouterr().out)
    assert identities(found, 101) == workspace.identities(101)
    assert identities(found, 103) == workspace.identities(103)
    assert len(found) == 257


def test_ndjson_has_every_field_under_its_contract_name(
    workspace: Sandbox, capfd: Captured
) -> None:
    run(["nfts", "101"])
    found = records(capfd.readouterr().out)
    assert list(found[0]) == [
        "account_id",
        "contract_address",
        "token_id",
        "token_type",
        "value",
        "metadata",
        "price",
        "tx_balance",
    ]
    metadata = next(each["metadata"] for each in found if each["metadata"])
    assert {"tokenName", "nftName", "staxImage"} <= metadata.keys()


def test_ndjson_keeps_every_digit(workspace: Sandbox, capfd: Captured) -> None:
    renamed(workspace, value=HUGE, price={"ticker": "ETH", "value": PRICE})
    run(["nfts", "103"])
    found = records(capfd.readouterr().out)
    assert {(each["value"], each["price"]["value"]) for each in found} == {(HUGE, PRICE)}


async def test_the_lines_of_a_page_are_those_of_its_nodes(ledger: LedgerClient) -> None:
    async with ledger.nfts.stream_accounts([101]) as stream:
        async for batch in stream.batches():
            one_by_one = [exact_json.encode(NFTS.record(101, node)) + b"\n" for node in batch.nodes]
            assert lines_of("ndjson", NFTS, Style()).of(101, batch.nodes) == b"".join(one_by_one)


def test_numbers_of_ndjson_can_be_strings(workspace: Sandbox, capfd: Captured) -> None:
    renamed(workspace, value=HUGE, price={"ticker": "ETH", "value": PRICE})
    run(["nfts", "103", "--numbers-as-strings"])
    found = records(capfd.readouterr().out)
    assert {each["account_id"] for each in found} == {"103"}
    assert {(each["value"], each["price"]["value"]) for each in found} == {(str(HUGE), str(PRICE))}


def test_plain_csv_has_no_apostrophes(workspace: Sandbox, capfd: Captured) -> None:
    renamed(workspace, value=HUGE, token_type="=HYPERLINK(1)")
    run(["nfts", "103", "--format", "csv", "--plain"])
    row = rows(capfd.readouterr().out)[0]
    assert (row["value"], row["token_type"]) == (str(HUGE), "=HYPERLINK(1)")


@pytest.mark.parametrize("tokens", [["--plain"], ["--format", "csv", "--numbers-as-strings"]])
def test_a_style_of_another_format_is_refused(
    tokens: list[str], workspace: Sandbox, capfd: Captured
) -> None:
    assert run(["nfts", "103", *tokens]) == Exit.USAGE
    assert "is for --format" in one_line(capfd)
    assert not workspace.requests


def test_csv_has_the_documented_columns_and_a_row_for_each_nft(
    workspace: Sandbox, capfd: Captured
) -> None:
    assert run(["nfts", "101", "--format", "csv"]) == Exit.ALL
    text = capfd.readouterr().out
    found = rows(text)
    assert tuple(found[0]) == NFTS.columns
    assert identities(found, 101) == workspace.identities(101)


def test_csv_of_no_nfts_is_a_header(workspace: Sandbox, capfd: Captured) -> None:
    run(["nfts", "102", "--format", "csv"])
    assert capfd.readouterr().out == ",".join(NFTS.columns) + "\r\n"


def test_csv_keeps_every_digit_as_text(workspace: Sandbox, capfd: Captured) -> None:
    renamed(workspace, value=HUGE, price={"ticker": "ETH", "value": PRICE})
    run(["nfts", "103", "--format", "csv"])
    row = rows(capfd.readouterr().out)[0]
    assert (row["value"], row["price.value"]) == (f"'{HUGE}", f"'{PRICE}")


def test_csv_runs_no_formula_of_a_stranger(workspace: Sandbox, capfd: Captured) -> None:
    renamed(workspace, token_type="=HYPERLINK(1)")
    run(["nfts", "103", "--format", "csv"])
    assert rows(capfd.readouterr().out)[0]["token_type"] == "'=HYPERLINK(1)"


def test_the_table_of_nfts_has_a_row_for_each_account_and_totals(
    workspace: Sandbox, capfd: Captured
) -> None:
    assert run(["nfts", "101", "102", "103", "--format", "table"]) == Exit.ALL
    text = capfd.readouterr().out
    table = [line.split() for line in text.splitlines() if line.strip()]
    assert ["103", "7", "1", "0", "exact"] in table
    assert table[-2][:2] == ["3", "257"]
    assert table[-2][-2:] == ["3", "exact"]
    assert table[-1][:2] == ["257", "NFTs"]


def test_all_accounts_are_those_of_the_workspace(workspace: Sandbox, capfd: Captured) -> None:
    assert run(["nfts", "--all-accounts"]) == Exit.ALL
    assert len(records(capfd.readouterr().out)) == 257


def test_page_size_max_asks_for_the_largest_page(workspace: Sandbox, capfd: Captured) -> None:
    run(["nfts", "101", "--page-size", "max"])
    assert workspace.requests[0].query["page_size"] == "-1"


@pytest.mark.parametrize("workspace", [{"latency": 0.02}], indirect=True)
def test_concurrency_bounds_the_requests_in_flight(workspace: Sandbox, capfd: Captured) -> None:
    run(["nfts", "101", "--page-size", "10", "--concurrency", "2"])
    # The server counts a request until its answer is out, when the next may be there.
    assert 2 <= workspace.peak_in_flight <= 4


# Accounts


def test_accounts_are_listed_with_every_field(workspace: Sandbox, capfd: Captured) -> None:
    assert run(["accounts"]) == Exit.ALL
    found = records(capfd.readouterr().out)
    assert [each["id"] for each in found] == [103, 102, 101]
    assert "governance_rules" in found[0]


def test_accounts_have_the_documented_columns(workspace: Sandbox, capfd: Captured) -> None:
    run(["accounts", "--format", "csv"])
    found = rows(capfd.readouterr().out)
    assert tuple(found[0]) == ACCOUNTS.columns
    assert found[0]["created_on"].startswith("2021-")


def test_filters_of_accounts_are_options(workspace: Sandbox, capfd: Captured) -> None:
    workspace.set_account(102, status="PENDING")
    run(["accounts", "--status", "PENDING"])
    assert [each["id"] for each in records(capfd.readouterr().out)] == [102]


def test_a_filter_takes_several_values(workspace: Sandbox, capfd: Captured) -> None:
    for account_id in (101, 102, 103):
        workspace.set_account(account_id, entity=account_id)
    run(["accounts", "--entity", "101", "--entity", "103"])
    assert [each["id"] for each in records(capfd.readouterr().out)] == [103, 101]


def test_a_time_without_an_offset_is_local(workspace: Sandbox, capfd: Captured) -> None:
    run(["accounts", "--created-after", "2021-03-02", "--created-before", "2021-03-03T00:00"])
    query = workspace.requests[0].query
    midnight = datetime(2021, 3, 2).astimezone()
    assert datetime.fromisoformat(query["created_after"]) == midnight
    assert datetime.fromisoformat(query["created_before"]).utcoffset() is not None


def test_the_table_of_accounts_has_a_row_for_each(workspace: Sandbox, capfd: Captured) -> None:
    workspace.set_account(102, name="[red]plain[/red]", balance=str(HUGE))
    assert run(["accounts", "--format", "table"]) == Exit.ALL
    line = next(line for line in capfd.readouterr().out.splitlines() if " 102 " in line)
    assert "[red]plain[/red]" in line
    assert str(HUGE) in line


def test_nothing_of_a_name_reaches_the_terminal_as_a_command(
    workspace: Sandbox, capfd: Captured
) -> None:
    workspace.set_account(102, name="\x1b[2J\x9b\u202e")
    run(["accounts", "--format", "table"])
    text = capfd.readouterr().out
    assert not {"\x1b", "\x9b", "\u202e"} & set(text)


@pytest.mark.parametrize("workspace", [{"max_page_size": 2}], indirect=True)
def test_what_is_not_proven_is_said(workspace: Sandbox, capfd: Captured) -> None:
    assert run(["accounts", "--order-by", "name"]) == Exit.ALL
    assert one_line(capfd) == "warning: 1 listing of accounts unverified: some may be missing"


# What goes wrong


@pytest.mark.parametrize(
    "tokens",
    [
        ["nfts"],
        ["nfts", "101", "--all-accounts"],
        ["nfts", "one"],
        ["nfts", "101", "--page-size", "0"],
        ["nfts", "101", "--concurrency", "0"],
        ["nfts", "101", "--format", "xml"],
        ["nfts", "101", "--output", "/"],
        ["nfts", "101", "--output", ""],
        ["nfts", "101", "--output", "--all-accounts"],
        ["nfts", "101", "--output", "/nowhere/nfts.csv"],
        ["accounts", "--status", "ASLEEP"],
        ["sandbox", "--port", "70000"],
        ["nfst"],
    ],
)
def test_wrong_usage_is_2_before_any_request(
    tokens: list[str], workspace: Sandbox, capfd: Captured
) -> None:
    assert run(tokens) == Exit.USAGE
    assert capfd.readouterr().err
    assert not workspace.requests


def test_missing_settings_are_2_in_one_line(capfd: Captured) -> None:
    assert run(["nfts", "101"]) == Exit.USAGE
    line = one_line(capfd)
    assert line.startswith("error: LEDGER_API_KEY and LEDGER_API_USER are not set")
    assert line.endswith("set them, or try --sandbox, which takes no credentials")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (("LEDGER_BASE_URL", "http://example.com"), "or plain http on this machine alone"),
        (("LEDGER_BASE_URL", "example.com"), "error: LEDGER_BASE_URL must look like https://"),
        (("LEDGER_API_USER", "a\nb"), "error: LEDGER_API_USER holds characters that"),
    ],
)
def test_a_setting_that_will_not_do_is_named_as_it_was_set(
    setting: tuple[str, str],
    message: str,
    workspace: Sandbox,
    capfd: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(*setting)
    assert run(["accounts"]) == Exit.USAGE
    line = one_line(capfd)
    assert message in line
    assert "allow_plain_http" not in line


def test_an_output_without_a_name_is_refused_as_such(workspace: Sandbox, capfd: Captured) -> None:
    run(["nfts", "101", "--output", ""])
    assert one_line(capfd) == "error: --output takes the name of a file"


def test_a_refused_key_is_1_in_one_line(
    workspace: Sandbox, capfd: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_API_KEY", "another")
    assert run(["nfts", "101", "103"]) == Exit.FAILED
    assert "401" in one_line(capfd)


def test_a_server_that_is_down_is_1_in_one_line(workspace: Sandbox, capfd: Captured) -> None:
    workspace.fail(Fault.status(501), times=inf)
    assert run(["nfts", "101", "103"]) == Exit.FAILED
    assert "501" in one_line(capfd)


def test_what_a_server_says_in_an_error_stays_one_line(workspace: Sandbox, capfd: Captured) -> None:
    workspace.fail(Fault.json({"message": "a\nb\x1b[2J"}, status=403), times=inf)
    assert run(["accounts"]) == Exit.FAILED
    assert "\x1b" not in one_line(capfd)


def test_an_account_that_fails_is_1_and_the_others_are_written(
    workspace: Sandbox, capfd: Captured
) -> None:
    assert run(["nfts", "103", "999"]) == Exit.FAILED
    captured = capfd.readouterr()
    assert identities(records(captured.out), 103) == workspace.identities(103)
    row = next(line for line in captured.err.splitlines() if line.split()[:1] == ["999"])
    assert "404" in row


def test_accounts_that_all_fail_each_in_their_way_are_all_told(
    workspace: Sandbox, capfd: Captured
) -> None:
    assert run(["nfts", "998", "999"]) == Exit.FAILED
    err = capfd.readouterr().err
    assert "no account 998" in err
    assert "no account 999" in err
    assert err.splitlines()[-1] == "error: no account could be read"


# Files


def test_a_file_is_csv_if_it_is_called_so(workspace: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "nfts.csv"
    assert run(["nfts", "103", "--output", str(path)]) == Exit.ALL
    assert len(rows(path.read_text())) == 7


def test_any_other_file_is_ndjson(workspace: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "nfts"
    run(["nfts", "103", "--output", str(path)])
    assert len(records(path.read_text())) == 7


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("nfts.parquet", "mirror nfts --to parquet:DIRECTORY"),
        ("nfts.csv.gz", "pipe it through what compresses"),
        ("nfts.TSV", "call it .csv or .ndjson"),
        ("nfts.sqlite", "mirror nfts --to sqlite:FILE"),
    ],
)
def test_a_file_that_would_not_hold_what_it_is_called_is_refused(
    name: str, advice: str, workspace: Sandbox, tmp_path: Path, capfd: Captured
) -> None:
    assert run(["nfts", "103", "--output", str(tmp_path / name)]) == Exit.USAGE
    line = one_line(capfd)
    assert name in line
    assert advice in line
    assert not workspace.requests
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
@pytest.mark.parametrize("command", [["nfts", "103"], ["get", "/accounts/103/nfts"]])
def test_a_dash_is_standard_output(
    name: str, command: list[str], workspace: Sandbox, capfd: Captured
) -> None:
    assert run([*command, "--output", name]) == Exit.ALL
    assert len(records(capfd.readouterr().out)) == 7


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk here that is full")
def test_a_full_disk_is_told_once_with_what_was_written(workspace: Sandbox, start: Start) -> None:
    full = "import os, sys; os.dup2(os.open('/dev/full', os.O_WRONLY), 1)"
    main = "from ledger_async.__main__ import main; main()"
    line = "error: standard output: No space left on device\n"
    assert ended(start("-c", f"{full}; {main}", "nfts", "103")) == (Exit.FAILED, line)


def test_a_busy_port_is_named_once(capfd: Captured) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert run(["sandbox", "--port", str(port)]) == Exit.FAILED
    assert one_line(capfd) == f"error: port {port}: {os.strerror(errno.EADDRINUSE)}"


def test_a_file_is_replaced_if_only_some_accounts_failed(
    workspace: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "nfts.ndjson"
    path.write_text("old")
    assert run(["nfts", "103", "999", "--output", str(path)]) == Exit.FAILED
    assert len(records(path.read_text())) == 7


@pytest.mark.parametrize("command", [["nfts", "101"], ["nfts", "--all-accounts"], ["accounts"]])
def test_a_failure_leaves_the_file_as_it_was(
    command: list[str], workspace: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "old.csv"
    path.write_text("old")
    workspace.fail(Fault.status(403), times=inf)
    assert run([*command, "--output", str(path)]) == Exit.FAILED
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


# Help


def test_the_version_is_that_of_the_package(capfd: Captured) -> None:
    assert run(["--version"]) == Exit.ALL
    assert capfd.readouterr().out.strip() == __version__


@pytest.mark.parametrize("command", [[], ["nfts"], ["accounts"], ["sandbox"]])
def test_help_explains_every_option(command: list[str], capfd: Captured) -> None:
    assert run([*command, "--help"]) == Exit.ALL
    assert "Usage: ledger-async" in capfd.readouterr().out


# Sandboxes


async def test_the_sandbox_is_read_without_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_to_read, "uneven", lambda: uneven(40, 5_000))
    path = tmp_path / "nfts.ndjson"
    assert await nfts(sandbox=True, output=path)
    found = records(path.read_text())
    assert len(found) == 5_000
    assert len({each["account_id"] for each in found}) == 40


async def test_a_sandbox_served_alone_says_how_to_reach_it(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = asyncio.create_task(serve(accounts=3, nfts=10))
    await wait_all_tasks_blocked()
    for line in capsys.readouterr().out.splitlines():
        name, _, value = line.removeprefix("export ").partition("=")
        monkeypatch.setenv(name, value)
    async with LedgerClient() as ledger:
        assert [account.id async for account in ledger.accounts.stream()] == [103, 102, 101]
    serving.cancel()
    await asyncio.wait([serving])


@pytest.mark.parametrize(("accounts", "nfts"), [(40, 25_000), (3, 5), (1, 0)])
def test_a_sandbox_holds_what_was_asked_for(accounts: int, nfts: int) -> None:
    sizes = uneven(accounts, nfts)
    assert len(sizes) == accounts
    assert sum(sizes.values()) == nfts


def test_accounts_in_other_currencies_follow_and_hold_no_nfts() -> None:
    sizes, others = with_currencies({101: 7, 102: 0}, ("cardano", "solana"))
    assert sizes == {101: 7, 102: 0, 103: 0, 104: 0}
    assert others == {103: "cardano", 104: "solana"}


async def test_a_sandbox_served_alone_has_accounts_in_other_currencies(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = asyncio.create_task(serve(accounts=3, nfts=10, currency=("cardano",)))
    await wait_all_tasks_blocked()
    captured = capsys.readouterr()
    for line in captured.out.splitlines():
        name, _, value = line.removeprefix("export ").partition("=")
        monkeypatch.setenv(name, value)
    assert "Account 104 is in cardano." in captured.err
    async with LedgerClient() as ledger:
        assert [stake.id async for stake in ledger.staking.cardano.stakes.stream(104)]
    serving.cancel()
    await asyncio.wait([serving])


# Settings and options of the connection


def test_all_missing_settings_are_named_at_once(capfd: Captured) -> None:
    run(["nfts", "101", "--auth", "bearer"])
    line = one_line(capfd)
    names = "LEDGER_WORKSPACE, LEDGER_API_KEY_ID and LEDGER_API_KEY_SECRET are not set"
    assert line.startswith(f"error: {names} (LEDGER_BASE_URL is not either: https://api.vault.")


def test_a_base_url_that_is_set_is_not_missing(
    capfd: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_BASE_URL", "https://lam.example")
    monkeypatch.setenv("LEDGER_API_USER", "user")
    run(["nfts", "101"])
    assert one_line(capfd).startswith("error: LEDGER_API_KEY is not set: set it, or try")


async def test_what_a_request_fails_with_says_that_no_base_url_is_set() -> None:
    with pytest.raises(NotFoundError, match="LEDGER_BASE_URL is not set"):
        async with workspace_to_read.settings(sandbox=False):
            raise NotFoundError("no such account")


@pytest.mark.parametrize(
    ("scheme", "auth"),
    [
        ("reporting", "ReportingAuth(workspace='w')"),
        ("bearer", "BearerAuth(workspace='w', api_key_id='id')"),
    ],
)
def test_the_scheme_of_the_credentials_is_an_option(
    scheme: Any, auth: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"WORKSPACE": "w", "REPORTING_API_KEY": "k", "API_KEY_ID": "id", "API_KEY_SECRET": "s"}
    for name, value in values.items():
        monkeypatch.setenv(f"LEDGER_{name}", value)
    given: dict[str, Any] = {}
    monkeypatch.setattr(credentials, "LedgerClient", lambda _url, **options: given.update(options))
    settings = Settings(connection=Connection(auth=scheme, timeout=2.5, retries=0))
    opened(settings, concurrency=1)
    assert repr(given["auth"]) == auth
    assert (given["timeout"], given["retry"].max_attempts) == (2.5, 1)


def test_a_limit_is_called_as_who_reads_by_each_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_API_KEY_ID", "id")
    settings = Settings(connection=Connection(auth="bearer"))
    assert workspace_to_read.name_of(settings) == "api.vault.ledger.com:id"


def test_retries_are_as_many_as_asked_for(workspace: Sandbox, capfd: Captured) -> None:
    workspace.fail(Fault.status(500), times=inf)
    assert run(["accounts", "--retries", "0"]) == Exit.FAILED
    assert len(workspace.requests) == 1


@pytest.mark.parametrize("workspace", [{"max_page_size": 2}], indirect=True)
@pytest.mark.parametrize("command", [["nfts", "103"], ["accounts"], ["get", "/accounts"]])
@pytest.mark.parametrize(("consistency", "gaps"), [("exact", 0), ("fast", 1)])
def test_consistency_is_an_option(
    command: list[str], consistency: str, gaps: int, workspace: Sandbox, capfd: Captured
) -> None:
    assert run([*command, "--consistency", consistency]) == Exit.ALL
    assert capfd.readouterr().err.count("unverified") == gaps


@pytest.mark.parametrize(
    "tokens",
    [["--timeout", "0"], ["--retries", "-1"], ["--auth", "basic"], ["--consistency", "most"]],
)
def test_options_of_the_connection_are_checked(
    tokens: list[str], workspace: Sandbox, capfd: Captured
) -> None:
    assert run(["nfts", "101", *tokens]) == Exit.USAGE
    assert not workspace.requests
