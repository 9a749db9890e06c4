"""The log of the client as lines on stderr, for those who asked for it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from .text import printable, say

_LOGGER = logging.getLogger("ledger_async")


class _Lines(logging.Handler):
    """Says each record in one line, of which a terminal obeys nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        say(printable(self.format(record)))


def silence_dask() -> None:
    """Keep to ourselves what Dask logs, which says in pages what an error says in a line."""
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


@contextmanager
def logged(*, on: bool) -> Iterator[None]:
    """Say on stderr what the client logs while the block runs, or do nothing."""
    if not on:
        yield
        return
    level, lines = _LOGGER.level, begin()
    try:
        yield
    finally:
        _LOGGER.setLevel(level)
        _LOGGER.removeHandler(lines)


def begin() -> logging.Handler:
    """Say on stderr what the clients of this process log, from now on."""
    lines = _Lines()
    _LOGGER.addHandler(lines)
    _LOGGER.setLevel(logging.DEBUG)
    return lines
