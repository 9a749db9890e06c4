"""The `progress` of many workers, as their `mirror_work` tells it."""

from __future__ import annotations

from ledger_async.fleet._dask.mirror_work import Told
from ledger_async.fleet._dask.progress import Together
from ledger_async.mirror import MirrorProgress


def told(key: str, accounts: int, *, worker: str = "one", waited: float = 0.0) -> Told:
    progress = MirrorProgress(accounts, accounts, 10 * accounts, accounts, 0, 0, waited)
    return Told(key, worker, progress)


class Heard:
    """A progress of chunks that are `doing`, and all that it said."""

    def __init__(self, known: int = 0) -> None:
        self.said: list[MirrorProgress] = []
        self.doing: set[str] = set()
        self.together = Together(self.said.append, known, self.doing.__contains__)


def test_chunks_that_are_done_and_those_under_way_are_added_up() -> None:
    heard = Heard(known=9)
    heard.doing.update("ab")
    heard.together.hear(told("a", 2))
    heard.together.hear(told("b", 3))
    heard.together.end(told("a", 4))
    assert [each.accounts for each in heard.said] == [2, 5, 7]
    assert heard.said[-1] == MirrorProgress(7, 9, 70, 7, 0, 0, 0.0)


def test_a_message_that_comes_after_the_result_counts_nothing_twice() -> None:
    heard = Heard()
    heard.together.end(told("a", 4))
    heard.together.hear(told("a", 4))
    assert [each.accounts for each in heard.said] == [4]


def test_accounts_that_were_finished_before_are_done_and_known() -> None:
    heard = Heard()
    heard.together.meet(10, finished=6)
    heard.together.end(told("a", 1))
    assert (heard.said[-1].accounts, heard.said[-1].accounts_known) == (7, 10)


def test_workers_wait_beside_each_other() -> None:
    heard = Heard()
    heard.together.end(told("a", 1, worker="one", waited=3.0))
    heard.together.end(told("b", 1, worker="two", waited=2.0))
    heard.together.end(told("c", 1, worker="one", waited=4.0))
    assert heard.said[-1].waited == 4.0
