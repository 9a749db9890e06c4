"""What a walk writes down of how far it got, batch by batch."""

from __future__ import annotations

from simulator import page_of, pages_of

from ledger_async._exactness.checkpoints import Carried, Checkpoint
from ledger_async._exactness.pages import PageRead, PageRequest
from ledger_async._exactness.walk import Walk


def checkpoints(size: int, *, slots: int = 1, check: bool = True) -> list[Checkpoint | None]:
    listing = [*range(size)]
    pages = pages_of(
        Walk(100, check=check),
        lambda request, _now: page_of(listing, request.number, request.size),
        slots=slots,
    )
    return [page.checkpoint for page in pages if page.nodes]


def test_in_sequence_everything_is_linked_at_once() -> None:
    assert checkpoints(250) == [
        Checkpoint(100, 250, calm=True),
        Checkpoint(200, 250, calm=True),
        Checkpoint(250, 250, calm=True),
    ]


def test_what_is_read_ahead_is_loose() -> None:
    assert checkpoints(350, slots=16) == [
        Checkpoint(100, 350, calm=True),
        Checkpoint(100, 350, loose=((100, 200),), calm=True),
        Checkpoint(100, 350, loose=((100, 300),), calm=True),
        Checkpoint(100, 350, loose=((100, 350),), calm=True),
    ]


def test_a_long_listing_is_linked_in_between_once_its_head_is_seen_again() -> None:
    last = checkpoints(20_000, slots=16)[-1]
    assert last is not None
    ((linked, end),) = last.loose
    assert (last.end, end) == (linked, 20_000)
    assert 10_000 < linked < 16_000


def test_a_head_that_has_changed_in_between_links_nothing() -> None:
    walk, listing = Walk[int](100, check=True), [*range(20_000)]
    asked: list[tuple[int, int]] = []

    def serve(request: PageRequest, _now: float) -> PageRead[int]:
        asked.append((request.number, request.size))
        heads = sum(number == 1 for number, _ in asked)
        shown = [-1, *listing[:-1]] if request.number == 1 and heads == 2 else listing
        return page_of(shown, request.number, min(request.size, 100))

    pages = [page for page in pages_of(walk, serve, slots=16) if page.nodes]
    assert walk.status == "repaired"
    assert [node for page in pages for node in page.nodes] == listing
    ends = {page.checkpoint.end for page in pages if page.checkpoint and page.checkpoint.calm}
    assert ends == {100}


def test_a_repair_goes_on_behind_what_the_head_confirms() -> None:
    walk, listing = Walk[int](100, check=True), [*range(20_000)]
    asked: list[tuple[int, int]] = []

    def serve(request: PageRequest, _now: float) -> PageRead[int]:
        asked.append((request.number, request.size))
        if len(asked) == 100:
            listing.insert(0, -1)
        return page_of(listing, request.number, min(request.size, 100))

    came = {node for page in pages_of(walk, serve, slots=16) for node in page.nodes}
    assert came >= {*range(20_000)}
    starts = [(number - 1) * min(size, 100) for number, size in asked]
    assert min(start for start in starts[130:] if start) > 9000


def test_where_nothing_is_proven_there_is_none() -> None:
    assert checkpoints(250, check=False) == [None, None, None]


def test_a_repair_leaves_loose_what_was_read_ahead() -> None:
    walk, listing = Walk[int](100, check=True), [*range(350)]
    walk.answer(walk.ask(), page_of(listing, 1, 100))
    second, third = walk.ask(), walk.ask()
    walk.answer(second, page_of(listing, 2, 100))
    listing.insert(0, -1)
    walk.answer(third, page_of(listing, 3, 100))
    request = walk.ask()
    (fresh,) = walk.answer(request, page_of(listing, request.number, request.size))
    assert fresh.checkpoint is not None
    assert fresh.checkpoint.loose == ((100, 200),)
    assert fresh.checkpoint.calm is False


def test_a_walk_that_can_trust_nothing_linked_so_far_says_so() -> None:
    walk, listing = Walk[int](100, check=True), [*range(350)]
    walk.answer(walk.ask(), page_of(listing, 1, 100))
    short = page_of(listing[:150], 2, 100)
    walk.answer(walk.ask(), type(short)(short.nodes, short.keys, 350, has_next_page=True))
    request = walk.ask()
    assert request.number == 1
    walk.answer(request, page_of(listing, request.number, request.size))
    request = walk.ask()
    (fresh,) = walk.answer(request, page_of(listing, request.number, request.size))
    assert fresh.checkpoint is not None
    assert fresh.checkpoint.loose == ((0, 100),)


def test_nothing_is_proven_behind_an_element_that_was_left_out() -> None:
    walk = Walk[int](1, check=True)
    walk.answer(walk.ask(), page_of([0, 1, 2], 1, 1))
    walk.leave_out(walk.ask(), 1, 1)
    request = walk.ask()
    (fresh,) = walk.answer(request, page_of([0, 1, 2], request.number, request.size))
    assert fresh.checkpoint is None


def test_a_batch_without_a_checkpoint_is_loose() -> None:
    carried = Carried()
    carried.add([1, 2], Checkpoint(2, 9, calm=True))
    carried.add([3], None)
    assert carried.checkpoint == Checkpoint(2, 9, loose=((2, 3),))


def test_the_last_checkpoint_holds_for_all_that_came_before() -> None:
    carried = Carried()
    carried.add([1, 2], Checkpoint(0, 9, loose=((0, 2),), calm=True))
    carried.add([3], Checkpoint(3, 9, calm=True))
    assert carried.checkpoint.loose == ()
