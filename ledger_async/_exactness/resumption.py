"""The way of a walk that goes on where walks before it were cut off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from .checkpoints import Carried, Checkpoint, Ranges
from .pages import PageRead, PageRequest, Place
from .survey import Survey
from .ways import HEAD, Overlapping

T = TypeVar("T")

# Elements at the head of what was accepted, of which some have to be met.
_LANDMARKS = 10_000


class Run:
    """Elements that came in walks before, and now stand one behind the other in their old order.

    It goes on from page to page while these are linked, so that pages may be as short as it is.
    """

    def __init__(self) -> None:
        self._indices: list[int] = []
        self._end = 0

    def goes_to(self, length: int, indices: list[int], place: Place) -> bool:
        """True if the run gets that long on this page, of whose elements each had this index.

        The index is -1 where an element belongs to no run.
        """
        run = self._indices
        if indices and indices[0] in run:  # the page overlaps the one before it
            del run[run.index(indices[0]) :]
        elif place.start != self._end:
            run.clear()
        self._end = place.end
        for index in indices:
            if run and index <= run[-1]:
                run.clear()
            if index >= 0:
                run.append(index)
            if len(run) == length:
                return True
        return False


class Resumption(Overlapping):
    """From the head to what was accepted before, and from its end on, by pages that overlap.

    What came in during the pause stands before the first element that stayed. `HEAD` elements that
    were linked, one behind the other and in the order in which they had come, have one among them
    that stayed: not all of them left and came back in their order. All that stands before it has
    come from the head on, and of all that stands behind it, what had stood before the old `end`
    has come. By `count` nothing behind that can have moved further to the front than by as many
    elements as have left and were not replaced.

    What was read ahead before is closed later, if nothing had moved by then: if as many elements
    stand behind such a run as at first, none of them has left since the old walk began. Then the
    walk goes on as if uninterrupted: at once behind a head that is `as_it_was`, and behind what
    came in before it once one more page of the usual size shows that nothing moves now.
    """

    def __init__(self, survey: Survey, carried: Carried) -> None:
        super().__init__(survey)
        self._carried = carried
        self._at_head = self._is_unmoved = True
        self._is_closed = False
        self._head: list[int] = []
        self._landmarks = _landmarks(carried)
        self._met, self._closed = Run(), Run()
        self.start_slowly()

    def next_request(self, queue: Sequence[PageRequest]) -> PageRequest | None:
        """The next page that overlaps; once all is closed, the one behind it, alone."""
        if not self._is_closed:
            return super().next_request(queue)
        sizes, end = self._survey.sizes, self._survey.cover.end
        return None if queue else PageRequest(*sizes.following(end))

    def link(self, request: PageRequest, page: PageRead[T], place: Place) -> bool:
        """Link the page, and all that was accepted before once the page meets it."""
        survey, cover = self._survey, self._survey.cover
        if survey.trusts_count and not survey.regular:
            # Then nothing was linked by it before, either.
            self._at_head = False
            survey.distrust_count()
        elif not self._at_head and place.start == 0:
            cover.restart()  # nothing else of it was found
        is_closed, self._is_closed = self._is_closed, False
        if not super().link(request, page, place):
            return False
        if place.start == 0:
            self._head = page.keys
        if self._at_head:
            self._meet(page, place)
        elif is_closed:
            self._join(page)
        return True

    def checkpoint(self) -> Checkpoint:
        """The old one, as long as nothing of what came since is linked to it."""
        if not self._at_head:
            return super().checkpoint()
        at, start = self._carried.checkpoint, len(self._carried.keys)
        came = (start, len(self._survey.cover))
        return Checkpoint(at.end, at.count, (*at.loose, came))

    def _meet(self, page: PageRead[T], place: Place) -> None:
        """Find what was accepted before, and take it up."""
        survey, at, before = self._survey, self._carried.checkpoint, len(self._carried.keys)
        indices = [self._landmarks.get(key, -1) for key in page.keys]
        self._is_unmoved &= page.count == at.count
        self._is_unmoved &= survey.cover.has_at(place.start, page.keys)
        is_met = self._met.goes_to(HEAD, indices, place)
        if self._closed.goes_to(min(HEAD, at.count), self._in_place(indices, page, place), place):
            self._take_up((), before, page)
            self.as_it_was = survey.calm = self._is_unmoved
            self._is_closed = not self._is_unmoved and survey.cover.end > place.end
        elif is_met:
            self._take_up(at.loose, at.end, page)

    def _in_place(self, indices: list[int], page: PageRead[T], place: Place) -> list[int]:
        """The indices, but -1 where not as many elements stand behind as at first."""
        at = self._carried.checkpoint
        start = place.start - (page.count - at.count)
        return [
            index if at.calm and index == now else -1 for now, index in enumerate(indices, start)
        ]

    def _join(self, page: PageRead[T]) -> None:
        """Take both walks for one, if nothing but what came in before the old head has moved."""
        survey, cover, before = self._survey, self._survey.cover, len(self._carried.keys)
        came = len(cover) - before
        is_calm = page.count == survey.first_count == self._carried.checkpoint.count + came
        if is_calm and survey.links_by_count:
            cover.put_first(before)
            survey.has_shifted = True
            self.as_it_was = survey.calm = cover.has_at(0, self._head)

    def _take_up(self, loose: Ranges, end: int, page: PageRead[T]) -> None:
        """Link what was accepted before, but for these ranges; it ended at this position."""
        self._at_head = False
        self._landmarks = {}
        cover = self._survey.cover
        cover.relink(loose)
        end += page.count - self._carried.checkpoint.count
        if end > cover.end:
            cover.end, cover.count = min(end, page.count), page.count
            self.start_slowly()


def _landmarks(carried: Carried) -> dict[int, int]:
    """The first keys that were linked, and which one of all each was."""
    found = {key: at for at, key in enumerate(carried.keys[:_LANDMARKS])}
    for start, end in carried.checkpoint.loose:
        for key in carried.keys[start : min(end, _LANDMARKS)]:
            found.pop(key, None)
    return found
