"""Pledges of Tradelink."""

from __future__ import annotations

from ledger_async.listing import Listed


class Pledges(Listed):
    """Pledges of Tradelink."""
