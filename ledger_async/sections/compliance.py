"""What compliance providers say about addresses."""

from __future__ import annotations

from ledger_async.models.compliance import AddressRisk, AddressSanctions
from ledger_async.sections._base.section import Section


class Compliance(Section):
    """What compliance providers say about addresses."""

    async def address_risk(self, address: str) -> AddressRisk:
        """How risky an address is, and why.

        `BadRequestError` as long as the workspace has no valid key of its compliance provider.
        `GET /compliance/address-risk/{address}`.
        """
        return await self._get("/compliance/address-risk/{address:s}", AddressRisk, address=address)

    async def sanctions(self, address: str) -> AddressSanctions:
        """Whether an address is under OFAC sanctions, and which.

        `GET /compliance/sanctions/{address}`.
        """
        path = "/compliance/sanctions/{address:s}"
        return await self._get(path, AddressSanctions, address=address)
