"""What trackers of errors would find: they walk through the variables of an error's frames.

So does this, further than any of them: items of mappings, members of collections, attributes,
slots, and `repr`, of every error in the chain, in every frame but those of the tests and of what
runs them.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from types import (
    CodeType,
    FrameType,
    FunctionType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
    TracebackType,
)
from typing import Any

_TESTS = Path(__file__).parents[1]
_DEEPEST = 24
_MOST = 10_000  # members of a collection
_TEXTS = (str, bytes, bytearray, memoryview)

# Whoever followed these would end anywhere in the process.
_STRANGERS = (
    ModuleType,
    type,
    FunctionType,
    MethodType,
    CodeType,
    FrameType,
    TracebackType,
    asyncio.AbstractEventLoop,
)

Parts = Iterator[tuple[str, object]]


def places(subject: object, secret: str) -> list[str]:
    """Where `secret` stands in an object, or in what an error carries to whoever catches it."""
    return [place for place, text in _texts(subject, "", {}) if secret in text]


def _texts(thing: object, place: str, seen: dict[int, object]) -> Iterator[tuple[str, str]]:
    if isinstance(thing, _TEXTS):
        yield place, thing if isinstance(thing, str) else bytes(thing).decode("latin-1")
    elif id(thing) not in seen and not _is_strange(thing) and place.count(" → ") < _DEEPEST:
        seen[id(thing)] = thing  # kept, and its id with it
        yield f"{place} → repr", _repr(thing)
        for name, part in [*_parts(thing)]:
            yield from _texts(part, f"{place} → {name}", seen)


def _is_strange(thing: object) -> bool:
    return isinstance(thing, _STRANGERS) or _is_of_a_test(type(thing))


def _is_of_a_test(cls: type) -> bool:
    return _is_test(getattr(sys.modules.get(cls.__module__), "__file__", None) or "")


@cache
def _is_test(file: str) -> bool:
    path = Path(file)
    return _TESTS in path.parents or "_pytest" in path.parts


def _repr(thing: object) -> str:
    try:
        return repr(thing)
    except Exception:  # noqa: BLE001 - nothing is shown by what cannot be
        return ""


def _parts(thing: Any) -> Parts:
    if isinstance(thing, BaseException):
        yield from _parts_of_error(thing)
    if isinstance(thing, Mapping):
        for key, value in islice([*thing.items()], _MOST):
            yield "key", key
            yield f"{key!r:.40}", value
    elif isinstance(thing, Collection):
        yield from ((str(index), each) for index, each in enumerate(islice(thing, _MOST)))
    yield from getattr(thing, "__dict__", {}).items()
    for cls in type(thing).__mro__:
        yield from _slots(cls, thing)


def _slots(cls: type, thing: object) -> Parts:
    for name, slot in vars(cls).items():
        if isinstance(slot, MemberDescriptorType) and name != "__dict__":
            yield name, getattr(thing, name, None)


def _parts_of_error(error: BaseException) -> Parts:
    yield "str", str(error)
    yield "text", "".join(traceback.format_exception(error))
    yield from (("cause", error.__cause__), ("context", error.__context__), ("args", error.args))
    yield "exceptions", getattr(error, "exceptions", None)
    for frame, line in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        if not _is_test(code.co_filename):
            for name, value in frame.f_locals.items():
                yield f"{code.co_qualname} (line {line}): {name}", value


def shown(error: BaseException) -> str:
    """Everything that an error and its chain show, however somebody prints them."""
    chain = [error]
    while cause := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(cause)
    parts = [f"{each} {each!r} {each.args!r} {vars(each)!r}" for each in chain]
    return "\n".join([*parts, *traceback.format_exception(error)])
