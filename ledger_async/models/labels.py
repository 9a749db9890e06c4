"""Labels of accounts and transactions."""

from msgspec import Struct

from .account import LabelInfo
from .fields import Timestamp

__all__ = ["Label"]


class Label(Struct, frozen=True):
    """A label, and which users made and last changed it."""

    created_by: int
    created_on: Timestamp
    id: int
    info: LabelInfo
    name: str
    updated_by: int
    updated_on: Timestamp
