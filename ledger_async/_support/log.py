"""The log of the package, and the facts that each of its lines carries."""

from __future__ import annotations

import logging
from typing import Any

logger = logging.getLogger("ledger_async")

# A library prints nothing, not even where the program has configured no logging.
logger.addHandler(logging.NullHandler())


def facts(
    *,
    account_id: int | None = None,
    page: int | None = None,
    attempt: int | None = None,
    wait: float | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """The `extra` of a line: every name is there, so that a format may use each of them."""
    return {
        "account_id": account_id,
        "page": page,
        "attempt": attempt,
        "wait": wait,
        "reason": reason,
    }
