"""Labels of accounts and transactions."""

from msgspec import Struct

from .account import LabelInfo
from .fields import Timestamp

__all__ = ["Label"]


class Label(Struct, frozen=True):
    """TODO."""

    created_by: int
    created_on: Timestamp
    id: int
    info: LabelInfo
    name: str
    updated_by: int
    updated_on: Timestamp
