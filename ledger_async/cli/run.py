"""From a command line to an exit code, with every expected error as one line on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from cyclopts import CycloptsError

from ledger_async import ConfigurationError, LedgerError

from .app import app
from .exits import Exit
from .text import printable, say, without_passwords


def run(tokens: Sequence[str] | None = None) -> Exit:
    """Carry out a command line, by default that of the process, and return its exit code."""
    try:
        whole = app(tokens, exit_on_error=False, result_action="return_value")
        sys.stdout.flush()
    except CycloptsError:
        return Exit.USAGE  # cyclopts has printed it
    except SystemExit as ended:  # of rich, which prints the help
        return _code(ended.__context__ or ended)
    except (LedgerError, OSError) as error:
        return _code(error)
    return Exit.FAILED if whole is False else Exit.ALL


def _code(error: BaseException) -> Exit:
    """The exit code of an error, which is told in one line unless nobody reads the output."""
    match error:
        case BrokenPipeError():
            return _unheard()
        case ConfigurationError():
            return _complain(error, Exit.USAGE)
        case OSError():
            return _complain(_in_words(error), Exit.FAILED)
        case LedgerError():
            return _complain(error, Exit.FAILED)
    raise error


def _in_words(error: OSError) -> str:
    """The error without the number that its words stand for, after what it is about."""
    words = error.strerror or str(error)
    return words if error.filename is None else f"{error.filename}: {words}"


def _unheard() -> Exit:
    """Let what is left for standard output go nowhere, instead of failing once more at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.PIPE_CLOSED


def _complain(error: object, code: Exit) -> Exit:
    say(f"error: {printable(without_passwords(str(error)))}")
    return code
