"""A session with PostgreSQL that psycopg leaves in the midst of a pipeline: `session`."""

from __future__ import annotations

import pytest

from ledger_async import StoreError
from ledger_async._support.secrets import Hidden
from ledger_async.mirror._postgres.opening import connected
from ledger_async.mirror._postgres.session import Connection

pytestmark = pytest.mark.real_time


async def test_a_session_that_can_do_nothing_more_after_an_error_is_closed(postgres: str) -> None:
    async def fail(connection: Connection) -> None:
        # As where a server that is stopped has said so, and has not closed the connection yet.
        connection.pgconn.enter_pipeline_mode()
        connection.pgconn.send_query_params(b"SELECT 1", [])
        raise StoreError("the database ended the connection")

    session = await connected(Hidden(postgres))
    with pytest.raises(StoreError):
        await session.do(fail)
    assert session.closed


async def test_a_session_goes_on_after_an_error_that_was_rolled_back(postgres: str) -> None:
    async def fail(_: Connection) -> None:
        raise KeyError("ours")

    session = await connected(Hidden(postgres))
    with pytest.raises(KeyError):
        await session.do(fail)
    assert not session.closed
    await session.aclose()
