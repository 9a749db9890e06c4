"""A workspace with accounts on every family of chains, and ways to ask it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, NamedTuple

import aiohttp

from ledger_async.sandbox import Sandbox

FAMILIES = {
    201: "bitcoin",
    202: "cardano",
    203: "cosmos",
    204: "ethereum",
    205: "near",
    206: "polkadot",
    207: "polygon",
    208: "ripple",
    209: "solana",
    210: "stellar",
    211: "tezos",
    212: "tron",
    213: "stellar",
    214: "ripple",
}
BAD_REQUEST, NOT_FOUND = 400, 404


def workspace(**options: Any) -> Sandbox:
    accounts = {101: 7} | dict.fromkeys(FAMILIES, 0)
    return Sandbox(accounts, currencies=FAMILIES, max_page_size=10_000, **options)


class Answer(NamedTuple):
    status: int
    json: Any

    @property
    def nodes(self) -> list[Any]:
        return [edge["node"] for edge in self.json["edges"]]


class Calls:
    def __init__(self, session: aiohttp.ClientSession, sandbox: Sandbox) -> None:
        self._session = session
        self.sandbox = sandbox

    async def get(self, path: str, query: Mapping[str, Any] | None = None, **more: Any) -> Answer:
        return await self._send("GET", path, params={**(query or {}), **more})

    async def ok(self, path: str, **query: Any) -> Any:
        answer = await self.get(path, query)
        assert answer.status == 200, answer
        return answer.json

    async def post(self, path: str, body: object = None) -> Answer:
        return await self._send("POST", path, json=body)

    async def put(self, path: str, body: object) -> Answer:
        return await self._send("PUT", path, json=body)

    async def everything(self, path: str, query: Mapping[str, Any] | None = None) -> list[Any]:
        answer = await self.get(path, {"page_size": 0, **(query or {})})
        assert answer.status == 200, answer
        return answer.nodes

    async def _send(self, method: str, path: str, **options: Any) -> Answer:
        async with self._session.request(method, path, **options) as response:
            return Answer(response.status, json.loads(await response.read(), parse_float=Decimal))


@asynccontextmanager
async def calling(sandbox: Sandbox) -> AsyncIterator[Calls]:
    headers = {"X-Ledger-API-User": sandbox.api_user, "X-Ledger-API-Key": sandbox.api_key}
    async with sandbox, aiohttp.ClientSession(sandbox.url, headers=headers) as session:
        yield Calls(session, sandbox)


def filled(path: str, **parts: object) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: str(parts[match[1]]), path)
