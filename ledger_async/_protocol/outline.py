"""The outline of JSON: its brackets and strings, whatever is wrong within and between them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Literal, TypeAlias

# Possessive, so that no byte is looked at twice, and each part ends where the next begins: Python
# 3.11 loses its place where a possessive repetition fails in the middle of a turn.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+'
_EACH_STRING = re.compile(_STRING, re.DOTALL)
_OPENING, _CLOSING = (b"[", b"{"), (b"]", b"}")
_BRACKETS = re.compile(rb'(?:[^\[\]{}"]++|%b)*+([\[{]++|[\]}]++)?' % _STRING, re.DOTALL)
_SCALAR = re.compile(rb'%b|[^\[\]{}",]*+' % _STRING, re.DOTALL)
_MEMBER = re.compile(rb"[\s,]*+(%b)\s*+:\s*+" % _STRING, re.DOTALL)
_ELEMENT = re.compile(rb"[\s,]*+(?=[^\s,\]}])")
_CLOSE = re.compile(rb"[\s,]*+[\]}]")

# About a second. A page of 16 MiB has fewer parts and brackets, unless it was made to have many.
_MOST_STEPS = 2**20

Shape: TypeAlias = "Mapping[bytes, Shape] | list[Shape] | Literal['keep', 'lift', 'drop']"
"""Says whether to keep, lift or drop a value: those of an object by key, a list's all alike."""


class _LostError(Exception):
    """Too many steps, the end of the text, or nothing that looks like JSON."""


def ends_early(text: bytes) -> bool | None:
    """True if more brackets open than close; `None` if `text` does not begin with one."""
    if not text.lstrip().startswith(_OPENING):
        return None
    outside = _EACH_STRING.sub(b"", text)
    opened, closed = (sum(map(outside.count, kinds)) for kinds in (_OPENING, _CLOSING))
    return opened > closed


def trim(text: bytes, shape: Shape) -> tuple[bytes, list[bytes]] | None:
    """Cut `text` down to what `shape` keeps; returns that, and the values lifted out, as they came.

    In the place of a value that was lifted out stands its index. Values that are kept need not be
    valid. `None` where the outline of `text` cannot be made out.
    """
    trimming = _Trimming(text)
    try:
        trimming.value(len(text) - len(text.lstrip()), shape)
    except _LostError:
        return None
    return trimming.text(), trimming.lifted


class _Trimming:
    def __init__(self, text: bytes) -> None:
        self.lifted: list[bytes] = []
        self._text = text
        self._pieces: list[bytes] = []
        self._end = 0  # of what is in the pieces
        self._steps = _MOST_STEPS

    def text(self) -> bytes:
        return b"".join((*self._pieces, self._text[self._end :]))

    def value(self, at: int, shape: Shape) -> int:
        """Trim the value that begins at `at`; returns where it ends."""
        self._steps -= 1
        if self._steps < 0:
            raise _LostError
        if isinstance(shape, Mapping) and self._text.startswith(b"{", at):
            return self._members(at + 1, shape)
        if isinstance(shape, list) and self._text.startswith(b"[", at):
            return self._elements(at + 1, *shape)
        end = self.end_of(at)
        if shape == "lift":
            self._replace(at, end, b"%d" % len(self.lifted))
            self.lifted.append(self._text[at:end].rstrip())
        elif shape == "drop":
            self._replace(at, end, b"null")
        return end

    def end_of(self, at: int) -> int:
        """The place where the value that begins at `at` ends."""
        if not self._text.startswith(_OPENING, at):
            scalar = _SCALAR.match(self._text, at)
            return scalar.end() if scalar else at
        depth = 0
        runs = islice(_BRACKETS.finditer(self._text, at), self._steps)
        for steps, run in enumerate(runs, start=1):
            brackets: bytes | None = run[1]
            if brackets is None:
                break
            if brackets.startswith(_OPENING):
                depth += len(brackets)
            elif depth > len(brackets):
                depth -= len(brackets)
            else:
                self._steps -= steps
                return run.start(1) + depth
        raise _LostError

    def _members(self, at: int, shapes: Mapping[bytes, Shape]) -> int:
        while member := _MEMBER.match(self._text, at):
            shape = shapes.get(member[1][1:-1], "drop")
            if shape == "drop":
                self._replace(*member.span(1), b'""')  # a key may be as bad as a value
            at = self.value(member.end(), shape)
        return self._close(at)

    def _elements(self, at: int, shape: Shape) -> int:
        while element := _ELEMENT.match(self._text, at):
            at = self.value(element.end(), shape)
        return self._close(at)

    def _close(self, at: int) -> int:
        if close := _CLOSE.match(self._text, at):
            return close.end()
        raise _LostError

    def _replace(self, start: int, end: int, by: bytes) -> None:
        self._steps -= 1
        self._pieces += (self._text[self._end : start], by)
        self._end = end
