"""What compliance providers say about addresses."""

from __future__ import annotations

from ledger_async.section import Section


class Compliance(Section):
    """What compliance providers say about addresses."""
