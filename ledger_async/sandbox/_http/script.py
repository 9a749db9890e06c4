"""The orders that a test has given the sandbox, and when they fall due."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .faults import Fault
    from .journal import SeenRequest


@dataclass(slots=True)
class Cue:
    """A fault, the requests it is for, and how many of them."""

    fault: Fault
    times: float
    after: int
    account_id: int | None
    path: str | None
    page: int | None

    def is_for(self, seen: SeenRequest) -> bool:
        """Say whether the request is one of those."""
        return (
            self.account_id in {None, seen.account_id}
            and self.page in {None, seen.page}
            and (self.path is None or fnmatchcase(seen.path, self.path))
        )


@dataclass(slots=True)
class Script:
    """Faults on cue, and the callbacks that see each request and each page."""

    cues: list[Cue] = field(default_factory=list)
    callbacks: list[Callable[[SeenRequest], object]] = field(default_factory=list)
    rewriters: list[Callable[[SeenRequest, dict[str, Any]], Any]] = field(default_factory=list)

    def take(self, seen: SeenRequest) -> Fault | None:
        """Return the first fault whose turn it is; requests before its turn count it down."""
        for cue in tuple(self.cues):
            if not cue.is_for(seen):
                continue
            if cue.after > 0:
                cue.after -= 1
                continue
            cue.times -= 1
            if cue.times < 1:
                self.cues.remove(cue)
            return cue.fault
        return None

    def notify(self, seen: SeenRequest) -> None:
        """Call every callback."""
        for callback in self.callbacks:
            callback(seen)

    def rewritten(self, seen: SeenRequest, page: dict[str, Any]) -> Any:
        """Return the page as the rewriters leave it."""
        for rewrite in self.rewriters:
            page = rewrite(seen, page)
        return page
