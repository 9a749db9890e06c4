"""The history of an object: the requests on it, and what became of each."""

from typing import Annotated

from msgspec import Struct

from .described import Described
from .fields import Timestamp
from .values import RequestStatus, RequestType

__all__ = ["APIHistoryResult", "APIHistoryResults"]


class APIHistoryResult(Struct, Described, frozen=True):
    """A request on an object; `created_by` is the id of a user."""

    created_on: Timestamp
    expired_at: Timestamp
    id: int
    is_complete: bool
    status: Annotated[str, RequestStatus]
    type: Annotated[str, RequestType]
    created_by: int | None = None


class APIHistoryResults(Struct, Described, frozen=True):
    """The requests on an object: lists of lists, as sent."""

    history: tuple[tuple[APIHistoryResult, ...], ...]
