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

    If the first page is `as_it_was` when the old walk began, nothing has moved since. That closes
    what was read ahead, as the head does at the end of a walk, which goes on as if uninterrupted.
    """

    def __init__(self, survey: Survey, carried: Carried) -> None:
        super().__init__(survey)
        self._carried = carried
        self._at_head = True
        self._landmarks = _landmarks(carried)

    def link(self, request: PageRequest, page: PageRead[T], place: Place) -> bool:
        """Link the page, and all that was accepted before once the page meets it."""
        survey, cover = self._survey, self._survey.cover
        if survey.trusts_count and not survey.regular:
            # Then nothing was linked by it before, either.
            self._at_head = False
            survey.distrust_count()
        elif not self._at_head and place.start == 0:
            cover.restart()  # nothing else of it was found
        if self._at_head and request.number == 1 and self._shows_it_as_it_was(page):
            self._take_up(loose=(), end=len(cover), page=page)
            self.as_it_was = survey.calm = True
            return True
        if not super().link(request, page, place):
            return False
        if self._at_head and self._is_met_by(page):
            at = self._carried.checkpoint
            self._take_up(loose=at.loose, end=at.end + page.count - at.count, page=page)
        return True

    def checkpoint(self) -> Checkpoint:
        """The old one, as long as nothing of what came since is linked to it."""
        if not self._at_head:
            return super().checkpoint()
        at, start = self._carried.checkpoint, len(self._carried.keys)
        came = (start, len(self._survey.cover))
        return Checkpoint(at.end, at.count, (*at.loose, came))

    def _take_up(self, *, loose: Ranges, end: int, page: PageRead[T]) -> None:
        """Take for linked what was before, but these ranges, up to this position by now."""
        self._at_head = False
        self._landmarks = {}
        cover = self._survey.cover
        cover.relink(loose)
        if end > cover.end:
            cover.end, cover.count = min(end, page.count), page.count
            self.start_slowly()

    def _shows_it_as_it_was(self, page: PageRead[T]) -> bool:
        at, keys = self._carried.checkpoint, self._carried.keys
        same = min(len(page.keys), len(keys))
        return (
            at.calm
            and at.count == page.count
            and same >= min(HEAD, page.count)
            and [*keys[:same]] == page.keys[:same]
        )

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
