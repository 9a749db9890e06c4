"""The log of the client as lines on stderr, for those who asked for it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from .text import printable, say


class _Lines(logging.Handler):
    """Says each record in one line, of which a terminal obeys nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        say(printable(self.format(record)))


@contextmanager
def logged(*, on: bool) -> Iterator[None]:
    """Say on stderr what the client logs while the block runs, or do nothing."""
    if not on:
        yield
        return
    logger, lines = logging.getLogger("ledger_async"), _Lines()
    level = logger.level
    logger.addHandler(lines)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(lines)
