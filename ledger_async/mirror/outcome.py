"""The facts about a run, while it goes on and at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from ledger_async import LedgerError


class MirrorProgress(msgspec.Struct, frozen=True):
    """The progress of a run in this process: accounts tried, and known so far.

    `rows` were handed to the store; `added`, `changed` and `gone` are its differences. `waited`
    are the seconds for which the rate limit held requests back.
    """

    accounts: int
    accounts_known: int
    rows: int
    added: int
    changed: int
    gone: int
    waited: float


class MirrorOutcome(msgspec.Struct, frozen=True):
    """The end of a run: `accounts` tried, `rows` read, and the differences.

    All of them are those of the whole run, also where another process began it. `failed` has the
    error of each account that was not read, or is not proven, so that nothing of it was marked as
    gone; `None` stands for the whole workspace.
    """

    run_id: str
    accounts: int
    rows: int
    added: int
    changed: int
    gone: int
    failed: Mapping[int | None, LedgerError]


OnProgress = Callable[[MirrorProgress], None]
