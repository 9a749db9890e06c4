"""NFTs, the collections that they belong to, and what they are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger_async.sandbox._http.query import NftPaging

from .route import Asked, PageOf, Route, get

if TYPE_CHECKING:
    from ledger_async.sandbox._data.workspace import Workspace


def _nfts(workspace: Workspace, asked: Asked) -> PageOf:
    holdings = workspace.holdings(asked.id("account_id"))
    return PageOf(holdings.serials, asked.search(NftPaging), holdings.nft)


def _collections(workspace: Workspace, asked: Asked) -> PageOf:
    holdings = workspace.holdings(asked.id("account_id"))
    return PageOf(holdings.collections(), asked.search(NftPaging))


def _portfolio(workspace: Workspace, asked: Asked) -> object:
    return workspace.holdings(asked.id("account_id")).portfolio()


ROUTES: tuple[Route, ...] = (
    get("/accounts/{account_id}/nfts", _nfts),
    get("/accounts/{account_id}/nft-collections", _collections),
    get("/accounts/{account_id}/nft-portfolio", _portfolio),
)
