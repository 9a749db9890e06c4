"""The one path of every request: gate, credentials, wire, meaning, and again where that helps."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from . import ratelimit, retry
from .auth import Auth
from .credentials import Credentials
from .errors import ApiError, AuthenticationError, DecodeError, LedgerError, RateLimitError
from .gate import Gate, Permit
from .responses import error_of
from .retry import Kind, RetryPolicy
from .session import Session
from .wire import Request, Response

T = TypeVar("T")

logger = logging.getLogger("ledger_async")


# Answers that are no reason to send more.
_TURNED_AWAY = (AuthenticationError, RateLimitError)


class _BackToGate(Exception):  # noqa: N818 - never seen outside
    """The attempt needs another permit: a pause began, or other credentials are to be tried."""


class _Tally:
    """What one call has met so far."""

    def __init__(self) -> None:
        self.attempts = self.failures = self.throttles = self.signing_failures = 0
        self.renewed = False

    def count(self, kind: Kind) -> None:
        self.failures += kind is Kind.TRANSIENT
        self.throttles += kind is Kind.THROTTLED


class Api:
    """Calls the API: every attempt takes a permit, and none is held while backing off."""

    def __init__(
        self, session: Session, auth: Auth, gate: Gate, policy: RetryPolicy, *, timeout: float
    ) -> None:
        self.gate = gate
        self._session = session
        self._policy = policy
        self._credentials = Credentials(auth, self._send_unsigned, timeout=timeout)

    async def call(self, request: Request, decode: Callable[[bytes], T]) -> T:
        """The decoded answer, or the last attempt's error with this request's facts.

        Requests are repeated as the `RetryPolicy` says. An undecodable answer raises
        `DecodeError`.
        """
        tally = _Tally()
        while True:
            permit = await self._permit(request, tally)
            passed = False
            try:
                body = await self._exchange(request, permit, tally)
                passed = True
                return self._decoded(body, decode)
            except _BackToGate:
                continue
            except LedgerError as exc:
                passed |= isinstance(exc, ApiError) and not isinstance(exc, _TURNED_AWAY)
                error = self._with_facts(exc, request, tally)
                wait = self._wait_before_retry(error, tally)
            finally:
                self.gate.release(permit, passed=passed)
            if wait is None:
                raise error
            await self.gate.rest(wait)

    async def _permit(self, request: Request, tally: _Tally) -> Permit:
        try:
            return await self.gate.acquire()
        except LedgerError as error:
            raise self._with_facts(error, request, tally) from None

    async def _exchange(self, request: Request, permit: Permit, tally: _Tally) -> bytes:
        headers = await self._credentials.headers()
        if self.gate.has_paused_since(permit):
            raise _BackToGate
        tally.attempts += 1
        try:
            return (await self._send(request, headers)).body
        except AuthenticationError:
            if tally.renewed or not self._credentials.reject(headers):
                raise
            tally.renewed = True
        raise _BackToGate

    async def _send(self, request: Request, headers: Mapping[str, str]) -> Response:
        response = await self._session.send(request, headers)
        quota = ratelimit.quota(response.headers, time.time())
        if quota is not None:
            self.gate.learn(quota)
        error = error_of(response)
        if error is None:
            return response
        redacted = self._credentials.redact(response.body)
        if redacted != response.body:
            error = error_of(Response(response.status, response.headers, redacted)) or error
        raise error

    def _decoded(self, body: bytes, decode: Callable[[bytes], T]) -> T:
        try:
            return decode(body)
        except DecodeError as exc:
            if self._credentials.redact(body) == body:
                raise
            # Neither an excerpt nor a cause may quote the secret that the server echoed.
            error = DecodeError("the body does not decode, and echoes a credential")
            error.json_path, error.truncated = exc.json_path, exc.truncated
        raise error

    async def _send_unsigned(self, request: Request, headers: Mapping[str, str]) -> Response:
        """The credentials' own requests: within the permit of the call that needs them."""
        if self.gate.is_paused:
            raise _BackToGate
        try:
            return await self._send(request, headers)
        except LedgerError as error:
            error.method, error.path = request.method, request.path
            raise

    def _wait_before_retry(self, error: LedgerError, tally: _Tally) -> float | None:
        """Seconds to wait outside of the gate, `None` to give up."""
        kind = retry.classify(error)
        tally.count(kind)
        wait = retry.wait_before_retry(
            self._policy,
            error,
            failures=tally.failures,
            throttles=tally.throttles,
            jitter=random.random(),  # noqa: S311 - spreads load, keeps no secret
        )
        if kind is Kind.THROTTLED:
            # Also when this call gives up: the limit holds for whoever comes next.
            self.gate.pause(max(wait or 0.0, error.retry_after or 0.0))
            logger.info("rate limit: every request waits %.1f s", self.gate.opens_in)
            return None if wait is None else 0.0
        if wait is not None:
            logger.debug("attempt %d failed, again in %.2f s: %s", tally.attempts, wait, error)
        return wait

    def _with_facts(self, error: LedgerError, request: Request, tally: _Tally) -> LedgerError:
        """`error` with where it happened, and without any secret that a server echoed."""
        if error.method is None:
            error.method, error.path, error.attempts = request.method, request.path, tally.attempts
        else:
            # A request of the credentials' own: it failed each time that there were no headers.
            tally.signing_failures += 1
            error.attempts = tally.signing_failures
        error.account_id, error.page = request.account_id, request.page
        error.message = self._credentials.redact(error.message)
        error.args = (error.message,)
        return error
