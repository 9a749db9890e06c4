"""Credentials to sign in with, and the gateway's desk that sells tokens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest

from ledger_async import BearerAuth, LedgerClient, RetryPolicy
from ledger_async._auth.credentials import Credentials
from ledger_async._auth.lease import Auth
from ledger_async._protocol.messages import Request, Response
from ledger_async.errors import LedgerError
from ledger_async.sandbox import Sandbox

SECRET = "s3cret/that+nobody=may-see"
ONCE = RetryPolicy(max_attempts=1)
HASTY = RetryPolicy(backoff_base=0.0, max_outage=0.0)


class Desk:
    """The gateway's token endpoints, as the `send` of a client: answers at once, or when told."""

    def __init__(self, *, expires_in: int = 300) -> None:
        self.expires_in = expires_in
        self.paths: list[str] = []
        self.bodies: list[dict[str, str]] = []
        self.open = asyncio.Event()
        self.open.set()
        self._numbers = count(1)

    async def __call__(self, request: Request, headers: Mapping[str, str]) -> Response:
        self.paths.append(request.path)
        self.bodies.append(json.loads(request.content or b""))
        await self.open.wait()
        number = next(self._numbers)
        tokens = {
            "access_token": f"access-{number}",
            "refresh_token": f"refresh-{number}",
            "expires_in": self.expires_in,
        }
        return Response(200, {}, json.dumps(tokens).encode())


async def nobody(request: Request, headers: Mapping[str, str]) -> Response:
    """The `send` of schemes that need none."""
    raise AssertionError(f"{request.path} was asked for")


def bearer() -> BearerAuth:
    return BearerAuth("workspace", "key-id", SECRET)


def credentials(auth: Auth, send: Any = nobody, *, seconds: float = 30.0) -> Credentials:
    return Credentials(auth, send, timeout=seconds)


def client(sandbox: Sandbox, auth: Auth | None = None, **options: Any) -> LedgerClient:
    if auth is None and "api_key" not in options:
        options = {"api_key": sandbox.api_key, "api_user": sandbox.api_user, **options}
    return LedgerClient(sandbox.url, auth=auth, **{"retry": HASTY, **options})


def bearer_of(sandbox: Sandbox) -> BearerAuth:
    return BearerAuth(sandbox.workspace, sandbox.api_key_id, sandbox.api_key_secret)


def paths(sandbox: Sandbox, part: str = "/auth") -> list[str]:
    return [request.path for request in sandbox.requests if part in request.path]


async def failure(ledger: LedgerClient) -> LedgerError:
    """The error of one call."""
    with pytest.raises(LedgerError) as caught:
        await ledger.accounts.get(101)
    return caught.value


async def stored_key() -> str:
    return SECRET
