"""Requests for approval, and how far their governance has got."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import Timestamp
from ledger_async.models.base.values import (
    ApprovalType,
    RequestStatus,
    RequestType,
    TargetType,
    VaultRequestStatus,
    VaultTargetRequestStatus,
)

__all__ = [
    "APIRequestChallenge",
    "Request",
    "RequestWithChallenge",
    "VaultCollectedApproval",
    "VaultGovernanceStep",
    "VaultLiteModel",
    "VaultRequest",
    "VaultRequestGovernance",
    "VaultTargetRequest",
    "VaultUserRef",
]


class Request(Struct, Described, frozen=True):
    """A request for approval of a change to its target.

    `used_admin_group` is the group of administrators that it was made and approved by.
    """

    created_on: Timestamp
    expires_at: Timestamp
    id: int
    status: Annotated[str, RequestStatus]
    target_id: int
    target_type: Annotated[str, TargetType]
    type: Annotated[str, RequestType]
    created_by: int | None = None
    used_admin_group: int | None = None


class RequestWithChallenge(Request, frozen=True):
    """A request; its `challenge` is deprecated: ask for it by itself."""

    challenge: Mapping[str, object] | str | None = None


class APIRequestChallenge(Struct, Described, frozen=True):
    """The challenge to sign in order to approve or reject the request with this id."""

    challenge: str
    id: int


class VaultLiteModel(Struct, Described, frozen=True):
    """The id of an object."""

    id: int


class VaultRequest(Struct, Described, frozen=True):
    """A request as those see it who create, approve or reject it.

    `used_admin_group` is the group of administrators that it was made and approved by.
    """

    created_on: Timestamp
    expired_at: Timestamp
    id: int
    status: Annotated[str, VaultRequestStatus]
    target_id: int
    target_type: str
    type: str
    created_by: VaultLiteModel | None = None
    used_admin_group: int | None = None


class VaultUserRef(Struct, Described, frozen=True):
    """The id of a user, `None` if the caller may not see them."""

    id: int | None = None


class VaultCollectedApproval(Struct, Described, frozen=True):
    """An answer to a request: an approval, or an abort that rejects it."""

    created_on: Timestamp
    type: Annotated[str, ApprovalType]
    user: VaultUserRef


class VaultGovernanceStep(Struct, Described, frozen=True):
    """A step of a request's governance: `quorum` of the `approvers` must approve.

    `approvals` are the answers so far, rejections among them.
    """

    approvals: tuple[VaultCollectedApproval, ...]
    approvers: tuple[VaultUserRef, ...]
    quorum: int
    step_index: int
    group: VaultLiteModel | None = None


class VaultTargetRequest(Struct, Described, frozen=True):
    """A request, and the step of its governance that it has got to."""

    created_by: VaultUserRef
    created_on: Timestamp
    current_step_index: int
    id: int
    status: Annotated[str, VaultTargetRequestStatus]
    target_id: int
    target_type: str
    type: Annotated[str, RequestType]
    expired_at: Timestamp | None = None


class VaultRequestGovernance(Struct, Described, frozen=True):
    """The governance of a request, step by step; `is_complete` once nothing can change it."""

    governance_steps: tuple[VaultGovernanceStep, ...]
    is_complete: bool
    request: VaultTargetRequest
