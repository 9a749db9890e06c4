"""Searches: they pick objects by equality, membership and age, and by predicates of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ledger_async.sandbox._http.query import Search

if TYPE_CHECKING:
    from ledger_async.sandbox._http.query import Paging

T = TypeVar("T")
Predicate = Callable[[Any, Any], bool]
Read = Callable[[Any, str], Any]

_CONTROLS = frozenset({"light", "order", "order_by", "page", "page_size"})
_NO_PREDICATES: Mapping[str, Predicate] = {}


def found(
    objects: Iterable[T],
    query: Paging,
    special: Mapping[str, Predicate] = _NO_PREDICATES,
    *,
    read: Read = getattr,
) -> list[T]:
    """Return the objects that pass every filter of the query, in its order.

    `special` holds the predicates of filters that are not about a field of the same name; `read`
    reads a field.
    """
    checks = [
        (special.get(name) or _about(name, read), value)
        for name in query.__struct_fields__
        if name not in _CONTROLS and (value := getattr(query, name)) is not None
    ]
    passing = [each for each in objects if all(check(each, value) for check, value in checks)]
    if isinstance(query, Search):
        passing.sort(
            key=lambda each: (read(each, query.order_by), read(each, "id")),
            reverse=query.order == "desc",
        )
    return passing


def _about(name: str, read: Read) -> Predicate:
    match name:
        case "created_after":
            return lambda each, moment: bool(read(each, "created_on") > moment)
        case "created_before":
            return lambda each, moment: bool(read(each, "created_on") < moment)
        case _:
            return lambda each, value: _fits(read(each, name), value)


def _fits(own: Any, value: Any) -> bool:
    return own in value if isinstance(value, list) else bool(own == value)


def contains(name: str) -> Predicate:
    """Return a filter by a part of a text."""
    return lambda each, text: text in (getattr(each, name) or "")


def shares(name: str) -> Predicate:
    """Return a filter by what a field holds any of."""
    return lambda each, values: not set(getattr(each, name)).isdisjoint(values)
