"""One listing as its answers so far describe it, and where they disagree."""

from __future__ import annotations

from typing import TypeVar

from .coverage import Coverage
from .page_sizes import PageSizes
from .pages import PageRead, PageRequest, Place

T = TypeVar("T")


class Survey:
    """The state of a walk that all its ways share.

    A listing is `regular` while every page holds as many elements as its own `count` and place
    demand, and `calm` while, besides, nothing has moved.
    """

    def __init__(self, page_size: int, *, trusts_count: bool) -> None:
        self.cover = Coverage()
        self.sizes = PageSizes(page_size)
        self.trusts_count = trusts_count
        self.calm = self.regular = True
        self.has_shifted = False
        """True once elements stand elsewhere than in the order in which they were handed over."""
        self.count = 0
        self.first_count: int | None = None
        self.calm_count = 0
        """The `count` that every page says while the listing is calm."""
        self._count_before: int | None = None
        self._wavers = False

    @property
    def links_by_count(self) -> bool:
        """True if `count` may link a page.

        Not where it went back to what it had been before: that looks like replicas of which some
        lag behind. A page at another place may then show a state that is older than its `count`.
        """
        return self.trusts_count and self.regular and not self._wavers

    @property
    def has_grown(self) -> bool:
        """True if `count` is higher than at first."""
        return self.count > (self.first_count or 0)

    @property
    def is_short(self) -> bool:
        """True if fewer elements came than there were at first."""
        return len(self.cover) < (self.first_count or 0)

    @property
    def length(self) -> int:
        """Elements in the listing, as far as anything can be believed."""
        return self.count if self.regular else len(self.cover)

    def is_usual(self, request: PageRequest, page: PageRead[T]) -> bool:
        """True of a whole page amid a listing that has not moved, as nearly all are."""
        return (
            self.calm
            and page.has_next_page
            and len(page.nodes) == request.size == self.sizes.first
            and request.number * request.size < page.count == self.count
        )

    def take_whole(self, page: PageRead[T]) -> bool:
        """Take a first page that is the whole listing; false of any other."""
        is_whole = not page.has_next_page and len(page.keys) == page.count
        if not (is_whole and self.cover.append(page)):
            return False
        self.first_count = self.count = self.cover.count = self.cover.end = page.count
        return True

    def note(self, page: PageRead[T], place: Place, *, repeats: bool) -> None:
        """Compare a page with those before it."""
        if self.first_count is None:
            self.first_count = self.calm_count = self.count = page.count
        # More new elements than have been walked past could be met further on, and pass for
        # others that are missing.
        self.regular &= place.fits and page.count - self.count <= len(self.cover)
        self.note_count(page.count)
        self.calm &= self.regular and page.count == self.calm_count and not repeats

    def calm_down(self) -> None:
        """Nothing moves any more, though something has."""
        self.calm = self.has_shifted = True
        self.calm_count = self.count

    def note_count(self, count: int) -> None:
        """Compare the `count` of an answer with those before it."""
        if count != self.count:
            self._wavers |= count == self._count_before
            self._count_before, self.count = self.count, count

    def is_reordered(self, page: PageRead[T]) -> bool:
        """True if a page of a calm listing repeats what stood far before it.

        If it was pushed down, as many must have come in and left since the page before. More
        likely elements have changed places, or the server gives out something else.
        """
        return self.calm and page.count == self.count and self.cover.repeats_from_afar(page)

    def lacks(self, page: PageRead[T], place: Place) -> bool:
        """True if the listing cannot end with this page, by what its `count` says.

        Where it is said to end sooner, as many must have come at least.
        """
        return place.end < page.count or len(self.cover) < page.count < place.end

    def distrust_count(self) -> None:
        """From now on `count` links nothing, and nothing that it linked is linked any more."""
        self.trusts_count = False
        self.cover.restart()
