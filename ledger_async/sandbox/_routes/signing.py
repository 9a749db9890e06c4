"""Messages and digests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ledger_async.models.base.values import MessageTypeFilter, SigningStatus
from ledger_async.sandbox._http.query import Search

from .history import history
from .route import Asked, PageOf, Route, get
from .search import found

if TYPE_CHECKING:
    from ledger_async.models.governance.digests import Digests
    from ledger_async.models.governance.messages import Message
    from ledger_async.sandbox._data.workspace import Workspace

_OrderBy = Literal["account_id", "created_on", "id", "status"]


class MessageSearch(Search, frozen=True, kw_only=True):
    """The parameters of `GET /messages`."""

    account: list[int] | None = None
    message_type: MessageTypeFilter | None = None
    order_by: _OrderBy = "created_on"
    status: list[SigningStatus] | None = None


class DigestSearch(Search, frozen=True, kw_only=True):
    """The parameters of `GET /digests`."""

    account: list[int] | None = None
    order_by: _OrderBy = "created_on"
    status: list[SigningStatus] | None = None


def _messages(workspace: Workspace, asked: Asked) -> PageOf:
    query = asked.search(MessageSearch)
    special = {
        "account": lambda each, keys: each.account_id in keys,
        # The filter spells `EIP191` what messages spell `EIP-191`.
        "message_type": lambda each, kind: each.message_type.replace("-", "") == kind,
    }
    return PageOf(found(workspace.messages.newest_first(), query, special), query)


def _digests(workspace: Workspace, asked: Asked) -> PageOf:
    query = asked.search(DigestSearch)
    special = {"account": lambda each, keys: each.account_id in keys}
    return PageOf(found(workspace.digests.newest_first(), query, special), query)


def _message(workspace: Workspace, asked: Asked) -> Message:
    return workspace.messages[asked.id("message_id")]


def _one_digests(workspace: Workspace, asked: Asked) -> Digests:
    return workspace.digests[asked.id("digests_id")]


ROUTES: tuple[Route, ...] = (
    get("/messages", _messages),
    get("/messages/{message_id}", _message),
    history("/messages/{message_id}", _message),
    get("/digests", _digests),
    get("/digests/{digests_id}", _one_digests),
    history("/digests/{digests_id}", _one_digests),
)
