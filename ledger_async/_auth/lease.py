"""Leases of headers, and the protocol of whatever yields them."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import NoReturn, Protocol, runtime_checkable

from ledger_async._protocol.messages import Headers, Request, Response
from ledger_async._support.secrets import Hidden, refuse_to_pickle

Send = Callable[[Request, Mapping[str, str]], Awaitable[Response]]


class Lease:
    """Headers to send for so many `seconds`, the token that renews them, and what of it is secret.

    All that is given in clear is hidden at once.
    """

    __slots__ = ("headers", "renewal", "seconds", "secrets")

    def __init__(
        self,
        headers: Mapping[str, str] | Headers,
        secrets: Iterable[str],
        seconds: float = math.inf,
        renewal: str | None = None,
    ) -> None:
        self.secrets = Hidden(tuple(secrets))
        self.renewal = Hidden(renewal)
        self.seconds = seconds
        try:
            self.headers = headers if isinstance(headers, Headers) else Headers(headers)
        finally:
            del headers, secrets, renewal

    def __repr__(self) -> str:
        return f"Lease({self.headers!r}, seconds={self.seconds!r})"

    def __reduce__(self) -> NoReturn:
        refuse_to_pickle(self)


@runtime_checkable
class Auth(Protocol):
    """A scheme: yields the headers that stand for its credentials."""

    @property
    def renewable(self) -> bool:
        """True if another `lease` can differ from the last one."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """Strings that no message may show, beside those that the leases name."""
        ...

    async def lease(self, send: Send, renewal: str | None) -> Lease:
        """The headers to send from now on."""
        ...
