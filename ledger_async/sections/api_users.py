"""API users of the LAM."""

from __future__ import annotations

from ledger_async.section import Section


class ApiUsers(Section):
    """API users of the LAM."""
