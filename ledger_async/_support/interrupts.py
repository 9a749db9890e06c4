"""Ctrl-C in the process of the command line, from the package's first line to the last of Python.

While nothing is under way, and so while modules are loaded and when all is over, it ends the
process at once: an exception would come out of whatever is just imported, or be lost there.
Programs that use the package are left alone.
"""

from __future__ import annotations

import os
import signal
from types import FrameType

_farewell = "stopped: nothing was read"


def will_say(line: str) -> None:
    """Let this be the line to say from now on, should the process be stopped."""
    global _farewell  # noqa: PLW0603 - a process has one end
    _farewell = line


def farewell() -> str:
    """The line to say now that the process is stopped."""
    return _farewell


def end_at_once(number: int = signal.SIGINT, _frame: FrameType | None = None) -> None:
    """Say that line, and end the process with the code of a shell: the handler of a signal."""
    try:
        os.write(2, f"{_farewell}\n".encode() if _farewell else b"")
    finally:
        os._exit(128 + number)


def catch() -> None:
    """Have `end_at_once` handle Ctrl-C and SIGTERM, but where they are ignored or handled."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) in {signal.default_int_handler, signal.SIG_DFL}:
            signal.signal(number, end_at_once)
