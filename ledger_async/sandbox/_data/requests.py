"""Requests for approval: what they are for, and how far their governance has got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from ledger_async.models.governance.requests import (
    Request,
    VaultCollectedApproval,
    VaultGovernanceStep,
    VaultLiteModel,
    VaultRequest,
    VaultRequestGovernance,
    VaultTargetRequest,
    VaultUserRef,
)

from .calendar import LIFETIME
from .people import OPERATOR
from .shelf import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PENDING = "PENDING_APPROVAL"
_MINUTES = timedelta(minutes=3)
Steps = tuple[VaultGovernanceStep, ...]


@dataclass(frozen=True, slots=True)
class Governed:
    """A request and the steps of its governance, with the approvals collected so far."""

    request: Request
    steps: Steps

    @property
    def current(self) -> int:
        """The index of the step that is not complete yet, or the number of steps."""
        open_steps = (step.step_index for step in self.steps if _approved(step) < step.quorum)
        return next(open_steps, len(self.steps))

    def asks(self) -> list[int]:
        """Return the users that may approve now."""
        if self.request.status != PENDING or self.current == len(self.steps):
            return []
        step = self.steps[self.current]
        return sorted(_users(step.approvers) - _users(each.user for each in step.approvals))

    def answered(self, user: int, kind: str) -> bool:
        """Say whether a user approved (`APPROVE`) or rejected (`ABORT`)."""
        return any(
            each.user.id == user and each.type == kind
            for step in self.steps
            for each in step.approvals
        )

    def with_answer(self, kind: str, moment: datetime, by: int | None) -> Governed:
        """Return the request with the answer of one more approver; `APPROVED` once all are in.

        It is that of the user `by` if this is one who may answer now, else of somebody who may.
        """
        if self.request.status != PENDING:
            raise RefusedError(f"request {self.request.id} is no longer pending")
        asked = self.asks()
        if not asked:
            raise RefusedError(f"nobody is left to answer request {self.request.id}")
        step, user = self.steps[self.current], by if by in asked else asked[0]
        answer = VaultCollectedApproval(created_on=moment, type=kind, user=VaultUserRef(id=user))
        new = replace(step, approvals=(*step.approvals, answer))
        steps = tuple(new if each is step else each for each in self.steps)
        after = Governed(self.request, steps)
        if kind == "ABORT":
            return after.with_status("REJECTED")
        return after.with_status("APPROVED") if after.current == len(steps) else after

    def with_status(self, status: str) -> Governed:
        """Return the request in another status."""
        return Governed(replace(self.request, status=status), self.steps)

    def vault_request(self) -> VaultRequest:
        """Return the request as those who answer it see it."""
        own = self.request
        return VaultRequest(
            created_on=own.created_on,
            expired_at=own.expires_at,
            id=own.id,
            status=_vault_status(own.status),
            target_id=own.target_id,
            target_type=own.target_type,
            type=own.type,
            created_by=None if own.created_by is None else VaultLiteModel(id=own.created_by),
            used_admin_group=own.used_admin_group,
        )

    def governance(self) -> VaultRequestGovernance:
        """Return how far the governance has got."""
        own = self.request
        return VaultRequestGovernance(
            governance_steps=self.steps,
            is_complete=own.status != PENDING,
            request=VaultTargetRequest(
                created_by=VaultUserRef(id=own.created_by),
                created_on=own.created_on,
                current_step_index=min(self.current, len(self.steps) - 1),
                id=own.id,
                status=_vault_status(own.status),
                target_id=own.target_id,
                target_type=own.target_type,
                type=own.type,
                expired_at=own.expires_at,
            ),
        )


def request(
    key: int,
    type_: str,
    target: tuple[str, int],
    *,
    created_by: int,
    created_on: datetime,
) -> Request:
    """Return a request about a target, a type and an id, that waits for approval."""
    return Request(
        created_on=created_on,
        expires_at=created_on + LIFETIME,
        id=key,
        status=PENDING,
        target_id=target[1],
        target_type=target[0],
        type=type_,
        created_by=created_by,
    )


def settled(pending: Governed, status: str) -> Governed:
    """Return the request as it is after everybody has answered, or after the first refused."""
    moment = pending.request.created_on
    governed = pending
    while status != PENDING and governed.request.status == PENDING:
        if not governed.asks():  # rules that nobody can meet
            return governed.with_status(status)
        moment += _MINUTES
        kind = "ABORT" if status == "REJECTED" else "APPROVE"
        governed = governed.with_answer(kind, moment, pending.request.created_by)
    return governed


def steps(rules: Sequence[dict[str, Any]], members: Callable[[int], Sequence[int]]) -> Steps:
    """Return the steps that rules ask for, before anybody has answered."""
    wanted = rules or [{"quorum": 1, "users": [OPERATOR]}]
    return tuple(_step(index, rule, members) for index, rule in enumerate(wanted))


def _step(
    index: int, rule: dict[str, Any], members: Callable[[int], Sequence[int]]
) -> VaultGovernanceStep:
    group = rule.get("group")
    users = rule["users"] if group is None else members(group)
    return VaultGovernanceStep(
        approvals=(),
        approvers=tuple(VaultUserRef(id=user) for user in users if user is not None),
        quorum=rule["quorum"],
        step_index=index,
        group=None if group is None else VaultLiteModel(id=group),
    )


def _approved(step: VaultGovernanceStep) -> int:
    return sum(each.type == "APPROVE" for each in step.approvals)


def _users(references: Any) -> set[int]:
    return {each.id for each in references}


def _vault_status(status: str) -> str:
    return "ABORTED" if status == "REJECTED" else status
