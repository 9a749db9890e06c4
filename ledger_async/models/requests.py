"""Requests for approval, and how far their governance has got."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Struct

from .fields import Timestamp
from .values import (
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


class Request(Struct, frozen=True):
    """TODO."""

    created_on: Timestamp
    expires_at: Timestamp
    id: int
    status: Annotated[str, RequestStatus]
    target_id: int
    target_type: Annotated[str, TargetType]
    type: Annotated[str, RequestType]
    created_by: int | None = None
    used_admin_group: int | None = None


class RequestWithChallenge(Struct, frozen=True):
    """TODO."""

    created_on: Timestamp
    expires_at: Timestamp
    id: int
    status: Annotated[str, RequestStatus]
    target_id: int
    target_type: Annotated[str, TargetType]
    type: Annotated[str, RequestType]
    challenge: Mapping[str, object] | str | None = None
    created_by: int | None = None
    used_admin_group: int | None = None


class APIRequestChallenge(Struct, frozen=True):
    """TODO."""

    challenge: str
    id: int


class VaultLiteModel(Struct, frozen=True):
    """TODO."""

    id: int


class VaultRequest(Struct, frozen=True):
    """TODO."""

    created_on: Timestamp
    expired_at: Timestamp
    id: int
    status: Annotated[str, VaultRequestStatus]
    target_id: int
    target_type: str
    type: str
    created_by: VaultLiteModel | None = None
    used_admin_group: int | None = None


class VaultUserRef(Struct, frozen=True):
    """TODO."""

    id: int | None = None


class VaultCollectedApproval(Struct, frozen=True):
    """TODO."""

    created_on: Timestamp
    type: Annotated[str, ApprovalType]
    user: VaultUserRef


class VaultGovernanceStep(Struct, frozen=True):
    """TODO."""

    approvals: tuple[VaultCollectedApproval, ...]
    approvers: tuple[VaultUserRef, ...]
    quorum: int
    step_index: int
    group: VaultLiteModel | None = None


class VaultTargetRequest(Struct, frozen=True):
    """TODO."""

    created_by: VaultUserRef
    created_on: Timestamp
    current_step_index: int
    id: int
    status: Annotated[str, VaultTargetRequestStatus]
    target_id: int
    target_type: str
    type: Annotated[str, RequestType]
    expired_at: Timestamp | None = None


class VaultRequestGovernance(Struct, frozen=True):
    """TODO."""

    governance_steps: tuple[VaultGovernanceStep, ...]
    is_complete: bool
    request: VaultTargetRequest
