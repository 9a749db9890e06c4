"""What the tests of the command line share: a sandbox to read, a process, a terminal to look at."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import resource_tracker
from pathlib import Path
from typing import IO, Any

import pytest
from anyio.from_thread import start_blocking_portal
from cli_processes import Process, Start

from ledger_async.cli.run import run
from ledger_async.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]

OnATerminal = Callable[..., tuple[int, str]]


@pytest.fixture
def workspace(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox in a thread, which the environment names: parametrize it to change its options.

    Account 101 holds 250 NFTs, 102 none and 103 seven.
    """
    options: dict[str, Any] = getattr(request, "param", {})
    sandbox = Sandbox({101: 250, 102: 0, 103: 7}, **options)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(sandbox):
        monkeypatch.setenv("LEDGER_BASE_URL", sandbox.url)
        monkeypatch.setenv("LEDGER_API_KEY", sandbox.api_key)
        monkeypatch.setenv("LEDGER_API_USER", sandbox.api_user)
        yield sandbox


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a Python process; it is gone at the end of the test."""
    # A suite that runs in the background ignores Ctrl-C, and its children would too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    started: list[Process] = []

    def start(*arguments: str) -> Process:
        command = [sys.executable, *arguments]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield start
    signal.signal(signal.SIGINT, before)
    for process in started:
        with process:
            process.kill()


@pytest.fixture
def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> OnATerminal:
    """Run a command line with stdout and stderr on a terminal; its exit code, and what was seen.

    Another `stdout` may be given, such as a pipe.
    """
    for name in ("COLORTERM", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (("TERM", "xterm"), ("COLUMNS", "80"), ("LINES", "24")):
        monkeypatch.setenv(name, value)

    # Whoever starts it hands it the terminal, which it holds for as long as this process lives.
    resource_tracker.ensure_running()

    def run_there(*tokens: str, stdout: IO[str] | None = None) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        with ThreadPoolExecutor(1) as reader, os.fdopen(theirs, "w") as screen:
            seen = reader.submit(_all_of, ours)
            with monkeypatch.context() as patch:
                patch.setattr(sys, "stdout", stdout or screen)
                patch.setattr(sys, "stderr", screen)
                code = run(tokens)
        os.close(ours)
        return code, seen.result().decode()

    return run_there


def _all_of(fd: int) -> bytes:
    seen = b""
    with suppress(OSError):  # Linux answers so once the other side is closed
        while data := os.read(fd, 65536):
            seen += data
    return seen
