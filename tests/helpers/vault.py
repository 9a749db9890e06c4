"""A server with a challenge to sign, and the two ways to answer it."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from raw_server import Peer, RawServer
from section_server import VAULT_REQUEST, answering, json_reply

from ledger_async import LedgerClient

KEY = ec.generate_private_key(ec.SECP256R1())
FORMATS = {"PKCS 8": PrivateFormat.PKCS8, "SEC 1": PrivateFormat.TraditionalOpenSSL}


def pem(key: Any, form: PrivateFormat = PrivateFormat.PKCS8, password: bytes = b"") -> bytes:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    text: bytes = key.private_bytes(Encoding.PEM, form, encryption)
    return text


# Its order and its spaces are its own: written anew, it would be something else.
CHALLENGE = '{"type":  "SEND", "amount": 10000000000000000000001, "fee": 0.10, "challenge": "YWJj"}'
CONTENT = json.loads(CHALLENGE, parse_float=str)
WRAPPED = base64.urlsafe_b64encode(CHALLENGE.encode()).decode()


class Way(NamedTuple):
    """A way to answer, and the two requests that it is."""

    call: Callable[..., Any]
    asks: str
    sends: str


WAYS = {
    "approve_with": Way(
        lambda ledger, *arguments, **options: ledger.requests.approve_with(*arguments, **options),
        "GET /requests/7/challenge HTTP/1.1",
        "POST /requests/7/approve HTTP/1.1",
    ),
    "reject_with": Way(
        lambda ledger, *arguments, **options: ledger.requests.reject_with(*arguments, **options),
        "GET /requests/7/challenge/reject HTTP/1.1",
        "POST /requests/7/reject HTTP/1.1",
    ),
}


either = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@asynccontextmanager
async def vault(
    challenge: str = CHALLENGE, *, of: int = 7
) -> AsyncIterator[tuple[RawServer, LedgerClient]]:
    """A server that gives out this challenge of this request, and takes any answer."""

    async def answer(peer: Peer) -> None:
        if server.requests[-1].line.startswith("GET"):
            await peer.send(json_reply({"challenge": challenge, "id": of}))
        else:
            await peer.send(json_reply(VAULT_REQUEST))

    async with answering(answer) as (server, ledger):
        yield server, ledger


def sent_jws(server: RawServer) -> str:
    """The JWS of the last request."""
    body = json.loads(server.requests[-1].body)
    assert body.keys() == {"jws"}
    return str(body["jws"])
