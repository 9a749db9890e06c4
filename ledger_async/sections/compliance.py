"""Addresses, as providers of compliance judge them."""

from __future__ import annotations

from ledger_async.models.compliance import AddressRisk, AddressSanctions
from ledger_async.sections._base.section import Section


class Compliance(Section):
    """Addresses, as the workspace's provider of compliance judges them."""

    async def address_risk(self, address: str) -> AddressRisk:
        """The risk of an address, and the reasons for it.

        `BadRequestError` as long as the workspace has no valid key of its compliance provider.
        `GET /compliance/address-risk/{address}`.
        """
        return await self._get("/compliance/address-risk/{address:s}", AddressRisk, address=address)

    async def sanctions(self, address: str) -> AddressSanctions:
        """The OFAC sanctions that an address is under, if any.

        `GET /compliance/sanctions/{address}`.
        """
        path = "/compliance/sanctions/{address:s}"
        return await self._get(path, AddressSanctions, address=address)
