"""Labels of accounts and transactions."""

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import Timestamp

__all__ = ["Label", "LabelInfo", "LiteLabel"]


class LabelInfo(Struct, Described, frozen=True):
    """The look of a label (`color` as `#RRGGBB`) and its meaning."""

    color: str
    description: str


class LiteLabel(Struct, Described, frozen=True):
    """A label in brief."""

    id: int
    info: LabelInfo
    name: str


class Label(Struct, Described, frozen=True):
    """A label, and which users made and last changed it."""

    created_by: int
    created_on: Timestamp
    id: int
    info: LabelInfo
    name: str
    updated_by: int
    updated_on: Timestamp
