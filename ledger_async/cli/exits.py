"""The exit codes."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Codes for the shell; 130, 141 and 143 are its own for SIGINT, SIGPIPE and SIGTERM."""

    ALL = 0
    FAILED = 1
    USAGE = 2
    INTERRUPTED = 130
    PIPE_CLOSED = 141
    TERMINATED = 143
