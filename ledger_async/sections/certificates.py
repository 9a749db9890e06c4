"""The certificates that signed addresses lead to."""

from __future__ import annotations

from ledger_async.sections._base.section import Section


class Certificates(Section):
    """The certificates that signed addresses lead to."""

    async def chain(self) -> tuple[str, ...]:
        """The chain of certificates, each in DER as hexadecimal digits.

        `bytes.fromhex(certificate)` gives the DER, which X.509 libraries read. The key of the
        leaf signs the addresses of accounts. `GET /certificates/chain`.
        """
        return await self._get("/certificates/chain", tuple[str, ...])
