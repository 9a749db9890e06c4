"""What a scheme yields now, for all tasks of one client: renewed by one while the others wait."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace

from . import redaction
from .auth import Auth, Headers, Lease, Send
from .errors import LedgerError, RequestTimeoutError


class Credentials:
    """What a scheme yields now, for all tasks of one client."""

    def __init__(self, auth: Auth, send: Send, *, timeout: float) -> None:
        self._auth = auth
        self._send = send
        self._timeout = timeout
        self._lock = asyncio.Lock()
        self._lease: Lease | None = None
        self._expires_at = -math.inf
        self._renewal: str | None = None
        self._retired: tuple[str, ...] = ()
        self._renewals = 0
        self._failure: LedgerError | None = None

    def valid(self, now: float) -> Mapping[str, str] | None:
        """The headers to send now, if nobody has to fetch them."""
        return None if self._lease is None or now >= self._expires_at else self._lease.headers

    async def headers(self) -> Mapping[str, str]:
        """The headers to send now; the first caller fetches them while the others wait."""
        if (headers := self.valid(_now())) is not None:
            return headers
        renewals = self._renewals
        async with self._lock:
            if self._failure is not None and self._renewals != renewals:
                # It failed while this task stood in line: one request tells them all.
                raise copy(self._failure)
            headers = self.valid(_now())
            return (await self._renew()).headers if headers is None else headers

    def reject(self, headers: Mapping[str, str]) -> bool:
        """After a 401 to these headers: whether there can be others to try."""
        if self._lease is not None and self._lease.headers is headers:
            self._expires_at = -math.inf
        return self._auth.renewable

    def redact(self, text: str) -> str:
        """`text` without any secret that was sent lately, should a server have echoed it."""
        return redaction.redact(text, self._secrets())

    def are_echoed(self, body: bytes) -> bool:
        """Whether a server echoes a secret that was sent lately."""
        return redaction.echoes(body, self._secrets())

    def _secrets(self) -> Iterable[str]:
        latest: tuple[str, ...] = self._lease.secrets if self._lease else ()
        return {*self._auth.secrets, *self._retired, *latest}

    async def _renew(self) -> Lease:
        self._failure = None
        try:
            lease = await self._lease_in_time()
        except LedgerError as error:
            self._failure = error
            raise
        finally:
            self._renewals += 1
        if self._lease is not None:
            # Requests that are under way with it may still be answered.
            self._retired = self._lease.secrets
        # A copy: a scheme may go on with the same headers, and what they were says whose they are.
        self._lease = replace(lease, headers=Headers(lease.headers))
        self._renewal = lease.renewal
        self._expires_at = _now() + lease.seconds
        return self._lease

    async def _lease_in_time(self) -> Lease:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._auth.lease(self._send, self._renewal)
        except RequestTimeoutError:
            raise  # of a request of its own, which names it
        except TimeoutError as exc:
            raise RequestTimeoutError("no credentials in time") from exc


def _now() -> float:
    return asyncio.get_running_loop().time()
