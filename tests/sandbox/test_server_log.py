"""`server_log`: whoever asks the sandbox badly is answered, and nobody's terminal is written on."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from yarl import URL

from ledger_async.sandbox import Sandbox, SeenRequest
from ledger_async.sandbox._http.server_log import logger

pytestmark = pytest.mark.real_time

NO_HTTP = [
    b"GET / HTTP/1.1\r\nHost: x\r\nno header\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
    b"GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\x00\xff\r\n\r\n",
]


@pytest.mark.parametrize("sent", NO_HTTP)
async def test_what_is_no_http_is_answered_with_400_and_not_logged(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with Sandbox({101: 5}) as box:
        url = URL(box.url)
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(sent)
        answer = await reader.read()
        writer.close()
    assert answer.split(b"\r\n")[0].endswith(b"400 Bad Request")
    assert caplog.records == []


async def test_what_fails_within_the_sandbox_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with Sandbox({101: 5}) as box:

        @box.rewrite
        def fail(_seen: SeenRequest, _page: dict[str, Any]) -> None:
            raise ZeroDivisionError

        headers = {"X-Ledger-API-Key": box.api_key, "X-Ledger-API-User": box.api_user}
        async with aiohttp.ClientSession(headers=headers) as session:
            answer = await session.get(f"{box.url}/accounts")
    assert answer.status == 500
    assert [each.name for each in caplog.records] == [logger.name]
