"""`mirror` with workers and limiters, each a real one, from a command line (`fleets`)."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import cluster_child
import pyarrow.dataset
import pytest
from cli_processes import MODULE, Process, Start, ended, held
from valkey_server import Valkey

from ledger_async._config import HOSTED_GATEWAY
from ledger_async.cli.exits import Exit
from ledger_async.cli.run import run
from ledger_async.cli.workspace import Settings, name_of
from ledger_async.sandbox import Sandbox

pytest_plugins = ["cli_fixtures"]

Captured = pytest.CaptureFixture[str]
OnATerminal = Callable[..., tuple[int, str]]

SECRET = "hunter2"
SHOW_CURSOR = "\x1b[?25h"
PATIENCE = 30  # seconds for workers to start, on a busy machine


class Cluster(NamedTuple):
    process: Process
    address: str


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"parquet:{tmp_path / 'ledger'}"


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    with Valkey() as server:
        yield server


@pytest.fixture
def start_at_a_terminal() -> Iterator[Start]:
    """Start a process with a group of its own, as a shell does: Ctrl-C is for all of the group."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    started: list[Process] = []

    def start(*arguments: str) -> Process:
        pipe, command = subprocess.PIPE, [sys.executable, *arguments]
        started.append(
            subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
        )
        return started[-1]

    yield start
    signal.signal(signal.SIGINT, before)
    for process in started:
        with process, suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def rows_in(store: str) -> int:
    (snapshot,) = Path(store.removeprefix("parquet:")).glob("nfts/run=*")
    count: int = pyarrow.dataset.dataset(sorted(snapshot.glob("part-*"))).count_rows()
    return count


# Before anything is asked or started


@pytest.mark.parametrize(
    ("tokens", "complaint"),
    [
        (
            ["--workers", "2", "--scheduler", "tcp://127.0.0.1:1", "--to", "parquet:x"],
            "give either --workers, which are of this machine, or --scheduler",
        ),
        (
            ["--workers", "2"],
            "SQLite is for one process: a fleet needs --to postgresql://… or parquet:DIRECTORY",
        ),
        (["--scheduler", "tcp://127.0.0.1:1", "--to", "sqlite:x.db"], "SQLite is for one process"),
        (["--scheduler", "nowhere", "--to", "parquet:x"], "--scheduler must look like tcp://HOST"),
        (["--rate", "5"], "--rate is that of a --limiter"),
        (["--limiter", f"redis://:{SECRET}@host:port/0"], "--limiter must look like redis://"),
        (["--limiter", f"http://:{SECRET}@host/0"], "--limiter must look like redis://"),
    ],
)
def test_a_wrong_call_is_2_and_one_line(
    *,
    tokens: list[str],
    complaint: str,
    workspace: Sandbox,
    capfd: Captured,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["mirror", "nfts", "103", *tokens]) == Exit.USAGE
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith(f"error: {complaint}")
    assert SECRET not in line
    assert workspace.requests == []
    assert [*tmp_path.iterdir()] == []


def test_no_scheduler_is_1_and_one_line(
    workspace: Sandbox, store: str, capfd: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger_async.fleet._dask.cluster._PATIENCE", 0.2)
    tokens = ["--scheduler", "tcp://127.0.0.1:1", "--to", store]
    assert run(["mirror", "nfts", "103", *tokens]) == Exit.FAILED
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("error: there is no scheduler at tcp://127.0.0.1:1")


def test_a_missing_extra_is_2_and_one_line(workspace: Sandbox, start: Start, store: str) -> None:
    missing = "import sys; sys.modules['distributed'] = None"
    main = "from ledger_async.__main__ import main; main()"
    process = start(
        "-c", f"{missing}; {main}", "mirror", "nfts", "103", "--workers", "2", "--to", store
    )
    line = "error: a fleet needs an extra: pip install 'ledger_async[fleet]'\n"
    assert ended(process) == (Exit.USAGE, line)
    assert workspace.requests == []


# By workers


def test_workers_keep_the_nfts_of_all_accounts(
    workspace: Sandbox, store: str, capfd: Captured
) -> None:
    tokens = ["mirror", "nfts", "--all-accounts", "--to", store, "--json"]
    assert run([*tokens, "--workers", "2"]) == Exit.ALL
    captured = capfd.readouterr()
    outcome = json.loads(captured.out)
    assert (outcome["accounts"], outcome["rows"], outcome["failed"]) == (3, 257, [])
    assert rows_in(store) == 257
    assert not captured.err


def test_accounts_that_fail_are_told_and_the_others_kept(
    workspace: Sandbox, store: str, capfd: Captured
) -> None:
    tokens = ["mirror", "nfts", "103", "999", "--to", store, "--workers", "1", "--verbose"]
    assert run(tokens) == Exit.FAILED
    captured = capfd.readouterr()
    assert ["nfts", "2", "7", "7", "0", "0", "1"] in [
        each.split() for each in captured.out.splitlines()
    ]
    assert "404 no account 999" in captured.err
    assert "DEBUG   GET /accounts/103/nfts: 200" in captured.err
    assert rows_in(store) == 7


def test_a_terminal_gets_one_display_of_all_workers_and_then_the_table(
    workspace: Sandbox, on_a_terminal: OnATerminal, store: str
) -> None:
    code, seen = on_a_terminal("mirror", "nfts", "101", "103", "--workers", "2", "--to", store)
    display, _, rest = seen.partition(SHOW_CURSOR)
    assert code == Exit.ALL
    assert "of 2 accounts" in display
    assert "257 added" in display
    assert re.match(r"257 rows · [\d.]+ s · \d+ rows/s\s*$", rest.splitlines()[-1])


def is_gone(group: int) -> bool:
    """True once no process of the group is there: what watched over them ends a little later."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_ctrl_c_stops_the_workers_and_says_one_line(
    workspace: Sandbox, start_at_a_terminal: Start, store: str
) -> None:
    asked = held(workspace)
    tokens = ("mirror", "nfts", "101", "103", "--workers", "2", "--to", store)
    process = start_at_a_terminal(*MODULE, *tokens)
    assert asked.wait(PATIENCE)
    os.killpg(process.pid, signal.SIGINT)
    line = "stopped: all that was finished is kept; run it again, and it goes on\n"
    assert ended(process) == (Exit.INTERRUPTED, line)
    assert is_gone(process.pid)


@pytest.fixture
def cluster(workspace: Sandbox) -> Iterator[Cluster]:
    """A cluster whose worker has the workspace in its environment; it dies with its process."""
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    command = [sys.executable, cluster_child.__file__, "1", "2"]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=null, text=True) as process:
        assert process.stdout is not None
        yield Cluster(process, process.stdout.readline().strip())
        process.kill()


def test_a_command_whose_workers_do_all_needs_no_credentials_of_its_own(
    cluster: Cluster, store: str, capfd: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LEDGER_BASE_URL", "LEDGER_API_KEY", "LEDGER_API_USER"):
        monkeypatch.delenv(name)
    tokens = ["mirror", "nfts", "103", "--scheduler", cluster.address, "--to", store]
    assert run(tokens) == Exit.ALL
    assert not capfd.readouterr().err
    assert rows_in(store) == 7


@pytest.mark.parametrize("workspace", [{"latency": 0.05}], indirect=True)
def test_the_concurrency_is_that_of_each_worker(workspace: Sandbox, store: str) -> None:
    asked: list[float] = []
    workspace.on_request(lambda _: asked.append(time.monotonic()))
    tokens = ["mirror", "nfts", "101", "102", "103", "--to", store, "--workers", "1"]
    assert run([*tokens, "--concurrency", "1"]) == Exit.ALL
    assert len(asked) >= 3
    assert min(later - sooner for sooner, later in pairwise(asked)) >= 0.049


def test_a_scheduler_that_dies_is_1_and_one_line_that_says_how_to_go_on(
    workspace: Sandbox, cluster: Cluster, start: Start, store: str
) -> None:
    asked = held(workspace)
    process = start(*MODULE, "mirror", "nfts", "101", "--scheduler", cluster.address, "--to", store)
    assert asked.wait(PATIENCE)
    cluster.process.kill()
    code, said = ended(process)
    assert code == Exit.FAILED
    assert re.fullmatch("error: the scheduler is gone.*; run it again, and it goes on\n", said)


# Limiters


@pytest.mark.parametrize("fleet", [[], ["--workers", "1"]])
def test_the_limit_is_called_as_the_workspace_and_its_user(
    fleet: list[str], workspace: Sandbox, valkey: Valkey, store: str
) -> None:
    limit = ["--limiter", valkey.url, "--rate", "1000"]
    assert run(["mirror", "nfts", "103", "--to", store, *limit, *fleet]) == Exit.ALL
    host = workspace.url.removeprefix("http://").rstrip("/")
    assert valkey.do("KEYS", "*") == [f"{{{host}:{workspace.api_user}}}:limit".encode()]


def test_the_url_of_a_limiter_may_have_the_name(
    workspace: Sandbox, valkey: Valkey, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_LIMITER", f"{valkey.url}?key=production&health_check_interval=5")
    assert run(["mirror", "nfts", "103", "--to", store, "--rate", "1000"]) == Exit.ALL
    assert valkey.do("KEYS", "*") == [b"{production}:limit"]


def test_a_limit_without_a_user_needs_a_name(
    workspace: Sandbox, store: str, capfd: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LEDGER_API_USER")
    cluster = ["--scheduler", "tcp://127.0.0.1:1", "--limiter", "redis://127.0.0.1:1"]
    assert run(["mirror", "nfts", "103", "--to", store, *cluster]) == Exit.USAGE
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("error: LEDGER_API_USER is not set: set it, or name the limit")


def test_where_no_workspace_is_named_the_limit_is_that_of_the_hosted_one() -> None:
    assert name_of(Settings(api_user="me")) == name_of(Settings(HOSTED_GATEWAY, None, "me"))
    assert name_of(Settings(api_user="me")) == "api.vault.ledger.com:me"
