"""Copies of open JSON, so that nobody can change later what a payload was given."""

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

__all__ = ["NotPlainError", "bare", "plain"]

# A bound of our own, since the stack has not the same room wherever a payload is made and sent.
_DEEPEST = 100


class NotPlainError(Exception):
    """A value that JSON cannot hold, in words that follow on a name and quote no value."""


def bare(value: object) -> object:
    """Text and integers without their subclass, such as an enumeration; all else as it is.

    Raises `NotPlainError` for half a character and for more digits than Python writes out.
    """
    try:
        match value:
            case str():
                text = str.__str__(value)
                text.encode()
                return text
            case int() if not isinstance(value, bool):
                number = int.__int__(value)
                str(number)
                return number
    except UnicodeEncodeError:
        raise NotPlainError("is not valid Unicode") from None
    except ValueError:
        raise NotPlainError("has too many digits") from None
    return value


def plain(value: object, *, depth: int = 0) -> object:
    """A copy of dicts and lists, down to bare text, finite numbers, booleans and `None`.

    Any mapping by text and any sequence will do. Raises `NotPlainError` for all else.
    """
    if depth > _DEEPEST:  # or within itself
        raise NotPlainError(f"is nested more than {_DEEPEST} deep")
    match value:
        case None | str() | int():
            return bare(value)
        case float() if math.isfinite(value):
            return float.__float__(value)
        case Decimal() if value.is_finite():
            return Decimal(value)
        case float() | Decimal():
            raise NotPlainError("holds a number that is not finite")
        case Mapping():
            return _plain_dict(value.items(), depth + 1)
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return [plain(each, depth=depth + 1) for each in value]
    raise NotPlainError(f"is no plain JSON: {type(value).__name__} is in it")


def _plain_dict(items: Iterable[tuple[object, object]], depth: int) -> dict[object, object]:
    copy: dict[object, object] = {}
    for key, value in items:
        if not isinstance(key, str):
            raise NotPlainError(f"has keys that are no strings, but {type(key).__name__}")
        if (name := bare(key)) in copy:
            raise NotPlainError("has a key twice")
        copy[name] = plain(value, depth=depth)
    return copy
