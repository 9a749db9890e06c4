"""Asyncio SDK for a Ledger Enterprise workspace: typed, paced and exact streams of all of it."""

import sys


def _interrupted(
    kind: type[BaseException], error: BaseException, traceback: "TracebackType | None"
) -> None:
    """Let Ctrl-C end the command line in one line while that is being loaded."""
    if issubclass(kind, KeyboardInterrupt):
        from ._support import interrupts  # noqa: PLC0415 - which may not have been loaded

        interrupts.end_at_once()
    sys.__excepthook__(kind, error, traceback)


# First of all, since what follows may be interrupted. No other program begins like this, and
# processes that this one starts share `argv`, but not `orig_argv`.
_FIRST = sys.orig_argv[1:3]
_IS_SCRIPT = _FIRST[:1] == sys.argv[:1] and _FIRST[0].removesuffix(".exe").endswith("ledger-async")
if _IS_SCRIPT or _FIRST == ["-m", "ledger_async"]:
    sys.excepthook = _interrupted
    from ._support import interrupts

    interrupts.catch()

from typing import TYPE_CHECKING  # noqa: E402

from ._support import lazy  # noqa: E402
from ._version import __version__  # noqa: E402

if TYPE_CHECKING:
    from types import TracebackType

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
    from ._signing.addresses import SignedAddress
    from ._streaming.batches import Batch
    from ._streaming.progress import Progress
    from ._streaming.stream import NodeStream
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
    from .models.accounts.account import Account
    from .models.base.paging import Edge, Page, PageInfo
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

# Whoever looks for the plugin of pytest, or for the command line, loads no client for that.
__getattr__, __dir__ = lazy.exports(
    __name__,
    {
        "Accepted": "._pages.accepted",
        "Account": ".models.accounts.account",
        "AccountFilters": ".sections.accounts",
        "AccountNode": "._pages.account_node",
        "AccountReport": ".events",
        "ApiError": ".errors",
        "AuthenticationError": ".errors",
        "BadRequestError": ".errors",
        "Batch": "._streaming.batches",
        "BearerAuth": "._auth.schemes",
        "Checkpoint": "._exactness.checkpoints",
        "ConfigurationError": ".errors",
        "DecodeError": ".errors",
        "Digests": ".models.governance.digests",
        "Edge": ".models.base.paging",
        "Entity": ".models.workspace.organization",
        "FleetError": ".errors",
        "Group": ".models.workspace.organization",
        "InvalidNode": "._pages.invalid_nodes",
        "KeySource": "._auth.schemes",
        "Label": ".models.workspace.labels",
        "LamAuth": "._auth.schemes",
        "LedgerClient": ".client",
        "LedgerError": ".errors",
        "Limiter": "._governor.limiter",
        "Listing": "._pages.endpoint",
        "ListingIncompleteError": ".errors",
        "Message": ".models.governance.messages",
        "NFT": ".models.nft",
        "NFTCollection": ".models.nft",
        "NFTPortfolioValuation": ".models.nft",
        "NodeStream": "._streaming.stream",
        "NotFoundError": ".errors",
        "Page": ".models.base.paging",
        "PageInfo": ".models.base.paging",
        "PageSize": "._pages.options",
        "PermissionDeniedError": ".errors",
        "Pledge": ".models.governance.pledges",
        "Progress": "._streaming.progress",
        "ProtocolError": ".errors",
        "Quota": "._protocol.rate_limit_headers",
        "RateLimitError": ".errors",
        "RedirectRefusedError": ".errors",
        "ReportingAuth": "._auth.schemes",
        "Request": ".models.governance.requests",
        "RequestTimeoutError": ".errors",
        "ResponseTooLargeError": ".errors",
        "RetryPolicy": "._governor.retry",
        "RowRefusedError": ".errors",
        "ServerError": ".errors",
        "Settlement": ".models.governance.pledges",
        "SignatureError": ".errors",
        "SignedAddress": "._signing.addresses",
        "StoreError": ".errors",
        "StoreLockedError": ".errors",
        "StreamClosedError": ".errors",
        "Transaction": ".models.transactions.transactions",
        "TransportError": ".errors",
        "User": ".models.workspace.organization",
        "Whitelist": ".models.governance.whitelists",
    },
    modules=("client", "errors", "events", "json", "models", "sandbox", "webhooks"),
)
