"""Servers as people run them, in processes of their own, on a port that already listens."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from ledger_async.sandbox import Sandbox

HELPERS = Path(__file__).parent
GRACEFUL = 1  # seconds from SIGTERM until a server ends what goes on

# From a descriptor that listens to a command: two workers each.
SERVERS: dict[str, Callable[[int], list[str]]] = {
    "uvicorn": lambda fd: [
        *("uvicorn", "web_application:app", "--workers=2", f"--fd={fd}", "--log-level=critical"),
        f"--timeout-graceful-shutdown={GRACEFUL}",
    ],
    "gunicorn": lambda fd: [
        *("gunicorn", "web_application:app", "--workers=2", f"--bind=fd://{fd}", "--preload"),
        *("--worker-class=asgi", f"--graceful-timeout={GRACEFUL}", "--log-level=critical"),
        # Else Starlette, which is not told that its visitor has left, reads on for 3 s.
        "--asgi-disconnect-grace-period=0",
    ],
}


class Server:
    """A server of `workers` processes at a port."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.port = port
        self._process = process

    def visitors(self) -> int:
        """How many of its processes' descriptors are connections of visitors."""
        own = psutil.Process(self._process.pid)
        connections = [
            connection
            for process in (own, *own.children(recursive=True))
            for connection in process.net_connections(kind="inet")
        ]
        return sum(each.laddr.port == self.port and bool(each.raddr) for each in connections)

    async def terminate(self) -> float:
        """Send SIGTERM, as orchestrators do, and return the seconds that the end takes."""
        clock = asyncio.get_running_loop().time
        begun = clock()
        self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            await self._process.wait()
        return clock() - begun


@asynccontextmanager
async def serving(name: str, sandbox: Sandbox) -> AsyncIterator[Server]:
    """A server that runs `web_application` on the sandbox, killed at the end if it still runs."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        fd = listening.fileno()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *SERVERS[name](fd)),
            pass_fds=[fd],
            env=os.environ
            | {
                "PYTHONPATH": str(HELPERS),
                "LEDGER_BASE_URL": sandbox.url,
                "LEDGER_API_KEY": sandbox.api_key,
                "LEDGER_API_USER": sandbox.api_user,
            },
        )
        port = listening.getsockname()[1]
        listening.close()
        try:
            yield Server(process, port)
        finally:
            if process.returncode is None:
                await Server(process, port).terminate()


async def answer_to(port: int, path: str) -> str:
    """The body of a short answer, whose connection is closed behind it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET %b HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n" % path.encode())
    head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    assert head.startswith("HTTP/1.1 200"), head
    return body


class Visitor:
    """A client of bare bytes, that can stall and leave as badly as it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer

    @classmethod
    async def at(cls, port: int, path: str) -> Visitor:
        """A visitor who has asked for a path, and whose answer has begun."""
        # With a small buffer, a stream that is not read soon stands still.
        end = socket.socket()
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        end.setblocking(False)
        await asyncio.get_running_loop().sock_connect(end, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=end, limit=4096)
        writer.write(b"GET %b HTTP/1.1\r\nHost: test\r\n\r\n" % path.encode())
        await reader.readuntil(b"\r\n\r\n")
        return cls(reader, writer)

    def leave(self) -> None:
        """Close the connection."""
        self._writer.close()

    def reset(self) -> None:
        """Close the connection with an RST: the kernel does so if told not to linger."""
        linger = struct.pack("ii", 1, 0)
        end = self._writer.get_extra_info("socket")
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()
