"""`Sandbox`: the workspace, its server, and what a test can do to them."""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import anyio
from aiohttp import web

from ledger_async._support import checks
from ledger_async.models.accounts.account import Account

from . import arguments
from ._data.workspace import Workspace
from ._governance.seeded_requests import seeded_request
from ._http.clock import Clock
from ._http.credentials import Credentials, Gatekeeper
from ._http.journal import Journal, SeenRequest
from ._http.limit import Window
from ._http.pipeline import Pipeline
from ._http.script import Cue, Script
from ._http.server_log import logger
from .handlers import Api

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from ._data.workspace import Kind
    from ._http.faults import Fault
    from ._http.limit import RateLimit

_ONE_ACCOUNT: Mapping[int, int] = MappingProxyType({101: 250})
_BACKLOG = 1024  # connections past the backlog wait whole seconds for the kernel to try again
_GRACE = 0.1  # seconds; a backstop only, for handlers are cancelled before aiohttp waits for them

C = TypeVar("C", bound="Callable[[SeenRequest], object]")
R = TypeVar("R", bound="Callable[[SeenRequest, dict[str, Any]], Any]")


class Sandbox(Credentials):
    """A Ledger Enterprise workspace at `url`, served on loopback inside an `async with` block.

    `accounts` maps account ids, oldest first, to numbers of NFTs; the same `seed` gives the same
    data. Pages are capped at `max_page_size`, silently. `rate_limit` is a number of requests per
    second or a `RateLimit`; `latency` is what an answer from the data takes, in seconds. `port`
    0 finds a free one. Clients that accept gzip get it unless `compress` is off. `record=False`
    keeps no `requests`, for runs of millions. `currencies` maps ids of accounts to the names of
    their currencies, such as `{201: "cardano"}`, in which accounts that are named only there hold
    no NFTs; the others are on EVM chains.

    Time is the event loop's, but objects are dated from 2021 on, whatever the clock says. What the
    API user asks for is created by user 8. Its approvals and rejections count as that user's where
    user 8 is an approver who has not answered yet, and else as those of another approver: one
    caller can reach every quorum.

    The credentials that it accepts are attributes: `api_key` and `api_user`, and the others of
    `Credentials`. What only a LAM serves, transactions that it creates and approves and API users,
    is refused with 403 to tokens and reporting keys. Everything may be changed and scripted before
    and while it runs, from any thread, and holds for the requests that follow.
    `ConfigurationError` says what is wrong with an argument.
    """

    def __init__(
        self,
        accounts: Mapping[int, int] = _ONE_ACCOUNT,
        *,
        max_page_size: int = 100,
        rate_limit: float | RateLimit | None = None,
        latency: float = 0.0,
        seed: int = 0,
        port: int = 0,
        compress: bool = True,
        record: bool = True,
        currencies: Mapping[int, str] | None = None,
    ) -> None:
        super().__init__()
        self._max_page_size = checks.count("max_page_size", max_page_size)
        self._rate_limit = arguments.rate_limit(rate_limit)
        self._latency = checks.seconds("latency", latency)
        self._port = arguments.port(port)
        self._compress = compress
        named = arguments.currencies(currencies)
        sizes = {**dict.fromkeys(named, 0), **arguments.accounts(accounts)}
        sizes = {key: sizes[key] for key in (*accounts, *named)}  # as they were given
        self._accounts = len(sizes)
        self._workspace = Workspace(sizes, arguments.seed(seed), named, seeded_request)
        self._gatekeeper = Gatekeeper(self)
        self._script = Script()
        self._journal = Journal(record)
        self._runner: web.AppRunner | None = None
        self._keys = 1

    def __repr__(self) -> str:
        where = f"listens at {self.url}" if self._runner else "is not open"
        return f"<Sandbox of {self._accounts} accounts, {where}>"

    async def __aenter__(self) -> Self:
        if self._runner is not None:
            raise RuntimeError("this sandbox is open already")
        runner = web.AppRunner(
            self._app(),
            access_log=None,
            handler_cancellation=True,
            logger=logger,
            shutdown_timeout=_GRACE,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", self._port, backlog=_BACKLOG).start()
        except BaseException:
            await runner.cleanup()
            raise
        self._runner = runner
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            runner, self._runner = self._runner, None
            with anyio.CancelScope(shield=True):
                await self._close(runner)

    @property
    def url(self) -> str:
        """The base URL, for as long as the sandbox is open."""
        if self._runner is None:
            raise RuntimeError("a sandbox has a URL inside its `async with` block only")
        host, port = self._runner.addresses[0]
        return f"http://{host}:{port}"

    def fail(
        self,
        fault: Fault,
        *,
        times: float = 1,
        after: int = 0,
        account_id: int | None = None,
        path: str | None = None,
        page: int | None = None,
    ) -> None:
        """Play `fault` for the next `times` requests that match, once `after` of them passed.

        `path` is a pattern such as `"*/nfts"`. `times` may be `math.inf`. Where several faults
        match, the one that was set first goes first.
        """
        cue = Cue(arguments.fault(fault), times, after, account_id, path, page)
        if times >= 1:
            self._script.cues.append(cue)

    def heal(self) -> None:
        """Forget every fault that is still to come."""
        self._script.cues.clear()

    def on_request(self, callback: C) -> C:
        """Call `callback` with each request that gets through to the data; may decorate it.

        It runs on the server's loop, after the latency and just before the data is read: what
        it adds or removes shows in this answer already. Refusals and faults that answer in the
        data's place are not seen here, but in `requests`.
        """
        self._script.callbacks.append(arguments.callback(callback))
        return callback

    def rewrite(self, callback: R) -> R:
        """Answer with what `callback` makes of each true page, a dict; may decorate it.

        It may return anything that becomes JSON, or the body's bytes.
        """
        self._script.rewriters.append(arguments.callback(callback))
        return callback

    @arguments.found()
    def add_nfts(self, account_id: int, n: int = 1) -> list[tuple[str, str]]:
        """Let `n` NFTs arrive; return their `(contract_address, token_id)`, newest first."""
        return self._workspace.holdings(account_id).add(n)

    @arguments.found()
    def remove_nfts(
        self, account_id: int, n: int = 1, *, at: int | None = None
    ) -> list[tuple[str, str]]:
        """Take `n` NFTs away; return their `(contract_address, token_id)`, newest first.

        They go from position `at` on (0 is the newest), or from places that the seed decides.
        """
        return self._workspace.remove_nfts(account_id, n, at)

    @arguments.found()
    def identities(self, account_id: int) -> list[tuple[str, str]]:
        """Return `(contract_address, token_id)` of all that the account holds, newest first."""
        holdings = self._workspace.holdings(account_id)
        return [holdings.identity(serial) for serial in holdings.serials]

    @arguments.found()
    def set_account(self, account_id: int, *, entity: int | None = None, **fields: Any) -> None:
        """Overwrite fields of an account, such as `status="PENDING"`.

        `created_on` is a `datetime`; `entity` is what the search filter of that name finds. A
        field that the API does not have is added, unless it looks like a misspelt one.
        """
        arguments.refuse_misspelt(fields, [*Account.__struct_fields__, "entity"])
        self._workspace.change_account(account_id, entity, fields)

    @arguments.found()
    def add_transactions(self, account_id: int, n: int = 1) -> list[int]:
        """Let `n` transactions come in; return their ids, newest first."""
        return [self._workspace.add_transaction(account_id).id for _ in range(n)][::-1]

    def objects(self, kind: Kind) -> list[Any]:
        """Return every object of this kind as it is now, newest first: structs of the models.

        The kinds are `digests`, `entities`, `groups`, `labels`, `messages`, `pledges`, `requests`,
        `settlements`, `transactions`, `users` and `whitelists`.
        """
        return self._workspace.objects(arguments.kind(kind))

    @arguments.found()
    def set_object(self, kind: Kind, key: int, **fields: Any) -> None:
        """Overwrite fields of an object, such as `status="CONFIRMED"` of `"transactions"`.

        The kinds are those of `objects`. Pledges and settlements are numbered from 1, as they
        have no ids that are numbers.
        """
        self._workspace.change(arguments.kind(kind), key, fields)

    @arguments.found()
    def remove_object(self, kind: Kind, key: int) -> None:
        """Take an object away; the kinds are those of `objects`."""
        self._workspace.shelves[arguments.kind(kind)].remove(key)

    def syncs(self, account_id: int) -> int:
        """Return how many times an account was synced."""
        return self._workspace.syncs[account_id]

    def rotate_api_key(self, new: str | None = None) -> str:
        """Replace `api_key`, so that the old one stops working; return the new one."""
        self._keys += 1
        self.api_key = new or f"sandbox-key-{self._keys}"
        return self.api_key

    def expire_tokens(self, *, refresh: bool = False) -> None:
        """Let every access token end now, and with `refresh` every refresh token too."""
        self._gatekeeper.expire(refresh_tokens=refresh)

    @property
    def requests(self) -> list[SeenRequest]:
        """Every request so far, in order of arrival; the list may be cleared."""
        return self._journal.requests

    @property
    def refusals(self) -> int:
        """Requests that were refused for being over the rate limit."""
        return self._journal.refusals

    @property
    def in_flight(self) -> int:
        """Requests that are under way now, answers that are still being sent included."""
        return len(self._journal.under_way)

    @property
    def peak_in_flight(self) -> int:
        """The most requests that were ever under way at once."""
        return self._journal.peak_in_flight

    @property
    def connections(self) -> int:
        """Connections that are open now."""
        server = self._runner.server if self._runner else None
        return len(server.connections) if server else 0

    async def _close(self, runner: web.AppRunner) -> None:
        """Close every connection at once, whatever its request is waiting for."""
        connections = runner.server.connections if runner.server else []
        transports = [connection.transport for connection in connections]
        for task in tuple(self._journal.under_way):
            task.cancel()
        await runner.cleanup()
        for transport in transports:
            # A closed transport still lingers until a client that does not read has read it all.
            if transport is not None:
                transport.abort()
        await asyncio.sleep(0)  # for the sockets to be closed

    def _app(self) -> web.Application:
        clock = Clock()
        pipeline = Pipeline(
            journal=self._journal,
            gatekeeper=self._gatekeeper,
            window=Window(self._rate_limit, clock) if self._rate_limit else None,
            script=self._script,
            clock=clock,
            latency=self._latency,
            compress=self._compress,
        )
        api = Api(
            workspace=self._workspace,
            credentials=self,
            gatekeeper=self._gatekeeper,
            script=self._script,
            clock=clock,
            max_page_size=self._max_page_size,
        )
        app = web.Application(middlewares=pipeline.middlewares)
        app.add_routes(api.routes())
        return app
