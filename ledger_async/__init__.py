"""Asyncio SDK for a Ledger Enterprise workspace: typed, paced and exact streams of all of it."""

import logging
from typing import TYPE_CHECKING

from ._auth.schemes import BearerAuth, KeySource, LamAuth, ReportingAuth
from ._governor.retry import RetryPolicy
from ._pages.account_node import AccountNode
from ._pages.invalid_nodes import InvalidNode
from ._pages.options import PageSize
from ._streaming.progress import Progress
from ._streaming.stream import NodeStream
from ._support import lazy
from ._version import __version__
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
from .events import AccountReport
from .models.base.paging import Edge, Page, PageInfo

if TYPE_CHECKING:
    from ._signing.addresses import SignedAddress
    from .models.accounts.account import Account
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
    "PageSize",
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
    "SignedAddress",
    "StreamClosedError",
    "TransportError",
    "__version__",
]

# A library prints nothing, not even where the program has configured no logging.
logging.getLogger("ledger_async").addHandler(logging.NullHandler())

# Not every program needs them.
__getattr__, __dir__ = lazy.exports(
    __name__,
    {
        "NFT": ".models.nft",
        "NFTCollection": ".models.nft",
        "NFTPortfolioValuation": ".models.nft",
        "Account": ".models.accounts.account",
        "AccountFilters": ".sections.accounts",
        "SignedAddress": "._signing.addresses",
    },
)
