"""Settlements of pledges."""

from __future__ import annotations

from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.options import Consistency, OnInvalid, PageSize, StreamOptions
from ledger_async._streaming.stream import NodeStream
from ledger_async._support import checks
from ledger_async.models.base.paging import Page
from ledger_async.models.governance.pledges import Settlement, SettlementNode
from ledger_async.models.payloads.settlements import CreateSettlement, SettlementRecoveryData
from ledger_async.sections._base.listing import ListingSection


class Settlements(ListingSection):
    """The settlements of pledges: `GET /settlements` and what is done with each."""

    _endpoint = Endpoint(
        "/settlements",
        SettlementNode,  # type: ignore[arg-type] # a type at run time
    )

    def stream(
        self,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
    ) -> NodeStream[SettlementNode]:
        """Every `Settlement`, once, newest first; a node that is a pledge comes as a `Pledge`.

        The API describes this listing as one of settlements, and its schema is that of pledges:
        a node with a `from_pledge_id` is a `Settlement`, any other a `Pledge`, so tell them apart
        with `isinstance`. There are no filters. `GET /settlements`.
        """
        options = StreamOptions.of(self._endpoint, page_size, consistency, on_invalid)
        return self._stream(options)

    async def page(self, number: int = 1, *, page_size: PageSize = 100) -> Page[SettlementNode]:
        """One page of what `stream` yields, numbered from 1. `GET /settlements`."""
        options = StreamOptions.of(self._endpoint, page_size)
        return await self._page(options, number)

    async def get(self, settlement_id: str) -> Settlement:
        """The settlement of this UUID; `NotFoundError` if there is none.

        `GET /settlements/{settlement_id}`.
        """
        path = "/settlements/{settlement_id:s}"
        return await self._get(path, Settlement, settlement_id=settlement_id)

    async def create(self, settlement: CreateSettlement) -> Settlement:
        """The settlement, created; `BadRequestError` for data that the API refuses.

        Sent once: an error may leave it created, and `get` tells. `POST /settlements`.
        """
        checks.typed("settlement", settlement, CreateSettlement)
        return await self._send("POST", "/settlements", Settlement, settlement)

    async def cancel(self, settlement_id: str) -> Settlement:
        """The settlement, cancelled, where its outbound transaction was `FAILED_TO_BROADCAST`.

        Only users of the exchange may; `BadRequestError` where it cannot be. Sent once.
        `POST /settlements/{settlement_id}/cancel`.
        """
        path = "/settlements/{settlement_id:s}/cancel"
        return await self._send("POST", path, Settlement, settlement_id=settlement_id)

    async def recover(self, settlement_id: str, recovery: SettlementRecoveryData) -> Settlement:
        """The settlement, its outbound transaction sent anew at a fee that gets it confirmed.

        Only operators of the exchange may, while that transaction is `SUBMITTED` and where the
        currency can replace transactions; `BadRequestError` where it cannot be. Sent once.
        `POST /settlements/{settlement_id}/recover`.
        """
        checks.typed("recovery", recovery, SettlementRecoveryData)
        path = "/settlements/{settlement_id:s}/recover"
        return await self._send("POST", path, Settlement, recovery, settlement_id=settlement_id)
