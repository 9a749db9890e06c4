"""Mirrors by fleets that are cancelled: while the fleet opens, in the middle, and while it closes.

The simulations cancel many, at moments that a seed chooses.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from fleet_cancelling import Cancelled
from fleet_workspace import SIZES, check_whole, database, workspace

from ledger_async.fleet import Fleet
from ledger_async.sandbox import Sandbox

__all__ = ["database", "workspace"]  # fixtures

pytestmark = [pytest.mark.real_time, pytest.mark.heavy]

MOMENTS: dict[str, Callable[[Cancelled], Awaitable[object]]] = {
    "while the fleet opens": lambda _: asyncio.sleep(0.2),
    "in the middle": lambda mirror: mirror.seen.reach(40),
    "while the fleet closes": lambda mirror: mirror.closing.wait(),
}


@pytest.fixture
async def opened_before(workspace: Sandbox) -> None:
    """What is made once for all fleets of a process is there."""
    async with Fleet(workers=1):
        pass


@pytest.mark.usefixtures("opened_before")
async def test_a_mirror_that_is_cancelled_leaves_nothing_behind(
    workspace: Sandbox, database: str
) -> None:
    left = {
        name: await Cancelled(workspace, database).at(moment) for name, moment in MOMENTS.items()
    }
    assert {name: found for name, found in left.items() if found} == {}


async def test_a_cancelled_mirror_is_gone_on_with_at_once(
    workspace: Sandbox, database: str
) -> None:
    assert await Cancelled(workspace, database).at(MOMENTS["in the middle"]) == []
    async with Fleet(workers=2) as fleet:
        check_whole(await fleet.mirror("nfts", SIZES, store=database), database)
