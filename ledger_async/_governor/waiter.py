"""A request that waits at the gate, as a value."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from ledger_async._support import anyio_scopes
from ledger_async.errors import LedgerError

MakeError = Callable[[], LedgerError]

Permit = int
"""The closings of the gate before it was given: a result is news only while there are no more."""


class Waiter(NamedTuple):
    """A request that waits: its permit to be, and how patient it is.

    It waits until the `deadline`, for pauses of up to `max_wait` seconds, and for the end of an
    outage if it `sits_outages_out`.
    """

    permit: asyncio.Future[Permit]
    interactive: bool
    deadline: float
    max_wait: float
    sits_outages_out: bool = True

    def refuse(self, error: MakeError) -> None:
        """End the wait with this error, unless it has ended."""
        if not self.permit.done():
            self.permit.set_exception(error())


def waiter_here(max_wait: float, *, interactive: bool, sits_outages_out: bool) -> Waiter:
    """The waiter of the current task, whose anyio scopes say until when."""
    permit: asyncio.Future[Permit] = asyncio.get_running_loop().create_future()
    return Waiter(permit, interactive, anyio_scopes.deadline(), max_wait, sits_outages_out)
