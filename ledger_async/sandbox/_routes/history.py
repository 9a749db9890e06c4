"""The history of an object: the same route in every section that requests are about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from ledger_async.models.base.history import APIHistoryResult, APIHistoryResults
from ledger_async.sandbox._data.requests import PENDING

from .route import Asked, Route, get

if TYPE_CHECKING:
    from ledger_async.sandbox._data.workspace import Workspace


class _Governed(Protocol):
    @property
    def last_request(self) -> int | None: ...


def history(path: str, subject: Callable[[Workspace, Asked], _Governed]) -> Route:
    """Return the route of the requests on the object at `path`, which `subject` finds."""
    return get(
        f"{path}/history", lambda workspace, asked: _of(workspace, subject(workspace, asked))
    )


def _of(workspace: Workspace, governed: _Governed) -> APIHistoryResults:
    """Return the requests on an object: here none has more than its last."""
    if governed.last_request is None:
        return APIHistoryResults(history=())
    request = workspace.requests[governed.last_request].request
    result = APIHistoryResult(
        created_on=request.created_on,
        expired_at=request.expires_at,
        id=request.id,
        is_complete=request.status != PENDING,
        status=request.status,
        type=request.type,
        created_by=request.created_by,
    )
    return APIHistoryResults(history=((result,),))
