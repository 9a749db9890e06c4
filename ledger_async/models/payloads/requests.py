"""What a request asks for."""

from typing import Literal

from ledger_async.models.messages import TransactionOrMessageNote

from .creation import TransactionCreation
from .payload import Payload, constant

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
    """TODO."""

    data: TransactionCreation
    note: TransactionOrMessageNote | None = None


class MessageData(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    raw_message: str
    address: str | None = None


class MessageSigningData(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_id: int
    message_data: MessageData
    message_type: Literal["EIP-191"] = constant("EIP-191")


class MessageSigningRequestData(
    Payload, frozen=True, kw_only=True, tag_field="type", tag="CREATE_MESSAGE_SIGNING"
):
    """TODO."""

    data: MessageSigningData
    note: TransactionOrMessageNote | None = None


class IncrementDetails(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    amount: str
    currency: str
    exchange_name: str
    contract_address: str | None = None


class PledgeIncrementRequestDataDetails(Payload, frozen=True, kw_only=True):
    """TODO."""

    pledge_data: IncrementDetails
    pledge_subaccount_id: int


class PledgeIncrementRequestData(
    Payload, frozen=True, kw_only=True, tag_field="type", tag="CREATE_PLEDGE_INCREMENT"
):
    """TODO."""

    data: PledgeIncrementRequestDataDetails


class ForcedUnpledgeDetails(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    currency: str
    exchange_name: str


class ForcedUnpledgeRequestDataDetails(Payload, frozen=True, kw_only=True):
    """TODO."""

    forced_unpledge_data: ForcedUnpledgeDetails
    pledge_subaccount_id: int


class ForcedUnpledgeRequestData(
    Payload, frozen=True, kw_only=True, tag_field="type", tag="CREATE_FORCED_UNPLEDGE"
):
    """TODO."""

    data: ForcedUnpledgeRequestDataDetails


class RequestApprovePayload(Payload, frozen=True, kw_only=True):
    """TODO."""

    jws: str
