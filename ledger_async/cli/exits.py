"""The exit codes."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the shell is told; 130 and 141 are its own numbers for SIGINT and SIGPIPE."""

    ALL = 0
    FAILED = 1
    USAGE = 2
    INTERRUPTED = 130
    PIPE_CLOSED = 141
