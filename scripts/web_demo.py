"""Serves examples/fastapi_app.py on a sandbox, and prints the address to open in a browser."""  # noqa: INP001 - a script

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import uvicorn
from aiohttp import web

from ledger_async.sandbox import Fault, RateLimit, Sandbox, SeenRequest

ACCOUNTS = {100 + index: 37 * index * index % 700 for index in range(1, 13)}
EXAMPLES = Path(__file__).parents[1] / "examples"

# Slow enough to watch: what takes 10 seconds here takes a moment where nothing holds it back.
LIMIT = RateLimit(20, 3.0)
LATENCY = 0.15
REFUSED = Fault.status(420, headers={"Retry-After": "3"})


def picture(name: str) -> str:
    """A quiet picture of three discs, always the same for a name."""
    noise = sha256(name.encode()).digest()
    hue = noise[0] * 360 // 256
    discs = "".join(
        f'<circle cx="{20 + noise[at] % 60}" cy="{20 + noise[at + 1] % 60}" '
        f'r="{14 + noise[at + 2] % 24}" fill="hsl({hue + at * 9} 60% {52 + at * 3}%)" '
        'fill-opacity=".75"/>'
        for at in (1, 4, 7)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
        f'<rect width="100" height="100" fill="hsl({hue} 45% 84%)"/>{discs}</svg>'
    )


async def draw(request: web.Request) -> web.Response:
    """Answer with the picture of the path's name."""
    return web.Response(text=picture(request.match_info["name"]), content_type="image/svg+xml")


@asynccontextmanager
async def pictures() -> AsyncIterator[str]:
    """Serve pictures at the URL that is given, as hosts of media would."""
    app = web.Application()
    app.router.add_get("/{name}", draw)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def with_pictures(page: dict[str, Any], url: str) -> dict[str, Any]:
    """The page of a listing, whose pictures are at `url`; some stay where there are none."""
    for edge in page.get("edges", ()):
        preview = ((edge["node"].get("metadata") or {}).get("medias") or {}).get("preview")
        if preview:
            name = preview["uri"].rsplit("/", 1)[-1]
            preview["uri"] = f"{url}/{name}" if int(name[0], 16) % 8 else f"ipfs://{name}"
    return page


async def main(port: int) -> None:
    """Serve until Ctrl-C."""
    async with pictures() as url, Sandbox(ACCOUNTS, rate_limit=LIMIT, latency=LATENCY) as box:
        box.rewrite(lambda _, page: with_pictures(page, url))

        @box.on_request
        def refuse_later(seen: SeenRequest) -> None:
            if seen.path.endswith("/accounts"):  # a page has been opened
                box.heal()
                box.fail(REFUSED, after=30)

        os.environ |= {
            "LEDGER_BASE_URL": box.url,
            "LEDGER_API_KEY": box.api_key,
            "LEDGER_API_USER": box.api_user,
            "LEDGER_WEBHOOK_SECRET": "of the sandbox",
        }
        sys.path.insert(0, str(EXAMPLES))
        config = uvicorn.Config("fastapi_app:app", port=port, log_level="warning")
        config.timeout_graceful_shutdown = 1  # tabs that are still open
        print(f"http://127.0.0.1:{port}/ (Ctrl-C ends it)", flush=True)  # noqa: T201 - for people
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else 8000))
