"""The check after each hostile case: it finds what it is there to find."""

from __future__ import annotations

import asyncio
import logging
import socket
import warnings
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from hunter import places
from leaks import connections_to, nothing_left
from raw_server import RawServer, nothing

from ledger_async._protocol.query import encode_query
from ledger_async._support.secrets import Hidden
from ledger_async.errors import ConfigurationError

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


# What a tracker of errors would find


HOLDING = """
import msgspec

class Opaque(dict):
    def __repr__(self): return "nothing to see"

class Slotted:
    __slots__ = ("inside",)

class Attributed:
    pass

class Struct(msgspec.Struct):
    inside: object
    def __repr__(self): return "Struct()"

class Talkative:
    def __init__(self, secret): self.__dict__["quiet"] = lambda: secret
    def __repr__(self): return "I know " + self.quiet()

def held(thing, inside):
    thing.inside = inside
    return thing

def fail(secret):
    local = {how}
    del secret
    raise ValueError("nothing secret")
"""
HOW = {
    "a string": "secret",
    "bytes": "secret.encode()",
    "memory": "memoryview(bytearray(secret.encode()))",
    "a part of a string": "'Bearer ' + secret",
    "a member": "[({secret},)]",
    "a value": "{'X-Key': secret}",
    "a value of what shows none": "Opaque(key=secret)",
    "a key": "{secret: None}",
    "a slot": "held(Slotted(), secret)",
    "an attribute": "held(Attributed(), [secret])",
    "a field": "Struct(secret)",
    "a repr": "Talkative(secret)",
    "far inside": "held(Slotted(), held(Attributed(), Struct({0: [(Struct(secret),)]})))",
    "an error": "ValueError(secret)",
}


def failed(code: str, secret: str = SECRET, file: str = "of_ours.py") -> ValueError:
    """The error of this code, which is no test's."""
    module: dict[str, Any] = {"__name__": "of_ours"}
    exec(compile(code, file, "exec"), module)  # its frames are what is looked at
    with pytest.raises(ValueError, match="nothing secret") as caught:
        module["fail"](secret)
    return caught.value


@pytest.mark.parametrize("how", HOW.values(), ids=HOW)
def test_a_secret_in_a_frame_is_found(how: str) -> None:
    code = HOLDING.replace("{how}", how)
    assert places(failed(code), SECRET) != []
    assert places(failed(code, "harmless"), SECRET) == []


def test_a_frame_of_a_test_does_not_count() -> None:
    assert places(failed(HOLDING.replace("{how}", "secret"), file=__file__), SECRET) == []


def test_a_cycle_ends() -> None:
    cycle: list[object] = [SECRET]
    cycle.append(cycle)
    assert len(places(cycle, SECRET)) == 2  # the member, and the repr


@pytest.mark.parametrize(
    "link",
    [
        lambda error: {"__cause__": error},
        lambda error: {"__context__": error},
        lambda error: {"args": (1, error)},
        lambda error: {"os_error": error},
    ],
    ids=["cause", "context", "argument", "attribute"],
)
def test_a_frame_of_an_error_behind_the_error_is_found(
    link: Callable[[BaseException], dict[str, object]],
) -> None:
    error = KeyError()
    for name, value in link(failed(HOLDING.replace("{how}", "secret"))).items():
        setattr(error, name, value)
    assert places(error, SECRET) != []


def test_a_frame_of_an_error_in_a_group_is_found() -> None:
    group = ExceptionGroup("several", [failed(HOLDING.replace("{how}", "secret"))])
    assert places(group, SECRET) != []


async def test_a_frame_of_aiohttp_is_found() -> None:
    async with RawServer(nothing) as server, aiohttp.ClientSession() as session:
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(1):
                await session.get(server.url, headers={"X-Ledger-API-Key": SECRET})
    assert any("ClientSession._request" in place for place in places(caught.value, SECRET))


def test_what_is_hidden_is_not_found() -> None:
    assert places(Hidden(SECRET), SECRET) == []
