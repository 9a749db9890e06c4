"""A blocking socket, requests of fixed bytes, and msgspec: page after page."""

from __future__ import annotations

import socket

import msgspec
from plain_nodes import Page
from work import Tally, Work

_READ_AT_ONCE = 1 << 18


async def read(work: Work, tally: Tally) -> None:
    """Read everything."""
    decoder = msgspec.json.Decoder(Page)
    with socket.create_connection(work.origin) as connection:
        for account_id, number in work.pages():
            connection.sendall(work.request(account_id, number))
            page = decoder.decode(_body(connection))
            await tally.take(account_id, [edge.node for edge in page.edges])


def _body(connection: socket.socket) -> bytes:
    head, _, body = connection.recv(_READ_AT_ONCE).partition(b"\r\n\r\n")
    length = int(head.rpartition(b"Content-Length: ")[2])
    parts, came = [body], len(body)
    while came < length:
        parts.append(connection.recv(_READ_AT_ONCE))
        came += len(parts[-1])
    return b"".join(parts)
