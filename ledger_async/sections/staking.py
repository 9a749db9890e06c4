"""Stakes and their rewards, by chain."""

from __future__ import annotations

from ledger_async.section import Section


class Staking(Section):
    """Stakes and their rewards, by chain."""
