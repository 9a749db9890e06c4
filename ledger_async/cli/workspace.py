"""The workspace to read: the one that the environment names, or a sandbox."""

from __future__ import annotations

import os
import shlex
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random
from typing import NamedTuple

from ledger_async import ConfigurationError, LedgerClient, Limiter
from ledger_async.events import Event
from ledger_async.sandbox import RateLimit, Sandbox

Observer = Callable[[Event], object]


class Settings(NamedTuple):
    """Arguments of clients, where the environment does not give them."""

    base_url: str | None = None
    api_key: str | None = None
    api_user: str | None = None


# Those of a client that is asked for nothing.
UNREAD = Settings("https://unread.invalid", "none", "none")

ACCOUNTS, NFTS = 40, 25_000

_VARIABLES = ("LEDGER_BASE_URL", "LEDGER_API_KEY", "LEDGER_API_USER")

# Clients read this one unless they are told otherwise.
_HOSTED = "https://api.vault.ledger.com"

# Some 300 requests in all: enough for a few waits, and over in ten seconds.
_RATE_LIMIT = RateLimit(80, seconds=2.0)


@asynccontextmanager
async def client(
    *,
    sandbox: bool,
    concurrency: int = 16,
    currencies: Sequence[str] = (),
) -> AsyncIterator[LedgerClient]:
    """A client for the workspace that the environment names, or for a sandbox made for it.

    The sandbox has an account more in each of `currencies`.
    """
    async with (
        settings(sandbox=sandbox, currencies=currencies) as settled,
        opened(settled, concurrency=concurrency) as ledger,
    ):
        yield ledger


@asynccontextmanager
async def settings(*, sandbox: bool, currencies: Sequence[str] = ()) -> AsyncIterator[Settings]:
    """Those of the workspace that the environment names, or of a sandbox made for it."""
    if currencies and not sandbox:
        raise ConfigurationError("--currency is for --sandbox: say currency= to filter by it")
    if not sandbox:
        yield Settings()
        return
    sizes, others = with_currencies(uneven(), currencies)
    async with Sandbox(
        sizes, currencies=others, rate_limit=_RATE_LIMIT, latency=0.05, record=False
    ) as made:
        yield Settings(made.url, made.api_key, made.api_user)


@asynccontextmanager
async def served(sandbox: Sandbox, port: int) -> AsyncIterator[Sandbox]:
    """The sandbox, once it serves; an `OSError` names the port where it cannot."""
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(sandbox)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise OSError(error.errno, reason, f"port {port}") from None
        yield sandbox


def opened(
    settled: Settings,
    *,
    concurrency: int,
    observer: Observer | None = None,
    limiter: Limiter | None = None,
) -> LedgerClient:
    """A client with these settings; what is wrong with the environment is told by its variables."""
    try:
        return LedgerClient(
            settled.base_url,
            api_key=settled.api_key,
            api_user=settled.api_user,
            max_concurrency=concurrency,
            observer=observer,
            limiter=limiter,
        )
    except ConfigurationError as error:
        raise ConfigurationError(_in_words_of_a_shell(str(error))) from None


def name_of(settled: Settings) -> str:
    """The host of the workspace and the API user, which are no secrets: the name of their limit."""
    base_url, _, api_user = (
        given or os.environ.get(variable)
        for given, variable in zip(settled, _VARIABLES, strict=True)
    )
    if not api_user:
        raise ConfigurationError(
            "LEDGER_API_USER is not set: set it, or name the limit, as in redis://HOST?key=NAME"
        )
    host = (base_url or _HOSTED).partition("://")[2].partition("/")[0].rpartition("@")[2]
    return f"{host.lower()}:{api_user}"


def _in_words_of_a_shell(complaint: str) -> str:
    """Say of an environment variable what the client said of the argument it stands for."""
    argument, _, rest = complaint.partition(" ")
    variable = f"LEDGER_{argument.upper()}"
    if variable not in _VARIABLES:
        return complaint
    if variable not in os.environ:
        return f"{variable} is not set: set it, or try --sandbox, which takes no credentials"
    rest = rest.replace("or say allow_plain_http=True", "or plain http on this machine alone")
    return f"{variable} {rest}"


def with_currencies(
    sizes: Mapping[int, int], currencies: Sequence[str]
) -> tuple[Mapping[int, int], Mapping[int, str]]:
    """Accounts with one more in each of these currencies, which holds no NFTs; and those by id."""
    others = dict(enumerate(currencies, start=max(sizes) + 1))
    return {**sizes, **dict.fromkeys(others, 0)}, others


def uneven(accounts: int = ACCOUNTS, nfts: int = NFTS, seed: int = 0) -> Mapping[int, int]:
    """Account ids, and so many `nfts` shared out among them: much to one, little to most."""
    weights = [rank**-1.5 for rank in range(1, accounts + 1)]
    total = sum(weights)
    sizes = [int(nfts * weight / total) for weight in weights]
    sizes[0] += nfts - sum(sizes)
    Random(seed).shuffle(sizes)  # noqa: S311 - reproducible on purpose
    return dict(enumerate(sizes, start=101))


def exports(made: Sandbox) -> str:
    """Shell lines that set what a client of this sandbox needs."""
    settings = zip(_VARIABLES, (made.url, made.api_key, made.api_user), strict=True)
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings)
