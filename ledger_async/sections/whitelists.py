"""Whitelists of recipients."""

from __future__ import annotations

from ledger_async.listing import Listed


class Whitelists(Listed):
    """Whitelists of recipients."""
