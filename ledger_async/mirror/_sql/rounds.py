"""Divides the parts of a write, so that an account ends once at most in what is merged at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ledger_async.mirror.store import Part


def rounds(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """The parts in their order, in lists in which none follows the end of its account."""
    these: list[Part] = []
    ended: set[int | None] = set()
    for part in parts:
        if part.account_id in ended:
            yield these
            these, ended = [], set()
        these.append(part)
        if part.end is not None:
            ended.add(part.account_id)
    yield these
