"""The workspace to read: the one that the environment names, or a sandbox."""

from __future__ import annotations

import os
import shlex
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from random import Random
from typing import NamedTuple

from ledger_async import ConfigurationError, LedgerClient, LedgerError, Limiter
from ledger_async.events import Event
from ledger_async.sandbox import RateLimit, Sandbox

from .connection import Connection
from .credentials import Scheme, client_of, missing

Observer = Callable[[Event], object]


class Settings(NamedTuple):
    """Arguments of clients, where the environment does not give them, and the scheme it is for."""

    base_url: str | None = None
    api_key: str | None = None
    api_user: str | None = None
    connection: Connection = Connection()


# Those of a client that is asked for nothing.
UNREAD = Settings("https://unread.invalid", "none", "none")

ACCOUNTS, NFTS = 40, 25_000

_VARIABLES = ("LEDGER_BASE_URL", "LEDGER_API_KEY", "LEDGER_API_USER")

# Those whose limit it is.
_USERS: Mapping[Scheme, str] = {
    "lam": "LEDGER_API_USER",
    "reporting": "LEDGER_WORKSPACE",
    "bearer": "LEDGER_API_KEY_ID",
}

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
    connection: Connection | None = None,
) -> AsyncIterator[LedgerClient]:
    """A client for the workspace that the environment names, or for a sandbox made for it.

    The sandbox has an account more in each of `currencies`.
    """
    async with (
        settings(sandbox=sandbox, currencies=currencies, connection=connection) as settled,
        opened(settled, concurrency=concurrency) as ledger,
    ):
        yield ledger


@asynccontextmanager
async def settings(
    *, sandbox: bool, currencies: Sequence[str] = (), connection: Connection | None = None
) -> AsyncIterator[Settings]:
    """Those of the workspace that the environment names, or of a sandbox made for it."""
    connection = connection or Connection()
    if currencies and not sandbox:
        raise ConfigurationError("--currency is for --sandbox: say currency= to filter by it")
    if not sandbox:
        with _hosted_said():
            yield Settings(connection=connection)
        return
    if connection.auth != "lam":
        raise ConfigurationError("--auth is for a workspace: --sandbox takes no credentials")
    sizes, others = with_currencies(uneven(), currencies)
    async with Sandbox(
        sizes, currencies=others, rate_limit=_RATE_LIMIT, latency=0.05, record=False
    ) as made:
        yield Settings(made.url, made.api_key, made.api_user, connection)


@contextmanager
def _hosted_said() -> Iterator[None]:
    """Say in what a request fails with that the base URL is not set, if it is not."""
    try:
        yield
    except ConfigurationError:
        raise
    except LedgerError as error:
        if not os.environ.get("LEDGER_BASE_URL"):
            error.message += f" (LEDGER_BASE_URL is not set: {_HOSTED} was asked)"
        raise


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
    if settled.api_key is None:
        _check_environment(settled.connection.auth)
    make = maker(settled, concurrency=concurrency)
    try:
        return make(observer=observer, limiter=limiter)
    except ConfigurationError as error:
        raise ConfigurationError(_in_words_of_a_shell(str(error))) from None


def maker(settled: Settings, *, concurrency: int) -> partial[LedgerClient]:
    """Makes clients with these settings; it can be sent, and holds no key but a sandbox's."""
    base_url, api_key, api_user, connection = settled
    return partial(
        client_of,
        connection.auth,
        base_url,
        api_key=api_key,
        api_user=api_user,
        timeout=connection.timeout,
        retry=connection.policy,
        max_concurrency=concurrency,
    )


def _check_environment(scheme: Scheme) -> None:
    """Raise `ConfigurationError`, naming all that is missing, if credentials are."""
    unset = missing(scheme)
    if not unset or unset == ["LEDGER_API_USER"]:  # a LAM may know the user by the key
        return
    *names, last = unset
    are = f"{', '.join(names)} and {last} are" if names else f"{last} is"
    hosted = f" (LEDGER_BASE_URL is not either: {_HOSTED} would be read)"
    raise ConfigurationError(
        f"{are} not set{'' if os.environ.get('LEDGER_BASE_URL') else hosted}:"
        f" set {'them' if names else 'it'}, or try --sandbox, which takes no credentials"
    )


def name_of(settled: Settings) -> str:
    """The host of the workspace and its user, which are no secrets: the name of their limit."""
    variable = _USERS[settled.connection.auth]
    base_url = settled.base_url or os.environ.get("LEDGER_BASE_URL") or _HOSTED
    user = settled.api_user or os.environ.get(variable)
    if not user:
        raise ConfigurationError(
            f"{variable} is not set: set it, or name the limit, as in redis://HOST?key=NAME"
        )
    host = base_url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return f"{host.lower()}:{user}"


def _in_words_of_a_shell(complaint: str) -> str:
    """Say of an environment variable what the client said of the argument it stands for."""
    argument, _, rest = complaint.partition(" ")
    variable = f"LEDGER_{argument.upper()}"
    if variable not in _VARIABLES:
        return complaint
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
