"""Settlements of pledges."""

from __future__ import annotations

from ledger_async.listing import Listed


class Settlements(Listed):
    """Settlements of pledges."""
