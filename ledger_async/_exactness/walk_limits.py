"""When a walk gives up, so that no answer can make it ask for ever."""

from __future__ import annotations

from .survey import Survey

STALL_LIMIT = 20
"""Pages in a row that bring nothing or are not linked, before a walk is given up.

An honest server shows a few: emptied ones, or one full of repeats.
"""

HIDDEN_LIMIT = 3
"""Answers in a row that leave out what `count` says is there, before a walk is given up."""

# A walk may ask for so many times the pages of its listing, and `STALL_LIMIT` more. One that proves
# nothing may have to ask for every page as often as pages may come empty.
_PROVEN, _UNPROVEN = 4, STALL_LIMIT

# Pages by which a listing may grow during a walk, and be allowed as many times more.
_GROWTH_LIMIT = 100

# No listing is as long, whatever `count` says.
_LONGEST = 10**9


class WalkLimits:
    """Counts what a walk asks for in vain, and what it asks for at all."""

    def __init__(self, survey: Survey, *, check: bool) -> None:
        self._survey = survey
        # Elements that came in walks before this one, all of which may be met again.
        self._known = len(survey.cover)
        self._times = _PROVEN if check else _UNPROVEN
        self.asked = 0
        self._asked_before = self._allowed = 0
        self._stalled = self._hidden = 0
        self._elements: int | None = None

    def begin_repair(self) -> None:
        """Pages overlap from here on: what was asked for so far is not counted against them."""
        self._asked_before, self._allowed = self.asked, 0
        self._elements = max(self._survey.count, len(self._survey.cover))

    def record(self, *, moves: bool, hides: bool = False) -> None:
        """A page came: it moved the walk on or not, and left something out or not."""
        self._stalled = 0 if moves else self._stalled + 1
        self._hidden = self._hidden + 1 if hides else 0

    @property
    def is_spent(self) -> bool:
        """True if more was asked for than it takes to cover a listing that can be covered."""
        elements = self._survey.first_count if self._elements is None else self._elements
        size = self._page_length()
        pages = min(max(0, elements or 0), _LONGEST) // size + 1
        length = max(self._survey.count, len(self._survey.cover))
        grown = min(max(0, length // size - pages), _GROWTH_LIMIT)
        # Not less than before: pages of many bytes are small for a while.
        self._allowed = max(self._allowed, STALL_LIMIT + self._times * (pages + grown))
        return self.asked - self._asked_before > self._allowed

    def reason(self) -> str | None:
        """The reason to give the walk up, if there is one."""
        # Many that come in at once push all that came before them to pages that are still ahead.
        survey = self._survey
        known = len(survey.cover) if survey.has_grown else self._known
        pushed = known // self._page_length()
        if self._hidden >= HIDDEN_LIMIT:
            return "`count` says that there are more, and no page shows them"
        if self._stalled >= STALL_LIMIT + pushed:
            return f"{self._stalled} pages in a row brought nothing new, or were not linked"
        if self.is_spent:
            return f"it changes too fast for {self.asked} pages to cover it"
        return None

    def _page_length(self) -> int:
        sizes = self._survey.sizes
        return sizes.first or 1 if self._elements is None else sizes.largest
