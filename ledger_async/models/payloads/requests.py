"""Requests to be created, by what they ask for."""

from typing import Literal

from ledger_async.models.base.payload import Payload, constant
from ledger_async.models.governance.messages import TransactionOrMessageNote

from .creation import TransactionCreation

__all__ = [
    "ForcedUnpledgeDetails",
    "ForcedUnpledgeRequestData",
    "ForcedUnpledgeRequestDataDetails",
    "IncrementDetails",
    "MessageData",
    "MessageSigningData",
    "MessageSigningRequestData",
    "PledgeIncrementRequestData",
    "PledgeIncrementRequestDataDetails",
    "RequestApprovePayload",
    "TransactionCreationRequestDataV2",
]


class TransactionCreationRequestDataV2(
    Payload, frozen=True, kw_only=True, tag_field="type", tag="CREATE_TRANSACTION"
):
    """A request to create a transaction, also to estimate its fees."""

    data: TransactionCreation
    note: TransactionOrMessageNote | None = None


class MessageData(Payload, frozen=True, kw_only=True):
    """A message as plain text, not as hexadecimal, and which address is to sign it."""

    account_name: str
    raw_message: str
    address: str | None = None


class MessageSigningData(Payload, frozen=True, kw_only=True):
    """A message that the account `account_id` is to sign."""

    account_id: int
    message_data: MessageData
    message_type: Literal["EIP-191"] = constant("EIP-191")


class MessageSigningRequestData(
    Payload, frozen=True, kw_only=True, tag_field="type", tag="CREATE_MESSAGE_SIGNING"
):
    """A request to sign a message."""

    data: MessageSigningData
    note: TransactionOrMessageNote | None = None


class IncrementDetails(Payload, frozen=True, kw_only=True):
    """The amount that a pledge is to grow by; `contract_address` is that of a token."""

    account_name: str
    amount: str
    currency: str
    exchange_name: str
    contract_address: str | None = None


class PledgeIncrementRequestDataDetails(Payload, frozen=True, kw_only=True):
    """The increment of the pledge of this subaccount."""

    pledge_data: IncrementDetails
    pledge_subaccount_id: int


class PledgeIncrementRequestData(
    Payload, frozen=True, kw_only=True, tag_field="type", tag="CREATE_PLEDGE_INCREMENT"
):
    """A request to add to a pledge."""

    data: PledgeIncrementRequestDataDetails


class ForcedUnpledgeDetails(Payload, frozen=True, kw_only=True):
    """Whose pledge is to end, by names."""

    account_name: str
    currency: str
    exchange_name: str


class ForcedUnpledgeRequestDataDetails(Payload, frozen=True, kw_only=True):
    """The pledge of this subaccount, to end it."""

    forced_unpledge_data: ForcedUnpledgeDetails
    pledge_subaccount_id: int


class ForcedUnpledgeRequestData(
    Payload, frozen=True, kw_only=True, tag_field="type", tag="CREATE_FORCED_UNPLEDGE"
):
    """A request to end a pledge by force."""

    data: ForcedUnpledgeRequestDataDetails


class RequestApprovePayload(Payload, frozen=True, kw_only=True):
    """The challenge of a request, signed: a compact JWS with ES256."""

    jws: str
