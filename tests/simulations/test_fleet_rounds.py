"""Fleets whose workers, scheduler, process or database are killed while their workspace changes.

`FLEET_ROUNDS` in the environment is the number of rounds, and `FLEET_SEED` what they depend on.
"""

from __future__ import annotations

import os
import sys

import pytest
from fleet_rounds import fleet_rounds
from postgres import OwnServer

pytestmark = pytest.mark.real_time

SIZES = {
    1: 205,
    **dict.fromkeys(range(10, 130), 7),
    **dict.fromkeys(range(130, 160), 45),
    **dict.fromkeys(range(160, 163), 198),
    **dict.fromkeys(range(170, 175), 0),
}

ROUNDS = int(os.environ.get("FLEET_ROUNDS", "7"))
SEED = int(os.environ.get("FLEET_SEED", "16"))


async def test_whatever_is_killed_the_table_ends_as_the_workspace(own_postgres: OwnServer) -> None:
    async with fleet_rounds(own_postgres, SIZES, seed=SEED, pause=60, latency=0.05) as rounds:
        await rounds.play_all(ROUNDS)
    killed = ", ".join(f"{kind} {times}" for kind, times in rounds.tally.kills.items())
    sys.stdout.write(f"killed: {killed}; {rounds.tally.compared:,} rows were compared\n")
    assert rounds.tally.broken == {}
    assert rounds.tally.kills.total() > ROUNDS / 2  # some fleets are done before
