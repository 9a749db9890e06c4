"""The seam where the network begins: what a client asks of whatever carries its requests."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ledger_async._protocol.messages import Headers, Request, Response


@runtime_checkable
class Transport(Protocol):
    """Carries requests to one origin; the simulations stand here in the place of a server."""

    async def send(self, request: Request, headers: Headers) -> Response:
        """The whole answer to one attempt, whatever its status.

        Raises `TransportError` where no whole answer arrived in time (that of the request itself,
        if it has one), and `ProtocolError` where the answer is not HTTP or too large. A redirect is
        an answer, and never followed: the headers hold the key.
        """
        ...

    async def close(self) -> None:
        """Close every connection; a request that is under way gets a `TransportError`."""
        ...
