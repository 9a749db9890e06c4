"""From a command line to an exit code, with every expected error as one line on stderr."""

from __future__ import annotations

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
    except CycloptsError:
        return Exit.USAGE  # cyclopts has printed it
    except ConfigurationError as error:
        return _complain(error, Exit.USAGE)
    except BrokenPipeError:
        return Exit.PIPE_CLOSED
    except (LedgerError, OSError) as error:
        return _complain(error, Exit.FAILED)
    return Exit.FAILED if whole is False else Exit.ALL


def _complain(error: Exception, code: Exit) -> Exit:
    say(f"error: {printable(without_passwords(str(error)))}")
    return code
