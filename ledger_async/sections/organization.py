"""The organization that the workspace belongs to."""

from __future__ import annotations

from ledger_async.section import Section


class Organization(Section):
    """The organization that the workspace belongs to."""
