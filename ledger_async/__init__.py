"""Asyncio SDK for a Ledger Enterprise workspace: typed, paced and exact streams of all of it."""

import logging
from importlib import import_module
from typing import TYPE_CHECKING

from ._version import __version__
from .auth import BearerAuth, KeySource, LamAuth, ReportingAuth
from .client import LedgerClient
from .errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    DecodeError,
    LedgerError,
    ListingIncompleteError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    RedirectRefusedError,
    RequestTimeoutError,
    ResponseTooLargeError,
    ServerError,
    SignatureError,
    StreamClosedError,
    TransportError,
)
from .lenient import InvalidNode
from .models.paging import Edge, Page, PageInfo
from .progress import AccountReport, Progress
from .reader import AccountNode
from .retry import RetryPolicy
from .stream import NodeStream

if TYPE_CHECKING:
    from .models.account import Account
    from .models.nft import NFT, NFTCollection, NFTPortfolioValuation
    from .sections.accounts import AccountFilters

__all__ = [
    "NFT",
    "Account",
    "AccountFilters",
    "AccountNode",
    "AccountReport",
    "ApiError",
    "AuthenticationError",
    "BadRequestError",
    "BearerAuth",
    "ConfigurationError",
    "DecodeError",
    "Edge",
    "InvalidNode",
    "KeySource",
    "LamAuth",
    "LedgerClient",
    "LedgerError",
    "ListingIncompleteError",
    "NFTCollection",
    "NFTPortfolioValuation",
    "NodeStream",
    "NotFoundError",
    "Page",
    "PageInfo",
    "PermissionDeniedError",
    "Progress",
    "ProtocolError",
    "RateLimitError",
    "RedirectRefusedError",
    "ReportingAuth",
    "RequestTimeoutError",
    "ResponseTooLargeError",
    "RetryPolicy",
    "ServerError",
    "SignatureError",
    "StreamClosedError",
    "TransportError",
    "__version__",
]

# A library prints nothing, not even where the program has configured no logging.
logging.getLogger("ledger_async").addHandler(logging.NullHandler())

# Loaded when first asked for: not every program needs them.
_HOMES = {
    "NFT": ".models.nft",
    "NFTCollection": ".models.nft",
    "NFTPortfolioValuation": ".models.nft",
    "Account": ".models.account",
    "AccountFilters": ".sections.accounts",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)


def __dir__() -> list[str]:
    return __all__
