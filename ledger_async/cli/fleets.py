"""The workers of a mirror and the limit that they keep, as a command line asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from ledger_async import ConfigurationError, FleetError, LedgerClient, fleet
from ledger_async.mirror import MirrorOutcome

from . import log, workspace
from .mirroring import Accounts, Mirror, going_on
from .workspace import UNREAD, Settings, name_of

if TYPE_CHECKING:
    from ledger_async.fleet import Fleet, RedisLimiter

_OPTIONS = {"url": "--limiter", "limiter": "--limiter", "scheduler": "--scheduler", "store": "--to"}


class Workers(NamedTuple):
    """So many workers of this machine, or those of a scheduler; with neither there is no fleet."""

    processes: int | None
    scheduler: str | None

    def are_asked_for(self, store: str) -> bool:
        """True if there is to be a fleet; `ConfigurationError` if it cannot write to the store."""
        if None not in self:
            raise ConfigurationError(
                "give either --workers, which are of this machine, or --scheduler"
            )
        if self == (None, None):
            return False
        if store.startswith("sqlite:"):
            raise ConfigurationError(
                "SQLite is for one process: a fleet needs --to postgresql://… or parquet:DIRECTORY"
            )
        return True

    def own(self, settings: Settings, asked: Accounts) -> Settings:
        """Those of the command's own client, which needs none if a cluster's workers do all."""
        lists_accounts = asked.every or asked.every_by_default
        return UNREAD if self.scheduler is not None and not lists_accounts else settings

    def fleet(
        self,
        settings: Settings,
        *,
        concurrency: int,
        limiter: RedisLimiter | None,
        verbose: bool,
    ) -> Fleet:
        """The fleet, whose clients have these settings, and else those of their environment.

        Workers of this machine write to the terminal if they are to be `verbose`.
        """
        client = workspace.maker(settings, concurrency=concurrency)
        if verbose and self.scheduler is None:
            client = partial(talkative, client)
        return fleet.Fleet(
            self.scheduler, workers=self.processes or 1, limiter=limiter, client=client
        )


class Limit(NamedTuple):
    """A limit that is shared with other processes by a store, if there is a URL of one."""

    url: str | None
    rate: float | None

    def limiter(self, settings: Settings) -> RedisLimiter | None:
        """The limiter, called as the workspace and its user are, unless the URL says `?key=…`."""
        if self.url is None:
            if self.rate is not None:
                raise ConfigurationError("--rate is that of a --limiter: give both")
            return None
        url, key = _without_key(self.url)
        try:
            return fleet.RedisLimiter(url, key=key or name_of(settings), rate=self.rate)
        except ConfigurationError as error:
            raise ConfigurationError(_in_words_of_a_shell(str(error))) from None


def talkative(make: Callable[..., LedgerClient], **options: Any) -> LedgerClient:
    """The client of a worker process, which says on stderr what it does."""
    log.begin()
    return make(**options)


@asynccontextmanager
async def together(workers: Fleet, store: str, schema: str | None) -> AsyncIterator[Mirror]:
    """Mirror into the store at a URL, by all workers of a fleet."""

    async def mirrored(section: Any, *args: Any, **options: Any) -> MirrorOutcome:
        try:
            name = section.listing.name
            return await workers.mirror(name, *args, store=store, schema=schema, **options)
        except FleetError as error:
            raise FleetError(f"{error}; {going_on(resume=options['resume'])}") from None

    log.silence_dask()
    try:
        async with workers:
            yield mirrored
    except ConfigurationError as error:
        raise ConfigurationError(_in_words_of_a_shell(str(error))) from None


def _without_key(url: str) -> tuple[str, str | None]:
    """The URL without what it says of a `key`, which is not the store's to know, and that."""
    base, _, query = url.partition("?")
    options = dict(parse_qsl(query))
    key = options.pop("key", None)
    return f"{base}?{urlencode(options)}" if options else base, key


def _in_words_of_a_shell(complaint: str) -> str:
    """Say of an option what was said of the argument it stands for."""
    argument, _, rest = complaint.partition(" ")
    rest = rest.replace("let client= make the limiter there", "name one without, or say --workers")
    option = _OPTIONS.get(argument)
    return complaint if option is None else f"{option} {rest}"
