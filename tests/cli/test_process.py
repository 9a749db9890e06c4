"""Signals, closed `streams` and missing libraries, each in a process of its own (`__main__`)."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from cli_processes import MODULE, TIMEOUT, Start, ended, held

from ledger_async import __main__ as entry
from ledger_async import __version__
from ledger_async._support import interrupts
from ledger_async.cli.exits import Exit
from ledger_async.cli.run import run
from ledger_async.sandbox import Sandbox

pytest_plugins = ["cli_fixtures"]


def test_ctrl_c_is_130_and_leaves_the_file_as_it_was(
    workspace: Sandbox, start: Start, tmp_path: Path
) -> None:
    path = tmp_path / "nfts.csv"
    path.write_text("old")
    asked = held(workspace)
    process = start(*MODULE, "nfts", "101", "--output", str(path))
    assert asked.wait(TIMEOUT)
    assert len(list(tmp_path.iterdir())) == 2
    process.send_signal(signal.SIGINT)
    assert ended(process) == (Exit.INTERRUPTED, f"stopped: {path} is as it was\n")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "old"


@pytest.mark.parametrize("interrupt", [signal.default_int_handler, signal.SIG_IGN])
def test_sigterm_is_143_and_leaves_the_file_as_it_was(
    interrupt: Any, workspace: Sandbox, start: Start, tmp_path: Path
) -> None:
    path = tmp_path / "nfts.csv"
    path.write_text("old")
    asked = held(workspace)
    signal.signal(signal.SIGINT, interrupt)
    process = start(*MODULE, "nfts", "101", "--output", str(path))
    assert asked.wait(TIMEOUT)
    if interrupt is signal.SIG_IGN:
        process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    assert ended(process) == (Exit.TERMINATED, f"stopped: {path} is as it was\n")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "old"


def test_ctrl_c_says_that_a_new_file_was_not_written(
    workspace: Sandbox, start: Start, tmp_path: Path
) -> None:
    path = tmp_path / "nfts.csv"
    asked = held(workspace)
    process = start(*MODULE, "nfts", "101", "--output", str(path))
    assert asked.wait(TIMEOUT)
    process.send_signal(signal.SIGINT)
    assert ended(process) == (Exit.INTERRUPTED, f"stopped: {path} was not written\n")
    assert not list(tmp_path.iterdir())


def test_ctrl_c_says_that_a_file_is_complete_once_it_is(workspace: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "nfts.csv"
    assert run(["nfts", "103", "--output", str(path)]) == Exit.ALL
    assert interrupts.farewell() == f"stopped, but {path} is complete"


# Sends itself the signal when a module is loaded, and in place of Python's own last steps.
AT = """
import atexit, os, signal, sys
class Finder:
    def find_spec(self, name, *rest):
        if name == {module!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.{number})
sys.meta_path.insert(0, Finder())
if not {module!r}:
    atexit.register(os.kill, os.getpid(), signal.{number})
"""


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize(
    "module", ["ledger_async.cli.exits", "rich.console", "cyclopts", "ledger_async.cli.app"]
)
def test_a_signal_ends_it_in_a_line_while_it_is_loaded(
    module: str, number: str, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "sitecustomize.py").write_text(AT.format(module=module, number=number))
    code = Exit.INTERRUPTED if number == "SIGINT" else Exit.TERMINATED
    assert ended(start(*MODULE, "nfts", "101")) == (code, "stopped: nothing was read\n")


@pytest.mark.parametrize("module", ["ledger_async._support", "ledger_async._version"])
def test_ctrl_c_ends_it_in_a_line_from_the_first_of_the_package_on(
    module: str, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "sitecustomize.py").write_text(AT.format(module=module, number="SIGINT"))
    line = "stopped: nothing was read\n"
    assert ended(start(*MODULE, "--version")) == (Exit.INTERRUPTED, line)


def test_ctrl_c_ends_it_in_a_line_after_all_is_done(
    workspace: Sandbox, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "sitecustomize.py").write_text(AT.format(module="", number="SIGINT"))
    path = tmp_path / "nfts.csv"
    process = start(*MODULE, "nfts", "103", "--output", str(path))
    assert ended(process) == (Exit.INTERRUPTED, f"stopped, but {path} is complete\n")


def test_other_programs_have_their_own_ctrl_c(start: Start) -> None:
    program = (
        "import signal, sys, ledger_async;"
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler;"
        "assert sys.excepthook is sys.__excepthook__"
    )
    assert ended(start("-c", program)) == (0, "")


def test_ctrl_c_is_heard_while_nobody_reads_the_output(workspace: Sandbox, start: Start) -> None:
    process = start(*MODULE, "nfts", "101")
    assert process.stdout is not None
    process.stdout.read(1)
    process.send_signal(signal.SIGINT)
    assert process.wait(TIMEOUT) == Exit.INTERRUPTED
    assert ended(process) == (Exit.INTERRUPTED, "stopped: what was written is not all\n")


def test_a_reader_that_has_enough_ends_it_without_a_word(workspace: Sandbox, start: Start) -> None:
    process = start(*MODULE, "nfts", "101")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(TIMEOUT) == Exit.PIPE_CLOSED
    assert process.stderr is not None
    assert not process.stderr.read()


CLOSED = (
    "import os, sys; "
    "os.close(int(sys.argv[1])); "
    f"os.execv({sys.executable!r}, [{sys.executable!r}, *{MODULE!r}, *sys.argv[2:]])"
)


@pytest.mark.parametrize("command", ["sandbox", "nfts 101", "mirror nfts 101 --to sqlite:{file}"])
def test_a_closed_stdout_is_one_that_nobody_reads(
    command: str, workspace: Sandbox, start: Start, tmp_path: Path
) -> None:
    file = tmp_path / "ledger.db"
    code, err = ended(start("-c", CLOSED, "1", *command.format(file=file).split()))
    assert code == Exit.PIPE_CLOSED
    assert "Error" not in err
    assert file.exists() is command.startswith("mirror")


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_that_nobody_reads_ends_as_all_else_does(option: str, start: Start) -> None:
    assert ended(start("-c", CLOSED, "1", option)) == (Exit.PIPE_CLOSED, "")
    process = start(*MODULE, option)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(TIMEOUT) == Exit.PIPE_CLOSED
    assert process.stderr is not None
    assert not process.stderr.read()


@pytest.mark.parametrize("closed", ["0", "1", "2"])
@pytest.mark.parametrize(
    "command", ["--help", "nfts", "nfts one", "nfts 103", "accounts", "get", "get /accounts"]
)
def test_a_closed_stream_is_no_traceback(
    closed: str, command: str, workspace: Sandbox, start: Start
) -> None:
    process = start("-c", CLOSED, closed, *command.split())
    out, err = process.communicate(timeout=TIMEOUT)
    assert process.returncode in {*Exit}
    assert "Traceback" not in out + err
    assert "Exception" not in out + err


def test_a_mirror_needs_no_stderr(workspace: Sandbox, start: Start, tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'ledger.db'}"
    process = start("-c", CLOSED, "2", "mirror", "nfts", "101", "--to", store)
    out, _ = process.communicate(timeout=TIMEOUT)
    assert process.returncode == Exit.ALL
    assert "Added" in out


def test_an_error_does_not_go_to_stdout_for_want_of_stderr(
    workspace: Sandbox, start: Start
) -> None:
    process = start("-c", CLOSED, "2", "nfts")
    out, _ = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, out) == (Exit.USAGE, "")


def test_a_sandbox_serves_until_ctrl_c(start: Start) -> None:
    process = start(*MODULE, "sandbox")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("export LEDGER_BASE_URL=http://127.0.0.1:")
    process.send_signal(signal.SIGINT)
    assert ended(process)[0] == Exit.INTERRUPTED


@pytest.mark.parametrize("library", ["cyclopts", "rich"])
def test_a_missing_extra_is_2_and_one_line(library: str, start: Start) -> None:
    missing = f"import sys; sys.modules[{library!r}] = None"
    process = start("-c", f"{missing}; from ledger_async.__main__ import main; main()")
    line = "error: this needs an extra: pip install 'ledger-async[cli]'\n"
    assert ended(process) == (Exit.USAGE, line)


def test_the_package_imports_nothing_of_the_command_line(start: Start) -> None:
    loaded = "'cyclopts' in sys.modules or 'rich' in sys.modules"
    process = start("-c", f"import sys, ledger_async; sys.exit({loaded})")
    assert ended(process) == (0, "")


def test_the_module_is_the_command(start: Start) -> None:
    process = start(*MODULE, "--version")
    out, _ = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, out.strip()) == (Exit.ALL, __version__)


# The same in this process


def raising(error: BaseException) -> Callable[[], NoReturn]:
    def run() -> NoReturn:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), Exit.INTERRUPTED),
        (ModuleNotFoundError("no", name="rich.live"), Exit.USAGE),
    ],
)
def test_what_stops_it_becomes_an_exit_code(
    error: BaseException, code: Exit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger_async.cli.run.run", raising(error))
    with pytest.raises(SystemExit) as stopped:
        entry.main()
    assert stopped.value.code == code


def test_another_missing_module_is_a_bug_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "ledger_async.cli.run.run", raising(ModuleNotFoundError("no", name="msgspec"))
    )
    with pytest.raises(ModuleNotFoundError):
        entry.main()
