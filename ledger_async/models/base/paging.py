"""The envelope around every paged listing."""

from typing import Generic, TypeVar

from msgspec import Struct

from .described import Described

__all__ = ["Edge", "Page", "PageInfo"]

T = TypeVar("T")


class PageInfo(Struct, Described, frozen=True, gc=False):
    """The place of a page in its listing (`APISearchPageInfo`): `count` is of the whole listing."""

    count: int
    has_next_page: bool


class Edge(Struct, Described, Generic[T], frozen=True, gc=False):
    """One element of a page: `cursor` is its index within this page, not a place to resume from."""

    cursor: int
    node: T


class Page(Struct, Described, Generic[T], frozen=True, gc=False):
    """One page of a listing, newest first (`PaginatedNFTs` and its like)."""

    edges: tuple[Edge[T], ...]
    page_info: PageInfo

    @property
    def nodes(self) -> list[T]:
        """The elements without their cursors, in listing order."""
        return [edge.node for edge in self.edges]


def page_of(node_type: type[T]) -> type[Page[T]]:
    """`Page[node_type]`, for a type that is known only at run time."""
    return Page[node_type]  # type: ignore[valid-type]
