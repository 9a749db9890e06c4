"""Groups of users."""

from __future__ import annotations

from ledger_async.listing import Listed


class Groups(Listed):
    """Groups of users."""
