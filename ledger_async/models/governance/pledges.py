"""Pledges and their settlements (Tradelink)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, TypeAlias

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import union_by
from ledger_async.models.base.payload import Payload
from ledger_async.models.base.values import PledgeState

__all__ = [
    "InboundTransactionIntent",
    "OutboundTransaction",
    "Pledge",
    "RepledgeIntent",
    "RepledgeRequest",
    "Settlement",
    "SettlementNode",
    "TradelinkAssetManager",
    "TradelinkCustodian",
    "TradelinkExchange",
]


class _Party(Struct, Described, frozen=True):
    approver_group_id: int
    code: str
    id: str
    name: str
    role: str
    whitelist_id: int


class TradelinkAssetManager(_Party, frozen=True):
    """The asset manager of a pledge."""


class TradelinkCustodian(Struct, Described, frozen=True):
    """The custodian of a pledge."""

    code: str
    id: str
    name: str
    role: str


class TradelinkExchange(_Party, frozen=True):
    """The exchange (or other liquidity provider) that a pledge is to."""


class Pledge(Struct, Described, frozen=True):
    """A pledge of an account to an exchange; `id` is a UUID."""

    account_id: int
    amount: int
    asset_manager: TradelinkAssetManager
    custodian: TradelinkCustodian
    exchange: TradelinkExchange
    id: str
    pending: int
    pledge_subaccount_id: int
    state: Annotated[str, PledgeState]


class InboundTransactionIntent(Payload, frozen=True, kw_only=True):
    """A transaction to come in with a settlement."""

    amount: int
    to_account_id: int
    to_address: str


class OutboundTransaction(Struct, Described, frozen=True):
    """The transaction that went out with a settlement, and its request."""

    request_id: int
    transaction_id: int
    transaction_hash: str | None = None


class RepledgeIntent(Payload, frozen=True, kw_only=True):
    """A pledge that is to be made again with a settlement."""

    account_name: str
    amount: str
    currency: str
    exchange_name: str
    pledge_subaccount_id: int
    contract_address: str | None = None
    to_address: str | None = None
    transaction_hash: str | None = None


class RepledgeRequest(Struct, Described, frozen=True):
    """A pledge that was made again with a settlement, and its request."""

    repledge_id: int
    request_id: int


class Settlement(Struct, Described, frozen=True):
    """A settlement of a pledge; `id` and `from_pledge_id` are UUIDs."""

    from_pledge_id: str
    id: str
    meta: Mapping[str, object]
    state: str
    inbound_transaction_intent: InboundTransactionIntent | None = None
    outbound_transaction: OutboundTransaction | None = None
    repledge: RepledgeRequest | None = None
    repledge_intent: RepledgeIntent | None = None


def _kind_of(node: object) -> type[Settlement | Pledge]:
    return Settlement if isinstance(node, dict) and "from_pledge_id" in node else Pledge


if TYPE_CHECKING:
    SettlementNode: TypeAlias = Settlement | Pledge
else:
    SettlementNode = union_by(_kind_of, Settlement, Pledge)
"""A node of the listing of settlements: its schema names pledges, its description settlements."""
