"""The fields that the stakes of every chain have in common."""

from typing import Annotated

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import IdOf
from ledger_async.models.base.values import StakeStatus
from ledger_async.models.governance.requests import Request
from ledger_async.models.transactions.transactions import Transaction
from ledger_async.models.workspace.organization import User

__all__ = ["FullStake", "LightStake"]


class LightStake(Struct, Described, frozen=True, kw_only=True):
    """A stake that names by id who created it, in which transaction, and its last request.

    Amounts are strings in the base unit of the chain. `status` is that of the workspace, not that
    of the chain.
    """

    created_by: IdOf
    creation_tx: IdOf
    id: int
    status: Annotated[str, StakeStatus]
    amount: str | None = None
    created_on: str | None = None
    last_request: IdOf | None = None
    stake_uid: str | None = None
    total_reward: str | None = None
    validator: str | None = None


class FullStake(Struct, Described, frozen=True, kw_only=True):
    """A stake with the objects that belong to it, each whole or, where the API keeps it, its id."""

    created_by: User | int
    creation_tx: Transaction | int
    id: int
    status: Annotated[str, StakeStatus]
    amount: str | None = None
    created_on: str | None = None
    last_request: Request | int | None = None
    stake_uid: str | None = None
    total_reward: str | None = None
    validator: str | None = None
