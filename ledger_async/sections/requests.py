"""Requests for approval, and their governance."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias, TypedDict, Unpack

from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.options import Consistency, OnInvalid, PageSize, StreamOptions
from ledger_async._signing.challenges import open_challenge
from ledger_async._streaming.stream import NodeStream
from ledger_async._support import cancellation, checks
from ledger_async.errors import ConfigurationError, ProtocolError
from ledger_async.models.base.paging import Page
from ledger_async.models.base.values import Order, RequestStatus, RequestType, TargetType
from ledger_async.models.governance.requests import (
    APIRequestChallenge,
    Request,
    RequestWithChallenge,
    VaultRequest,
    VaultRequestGovernance,
)
from ledger_async.models.payloads.requests import (
    ForcedUnpledgeRequestData,
    MessageSigningRequestData,
    PledgeIncrementRequestData,
    RequestApprovePayload,
    TransactionCreationRequestDataV2,
)
from ledger_async.sections._base.listing import ListingSection

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

RequestCreation: TypeAlias = (
    ForcedUnpledgeRequestData
    | MessageSigningRequestData
    | PledgeIncrementRequestData
    | TransactionCreationRequestDataV2
)
"""The payloads that can be asked for. All of them are in `ledger_async.models`."""

Confirm: TypeAlias = Callable[[Mapping[str, object]], bool | Awaitable[bool | None] | None]
"""A function, plain or async, that is given a challenge: nothing is sent unless it says `True`."""

Sign: TypeAlias = Callable[[bytes], str]

_COMPACT_JWS = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){2}")


class RequestFilters(TypedDict, total=False):
    """Filters of `GET /requests`, all of which a request must match; `None` is no filter.

    `approved_by`, `created_by`, `pending_by` and `rejected_by` take the id of a user. A request
    to sign a message is of the `type` `MESSAGE_SIGNING` here, as it is in a `Request`, though it
    is created as `CREATE_MESSAGE_SIGNING`.
    """

    approved_by: int | None
    created_after: datetime | None
    created_before: datetime | None
    created_by: int | None
    id: int | None
    order: Order | None
    order_by: str | None
    pending_by: int | None
    rejected_by: int | None
    status: Iterable[RequestStatus] | None
    target_id: int | None
    target_type: Iterable[TargetType] | None
    type: Iterable[RequestType] | None


class Requests(ListingSection):
    """Requests for approval: `GET /requests`, what hangs on each, and how they are answered.

    An answer is the request's challenge, signed as a compact JWS with ES256. `approve_with` and
    `reject_with` do all of it, and need the extra `signing`.
    """

    _endpoint = Endpoint(
        "/requests",
        Request,
        filters=RequestFilters,
        settled=frozenset(
            {
                "created_after",
                "created_before",
                "created_by",
                "id",
                "target_id",
                "target_type",
                "type",
            }
        ),
    )

    def stream(
        self,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[RequestFilters],
    ) -> NodeStream[Request]:
        """Every request that matches the filters, once, newest first unless `order` says otherwise.

        `created_after`, `created_before`, `created_by`, `id`, `target_id`, `target_type` and
        `type` ask for what never changes: see `ledger_async.sections`. `GET /requests`.
        """
        options = StreamOptions.of(self._endpoint, page_size, consistency, on_invalid, filters)
        return self._stream(options)

    async def page(
        self, number: int = 1, *, page_size: PageSize = 100, **filters: Unpack[RequestFilters]
    ) -> Page[Request]:
        """One page of the requests that match, numbered from 1. `GET /requests`."""
        options = StreamOptions.of(self._endpoint, page_size, filters=filters)
        return await self._page(options, number)

    async def get(self, request_id: int) -> RequestWithChallenge:
        """One request; `NotFoundError` if there is none.

        Its `challenge` is deprecated by the API: use `challenge`. `GET /requests/{request_id}`.
        """
        return await self._get(
            "/requests/{request_id}", RequestWithChallenge, request_id=request_id
        )

    async def create(self, payload: RequestCreation) -> VaultRequest:
        """The request, created; it then waits for approval, first by who created it.

        `BadRequestError` for a payload that the API refuses. Sent once: an error other than that
        may leave it created, and `stream` tells. `POST /requests`.
        """
        checks.typed("payload", payload, RequestCreation)
        return await self._send("POST", "/requests", VaultRequest, payload)

    async def challenge(self, request_id: int) -> APIRequestChallenge:
        """The challenge to sign to approve a request. `GET /requests/{request_id}/challenge`."""
        path = "/requests/{request_id}/challenge"
        return await self._get(path, APIRequestChallenge, request_id=request_id)

    async def reject_challenge(self, request_id: int) -> APIRequestChallenge:
        """The challenge to sign to reject a request.

        `GET /requests/{request_id}/challenge/reject`.
        """
        path = "/requests/{request_id}/challenge/reject"
        return await self._get(path, APIRequestChallenge, request_id=request_id)

    async def governance_status(self, request_id: int) -> VaultRequestGovernance:
        """The steps of a request's governance, and the approvals that each has and needs.

        `GET /requests/{request_id}/governance-status`.
        """
        path = "/requests/{request_id}/governance-status"
        return await self._get(path, VaultRequestGovernance, request_id=request_id)

    async def approve(self, request_id: int, jws: str) -> VaultRequest:
        """The request, approved with its signed challenge, a compact JWS.

        Sent once: an error may leave it approved, and `governance_status` tells.
        `POST /requests/{request_id}/approve`.
        """
        path = "/requests/{request_id}/approve"
        return await self._send("POST", path, VaultRequest, _answer(jws), request_id=request_id)

    async def reject(self, request_id: int, jws: str | None = None) -> VaultRequest:
        """The request, rejected with its signed reject challenge, a compact JWS, or without one.

        Sent once: an error may leave it rejected, and `governance_status` tells.
        `POST /requests/{request_id}/reject`.
        """
        path = "/requests/{request_id}/reject"
        answer = None if jws is None else _answer(jws)
        return await self._send("POST", path, VaultRequest, answer, request_id=request_id)

    async def approve_with(
        self,
        request_id: int,
        private_key: str | bytes | EllipticCurvePrivateKey,
        *,
        confirm: Confirm | None = None,
    ) -> VaultRequest | None:
        """The request, approved with its challenge, which is fetched, shown and signed.

        `confirm`, a plain or async function, is given the decoded challenge: compare what it says
        with what you asked for, because that is what is going to happen. Only what it answers
        with `True` is signed; after `False` or `None`, nothing is sent, and `None` is returned.
        `private_key` is the API user's P-256 key: PEM, or an object of `cryptography`; it stands
        in no error.

        `DecodeError` for a challenge of another form, which `approve` takes signed,
        `ProtocolError` for that of another request, and `ConfigurationError` for any other answer
        of `confirm`. Sent once, like `approve`. `GET /requests/{request_id}/challenge` and
        `POST /requests/{request_id}/approve`.
        """
        try:
            sign = _signer(private_key)
        finally:
            del private_key  # what reports errors may show the variables of each frame
        jws = await _signed(self.challenge, request_id, sign, confirm)
        return None if jws is None else await self.approve(request_id, jws)

    async def reject_with(
        self,
        request_id: int,
        private_key: str | bytes | EllipticCurvePrivateKey,
        *,
        confirm: Confirm | None = None,
    ) -> VaultRequest | None:
        """The request, rejected with its reject challenge; all else is as for `approve_with`.

        `GET /requests/{request_id}/challenge/reject` and `POST /requests/{request_id}/reject`.
        """
        try:
            sign = _signer(private_key)
        finally:
            del private_key
        jws = await _signed(self.reject_challenge, request_id, sign, confirm)
        return None if jws is None else await self.reject(request_id, jws)


def _answer(jws: object) -> RequestApprovePayload:
    if isinstance(jws, str) and _COMPACT_JWS.fullmatch(jws):
        return RequestApprovePayload(jws=jws)
    raise ConfigurationError("jws must be a compact JWS: three parts of base64url, with dots")


def _signer(private_key: object) -> Sign:
    try:
        from ledger_async._signing import es256  # noqa: PLC0415 - it needs the extra

        return es256.signer(private_key)
    except ImportError as error:
        message = "signing needs an extra: pip install 'ledger-async[signing]'"
        raise ConfigurationError(message) from error
    finally:
        del private_key


async def _signed(
    fetch: Callable[[int], Awaitable[APIRequestChallenge]],
    request_id: int,
    sign: Sign,
    confirm: Confirm | None,
) -> str | None:
    """The JWS of a challenge, `None` if it is not confirmed."""
    if not (confirm is None or callable(confirm)):
        raise ConfigurationError("confirm must be a function")
    request_id = checks.identifier("request_id", request_id)
    fetched = await fetch(request_id)
    if fetched.id != request_id:
        raise ProtocolError(f"the challenge is that of request {fetched.id}, not of {request_id}")
    challenge = open_challenge(fetched.challenge)
    if confirm is None or await _is_confirmed(confirm, challenge.content):
        return sign(challenge.payload)
    return None


async def _is_confirmed(confirm: Confirm, content: Mapping[str, object]) -> bool:
    try:
        answer = confirm(content)
        if inspect.isawaitable(answer):
            answer = await answer
    except asyncio.CancelledError as error:
        if cancellation.is_asked_for():
            raise
        # Something that it awaits was cancelled, not this task.
        raise ConfigurationError("confirm was cancelled") from error
    if answer is None or isinstance(answer, bool):
        return answer is True
    # Much is true that says nothing: a generator, a coroutine that nobody awaits.
    raise ConfigurationError(
        f"confirm must answer True, False or None, got {type(answer).__name__}"
    )
