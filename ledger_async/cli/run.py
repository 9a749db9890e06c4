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
    except ConfigurationError as error:
        return _complain(error, Exit.USAGE)
    except BrokenPipeError:
        return _unheard()
    except SystemExit as ended:  # of rich, which prints the help
        if isinstance(ended.__context__, BrokenPipeError):
            return _unheard()
        raise
    except (LedgerError, OSError) as error:
        return _complain(error, Exit.FAILED)
    return Exit.FAILED if whole is False else Exit.ALL


def _unheard() -> Exit:
    """Let what is left for standard output go nowhere, instead of failing once more at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.PIPE_CLOSED


def _complain(error: Exception, code: Exit) -> Exit:
    say(f"error: {printable(without_passwords(str(error)))}")
    return code
