"""The organization that the workspace belongs to."""

from __future__ import annotations

from ledger_async.models.workspace import organization
from ledger_async.sections._base.section import Section


class Organization(Section):
    """The organization that the workspace belongs to."""

    async def get(self) -> organization.Organization:
        """The organization, its number of administrators and their quorum. `GET /organization`."""
        return await self._get("/organization", organization.Organization)
