"""Asyncio SDK for a Ledger Enterprise workspace: typed, paced and exact streams of all of it."""

import logging
from typing import TYPE_CHECKING

from ._auth.schemes import BearerAuth, KeySource, LamAuth, ReportingAuth
from ._exactness.checkpoints import Checkpoint
from ._governor.limiter import Limiter
from ._governor.retry import RetryPolicy
from ._pages.accepted import Accepted
from ._pages.account_node import AccountNode
from ._pages.endpoint import Listing
from ._pages.invalid_nodes import InvalidNode
from ._pages.options import PageSize
from ._protocol.rate_limit_headers import Quota
from ._streaming.batches import Batch
from ._streaming.progress import Progress
from ._streaming.stream import NodeStream
from ._support import lazy
from ._support.log import logger
from ._version import __version__
from .client import LedgerClient
from .errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    DecodeError,
    FleetError,
    LedgerError,
    ListingIncompleteError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    RedirectRefusedError,
    RequestTimeoutError,
    ResponseTooLargeError,
    RowRefusedError,
    ServerError,
    SignatureError,
    StoreError,
    StoreLockedError,
    StreamClosedError,
    TransportError,
)
from .events import AccountReport
from .models.base.paging import Edge, Page, PageInfo

if TYPE_CHECKING:
    from ._signing.addresses import SignedAddress
    from .models.accounts.account import Account
    from .models.governance.digests import Digests
    from .models.governance.messages import Message
    from .models.governance.pledges import Pledge, Settlement
    from .models.governance.requests import Request
    from .models.governance.whitelists import Whitelist
    from .models.nft import NFT, NFTCollection, NFTPortfolioValuation
    from .models.transactions.transactions import Transaction
    from .models.workspace.labels import Label
    from .models.workspace.organization import Entity, Group, User
    from .sections.accounts import AccountFilters

__all__ = [
    "NFT",
    "Accepted",
    "Account",
    "AccountFilters",
    "AccountNode",
    "AccountReport",
    "ApiError",
    "AuthenticationError",
    "BadRequestError",
    "Batch",
    "BearerAuth",
    "Checkpoint",
    "ConfigurationError",
    "DecodeError",
    "Digests",
    "Edge",
    "Entity",
    "FleetError",
    "Group",
    "InvalidNode",
    "KeySource",
    "Label",
    "LamAuth",
    "LedgerClient",
    "LedgerError",
    "Limiter",
    "Listing",
    "ListingIncompleteError",
    "Message",
    "NFTCollection",
    "NFTPortfolioValuation",
    "NodeStream",
    "NotFoundError",
    "Page",
    "PageInfo",
    "PageSize",
    "PermissionDeniedError",
    "Pledge",
    "Progress",
    "ProtocolError",
    "Quota",
    "RateLimitError",
    "RedirectRefusedError",
    "ReportingAuth",
    "Request",
    "RequestTimeoutError",
    "ResponseTooLargeError",
    "RetryPolicy",
    "RowRefusedError",
    "ServerError",
    "Settlement",
    "SignatureError",
    "SignedAddress",
    "StoreError",
    "StoreLockedError",
    "StreamClosedError",
    "Transaction",
    "TransportError",
    "User",
    "Whitelist",
    "__version__",
]

# A library prints nothing, not even where the program has configured no logging.
logger.addHandler(logging.NullHandler())

# Not every program needs them.
__getattr__, __dir__ = lazy.exports(
    __name__,
    {
        "Account": ".models.accounts.account",
        "AccountFilters": ".sections.accounts",
        "Digests": ".models.governance.digests",
        "Entity": ".models.workspace.organization",
        "Group": ".models.workspace.organization",
        "Label": ".models.workspace.labels",
        "Message": ".models.governance.messages",
        "NFT": ".models.nft",
        "NFTCollection": ".models.nft",
        "NFTPortfolioValuation": ".models.nft",
        "SignedAddress": "._signing.addresses",
        "Pledge": ".models.governance.pledges",
        "Request": ".models.governance.requests",
        "Settlement": ".models.governance.pledges",
        "Transaction": ".models.transactions.transactions",
        "User": ".models.workspace.organization",
        "Whitelist": ".models.governance.whitelists",
    },
)
