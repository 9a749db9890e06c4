"""`--verbose` and `--no-progress`: the `log` on stderr, and a terminal that stands still."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import pytest

from ledger_async.cli.exits import Exit
from ledger_async.cli.run import run
from ledger_async.sandbox import Fault, Sandbox

pytest_plugins = ["cli_fixtures"]

OnATerminal = Callable[..., tuple[int, str]]
Captured = pytest.CaptureFixture[str]

HIDE_CURSOR = "\x1b[?25l"

LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING) +(.*)")


def lines(capfd: Captured) -> list[str]:
    """What was logged on stderr, without the times."""
    return [f"{found[1]} {found[2]}" for found in LINE.finditer(capfd.readouterr().err)]


@pytest.mark.parametrize(
    ("command", "path"),
    [
        (["nfts", "103"], "/accounts/103/nfts"),
        (["accounts"], "/accounts"),
        (["get", "/accounts/101"], "/accounts/101"),
    ],
)
def test_each_request_is_a_line_on_stderr(
    command: list[str], path: str, workspace: Sandbox, capfd: Captured
) -> None:
    assert run([*command, "--verbose"]) == Exit.ALL
    (line,) = lines(capfd)
    assert re.fullmatch(rf"DEBUG GET {path}: 200 in \d+ ms, attempt 1", line)


def test_pauses_and_accounts_that_are_left_out_are_lines_too(
    workspace: Sandbox, capfd: Captured
) -> None:
    workspace.fail(Fault.status(420, headers={"Retry-After": "0.1"}))
    assert run(["nfts", "103", "999", "--verbose"]) == Exit.FAILED
    said = "\n".join(lines(capfd))
    assert "INFO rate limit: every request waits 0." in said
    assert "WARNING account 999 left out: GET /accounts/999/nfts" in said


def test_no_line_shows_the_key_or_what_was_asked_for(workspace: Sandbox, capfd: Captured) -> None:
    workspace.fail(Fault.status(404, body=workspace.api_key.encode()))
    run(["accounts", "--name", "hush", "--verbose"])
    said = capfd.readouterr().err
    assert "/accounts" in said
    assert workspace.api_key not in said
    assert "hush" not in said


def test_without_it_nothing_is_logged_then_or_later(workspace: Sandbox, capfd: Captured) -> None:
    logger = logging.getLogger("ledger_async")
    before = (logger.level, [*logger.handlers])
    run(["nfts", "103", "--verbose"])
    capfd.readouterr()
    run(["nfts", "103"])
    assert capfd.readouterr().err == ""
    assert (logger.level, logger.handlers) == before


@pytest.mark.parametrize("option", ["--no-progress", "--verbose"])
@pytest.mark.parametrize("command", [("nfts", "101", "103"), ("accounts",)])
def test_either_leaves_the_display_out_and_the_table_in(
    command: tuple[str, ...], option: str, workspace: Sandbox, on_a_terminal: OnATerminal
) -> None:
    code, seen = on_a_terminal(*command, option)
    assert code == Exit.ALL
    assert HIDE_CURSOR not in seen
    assert re.search(r"\d (NFT|account)s · ", seen.splitlines()[-1])
