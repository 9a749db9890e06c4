"""A company's own authority, and the two sides of TLS that it vouches for."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ssl import TLSVersion

import trustme

LOOPBACK = "127.0.0.1"
VERSIONS = [TLSVersion.TLSv1_2, TLSVersion.TLSv1_3]


def serving(
    authority: trustme.CA,
    *,
    name: str = LOOPBACK,
    clients_of: trustme.CA | None = None,
    version: TLSVersion | None = None,
) -> ssl.SSLContext:
    """A server's side, which lets in only clients that `clients_of` vouches for, if it is given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    if clients_of is not None:
        clients_of.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


def asking(*trusted: trustme.CA, known_to: trustme.CA | None = None) -> ssl.SSLContext:
    """A client's side, which shows a certificate of `known_to`, if it is given."""
    context = ssl.create_default_context()
    for each in trusted:
        each.configure_trust(context)
    if known_to is not None:
        known_to.issue_cert("client.example").configure_cert(context)
    return context


@asynccontextmanager
async def doorkeeper(context: ssl.SSLContext) -> AsyncIterator[Doorkeeper]:
    """A server that says why it lets nobody in, as most do, and asyncio's own does not."""
    keeper = Doorkeeper(context)
    server = await asyncio.start_server(keeper.meet, LOOPBACK, 0)
    keeper.url = f"https://{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
    try:
        yield keeper
    finally:
        server.close()


class Doorkeeper:
    """Shakes hands, and sends the alert where that fails; `met` counts who came."""

    url: str

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self.met = 0

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.met += 1
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self._context.wrap_bio(incoming, outgoing, server_side=True)
        with suppress(ssl.SSLError, ConnectionError):
            while not _is_done(tls, outgoing, writer):
                incoming.write(await reader.read(65536))
        writer.close()


def _is_done(tls: ssl.SSLObject, outgoing: ssl.MemoryBIO, writer: asyncio.StreamWriter) -> bool:
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        return False
    finally:
        writer.write(outgoing.read())
    return True
