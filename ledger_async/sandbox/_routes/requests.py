"""Requests for approval: searched, made, answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from ledger_async.models.base.values import RequestStatus, RequestType, TargetType
from ledger_async.models.governance.requests import (
    APIRequestChallenge,
    RequestWithChallenge,
    VaultRequest,
)
from ledger_async.models.payloads.requests import RequestApprovePayload
from ledger_async.sandbox._data.requests import PENDING
from ledger_async.sandbox._governance.answers import answer
from ledger_async.sandbox._governance.challenges import Answer, challenge
from ledger_async.sandbox._governance.proposals import CREATIONS, create
from ledger_async.sandbox._http.query import Search

from .route import Asked, PageOf, Route, get, post
from .search import found

if TYPE_CHECKING:
    from ledger_async.models.governance.requests import Request
    from ledger_async.sandbox._data.requests import Governed
    from ledger_async.sandbox._data.workspace import Workspace


class RequestSearch(Search, frozen=True, kw_only=True):
    """The parameters of `GET /requests`."""

    approved_by: int | None = None
    created_by: int | None = None
    order_by: Literal["created_on", "id", "status", "target_type", "type"] = "created_on"
    pending_by: int | None = None
    rejected_by: int | None = None
    status: list[RequestStatus] | None = None
    target_id: int | None = None
    target_type: list[TargetType] | None = None
    type: list[RequestType] | None = None


_PREDICATES = {
    "approved_by": lambda each, user: each.answered(user, "APPROVE"),
    "pending_by": lambda each, user: user in each.asks(),
    "rejected_by": lambda each, user: each.answered(user, "ABORT"),
}


def _requests(workspace: Workspace, asked: Asked) -> PageOf:
    query = asked.search(RequestSearch)
    everything = workspace.requests.newest_first()
    return PageOf(found(everything, query, _PREDICATES, read=_field), query, _shown)


def _field(governed: Governed, name: str) -> Any:
    return getattr(governed.request, name)


def _shown(governed: Governed) -> Request:
    return governed.request


def _governed(workspace: Workspace, asked: Asked) -> Governed:
    return workspace.requests[asked.id("request_id")]


def _request(workspace: Workspace, asked: Asked) -> RequestWithChallenge:
    own = _governed(workspace, asked).request
    text = challenge(workspace, own, "APPROVE") if own.status == PENDING else "null"
    return RequestWithChallenge(**msgspec.structs.asdict(own), challenge=msgspec.json.decode(text))


def _create(workspace: Workspace, asked: Asked) -> VaultRequest:
    return create(workspace, asked.payload(*CREATIONS)).vault_request()


def _challenge(workspace: Workspace, asked: Asked, kind: Answer) -> APIRequestChallenge:
    own = _governed(workspace, asked).request
    return APIRequestChallenge(challenge=challenge(workspace, own, kind), id=own.id)


def _approve(workspace: Workspace, asked: Asked) -> VaultRequest:
    return _answer(workspace, asked, "APPROVE", asked.payload(RequestApprovePayload).jws)


def _reject(workspace: Workspace, asked: Asked) -> VaultRequest:
    signed = asked.payload(RequestApprovePayload).jws if asked.body else None
    return _answer(workspace, asked, "REJECT", signed)


def _answer(workspace: Workspace, asked: Asked, kind: Answer, jws: str | None) -> VaultRequest:
    key, public_key = asked.id("request_id"), asked.credentials.operator_public_key
    return answer(workspace, key, kind, jws, public_key).vault_request()


_REQUEST = "/requests/{request_id}"

ROUTES: tuple[Route, ...] = (
    get("/requests", _requests),
    post("/requests", _create),
    get(_REQUEST, _request),
    get(f"{_REQUEST}/challenge", lambda w, a: _challenge(w, a, "APPROVE")),
    get(f"{_REQUEST}/challenge/reject", lambda w, a: _challenge(w, a, "REJECT")),
    get(f"{_REQUEST}/governance-status", lambda w, a: _governed(w, a).governance()),
    post(f"{_REQUEST}/approve", _approve),
    post(f"{_REQUEST}/reject", _reject),
)
