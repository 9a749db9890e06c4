"""The parts that a run hands to the store: of every account, or of what is new and still open."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from itertools import islice
from typing import Any, TypeAlias

from ledger_async import AccountReport, NodeStream, json

from .endings import Failed, end_of, failure_of
from .store import Part
from .table import Rows
from .together import together

Parts: TypeAlias = AsyncGenerator[Part, None]
Get: TypeAlias = Callable[[int], Coroutine[Any, Any, Any]]

# Elements that are got together; the limits of the client stand before them as ever.
_AT_ONCE = 100


class Source:
    """Makes parts of what was read, and notes the errors of accounts that were not, or not proven.

    A `partial` listing, such as one of new elements, tells of no others.
    """

    def __init__(
        self, rows: Rows, failed: Failed, *, forget: bool = False, partial: bool = False
    ) -> None:
        self._rows = rows
        self._failed = failed
        self._forget = forget
        self._partial = partial

    async def read(self, stream: NodeStream[Any]) -> Parts:
        """The parts of each account, of which the last has its end."""
        async with stream:
            async for batch in stream.batches():
                if batch.report is not None:
                    yield self._last(batch.account_id, batch.nodes, batch.report)
                else:
                    yield self._part(batch.account_id, batch.nodes, batch.checkpoint)

    async def read_increment(
        self, stream: NodeStream[Any], unsettled: Iterable[int], get: Get
    ) -> Parts:
        """The parts of a stream of new elements, and of those that were not settled before.

        `get` gives one of these by its id, or `None` where the row is to stay as it is.
        """
        met: set[int] = set()
        report = AccountReport()
        async with stream:
            async for batch in stream.batches():
                met.update(node.id for node in batch.nodes)
                report = batch.report or report
                yield self._part(None, batch.nodes)
        ids = (each for each in unsettled if each not in met)  # now that all were met
        while report.error is None and (some := [*islice(ids, _AT_ONCE)]):
            found = await together(*map(get, some))
            yield self._part(None, [each for each in found if each is not None])
        yield self._last(None, [], report)

    def _part(self, account_id: int | None, nodes: list[Any], checkpoint: Any = None) -> Part:
        written = None if checkpoint is None else json.encode(checkpoint)
        return Part(account_id, self._rows.of(account_id, nodes), written)

    def _last(self, account_id: int | None, nodes: list[Any], report: AccountReport) -> Part:
        failure = failure_of(report, forget=self._forget)
        if failure is not None:
            self._failed[account_id] = failure
        end = end_of(report, forget=self._forget, partial=self._partial)
        return Part(account_id, self._rows.of(account_id, nodes), end=end)
