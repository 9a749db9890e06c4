"""The way of a walk that goes on where walks before it were cut off."""

from __future__ import annotations

from typing import TypeVar

from .checkpoints import Carried, Checkpoint, Ranges
from .pages import PageRead, PageRequest, Place
from .survey import Survey
from .ways import HEAD, Overlapping

T = TypeVar("T")

# Elements at the head of what was accepted, of which some have to be met.
_LANDMARKS = 10_000


class Resumption(Overlapping):
    """From the head to what was accepted before, and from its end on, by pages that overlap.

    What came in during the pause stands before the first element that stayed. `HEAD` elements that
    were linked, one behind the other and in the order in which they had come, have one among them
    that stayed: not all of them left and came back in their order. All that stands before it has
    come from the head on, and of all that stands behind it, what had stood before the old `end`
    has come. By `count` nothing behind that can have moved further to the front than by as many
    elements as have left and were not replaced.

    What was read ahead before is closed later, if nothing had moved by then: if the old head is
    there, and as many elements from it on as there were, none of them has left since the old walk
    began. Behind a head that is `as_it_was` the walk goes on as if uninterrupted.
    """

    def __init__(self, survey: Survey, carried: Carried) -> None:
        super().__init__(survey)
        self._carried = carried
        self._at_head = True
        self._landmarks = _landmarks(carried)
        self.start_slowly()

    def link(self, request: PageRequest, page: PageRead[T], place: Place) -> bool:
        """Link the page, and all that was accepted before once the page meets it."""
        survey, cover = self._survey, self._survey.cover
        if survey.trusts_count and not survey.regular:
            # Then nothing was linked by it before, either.
            self._at_head = False
            survey.distrust_count()
        elif not self._at_head and place.start == 0:
            cover.restart()  # nothing else of it was found
        if not super().link(request, page, place):
            return False
        at, before = self._carried.checkpoint, len(self._carried.keys)
        if not self._at_head:
            return True
        if (closed := self._closes_at(page, place)) is not None:
            self._take_up((), closed + before, page)
            self.as_it_was = survey.calm = closed == 0 and len(cover) == before
        elif self._is_met_by(page):
            self._take_up(at.loose, at.end + page.count - at.count, page)
        return True

    def checkpoint(self) -> Checkpoint:
        """The old one, as long as nothing of what came since is linked to it."""
        if not self._at_head:
            return super().checkpoint()
        at, start = self._carried.checkpoint, len(self._carried.keys)
        came = (start, len(self._survey.cover))
        return Checkpoint(at.end, at.count, (*at.loose, came))

    def _take_up(self, loose: Ranges, end: int, page: PageRead[T]) -> None:
        """Link what was accepted before, but for these ranges; by now it ends at this position."""
        self._at_head = False
        self._landmarks = {}
        cover = self._survey.cover
        cover.relink(loose)
        if end > cover.end:
            cover.end, cover.count = min(end, page.count), page.count
            self.start_slowly()

    def _closes_at(self, page: PageRead[T], place: Place) -> int | None:
        """The position of the old head if the page shows that all behind is as it was."""
        at, keys = self._carried.checkpoint, self._carried.keys
        if not at.calm or keys[0] not in page.keys:
            return None
        index = page.keys.index(keys[0])
        same = min(len(page.keys) - index, len(keys))
        is_whole = page.count - place.start - index == at.count and same >= min(HEAD, at.count)
        goes_on = page.keys[index : index + same] == [*keys[:same]]
        return place.start + index if is_whole and goes_on else None

    def _is_met_by(self, page: PageRead[T]) -> bool:
        """True if the page holds `HEAD` of what was linked before, one behind the other."""
        run, before = 0, -1
        for key in page.keys:
            at = self._landmarks.get(key, -1)
            run = 0 if at < 0 else run + 1 if at > before else 1
            if run == HEAD:
                return True
            before = at
        return False


def _landmarks(carried: Carried) -> dict[int, int]:
    """The first keys that were linked, and which one of all each was."""
    found = {key: at for at, key in enumerate(carried.keys[:_LANDMARKS])}
    for start, end in carried.checkpoint.loose:
        for key in carried.keys[start : min(end, _LANDMARKS)]:
            found.pop(key, None)
    return found
