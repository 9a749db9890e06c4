"""Secrets, held so that nothing shows them: not `repr`, not a pickle, no tracker of errors.

A tracker sends along the local variables of the frames that an error came through, with all that
it finds in them: items of mappings and sequences, attributes, `repr`. But it calls no functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")


class Hidden(Generic[T]):
    """A value that is there for whoever calls `reveal`."""

    __slots__ = ("reveal",)

    reveal: Callable[[], T]

    def __init__(self, value: T) -> None:
        self.reveal = lambda: value

    def __repr__(self) -> str:
        return "'***'"

    def __reduce__(self) -> NoReturn:
        refuse_to_pickle(self)


def refuse_to_pickle(holder: object) -> NoReturn:
    """Raise, because a pickle would carry the credentials that `holder` holds."""
    raise TypeError(f"{type(holder).__name__} holds credentials: it does not pickle")
