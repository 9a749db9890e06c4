"""The certificates that signed addresses lead to."""

from __future__ import annotations

from ledger_async.section import Section


class Certificates(Section):
    """The certificates that signed addresses lead to."""
