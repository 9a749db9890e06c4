"""Asyncio SDK for reading a Ledger Enterprise workspace: typed, paced and exact streams."""

import logging

from ._version import __version__
from .accounts import AccountFilters
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
    StreamClosedError,
    TransportError,
)
from .lenient import InvalidNode
from .models import NFT, Account, Edge, NFTCollection, NFTPortfolioValuation, Page, PageInfo
from .progress import AccountReport, Progress
from .reader import AccountNode
from .retry import RetryPolicy
from .stream import NodeStream

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
    "StreamClosedError",
    "TransportError",
    "__version__",
]

# A library prints nothing, not even where the program has configured no logging.
logging.getLogger("ledger_async").addHandler(logging.NullHandler())
