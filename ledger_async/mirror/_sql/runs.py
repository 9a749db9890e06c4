"""The name of a run, and of the processes that hold it and write into it."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import datetime


def new_run_id(now: datetime) -> str:
    """An id that no other process comes upon, and that sorts behind those of earlier seconds."""
    return f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


HOLDER = 0
"""The writer that all processes are which hold a run, one after another."""


def new_writer() -> int:
    """The writer that a process is which joins a run: no other one comes upon it."""
    return 1 + secrets.randbits(62)


def holder() -> str:
    """The words by which a process that has to wait is told of the one that runs here."""
    return f"process {os.getpid()} on {socket.gethostname()}"
