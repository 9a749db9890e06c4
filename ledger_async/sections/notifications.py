"""Where notifications go."""

from __future__ import annotations

from ledger_async.section import Section


class Notifications(Section):
    """Where notifications go."""
