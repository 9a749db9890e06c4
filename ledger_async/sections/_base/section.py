"""The base of every section of the API: get and send, by path and type."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from ledger_async._protocol import codec
from ledger_async._protocol.messages import Request
from ledger_async._protocol.paths import fill
from ledger_async._runtime import Runtime
from ledger_async.models.base.history import APIHistoryResult, APIHistoryResults
from ledger_async.models.base.payload import Payload, check_new

S = TypeVar("S")
T = TypeVar("T")


class Section:
    """A part of the API, as its reference is divided; its calls share the client's runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def _get(
        self,
        path: str,
        type_: type[T],
        /,
        query: str = "",
        *,
        confidential: bool = False,
        **parameters: object,
    ) -> T:
        """Get what is at the path that is filled with these parameters, decoded as `type_`.

        Errors quote nothing of the answer where it is `confidential`.
        """
        request = _request("GET", path, parameters, query=query, confidential=confidential)
        return await self._call(request, type_)

    async def _history(
        self, path: str, /, **parameters: object
    ) -> tuple[tuple[APIHistoryResult, ...], ...]:
        """The requests on an object, from the history at this path."""
        return (await self._call(_request("GET", path, parameters), APIHistoryResults)).history

    def _send(
        self,
        method: str,
        path: str,
        type_: type[T],
        payload: Payload | None = None,
        /,
        *,
        confidential: bool = False,
        **parameters: object,
    ) -> Awaitable[T]:
        """The answer to a request that changes something: sent once, unless it never arrived.

        Errors quote nothing of the answer where it is `confidential`.
        """
        # No coroutine, so that no frame of an error of the call holds the payload.
        request = _request(method, path, parameters, payload=payload, confidential=confidential)
        return self._call(request, type_)

    async def _call(self, request: Request, type_: type[T]) -> T:
        return await self._runtime.caller.call(request, lambda answer: codec.decode(answer, type_))


def _request(
    method: str,
    path: str,
    parameters: dict[str, object],
    *,
    query: str = "",
    payload: Payload | None = None,
    confidential: bool = False,
) -> Request:
    account_id = parameters.get("account_id")
    return Request(
        method=method,
        path=fill(path, parameters),
        query=query,
        body=None if payload is None else _body(payload),
        account_id=account_id if isinstance(account_id, int) else None,
        confidential=confidential,
    )


def _body(payload: Payload) -> bytes:
    check_new(payload)  # not done where it was read from JSON, or made by `replace`
    return codec.encode(payload)
