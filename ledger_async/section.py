"""What every section of the API has: a way to get and to send, by path and type."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Generic, TypeVar

import msgspec

from . import codec
from .runtime import Runtime
from .wire import Request, fill

S = TypeVar("S")
T = TypeVar("T")


class Lazy(Generic[S]):
    """An attribute that is a section, whose module is loaded when it is first used."""

    def __init__(self, module: str, kind: str) -> None:
        self._module, self._kind = module, kind

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, holder: Any, owner: type | None = None) -> S:
        kind = getattr(import_module(f"{__package__}.sections.{self._module}"), self._kind)
        section: S = kind(holder._runtime)  # noqa: SLF001 - a client or a section
        holder.__dict__[self._name] = section  # found first from now on
        return section


class Section:
    """A part of the API, as its reference is divided; its calls share the client's runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def _get(self, path: str, type_: type[T], /, query: str = "", **parameters: object) -> T:
        """What GET answers at the path that is filled with these parameters, decoded."""
        return await self._call("GET", path, type_, parameters, query=query)

    async def _send(
        self,
        method: str,
        path: str,
        type_: type[T],
        payload: msgspec.Struct | None = None,
        /,
        **parameters: object,
    ) -> T:
        """The answer to a request that changes something: sent once, unless it never arrived."""
        body = None if payload is None else codec.encode(payload)
        return await self._call(method, path, type_, parameters, body=body)

    async def _call(
        self,
        method: str,
        path: str,
        type_: type[T],
        parameters: dict[str, object],
        *,
        query: str = "",
        body: bytes | None = None,
    ) -> T:
        account_id = parameters.get("account_id")
        request = Request(
            method=method,
            path=fill(path, parameters),
            query=query,
            body=body,
            account_id=account_id if isinstance(account_id, int) else None,
        )
        return await self._runtime.api.call(request, lambda answer: codec.decode(answer, type_))
