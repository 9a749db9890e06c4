"""The way that a walk takes through a listing, and when it takes another."""

from __future__ import annotations

from collections.abc import Sequence

from .checkpoints import Carried
from .pages import PageRequest
from .resumption import Resumption
from .survey import Survey
from .ways import Ahead, InSequence, Overlapping, Unproven, Way


class Route:
    """The ways of one walk, and the one on which it is.

    Without `check` nothing is proven. What was `carried` over from walks before is met from the
    head on, unless elements come in elsewhere: then all pages are read again.
    """

    def __init__(self, survey: Survey, *, check: bool, ramp: bool, carried: Carried | None) -> None:
        self._survey = survey
        self.in_sequence = InSequence(survey)
        self.ahead = Ahead(survey, ramp=ramp)
        self.overlapping = Overlapping(survey)
        if carried is not None and survey.trusts_count:
            self.overlapping = Resumption(survey, carried)
        in_sequence = carried is None and survey.trusts_count
        self.way: Way = self.in_sequence if in_sequence else self.overlapping
        if not check:
            self.way = Unproven(survey)
        self.way.begin()

    @property
    def is_in_sequence(self) -> bool:
        """True while each page is asked for once the one before has come, and needs no overlap."""
        return self.way is self.in_sequence

    @property
    def is_ahead(self) -> bool:
        """True while pages are asked for ahead, and not closed."""
        return self.way is self.ahead

    @property
    def is_repair(self) -> bool:
        """True while pages overlap."""
        return self.way is self.overlapping

    def next_request(self, queue: Sequence[PageRequest], *, ended: bool) -> PageRequest | None:
        """The page to ask for now; once the listing has `ended`, its head to compare."""
        if ended:
            return self.closing_request()
        if self.way is self.ahead and (head := self.ahead.confirming_request()) is not None:
            return head
        return self.next_way(queue).next_request(queue)

    def next_way(self, queue: Sequence[PageRequest]) -> Way:
        """The way to ask for a page more: in sequence there is none while one is awaited."""
        way = self.way
        if way is self.in_sequence and queue:
            return self.ahead if self._survey.calm else self.overlapping
        if way is self.overlapping and self.overlapping.as_it_was:
            return self.in_sequence
        return way

    def take(self, way: Way) -> bool:
        """Go on this other way; true if that begins a repair."""
        self.way = way
        way.begin()
        return self.is_repair

    def doubt(self) -> None:
        """Take nothing for linked that was linked by what does not hold."""
        self.ahead.closing = None
        if self._survey.trusts_count and not self._survey.regular:
            self._survey.distrust_count()
        elif self.is_ahead:
            self.ahead.undo()

    @property
    def is_closed(self) -> bool:
        """True if the head of the listing need not be looked at any more."""
        return self.ahead.closing is None and self.closing_request() is None

    def closing_request(self) -> PageRequest | None:
        """The request for the head once the pages ahead have all come."""
        return self.ahead.closing_request() if self.way is self.ahead else None
