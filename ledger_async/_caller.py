"""The one path of every request: gate, credentials, transport, answer, and again if that helps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, Self, TypeVar

import msgspec

from ._auth.credentials import Credentials
from ._auth.lease import Auth
from ._config import CallOptions
from ._governor import recall, retry
from ._governor.gate import Gate, Permit
from ._governor.outage import Failures
from ._governor.recovery import Recovery, Tally
from ._governor.retry import Kind, RetryPolicy
from ._protocol import rate_limit_headers
from ._protocol.error_mapping import error_of
from ._protocol.messages import Headers, RawPage, Request, Response
from ._support.live import Live
from ._support.observer import Watch
from ._support.own_loop import OwnLoop
from ._transport.attempts import Attempts, Traffic
from ._transport.transport import Transport
from .errors import (
    ApiError,
    AuthenticationError,
    DecodeError,
    LedgerError,
    RateLimitError,
    TransportError,
)
from .events import Wait, WaitReason

T = TypeVar("T")


class _BackToGate(Exception):  # noqa: N818 - never seen outside
    """The attempt needs another permit: the gate closed, or other credentials are to be tried."""


class _Waits:
    """Waits at the gate, and between attempts, and tells the observer."""

    def __init__(self, gate: Gate, watch: Watch) -> None:
        self._gate = gate
        self._watch = watch

    async def for_permit(
        self, request: Request, policy: RetryPolicy, *, interactive: bool
    ) -> Permit:
        """A permit, once the gate gives it."""
        reason = self._hold_reason() if self._watch.is_observed else "line"
        waited = _stopwatch()
        try:
            return await self._gate.acquire(
                interactive=interactive,
                max_wait=policy.max_wait,
                sits_outages_out=policy.sits_outages_out,
            )
        finally:
            self._tell(reason, waited(), request)

    async def rest(self, seconds: float, request: Request) -> None:
        """Back off for so many seconds."""
        waited = _stopwatch()
        try:
            await self._gate.rest(seconds)
        finally:
            if seconds:
                self._tell("backoff", waited(), request)

    def _hold_reason(self) -> WaitReason:
        """The reason why a request that cannot enter the gate now has to wait."""
        if self._gate.opens_in or self._gate.pace.is_shared:
            return "rate limit"
        return "outage" if self._gate.is_held else "line"

    def _tell(self, reason: WaitReason, seconds: float, request: Request) -> None:
        if self._watch.is_observed:
            self._watch.tell(Wait(reason, seconds, request.account_id, request.page))


class Caller:
    """Calls the API: every attempt takes a permit, and none is held while backing off."""

    def __init__(
        self,
        transport: Transport,
        auth: Auth,
        gate: Gate,
        options: CallOptions,
        *,
        live: Live[Any] | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.gate = gate
        self.watch = watch or Watch()
        self._waits = _Waits(gate, self.watch)
        self._live = live or Live[Any]()
        self.loop = OwnLoop()
        self.options = self._first_options = options
        self._attempts = Attempts(transport, self.watch, Traffic())
        self._unsigned_failures = 0
        self._timeout: float | None = None  # the transport's own
        self._recovery = Recovery(gate, self.watch, options.policy)
        self._credentials = Credentials(auth, self._send_unsigned, timeout=options.timeout)

    def with_options(self, options: CallOptions) -> Self:
        """A caller with other options and the same gate, credentials, transport and outages."""
        view = copy(self)
        view.options, view._timeout = options, options.timeout  # noqa: SLF001 - one of its own
        is_hasty = options.timeout < self._first_options.timeout
        view._recovery = self._recovery.by(options.policy, is_hasty=is_hasty)  # noqa: SLF001
        return view

    def counting(self, traffic: Traffic) -> Self:
        """The same caller, whose attempts add to these totals."""
        view = copy(self)
        view._attempts = self._attempts.of(traffic)  # noqa: SLF001 - one of its own
        return view

    async def call(self, request: Request, decode: Callable[[bytes], T]) -> T:
        """The decoded answer, or the last attempt's error with this request's facts.

        Requests are repeated as the `RetryPolicy` says, unless a wait would end after the
        deadline of the caller's anyio scopes. An undecodable answer raises `DecodeError`. Once the
        client is draining, `StreamClosedError` is raised.
        """
        self._live.begin_call()
        try:
            return await self._answer(request, decode, Tally())
        finally:
            self._live.end_call()

    async def fetch(self, request: Request) -> RawPage:
        """The answer as it came, for `decoded` to read now or later; else as `call`."""
        tally = Tally(is_bulk=True)
        body = await self._answer(request, bytes, tally)
        return RawPage(request, body, tally.attempts)

    async def fetch_again(self, answer: RawPage, decode: Callable[[bytes], T]) -> T:
        """The decoded answer to another request for a page that turned out to be cut off."""
        await self._waits.rest(self._recovery.wait_after_cut(), answer.request)
        # Attempts that came to nothing before count as one failure.
        tally = Tally(attempts=answer.attempts, failures=Failures(count=1), is_bulk=True)
        return await self._answer(answer.request, decode, tally)

    def decoded(self, answer: RawPage, decode: Callable[[bytes, Request], T]) -> T:
        """Decode a fetched answer; a `DecodeError` gets the facts of its request."""
        try:
            return decode(answer.content, answer.request)
        except DecodeError as exc:
            error = self._quotable(exc, answer.request, answer.content)
        _name(error, answer.request, Tally(attempts=answer.attempts))
        raise error

    async def _answer(self, request: Request, decode: Callable[[bytes], T], tally: Tally) -> T:
        loop = self.loop.enter()
        if self._timeout is not None:
            request = msgspec.structs.replace(request, timeout=self._timeout)
        try:
            while True:
                tally.sent = loop.time()
                permit = self.gate.enter_at_once(tally.sent)
                if permit is None:
                    permit = await self._permit(request, tally)
                    tally.sent = loop.time()
                passed = False
                try:
                    body = await self._exchange(request, permit, tally)
                    passed = True
                    return self._decoded(request, body, decode)
                except _BackToGate:
                    continue
                except LedgerError as exc:
                    body = b""  # it may echo a secret, which no frame of an error is to show
                    passed = _is_good(exc)
                    tally.is_repeatable = exc.method is not None or retry.may_repeat(request, exc)
                    error = exc
                    _locate(error, request, tally)
                    wait = self._recovery.wait_before_retry(error, permit, tally)
                finally:
                    if passed:
                        self._recovery.answered(tally.sent)
                    self.gate.release(permit, passed=passed)
                if wait is None or not tally.is_repeatable or not self.gate.can_wait(wait):
                    raise error  # noqa: TRY301 - the handler below only takes note of it
                await self._waits.rest(wait, request)
        except BaseException:
            self._recovery.give_up(tally)
            raise

    def echoes_secret(self, body: bytes) -> bool:
        """True if an answer quotes a secret that was sent lately."""
        return self._credentials.are_echoed(body)

    async def _permit(self, request: Request, tally: Tally) -> Permit:
        try:
            return await self._waits.for_permit(
                request,
                self._recovery.policy,
                interactive=_is_interactive(self.options, tally),
            )
        except LedgerError as error:
            _name(error, request, tally)
            raise

    async def _exchange(self, request: Request, permit: Permit, tally: Tally) -> bytes:
        sent = tally.sent
        try:
            headers = self._credentials.valid(sent)
            if headers is None:
                headers = await self._credentials.headers()
                sent = _now()
            if self.gate.has_closed_since(permit):
                raise _BackToGate
            recall.check()
            tally.attempts += 1
            response = await self._attempts.send(request, headers, tally.attempts)
        except LedgerError as exc:
            # Schemes, tools that look on and the operating system choose the words of these.
            exc.message = self._credentials.redact(exc.message)
            exc.args = (exc.message,)
            raise
        error = self._refusal(response, request, sent)
        if error is None:
            return response.body
        del response  # it may echo a secret, which no frame of an error is to hold
        if tally.renewed or not isinstance(error, AuthenticationError):
            raise error
        if not self._credentials.reject(headers):
            raise error
        tally.renewed = True
        raise _BackToGate

    def _refusal(self, response: Response, request: Request, sent: float) -> LedgerError | None:
        """The error that an answer stands for, if any; the gate learns the rate limit from it."""
        redact = _nothing_of if request.confidential else self._credentials.redact
        error = error_of(response, redact)
        is_throttled = isinstance(error, RateLimitError)
        if is_throttled or response.resent:
            self._attempts.traffic.judge(response, is_throttled=is_throttled)
        quota = rate_limit_headers.quota(response.headers, time.time())
        if quota is not None:
            self.gate.learn(quota, sent, passed=not is_throttled)
        return error

    def _decoded(self, request: Request, body: bytes, decode: Callable[[bytes], T]) -> T:
        try:
            return decode(body)
        except DecodeError as exc:
            error = self._quotable(exc, request, body)
            del body
        raise error

    def _quotable(self, exc: DecodeError, request: Request, body: bytes) -> DecodeError:
        """`exc`; or, where `body` may hold a secret, an error that quotes nothing of it."""
        if not (request.confidential or self.echoes_secret(body)):
            return exc
        return _quoting_nothing(exc, request)

    async def _send_unsigned(self, request: Request, headers: Mapping[str, str]) -> Response:
        """Send a request of a scheme's own, within the permit of the call that needs headers."""
        try:
            signed = Headers(headers)
        finally:
            del headers  # they may be secret
        if self.gate.is_held:
            raise _BackToGate
        sent = _now()
        try:
            response = await self._attempts.send(request, signed, self._unsigned_failures + 1)
            error = self._refusal(response, request, sent)
            if error is None:
                self._unsigned_failures = 0
                return response
            del response
            raise error
        except LedgerError as error:
            self._unsigned_failures += 1
            error.method, error.path = request.method, request.path
            raise


def _locate(error: LedgerError, request: Request, tally: Tally) -> None:
    """Tell `error` of which call it is, and how often that was tried."""
    if error.method is None:
        _name(error, request, tally)
        return
    # A request of the credentials' own: it failed each time that there were no headers.
    tally.signing_failures += 1
    error.attempts = tally.signing_failures
    _place(error, request, tally)


def _name(error: LedgerError, request: Request, tally: Tally) -> None:
    error.method, error.path, error.attempts = request.method, request.path, tally.attempts
    _place(error, request, tally)


def _place(error: LedgerError, request: Request, tally: Tally) -> None:
    error.account_id, error.page = request.account_id, request.page
    # The error may come from another request, or from one for credentials.
    if isinstance(error, TransportError) and not tally.attempts:
        error.sent = False


def _is_interactive(options: CallOptions, tally: Tally) -> bool:
    return not tally.is_bulk if options.priority is None else options.priority == "interactive"


def _quoting_nothing(exc: DecodeError, request: Request) -> DecodeError:
    why = "is confidential" if request.confidential else "echoes a credential"
    error = DecodeError(f"the body does not decode, and {why}")
    error.json_path, error.truncated = exc.json_path, exc.truncated
    return error


def _nothing_of(_: str) -> str:
    return ""


def _is_good(error: LedgerError) -> bool:
    """True if a server that works has answered so, to credentials that it takes."""
    is_answer = isinstance(error, ApiError | DecodeError)
    refused = isinstance(error, AuthenticationError)
    return is_answer and not refused and retry.classify(error) is Kind.FINAL


def _stopwatch() -> Callable[[], float]:
    """The seconds since now, which can be read though the loop runs no more."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    return lambda: loop.time() - begun


def _now() -> float:
    return asyncio.get_running_loop().time()
