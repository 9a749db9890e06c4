"""The log of the sandbox's server: its own faults, and none of those of who asks."""

from __future__ import annotations

import logging

from aiohttp.http_exceptions import HttpProcessingError

logger = logging.getLogger("aiohttp.server.ledger_sandbox")
"""Without handlers of its own: what it is told goes where aiohttp's errors go."""


def is_of_the_server(record: logging.LogRecord) -> bool:
    """True but for requests that are no HTTP, which were answered with 400."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


logger.addFilter(is_of_the_server)
