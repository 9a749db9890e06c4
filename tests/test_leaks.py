"""The check after each hostile case: it finds what it is there to find."""

from __future__ import annotations

import asyncio
import logging
import socket
import warnings

import pytest
from leaks import connections_to, nothing_left
from raw_server import RawServer, nothing

from ledger_async.errors import ConfigurationError
from ledger_async.wire import encode_query

SECRET = "key-that-nobody-may-see"


async def test_a_block_that_leaves_nothing_passes(caplog: pytest.LogCaptureFixture) -> None:
    async with nothing_left(caplog, SECRET) as shown, RawServer(nothing) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.close()
        logging.getLogger("ledger_async").warning("nothing secret")
        shown.append(ValueError("nothing secret"))


async def test_a_task_is_found(caplog: pytest.LogCaptureFixture) -> None:
    task = None
    with pytest.raises(AssertionError, match="left running"):
        async with nothing_left(caplog, SECRET):
            task = asyncio.create_task(asyncio.Event().wait())
    assert task is not None
    task.cancel()


async def test_a_socket_is_found(caplog: pytest.LogCaptureFixture) -> None:
    left = []
    with pytest.raises(AssertionError, match="left open"):
        async with nothing_left(caplog, SECRET):
            left.append(socket.socket())
    left[0].close()


async def test_a_connection_is_counted_at_the_clients_end_only() -> None:
    async with RawServer(nothing) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        assert connections_to(server.port) == 1
        writer.close()
        await writer.wait_closed()
        assert connections_to(server.port) == 0


async def test_a_warning_of_the_collector_is_found(caplog: pytest.LogCaptureFixture) -> None:
    def leave() -> None:
        cycle: list[object] = [socket.socket()]
        cycle.append(cycle)

    with pytest.raises(AssertionError, match="warned: unclosed <socket"):
        async with nothing_left(caplog, SECRET):
            leave()


async def test_a_warning_within_the_block_is_found(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(AssertionError, match="warned: unclosed"):
        async with nothing_left(caplog, SECRET):
            warnings.warn("unclosed", ResourceWarning, stacklevel=1)


async def test_a_failed_task_that_nobody_asked_is_found(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError

    async def leave() -> None:
        await asyncio.wait([asyncio.create_task(fail())])

    with pytest.raises(AssertionError, match="complained: Task exception was never retrieved"):
        async with nothing_left(caplog, SECRET):
            await leave()


@pytest.mark.parametrize("logger", ["ledger_async", "aiohttp.client", "asyncio", "root"])
async def test_a_secret_in_a_log_is_found(logger: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(AssertionError, match="logged"):
        async with nothing_left(caplog, SECRET):
            logging.getLogger(logger).debug("sent %s", {"X-Ledger-API-Key": SECRET})


def _caused() -> ValueError:
    error = ValueError()
    error.__cause__ = KeyError(SECRET)
    return error


def _met() -> ValueError:
    error = ValueError()
    error.__cause__ = KeyError()
    error.__context__ = KeyError(SECRET)
    return error


def _noted() -> ValueError:
    error = ValueError()
    error.add_note(SECRET)
    return error


def _framed() -> BaseException:
    """Of our package, with a frame in which the secret stands."""
    try:
        encode_query({"first": SECRET, "second": object()}, {"first": str, "second": str})
    except ConfigurationError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize(
    "subject",
    [ValueError(SECRET), _caused(), _met(), _noted(), _framed(), {"key": SECRET}],
    ids=["message", "cause", "context", "note", "frame", "repr"],
)
async def test_a_secret_on_display_is_found(
    subject: object, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(AssertionError, match="shown"):
        async with nothing_left(caplog, SECRET) as shown:
            shown.append(subject)
