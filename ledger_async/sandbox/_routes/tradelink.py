"""Pledges and settlements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from ledger_async.models.base.values import PledgeState
from ledger_async.models.payloads.settlements import CreateSettlement, SettlementRecoveryData
from ledger_async.sandbox._governance.settling import cancel, create, keyed, recover, shown
from ledger_async.sandbox._http.query import Paging

from .route import Asked, PageOf, Route, get, post
from .search import found

if TYPE_CHECKING:
    from ledger_async.models.governance.pledges import Pledge, Settlement
    from ledger_async.sandbox._data.workspace import Workspace

Identifier = Annotated[int, msgspec.Meta(ge=0)]


class PledgeSearch(Paging, frozen=True, kw_only=True):
    """The parameters of `GET /pledges`."""

    account_id: Identifier | None = None
    asset_manager_id: Identifier | None = None
    exchange_id: Identifier | None = None
    state: list[PledgeState] | None = None


_PREDICATES = {
    "asset_manager_id": lambda each, key: each.asset_manager.id == str(key),
    "exchange_id": lambda each, key: each.exchange.id == str(key),
}


def _pledges(workspace: Workspace, asked: Asked) -> PageOf:
    query = asked.search(PledgeSearch)
    return PageOf(found(workspace.pledges.newest_first(), query, _PREDICATES), query)


def _settlements(workspace: Workspace, asked: Asked) -> PageOf:
    """List what the contract says: the pledges that settlements draw on."""
    query = asked.search(Paging)
    sources = {each.from_pledge_id for each in workspace.settlements.newest_first()}
    drawn_on = [each for each in workspace.pledges.newest_first() if each.id in sources]
    return PageOf(drawn_on, query)


def _pledge(workspace: Workspace, asked: Asked) -> Pledge:
    return keyed(workspace.pledges, asked.path["pledge_id"])[1]


def _settlement(workspace: Workspace, asked: Asked) -> Settlement:
    return shown(workspace, keyed(workspace.settlements, asked.path["settlement_id"])[1])


def _create(workspace: Workspace, asked: Asked) -> Settlement:
    return create(workspace, asked.payload(CreateSettlement))


def _cancel(workspace: Workspace, asked: Asked) -> Settlement:
    return cancel(workspace, asked.path["settlement_id"])


def _recover(workspace: Workspace, asked: Asked) -> Settlement:
    data = asked.payload(SettlementRecoveryData)
    return recover(workspace, asked.path["settlement_id"], data)


_SETTLEMENT = "/settlements/{settlement_id}"

ROUTES: tuple[Route, ...] = (
    get("/pledges", _pledges),
    get("/pledges/{pledge_id}", _pledge),
    get("/settlements", _settlements),
    post("/settlements", _create),
    get(_SETTLEMENT, _settlement),
    post(f"{_SETTLEMENT}/cancel", _cancel),
    post(f"{_SETTLEMENT}/recover", _recover),
)
