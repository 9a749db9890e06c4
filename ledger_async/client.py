"""The client: one for each workspace, shared by all tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ssl import SSLContext
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self

from ._auth.lease import Auth
from ._auth.schemes import KeySource
from ._config import Priority, settle, settle_again
from ._governor.limiter import Limiter
from ._governor.retry import RetryPolicy
from ._runtime import Runtime
from ._support import checks
from ._support.lazy import Lazy, load
from ._support.lazy import sections as sections_of
from ._support.observer import Observer
from ._support.secrets import refuse_to_pickle
from ._transport.network import TraceConfig, checked_network
from ._transport.transport import Transport
from .errors import ConfigurationError

if TYPE_CHECKING:
    from .sections.accounts import Accounts
    from .sections.api_users import ApiUsers
    from .sections.certificates import Certificates
    from .sections.compliance import Compliance
    from .sections.currencies import Currencies
    from .sections.digests import Digests
    from .sections.entities import Entities
    from .sections.groups import Groups
    from .sections.labels import Labels
    from .sections.messages import Messages
    from .sections.nfts import NFTCollections, NFTs
    from .sections.notifications import Notifications
    from .sections.organization import Organization
    from .sections.pledges import Pledges
    from .sections.requests import Requests
    from .sections.settlements import Settlements
    from .sections.staking import Staking
    from .sections.transactions import Transactions
    from .sections.users import Users
    from .sections.whitelists import Whitelists


class LedgerClient:
    """Reads one Ledger Enterprise workspace; open it once and share it between all tasks.

    `base_url` defaults to `LEDGER_BASE_URL`, then to the hosted gateway; `api_key` to
    `LEDGER_API_KEY` and `api_user` to `LEDGER_API_USER`. `api_key` may be an async callable
    that fetches the key, called again once after a 401. `auth` takes another scheme instead:
    `LamAuth`, `ReportingAuth` or `BearerAuth`.

    At most `max_concurrency` requests are in flight at once, whatever the number of streams.
    `timeout` is the seconds that one attempt may take; `retry` says how often and how patiently
    requests are repeated. Plain http is refused for all but loopback hosts, unless
    `allow_plain_http` is true. `observer` is a function that is given every
    `ledger_async.events.Event` as it happens; one that raises is logged once, and changes nothing.

    `ssl` is the context of TLS connections, with a private authority or a client certificate.
    `proxy` is the URL of a forward proxy, with its user and password where it asks for them;
    `trust_env` takes the proxy that `HTTPS_PROXY` and `NO_PROXY` name at this moment, and never
    reads `.netrc`. To an https origin everything crosses a proxy encrypted; plain http through
    one is refused unless `allow_plain_http` is true. `trace_configs` are aiohttp's: hooks that
    see every request, and may put headers on it.

    `limiter` keeps one rate limit for the clients of many processes, such as
    `ledger_async.fleet.RedisLimiter`; the client closes it.

    Use it as an async context manager, or call `aclose`. Raises `ConfigurationError`, naming
    the argument, before anything is sent.
    """

    _base_url: str | None = None  # for the repr of a client that could not be made
    _is_view = False

    accounts: Lazy[Accounts] = Lazy(".sections.accounts", "Accounts")
    api_users: Lazy[ApiUsers] = Lazy(".sections.api_users", "ApiUsers")
    certificates: Lazy[Certificates] = Lazy(".sections.certificates", "Certificates")
    compliance: Lazy[Compliance] = Lazy(".sections.compliance", "Compliance")
    currencies: Lazy[Currencies] = Lazy(".sections.currencies", "Currencies")
    digests: Lazy[Digests] = Lazy(".sections.digests", "Digests")
    entities: Lazy[Entities] = Lazy(".sections.entities", "Entities")
    groups: Lazy[Groups] = Lazy(".sections.groups", "Groups")
    labels: Lazy[Labels] = Lazy(".sections.labels", "Labels")
    messages: Lazy[Messages] = Lazy(".sections.messages", "Messages")
    nft_collections: Lazy[NFTCollections] = Lazy(".sections.nfts", "NFTCollections")
    nfts: Lazy[NFTs] = Lazy(".sections.nfts", "NFTs")
    notifications: Lazy[Notifications] = Lazy(".sections.notifications", "Notifications")
    organization: Lazy[Organization] = Lazy(".sections.organization", "Organization")
    pledges: Lazy[Pledges] = Lazy(".sections.pledges", "Pledges")
    requests: Lazy[Requests] = Lazy(".sections.requests", "Requests")
    settlements: Lazy[Settlements] = Lazy(".sections.settlements", "Settlements")
    staking: Lazy[Staking] = Lazy(".sections.staking", "Staking")
    transactions: Lazy[Transactions] = Lazy(".sections.transactions", "Transactions")
    users: Lazy[Users] = Lazy(".sections.users", "Users")
    whitelists: Lazy[Whitelists] = Lazy(".sections.whitelists", "Whitelists")

    def __init__(
        self,
        base_url: str | None = None,
        *,
        api_key: str | KeySource | None = None,
        api_user: str | None = None,
        auth: Auth | None = None,
        max_concurrency: int = 16,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        timeout: float = 30.0,
        allow_plain_http: bool = False,
        ssl: SSLContext | None = None,
        proxy: str | None = None,
        trust_env: bool = False,
        trace_configs: Sequence[TraceConfig] = (),
        observer: Observer | None = None,
        limiter: Limiter | None = None,
        transport: Transport | None = None,
    ) -> None:
        try:
            config = settle(
                base_url,
                api_key=api_key,
                api_user=api_user,
                auth=auth,
                max_concurrency=max_concurrency,
                retry=retry,
                timeout=timeout,
                allow_plain_http=allow_plain_http,
                network=checked_network(
                    ssl=ssl, proxy=proxy, trust_env=trust_env, trace_configs=trace_configs
                ),
                transport=transport,
                observer=observer,
                limiter=limiter,
            )
        except Exception as error:  # noqa: BLE001 - raised again without frames, which hold the key
            raise error.with_traceback(None) from None
        finally:
            del api_key, auth, proxy
        self._base_url = config.base_url
        self._entered = self._closed = False
        self._runtime = Runtime(config)

    def with_options(
        self,
        *,
        priority: Priority | None = None,
        timeout: float | None = None,
        max_wait: float | None = None,
        retry: RetryPolicy | None = None,
    ) -> Self:
        """A view of this client: other options for what is called on it, and all else shared.

        That is the rate limit, the connections, the credentials, and the end: a view is neither
        entered nor closed, and serves as long as its client does. What is not given stays as it is.

        Where requests have to wait, those of `priority="interactive"` pass those of `"bulk"`, which
        keep one in four. Unless it is given, awaited calls are interactive, and pages of streams
        are bulk. `timeout` is the seconds that one attempt may take, and `max_wait` the seconds of
        a pause for the rate limit that a call waits for, in place of that of `retry`. Outages are
        of the whole client, and last as its own `retry` has it. A view whose `retry` has a
        `max_outage` of 0, or a `max_attempts` of 1, does not sit them out; and what takes longer
        than a shorter `timeout` counts against its call alone.

        Raises `ConfigurationError` for a wrong argument.
        """
        options = settle_again(
            self._runtime.caller.options,
            priority=priority,
            timeout=timeout,
            max_wait=max_wait,
            retry=retry,
        )
        view = object.__new__(type(self))
        # All that a subclass keeps, but no section: those are of one client.
        kept = {name: each for name, each in vars(self).items() if name not in _SECTIONS}
        view.__dict__.update(kept, _is_view=True)
        view._runtime = self._runtime.with_options(options)
        return view

    async def prepare(self, *sections: str) -> None:
        """Load these sections, such as `"transactions"`, or all of them, in a thread.

        The module of a section is loaded when it is first used, for which the event loop stands
        still for 5 to 40 ms. A service calls this before it serves, and spares its first requests
        that. Raises `ConfigurationError` for a name that is no section.
        """
        for name in sections:
            if name not in _SECTIONS:
                known = ", ".join(_SECTIONS)
                raise ConfigurationError(f"there is no section {checks.shown(name)}: {known}")
        for name in sections or _SECTIONS:
            await asyncio.to_thread(load, _SECTIONS[name])

    async def aclose(self) -> None:
        """Close the client; consumers of its live streams get `StreamClosedError`."""
        self._refuse_of_view("closed")
        self._closed = True
        await self._runtime.close()

    async def drain(self, timeout: float) -> None:  # noqa: ASYNC109 - it raises nothing
        """Let what is under way end, for so many seconds, and close the client.

        Meanwhile a new call, and a stream that is read for the first time, raises
        `StreamClosedError`. What has not ended by then is ended as by `aclose`, and so is all if
        this is cancelled. A web application drains its client when its server says that it stops.

        Raises `ConfigurationError` for a `timeout` that is no number of seconds.
        """
        self._refuse_of_view("drained")
        checks.seconds("timeout", timeout)
        try:
            await self._runtime.drain(timeout)
        finally:
            await self.aclose()

    async def __aenter__(self) -> Self:
        self._refuse_of_view("entered")
        if self._closed:
            raise ConfigurationError("the client is closed: make another")
        if self._entered:
            raise ConfigurationError("a client is entered once: share the one that is open")
        self._entered = True
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _refuse_of_view(self, verb: str) -> None:
        if self._is_view:
            raise ConfigurationError(
                f"a view that with_options made is not {verb}: its client is, and all views with it"
            )

    def __repr__(self) -> str:
        return f"LedgerClient({self._base_url!r})"

    def __reduce__(self) -> NoReturn:
        refuse_to_pickle(self)


_SECTIONS = sections_of(LedgerClient)
