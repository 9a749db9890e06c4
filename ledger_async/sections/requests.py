"""Requests for approval, and their governance."""

from __future__ import annotations

from ledger_async.listing import Listed


class Requests(Listed):
    """Requests for approval, and their governance."""
