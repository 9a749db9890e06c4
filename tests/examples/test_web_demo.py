"""`make web`: the FastAPI example on a sandbox, at an address that it prints."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.real_time

SCRIPT = Path(__file__).parents[2] / "scripts/web_demo.py"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


async def test_it_prints_an_address_serves_pictures_and_ends_at_ctrl_c() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, SCRIPT, str(free_port()), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            printed = (await process.stdout.readline()).decode()
            found = re.match(r"(http://\S+) \(Ctrl-C ends it\)", printed)
            assert found, printed
            picture = await picture_of(found[1])
            process.send_signal(signal.SIGINT)
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
    assert picture.headers["content-type"].startswith("image/svg+xml")


async def picture_of(url: str) -> httpx.Response:
    """A picture of an NFT, from where the application says that it is."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        while True:
            try:
                nfts = await client.get("/accounts/101/nfts")
                break
            except httpx.ConnectError:  # the address is printed before it is listened at
                await asyncio.sleep(0.05)
        medias = [(nft["metadata"] or {}).get("medias") for nft in nfts.json()]
        uris = [each["preview"]["uri"] for each in medias if each]
        return await client.get(next(uri for uri in uris if uri.startswith("http:")))
