"""Every operation that reads or changes the workspace, by section of the API."""

from __future__ import annotations

from . import (
    accounts,
    addresses,
    balances,
    currencies,
    nfts,
    people,
    requests,
    settings,
    signing,
    staking,
    tradelink,
    transactions,
)
from .route import Route

ROUTES: tuple[Route, ...] = (
    *accounts.ROUTES,
    *addresses.ROUTES,
    *balances.ROUTES,
    *currencies.ROUTES,
    *nfts.ROUTES,
    *people.ROUTES,
    *requests.ROUTES,
    *settings.ROUTES,
    *signing.ROUTES,
    *staking.ROUTES,
    *tradelink.ROUTES,
    *transactions.ROUTES,
)
