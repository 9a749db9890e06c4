"""From a listing to a store: a display meanwhile, and at the end the differences."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from ledger_async import Account, ConfigurationError, LedgerClient, Listing, NodeStream
from ledger_async._support import interrupts
from ledger_async.events import Event, PageRead
from ledger_async.mirror import (
    MirrorOutcome,
    MirrorProgress,
    Mode,
    Store,
    listing_named,
    mirror,
)

from . import failures, tables
from .display import Meter, drawn
from .output import Output
from .reading import ids_of, warn_of_gaps

# Mirrors a section, of account ids or of `None`, with the options of `mirror`.
Mirror: TypeAlias = Callable[..., Awaitable[MirrorOutcome]]


class Accounts(NamedTuple):
    """The accounts that a command line asks for: those of some `ids`, or `every` one.

    With `every_by_default` those are all accounts, unless there are ids.
    """

    ids: Sequence[int]
    every: bool
    every_by_default: bool = False

    def are_all(self, listing: Listing) -> bool:
        """True if every account is to be read; `ConfigurationError` if the listing has no such."""
        if not listing.by_account:
            if self.ids or self.every:
                raise ConfigurationError(f"{listing.name} are the workspace's: give no accounts")
            return False
        every = self.every or (self.every_by_default and not self.ids)
        if every == bool(self.ids):
            raise ConfigurationError("give either account ids or --all-accounts")
        return every


class Options(NamedTuple):
    """Those of `mirror` that a command line takes."""

    mode: Mode
    resume: bool
    forget: bool


class PagesRead:
    """Counts what a client reads: pages and nodes of accounts, and those of the workspace."""

    def __init__(self) -> None:
        self._pages: Counter[bool] = Counter()
        self._nodes: Counter[bool] = Counter()

    def observe(self, event: Event) -> None:
        """Count the event, if it is about a page."""
        if isinstance(event, PageRead):
            self._pages[event.account_id is not None] += 1
            self._nodes[event.account_id is not None] += event.nodes

    def of(self, *, accounts: bool) -> tuple[int, int]:
        """The nodes and the pages."""
        return self._nodes[accounts], self._pages[accounts]


class MirrorMeter(Meter):
    """Draws how far a mirror has come.

    Rows are counted as they are read, also within an account. The limits of the client are
    those that `stream` tells of, which is any of its streams.
    """

    def __init__(
        self,
        stream: NodeStream[Any],
        read: PagesRead,
        *,
        by_account: bool,
        known: int = 0,
        listing: NodeStream[Account] | None = None,
    ) -> None:
        super().__init__("row", stream, listing)
        self._read = read
        self._by_account = by_account
        self._told = MirrorProgress(0, known, 0, 0, 0, 0, 0.0)
        self._known = known

    def tell(self, progress: MirrorProgress) -> None:
        """Draw this from now on."""
        self._told = progress

    def _came(self) -> tuple[int, int | None]:
        return self._read.of(accounts=self._by_account)

    def _expected(self) -> int:
        return 0  # only the stream of the mirror knows

    def _tried(self) -> tuple[int, int]:
        return self._told.accounts, max(self._known, self._told.accounts_known)

    def _more(self) -> Iterable[str]:
        told = self._told
        return (f"{told.added:,} added · {told.changed:,} changed · {told.gone:,} gone",)


class FleetMeter(MirrorMeter):
    """Draws how far a fleet has come: only its workers know, and they tell it together."""

    def _came(self) -> tuple[int, int | None]:
        return self._told.rows, None

    def _waited(self) -> float:
        return self._told.waited

    def _brakes(self) -> str:
        return "".join(self._held_back())


@asynccontextmanager
async def alone(store: Store) -> AsyncIterator[Mirror]:
    """Mirror into this store, in this process."""
    async with store:
        yield partial(mirror, store=store)


async def mirror_listing(
    ledger: LedgerClient,
    out: Output,
    name: str,
    accounts: Accounts,
    *,
    mirrors: AbstractAsyncContextManager[Mirror],
    options: Options,
    read: PagesRead | None,
) -> bool:
    """Mirror the listing of this name, and write the differences; false if accounts failed.

    `read` observes the client, unless the workers of a fleet have clients of their own.

    Raises `LedgerError` if all of them did, and none was read.
    """
    section = listing_named(ledger, name)
    every = ledger.accounts.stream() if accounts.are_all(section.listing) else None
    by_account = section.listing.by_account
    # A stream that nobody reads costs nothing, and knows how the client is held back.
    limits, known = ledger.accounts.stream(), len({*accounts.ids})
    kind = MirrorMeter if read else FleetMeter
    meter = kind(limits, read or PagesRead(), by_account=by_account, known=known, listing=every)
    ids = accounts.ids if every is None else ids_of(every)
    interrupts.will_say(
        f"stopped: all that was finished is kept; {going_on(resume=options.resume)}"
    )
    with drawn(meter, on=out.draws and sys.stderr.isatty()):
        async with mirrors as mirrored:
            outcome = await mirrored(
                section, ids if by_account else None, progress=meter.tell, **options._asdict()
            )
    interrupts.will_say(f"stopped, but {section.listing.name} are mirrored")
    if every is not None:
        warn_of_gaps("account", every.reports)
    return await _told(out, section.listing, outcome, meter)


async def _told(out: Output, listing: Listing, outcome: MirrorOutcome, meter: Meter) -> bool:
    if out.format != "table":
        await out.write_document(_facts(listing, outcome))
        return not outcome.failed
    if not outcome.rows:
        failures.raise_if_all(outcome.failed, of=outcome.accounts)
    await out.show(tables.Mirrored(listing, outcome), meter.summary())
    return not failures.told(outcome.failed)


def _facts(listing: Listing, outcome: MirrorOutcome) -> dict[str, object]:
    """The outcome for machines: JSON has no account that is `None` for a key."""
    return {
        "listing": listing.name,
        "run_id": outcome.run_id,
        "accounts": outcome.accounts,
        "rows": outcome.rows,
        "added": outcome.added,
        "changed": outcome.changed,
        "gone": outcome.gone,
        "failed": [
            {"account_id": account_id, "error": error}
            for account_id, error in outcome.failed.items()
        ],
    }


def going_on(*, resume: bool) -> str:
    """Say how a mirror goes on that was stopped."""
    again = "run it again" if resume else "run it again without --no-resume"
    return f"{again}, and it goes on"
