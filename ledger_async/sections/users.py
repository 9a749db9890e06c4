"""Users of the workspace."""

from __future__ import annotations

from ledger_async.listing import Listed


class Users(Listed):
    """Users of the workspace."""
