"""Entities of the workspace."""

from __future__ import annotations

from ledger_async.listing import Listed


class Entities(Listed):
    """Entities of the workspace."""
