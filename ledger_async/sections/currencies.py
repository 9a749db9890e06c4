"""Currencies and tokens that the workspace supports."""

from __future__ import annotations

from ledger_async.section import Section


class Currencies(Section):
    """Currencies and tokens that the workspace supports."""
