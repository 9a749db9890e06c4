"""Digests that were signed or are to be."""

from __future__ import annotations

from ledger_async.listing import Listed


class Digests(Listed):
    """Digests that were signed or are to be."""
