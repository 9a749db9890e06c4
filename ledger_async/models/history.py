"""What was requested on an object, and what became of it."""

from typing import Annotated

from msgspec import Struct

from .fields import Timestamp
from .values import RequestStatus, RequestType

__all__ = ["APIHistoryResult", "APIHistoryResults"]


class APIHistoryResult(Struct, frozen=True):
    """TODO."""

    created_on: Timestamp
    expired_at: Timestamp
    id: int
    is_complete: bool
    status: Annotated[str, RequestStatus]
    type: Annotated[str, RequestType]
    created_by: int | None = None


class APIHistoryResults(Struct, frozen=True):
    """TODO."""

    history: tuple[tuple[APIHistoryResult, ...], ...]
