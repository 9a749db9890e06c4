"""Messages that were signed or are to be."""

from typing import Annotated

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import Timestamp
from ledger_async.models.base.payload import Payload
from ledger_async.models.base.values import MessageType, SigningStatus

__all__ = ["Message", "TransactionOrMessageNote"]


class TransactionOrMessageNote(Payload, frozen=True, kw_only=True):
    """Notes of people on a transaction or a message."""

    content: str
    title: str


class Message(Struct, Described, frozen=True):
    """A message that an account signs: `data` is its content.

    `address` is the one that signed, and `signature` its signature as DER.
    """

    account_id: int
    created_by: int
    created_on: Timestamp
    data: str
    id: int
    message_type: Annotated[str, MessageType]
    notes: tuple[TransactionOrMessageNote, ...]
    status: Annotated[str, SigningStatus]
    address: str | None = None
    last_request: int | None = None
    signature: str | None = None
    type: str = "MESSAGE_SIGNATURE"
