"""The lease of a scheme, shared by all tasks of a client: one renews it while the others wait."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Iterable
from copy import copy

from ledger_async._protocol.messages import Headers
from ledger_async._support import redaction
from ledger_async._support.secrets import Hidden
from ledger_async.errors import LedgerError, RequestTimeoutError, frameless

from .lease import Auth, Lease, Send


class Credentials:
    """The headers that a scheme yields now, for all tasks of one client."""

    def __init__(self, auth: Auth, send: Send, *, timeout: float) -> None:
        self._auth = auth
        self._send = send
        self._timeout = timeout
        self._lock = asyncio.Lock()
        self._headers: Headers | None = None
        self._expires_at = -math.inf
        self._renewal: Hidden[str | None] = Hidden(None)
        # The secrets of this lease, and those of the one before.
        self._leased: Hidden[tuple[str, ...]] = Hidden(())
        self._retired: Hidden[tuple[str, ...]] = Hidden(())
        self._renewals = 0
        self._failure: LedgerError | None = None

    def valid(self, now: float) -> Headers | None:
        """The headers to send now, if nobody has to fetch them."""
        return None if now >= self._expires_at else self._headers

    async def headers(self) -> Headers:
        """The headers to send now; the first caller fetches them while the others wait."""
        if (headers := self.valid(_now())) is not None:
            return headers
        renewals = self._renewals
        async with self._lock:
            if self._failure is not None and self._renewals != renewals:
                # The renewal failed while this task stood in line: one request tells them all.
                raise copy(self._failure)
            headers = self.valid(_now())
            return await self._renew() if headers is None else headers

    def reject(self, headers: Headers) -> bool:
        """Send these headers no more, after a 401 to them; true if there can be others to try."""
        if self._headers is headers:
            self._expires_at = -math.inf
        return self._auth.renewable

    def redact(self, text: str) -> str:
        """`text` without any secret that was sent lately, should a server have echoed it."""
        return redaction.redact(text, self._secrets())

    def are_echoed(self, body: bytes) -> bool:
        """True if `body` holds a secret that was sent lately, as some servers echo them."""
        return redaction.echoes(body, self._secrets())

    def _secrets(self) -> Iterable[str]:
        return {*self._auth.secrets, *self._retired.reveal(), *self._leased.reveal()}

    async def _renew(self) -> Headers:
        self._failure = None
        try:
            lease = await self._lease_in_time()
        except LedgerError as error:
            self._failure = error
            raise
        finally:
            self._renewals += 1
        # Requests that are under way with the last one may still be answered.
        self._retired, self._leased = self._leased, lease.secrets
        # A copy: a scheme may yield the same lease again, and `reject` tells leases apart by it.
        self._headers = headers = Headers(lease.headers.reveal())
        self._renewal = lease.renewal
        self._expires_at = _now() + lease.seconds
        return headers

    async def _lease_in_time(self) -> Lease:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._auth.lease(self._send, self._renewal.reveal())
        except RequestTimeoutError:
            raise  # of a request of its own, which names it
        except TimeoutError as exc:
            cause = exc
        # Without frames: those of a key store may hold the key.
        cause = frameless(cause, handled=sys.exception())
        raise RequestTimeoutError("no credentials in time") from cause


def _now() -> float:
    return asyncio.get_running_loop().time()
