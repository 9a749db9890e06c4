"""The ways in which a walk goes through a listing, each with the proof that nothing slips past it.

Every element that is there throughout, from the first request to the last answer, must be on a page
that was taken. Such elements keep their order, so a page is *linked* if, of those that stood before
its last element when the server looked, all have come: then only what stands behind is to be read.

Elements may come in at the head, leave from anywhere, and come back at the head. With filters on
what may change they come in anywhere, but each has one place among the others, also when it comes
back; then pages overlap from the start. All of them trust that elements keep their order, that an
identity stands for one, that no answer is older than one before it, and that `count` is right where
nothing contradicts it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol, TypeVar

from .checkpoints import Checkpoint
from .pages import PageRead, PageRequest, Place
from .survey import Survey

T = TypeVar("T")

HEAD = 10
"""Elements at the head of which not all leave and come back in their order during a walk."""

SEAM = 2
"""Elements by which a page links to another that was in flight with it."""

DEPTH = 50
"""Elements that do not come in, with `SEAM` that come back, while two pages are in flight."""

# Pages that overlap and are in flight together; fewer where the listing moves too fast for that.
_MOST_TOGETHER = 64

# Going ahead through more pages than that, the head is asked for again after so many of them, if so
# many are still to come: never for more than 2% of all.
_LONG = 100
_CONFIRM_AFTER = 50
_WORTH_IT = 32

# Pages that have to be loose for the head to be asked for once the listing has moved.
_MUCH = 4

# With a ramp, so many times as many pages may be in flight as have come.
_RAMP = 4


class Way(Protocol):
    """Says which page comes next, and links a page that came to those before it."""

    def begin(self) -> None:
        """The walk goes on this way from here."""

    def next_request(self, queue: Sequence[PageRequest]) -> PageRequest | None:
        """The page to ask for, while those in the queue are asked for and not taken yet."""

    def append(self, request: PageRequest, page: PageRead[T]) -> bool:
        """Take a page as nearly all are, whose turn it is; false of one to look at and `link`."""

    def link(self, request: PageRequest, page: PageRead[T], place: Place) -> bool:
        """Let the linked part end with this page, whose turn it is; false if nothing links it."""

    def checkpoint(self) -> Checkpoint | None:
        """The proof that there is for what has been taken, if any."""


class Unproven:
    """All pages by their numbers, as many at once as `count` foresees. Nothing is proven."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._last: PageRequest | None = None

    def begin(self) -> None:
        """Nothing to remember."""

    def next_request(self, queue: Sequence[PageRequest]) -> PageRequest | None:
        """The page behind the last one that was asked for."""
        survey, last = self._survey, queue[-1] if queue else self._last
        if queue and not 0 < queue[-1].number * survey.sizes.first < survey.count:
            return None
        return PageRequest(*self._behind(last))

    def _behind(self, last: PageRequest | None) -> tuple[int, int]:
        sizes = self._survey.sizes
        if last is None:
            return sizes.following(0)
        # The first page may have been asked for at another length than the others.
        if not sizes.barrier and (last.number == 1 or last.size == sizes.usual):
            return last.number + 1, sizes.usual
        return sizes.following(last.number * last.size)

    def append(self, request: PageRequest, page: PageRead[T]) -> bool:  # noqa: ARG002
        """Look closely at every page."""
        return False

    def link(self, request: PageRequest, page: PageRead[T], place: Place) -> bool:  # noqa: ARG002
        """Take every page as it comes."""
        self._last = request
        return True

    def checkpoint(self) -> None:
        """Nothing is proven."""


class InSequence:
    """Each page once all before it were answered, linked by low water.

    Let the linked part reach `end` by the answer that said `count`, and let the next answer say a
    `count` that is lower by `fallen`. Whatever came in since stands at the head and pushed the rest
    back; as many left as came in, and `fallen` more. So what stood at `end` or behind has moved to
    the front by `fallen` at most, and a page that begins at `end - fallen` or before misses none
    of it. In a quiet listing, and in one that only grows, this costs no request.
    """

    def __init__(self, survey: Survey) -> None:
        self._survey = survey

    def begin(self) -> None:
        """Nothing to remember."""

    def next_request(self, queue: Sequence[PageRequest]) -> PageRequest | None:
        """The page that begins where the linked part ends."""
        if queue:
            return None
        return PageRequest(*self._survey.sizes.following(self._survey.cover.end))

    def append(self, request: PageRequest, page: PageRead[T]) -> bool:
        """Link and add a page that goes on where the others end, or that is all there is."""
        survey, cover = self._survey, self._survey.cover
        if survey.first_count is None:
            return survey.take_whole(page)
        end = request.number * request.size
        goes_on = end - request.size <= cover.end and page.count == cover.count
        if not (goes_on and survey.is_usual(request, page) and cover.append(page)):
            return False
        cover.end = end
        return True

    def link(self, request: PageRequest, page: PageRead[T], place: Place) -> bool:  # noqa: ARG002
        """Link the page by low water, if all pages so far are as their `count` has them."""
        survey, cover = self._survey, self._survey.cover
        if not (survey.links_by_count and cover.reaches(place.start, page)):
            return False
        cover.link(page, place.end)
        return True

    def checkpoint(self) -> Checkpoint:
        """Everything is linked."""
        cover = self._survey.cover
        calm = self._survey.calm and not self._survey.has_shifted
        return Checkpoint(cover.end, cover.count, cover.loose, calm)


class Ahead:
    """All pages at once, and then the head of the listing once more, which closes the walk.

    If every page said the same `count` and none repeated anything, and at the close the `count` is
    the same and the first `HEAD` keys are, in their order, then nothing had come in: of what comes
    in, all that is still there stands at the head. Nor had anything left, or `count` would tell. An
    element that came and went in between shows in the `count` of every page that it shifted.

    In a long listing the head is asked for in between as well, beside the other pages. What had
    been taken before that request is then linked for good, and a repair goes on behind it.

    What came back would hide among the first keys only if all of these came back, one by one in
    reverse, which is taken for impossible.

    **By the head.** Once a page says otherwise, the head is asked for at once, and nothing else. It
    shows how many elements came in since the first page and stayed, and by its `count` how many
    left. If none did, `count` is a stamp: pages of the same `count` show the same state. Nor can a
    few that left, fewer than a page holds, have hidden anything on pages of the same `count`. For
    a page to be pushed back at that `count`, an element had to be in that is none of the first
    page's time, and another gone that stood behind the page. Then the page began with an element
    that had come before, unless more came in, or left, than the first page holds. So all that had
    been taken is linked, and once one more page, asked for alone, shows that nothing moves now, the
    rest may go ahead as before, behind the new head.
    """

    def __init__(self, survey: Survey, *, ramp: bool) -> None:
        self._survey = survey
        self._ramp = _RAMP if ramp else math.inf
        self.closing: PageRequest | None = None
        """The request for the head that is not answered yet."""
        self.linked = 0
        """Keys that came on pages that are linked."""
        self._has_begun = False
        self._taken = self._confirmed = 0
        # Keys that had come when the head was last asked for; no more than that if not the last.
        self._taken_before = 0
        self._is_last = False
        self._is_in_doubt = False
        # The keys at the head, once these are others than those that came first.
        self._head: list[int] | None = None

    def begin(self) -> None:
        """Remember how much is linked without the pages that come now."""
        self._has_begun = True
        self._confirmed = 0
        self.linked = self._taken_before = len(self._survey.cover)

    def next_request(self, queue: Sequence[PageRequest]) -> PageRequest | None:
        """The next page that `count` foresees, if asking for it now is worth it."""
        sizes = self._survey.sizes
        if self._is_in_doubt:
            return None
        if not queue:
            return PageRequest(self._taken + 1, sizes.usual)
        last, size = queue[-1].number, sizes.first
        # Going ahead for one last page saves no time: its answer would have to be closed.
        foreseen = self._survey.count - (0 if self._has_begun else size)
        if size != sizes.usual or last * size >= foreseen:
            return None
        taken = queue[0].number - 1
        return PageRequest(last + 1, size) if len(queue) < self._ramp * taken else None

    def append(self, request: PageRequest, page: PageRead[T]) -> bool:
        """Add a page, which the close will link."""
        if not (self._survey.is_usual(request, page) and self._survey.cover.append(page)):
            return False
        self._taken = request.number
        return True

    def link(self, request: PageRequest, page: PageRead[T], place: Place) -> bool:  # noqa: ARG002
        """Take the page if nothing has moved so far; the close will link it."""
        self._taken = request.number
        return self._survey.calm

    def checkpoint(self) -> Checkpoint:
        """Count as loose, until the close, all that came ahead."""
        cover, calm = self._survey.cover, not self._survey.has_shifted
        return Checkpoint(cover.end, cover.count, ((self.linked, len(cover)),), calm)

    def confirming_request(self) -> PageRequest | None:
        """The request for the head in between, once there is enough to be linked by it."""
        survey, length = self._survey, self._survey.sizes.first
        if self._is_in_doubt:
            return PageRequest(1, length) if self.closing is None else None
        if survey.count <= _LONG * length or length < HEAD or self.closing is not None:
            return None
        taken = len(survey.cover)
        is_due = taken - self._taken_before >= _CONFIRM_AFTER * length
        is_worth_it = is_due and survey.count - taken >= _WORTH_IT * length
        return PageRequest(1, length) if is_worth_it else None

    def closing_request(self) -> PageRequest | None:
        """The request for the head of the listing; `None` while awaited, and once all is compared.

        There are more of them only where the server makes no pages as long as `HEAD`.
        """
        if self.closing is not None:
            return None
        confirmed, length = self._confirmed, self._survey.sizes.first
        if not confirmed:
            return PageRequest(1, max(length, HEAD))
        if confirmed >= min(HEAD, len(self._survey.cover)):
            return None
        return PageRequest(confirmed // length + 1, length)

    def ask_for_head(self, request: PageRequest, *, is_last: bool) -> None:
        """The head is asked for, which may link all that has been taken by now."""
        self.closing, self._is_last = request, is_last
        self._taken_before = len(self._survey.cover)

    def confirm(self, request: PageRequest, closing: PageRead[T]) -> bool:
        """Compare a page of the head with what came first; false if anything has changed."""
        self.closing = None
        cover, came = self._survey.cover, len(closing.keys)
        start = (request.number - 1) * request.size
        is_whole = came >= min(self._survey.sizes.first, len(cover) - start)
        is_all = self._is_last and self._head is None
        is_as_foreseen = closing.count == (len(cover) if is_all else self._survey.count)
        is_as_it_was = is_whole and is_as_foreseen and self._begins(start, closing.keys)
        if not is_as_it_was or self._is_in_doubt:
            return False
        if self._is_last:
            self._confirmed = start + came
        else:
            cover.end += self._taken_before - self.linked
            self.linked = self._taken_before
        return True

    def doubt(self) -> bool:
        """Ask for the head, and for nothing else, where that may link much; false where it cannot.

        A page shows that the listing has moved.
        """
        survey, length = self._survey, self._survey.sizes.first
        loose = len(survey.cover) - self.linked
        if not survey.links_by_count or length < 2 * HEAD or loose < _MUCH * length:
            return False
        self.closing, self._is_in_doubt = None, True
        return True

    def link_by_head(self, request: PageRequest, head: PageRead[T]) -> bool:
        """Link what had been taken when the head was asked for, if all of it is of one state."""
        survey, cover = self._survey, self._survey.cover
        survey.note_count(head.count)
        came = self._came_in(head.keys) if request.number == 1 else None
        if came is None or not survey.links_by_count:
            return False
        grown = head.count - survey.calm_count
        # What was taken before another head than the first one may have repeated something.
        most_left = survey.sizes.first - HEAD if self._head is None else 0
        if not 0 <= came - grown <= most_left:
            return False
        cover.end += self._taken_before - self.linked + grown
        cover.count = head.count
        self.linked, self._head = self._taken_before, head.keys
        return True

    def _came_in(self, head: list[int]) -> int | None:
        """The number of keys before those that were at the head, if these stand in their order."""
        first = self._survey.cover.first if self._head is None else self._head[0]
        if first not in head:
            return None
        came = head.index(first)
        landmarks = head[came : came + HEAD]
        return came if len(landmarks) == HEAD and self._begins(0, landmarks) else None

    def _begins(self, start: int, keys: list[int]) -> bool:
        """True if these keys are at the head of the listing as it was, after `start` others."""
        if self._head is None:
            return self._survey.cover.has_at(start, keys)
        return keys == self._head[start : start + len(keys)]

    def undo(self) -> None:
        """Take nothing for linked that came on these pages, but what is known to be."""
        self._is_in_doubt = False
        self._survey.cover.loosen(self.linked)


class Overlapping:
    """Pages that share elements with the linked part, whatever `count` says.

    **One at a time.** A page that was asked for once the others had come is linked if it begins
    with a linked element. All that stood before that element has come. If it stayed, the same
    stands before it now; if it left and came back, it is at the head, and before it stands only
    what is newer. So all that stands before the page's last element has come, or is on the page.

    **Together.** Two pages in flight may be looked at in any order. If the later page is looked at
    first, it may begin with an element that then leaves, comes back at the head, and so gets onto
    the earlier page: the two share it, and miss all that lies between them. But what came back
    stands at the head, behind nothing but what came in since. So the pages have to share `SEAM`
    elements in the same order, the last of them `DEPTH` or more from the head on the earlier page.
    Either that one stayed, or all of them came back and as many as `DEPTH` came in, while the two
    pages were in flight; the latter is taken for impossible.

    Low water links pages that were asked for one at a time, too, while `count` can be trusted.
    """

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self.as_it_was = False
        """True once it shows that nothing has moved, so that pages need not overlap."""
        self._overlap = 0
        self._missed = False
        self._rejoins = False
        self._together = _MOST_TOGETHER
        # The keys of the last page that was linked, and the positions at which they stand.
        self._last_page: dict[int, int] = {}

    def begin(self) -> None:
        """Look whether anything moves."""
        self.as_it_was = self._rejoins = False

    def rejoin(self) -> None:
        """Have one page of the usual size, asked for alone, show that nothing moves any more."""
        survey = self._survey
        self._rejoins = survey.count - survey.cover.end >= _WORTH_IT * survey.sizes.first

    def next_request(self, queue: Sequence[PageRequest]) -> PageRequest | None:
        """The page that reaches furthest of those that begin within the linked part."""
        sizes, end = self._survey.sizes, self._survey.cover.end
        if self._rejoins:
            return None if queue else PageRequest(*sizes.following(end))
        if queue:
            return self._next_together(queue)
        if not sizes.first:
            return PageRequest(*sizes.following(end))
        overlap = max(self._overlap, self._least_overlap())
        number, size = sizes.page_over(max(0, end - overlap))
        if number * size > end or self._missed:
            return PageRequest(number, size)
        # Pages are too small to overlap and reach further: low water may do.
        return PageRequest(*sizes.page_over(end))

    def _next_together(self, queue: Sequence[PageRequest]) -> PageRequest | None:
        """The page behind those in flight, if it is likely to be linked to them."""
        survey, sizes = self._survey, self._survey.sizes
        end = queue[-1].number * sizes.of(queue[-1])
        likely = not self._missed and sizes.largest_is_known and DEPTH < end < survey.length
        if not likely or len(queue) >= self._together:
            return None
        # The listing may shift between the two by as much as this is more than the least.
        spare = min(SEAM, sizes.largest // 4)
        number, size = sizes.page_over(end - max(self._overlap, self._least_overlap() + spare))
        reaches, shared = number * size > end, end - (number - 1) * size
        return PageRequest(number, size, after_all=False) if reaches and shared >= SEAM else None

    def append(self, request: PageRequest, page: PageRead[T]) -> bool:  # noqa: ARG002
        """Look closely at every page."""
        return False

    def link(self, request: PageRequest, page: PageRead[T], place: Place) -> bool:
        """Link the page if the proof holds; then the next one need not overlap as far."""
        if not self._links(request, page, place):
            return False
        if self._rejoins:
            self._rejoins, self.as_it_was = False, self._is_steady(page)
        self._survey.cover.link(page, max(place.end, self._still_reached(request, page)))
        self._overlap //= 2
        self._together = min(2 * self._together, _MOST_TOGETHER)
        self._missed = False
        self._last_page = {key: at for at, key in enumerate(page.keys, place.start)}
        return True

    def miss(self, page: PageRead[T]) -> None:
        """A page was not linked: the next one goes alone, and begins further to the front."""
        fallen = self._survey.cover.fallen(page)
        self._rejoins = False
        self._overlap = max(2 * self._overlap, fallen + 1, self._least_overlap())
        self._together = max(self._together // 2, 1)
        self._missed = True

    def start_slowly(self) -> None:
        """Ask for more pages at a time only as some are linked."""
        self._overlap, self._together, self._missed = 0, 1, False
        self._last_page = {}

    def checkpoint(self) -> Checkpoint:
        """Everything is linked but what was read ahead, in vain as far as is known."""
        cover = self._survey.cover
        return Checkpoint(cover.end, cover.count, cover.loose)

    def _links(self, request: PageRequest, page: PageRead[T], place: Place) -> bool:
        if len({*page.keys}) < len(page.keys):
            return False  # in no order that could be relied on
        if place.start == 0:
            return True
        if not request.after_all:
            return self._goes_on(page.keys)
        survey, cover = self._survey, self._survey.cover
        by_overlap = bool(page.keys) and cover.holds(page.keys[0])
        return by_overlap or (survey.links_by_count and cover.reaches(place.start, page))

    def _is_steady(self, page: PageRead[T]) -> bool:
        survey = self._survey
        if page.count != survey.cover.count or not survey.links_by_count:
            return False
        survey.calm_down()
        return True

    def _still_reached(self, request: PageRequest, page: PageRead[T]) -> int:
        """The end of what was linked before, by low water, for a page that reaches less far."""
        survey, cover = self._survey, self._survey.cover
        return cover.end - cover.fallen(page) if request.after_all and survey.links_by_count else 0

    def _goes_on(self, keys: list[int]) -> bool:
        """True if a page begins with elements of the last one, in their order and deep enough."""
        shared, deepest = 0, -1
        for key in keys:
            position = self._last_page.get(key, -1)
            if position <= deepest:
                break
            shared, deepest = shared + 1, position
        return shared >= SEAM and deepest >= DEPTH

    def _least_overlap(self) -> int:
        return max(1, self._survey.sizes.largest // 50)
