"""Labels of accounts and transactions."""

from __future__ import annotations

from ledger_async.listing import Listed


class Labels(Listed):
    """Labels of accounts and transactions."""
