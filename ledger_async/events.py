"""Facts that the client tells about what it does: the events of `observer=`, and the reports."""

from __future__ import annotations

from typing import Literal

import msgspec

from .errors import LedgerError

Status = Literal["exact", "repaired", "unverified"]

WaitReason = Literal["rate limit", "outage", "line", "backoff"]


class AccountReport(msgspec.Struct):
    """The facts about one account's listing, as far as it was read.

    Once `status` is `"exact"` or `"repaired"`, every node that was there throughout has been
    yielded: `"exact"` by what `count` and the listing's head say, `"repaired"` by pages that
    overlap, because the listing moved meanwhile. Until then, and where nothing is proven, it is
    `"unverified"`. `nodes` counts those released to the consumer, `pages` the answers, of checks
    and repairs too, `duplicates_dropped` the nodes that came again, and `invalid` those that did
    not decode. `error` is what ended the account early.
    """

    status: Status = "unverified"
    nodes: int = 0
    pages: int = 0
    duplicates_dropped: int = 0
    invalid: int = 0
    error: LedgerError | None = None


class Attempt(msgspec.Struct, frozen=True):
    """A request was answered, failed, or was cancelled: once for each that was sent.

    Those that the credentials need are among them, such as for a token. `attempt` counts from 1.
    `status` is that of the answer, whatever it is. `error` is the name of what was raised where
    no whole answer came: `"TransportError"` for a body that was cut off and where there was no
    connection, `"RequestTimeoutError"`, or `"CancelledError"`. `seconds` last from the permit to
    the end of the body, and `bytes` are those of the body, decompressed. `resent` is true if the
    request was sent twice as the same attempt, because a kept connection had been closed.
    """

    method: str
    path: str
    account_id: int | None
    page: int | None
    attempt: int
    status: int | None
    error: str | None
    seconds: float
    bytes: int
    resent: bool


class Wait(msgspec.Struct, frozen=True):
    """A request has waited, for so many `seconds`, and waits no longer, however that ended.

    `reason` is what held it when it began to wait. Before an attempt that is a pause or a pace
    because of the `"rate limit"`, an `"outage"`, or the `"line"` of those that wait for one of the
    requests in flight to end. Between two attempts of a request that failed by itself, it is the
    `"backoff"`. Waiting for credentials that another request fetches is not told.
    """

    reason: WaitReason
    seconds: float
    account_id: int | None
    page: int | None


class Throttled(msgspec.Struct, frozen=True):
    """The rate limit refused a request, and from now on all requests wait for so many `seconds`.

    Others that were in flight may be refused as well: their `Attempt` says so, and no more of
    these follow until the next request was let pass.
    """

    status: int | None
    seconds: float


class PageRead(msgspec.Struct, frozen=True):
    """A stream has read a page, and knows which of its nodes are new.

    `nodes` were newly accepted, which are none in a closing check, and `repeats` had come before.
    Those of a page that came before its turn are counted with the page that it waited for.
    """

    account_id: int | None
    number: int
    nodes: int
    repeats: int


class AccountDone(msgspec.Struct, frozen=True):
    """An account has come to its end in a stream, and `report` is final.

    That is when the last of its nodes was handed over, also those of an account that `stop` cut
    short, or when it failed. Accounts of a stream that ended otherwise have no such event.
    """

    account_id: int | None
    report: AccountReport


Event = Attempt | Wait | Throttled | PageRead | AccountDone
"""Everything that an observer is given."""
