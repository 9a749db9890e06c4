"""Standard streams that whoever started the process has closed."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

_STANDARD = range(3)


def replace_closed() -> None:
    """Let nobody read what goes to a closed stdout, as behind a pipe, and nothing fail by stderr.

    Python has `None` for a stream that is closed, and what is opened next would get its number.
    """
    for fd in _STANDARD:
        if not _is_open(fd):
            os.open(os.devnull, os.O_RDWR)  # which takes the lowest number that is free
    if sys.stdout is None:
        sys.stdout = _unread()
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for good


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def _unread() -> io.TextIOWrapper:
    """A pipe that raises `BrokenPipeError` at once, and holds nothing back for the exit."""
    reader, writer = os.pipe()
    os.close(reader)
    raw = io.FileIO(writer, "w")
    return io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
