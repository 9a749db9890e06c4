"""A cluster of Dask: one that is there, or one of this machine that is made for a fleet."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from importlib.metadata import version
from multiprocessing import resource_tracker
from platform import python_version
from typing import Any, TypeVar
from uuid import uuid4
from weakref import WeakSet

import msgspec
from dask import config
from distributed import Client, LocalCluster, Worker, WorkerPlugin
from distributed.comm.addressing import get_address_host_port
from distributed.core import rpc
from distributed.security import Security

from ledger_async import ConfigurationError, FleetError
from ledger_async._support.cancellation import in_full

from .dispatch import Dispatch
from .leaving import Leaving
from .passwords import Blanked, Safe
from .versions import PACKAGES, PYTHON, difference, minor, versions_here
from .worker import FleetWorker, Work, refusal, store_refusal

R = TypeVar("R")
T = TypeVar("T")

# Chunks of a worker at once, so that one begins while the last account of another is read.
_CHUNKS_AT_ONCE = 2

# Seconds without a sign of life after which a worker is replaced: it is frozen, or gone.
WORKER_LIFE = 30.0

# Dask would set variables for all of this process: one has memory unmapped as soon as it is free,
# which slows down whoever reads much. And it would show pages to whoever is on this machine.
_OWN_WAYS: dict[str, Any] = {
    "distributed.nanny.pre-spawn-environ": {},
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}

# Seconds for a scheduler to answer, and for its first worker to come.
_PATIENCE = 10

# Seconds for the workers to close what they have.
_CLOSING_TIME = 5


class Cluster:
    """The workers of one fleet, each of which has a client by now."""

    def __init__(self, client: Client, *, is_local: bool) -> None:
        self._client = client
        self._name = f"ledger_async-{uuid4().hex[:8]}"
        self._is_local = is_local
        self._dispatches: WeakSet[Dispatch[Any]] = WeakSet()
        self._is_equipped = False
        self.safe = Safe(client.security if is_local else None)

    async def equip(self, worker: FleetWorker) -> None:
        """Check all versions, and have each worker, now and later, make its client."""
        await self._check_versions()
        self._is_equipped = True
        if not self._is_local:
            with suppress(ImportError):  # a scheduler needs nothing of ours
                await self._client.register_plugin(Leaving(self._client.id, self._name))
        await self._client.register_plugin(worker, name=self._name)
        _raise_first(await self._client.run(refusal, self._name), of="has no client: ")

    async def check_store(self, place: Blanked, schema: str | None) -> None:
        """Raise `ConfigurationError` unless each worker has what the store needs."""
        _raise_first(
            await self._client.run(store_refusal, self._name, place, schema),
            of="cannot open the store: ",
        )

    def dispatch(self, name: str, work: Callable[[list[int]], Work[R]]) -> Dispatch[R]:
        """A way to the workers for one job, whose chunks are named so."""
        dispatch = Dispatch(self._client, self._name, f"{name}-{uuid4().hex[:8]}", work)
        self._dispatches.add(dispatch)
        return dispatch

    @contextmanager
    def hearing(self, topic: str, type_: type[T], hear: Callable[[T], None]) -> Iterator[None]:
        """Hear what workers tell about a topic, for the block: messages of this type."""
        self._client.subscribe_topic(topic, lambda event: hear(msgspec.convert(event[1], type_)))
        try:
            yield
        finally:
            with suppress(OSError, ValueError):
                self._client.unsubscribe_topic(topic)

    async def _check_versions(self) -> None:
        """Raise `ConfigurationError` unless each worker has the versions that we have."""
        ours, found = versions_here(), await self._client.run(python_version)
        workers: dict[str, dict[str, str | None]]
        workers = {each: {PYTHON: minor(python)} for each, python in found.items()}
        for package in PACKAGES:
            # Of the standard library: a worker may have nothing of ours.
            found = await self._client.run(version, package, on_error="return")
            for worker, theirs in workers.items():
                theirs[package] = None if isinstance(found[worker], Exception) else found[worker]
        _raise_first({each: difference(ours, theirs) for each, theirs in workers.items()})

    async def aclose(self) -> None:
        """Stop the workers, and have them close their clients, unless the cluster is gone."""
        for dispatch in [*self._dispatches]:
            await dispatch.aclose()
        if self._is_equipped and self._client.status == "running":
            # A registration that was cut short may have reached nobody.
            with suppress(OSError, TimeoutError, ValueError):
                async with asyncio.timeout(_CLOSING_TIME):
                    await self._client.unregister_worker_plugin(self._name)
                    if not self._is_local:
                        await self._client.unregister_scheduler_plugin(self._name)


@asynccontextmanager
async def local(workers: int, *, life: float = WORKER_LIFE) -> AsyncIterator[Client]:
    """So many worker processes on this machine, which nobody else can use.

    A scheduler runs whatever it is given. This one is given work by those alone who have a
    certificate that is made here, and that stays in memory.
    """
    cluster = LocalCluster(
        n_workers=workers,
        threads_per_worker=_CHUNKS_AT_ONCE,
        asynchronous=True,
        dashboard_address=None,
        security=Security.temporary(),
        # Its pages want a port, and the usual one may be another cluster's.
        scheduler_kwargs={"worker_ttl": life, "dashboard_address": "127.0.0.1:0"},
        silence_logs=logging.ERROR,
    )
    async with AsyncExitStack() as opened:
        with _ctrl_c_kept_from_children(), config.set(_OWN_WAYS):
            await opened.enter_async_context(in_full(cluster))
        client = await opened.enter_async_context(
            in_full(Client(cluster, asynchronous=True, set_as_default=False))
        )
        await client.register_plugin(_Obedient())
        yield client


@contextmanager
def _ctrl_c_kept_from_children() -> Iterator[None]:
    """Start processes that a terminal's Ctrl-C does not end: this process ends them, in order.

    Whoever is started meanwhile inherits the mask. A Ctrl-C of that second is heard at its end.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    resource_tracker.ensure_running()  # which takes SIGINT from the mask, on some versions
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if signal.SIGINT not in before:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


class _Obedient(WorkerPlugin):
    """Has a worker of this machine end when it is told to, and without a word."""

    def setup(self, worker: Worker) -> None:  # noqa: ARG002 - Dask names it
        """Ignore Ctrl-C in a worker, too, that was started in place of another one."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - Dask names it
        """Let Dask log no more: the worker cuts off its own heartbeat, which tells of an error."""
        logging.getLogger("distributed").setLevel(logging.CRITICAL)


@asynccontextmanager
async def existing(address: str) -> AsyncIterator[Client]:
    """The cluster whose scheduler has this address."""
    try:
        get_address_host_port(address)
    except ValueError as error:
        raise ConfigurationError(f"scheduler must look like tcp://HOST:8786: {error}") from None
    await _meet_scheduler(address)
    try:
        client = await Client(address, asynchronous=True, timeout=_PATIENCE, set_as_default=False)
    except OSError as error:
        raise FleetError(f"there is no scheduler at {address}: {error}") from None
    async with client:
        try:
            await client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            raise FleetError(f"the scheduler at {address} has no workers") from None
        yield client


async def _meet_scheduler(address: str) -> None:
    """Raise unless a scheduler answers at this address: Dask's client waits for ever for others."""
    try:
        async with (
            asyncio.timeout(2 * _PATIENCE),  # once to connect, and once for the answer
            rpc(address, timeout=_PATIENCE, connection_args=_as_client()) as there,
        ):
            kind = (await there.identity())["type"]
    except TypeError as error:  # of a `tls://` without certificates
        raise ConfigurationError(f"scheduler cannot be reached: {error}") from None
    except (TimeoutError, MemoryError):  # of bytes that would be a length, as of an HTTP server
        raise FleetError(f"there is no scheduler at {address}: it does not answer as one") from None
    except OSError as error:
        raise FleetError(f"there is no scheduler at {address}: {error}") from None
    if kind != "Scheduler":
        raise FleetError(f"there is no scheduler at {address}, but a {kind}")


def _as_client() -> dict[str, Any]:
    arguments: dict[str, Any] = Security().get_connection_args("client")
    return arguments


def _raise_first(complaints: Mapping[str, object], *, of: str = "") -> None:
    """Raise `ConfigurationError` of the first worker of which there is something to complain."""
    for worker, complaint in complaints.items():
        if complaint is not None:
            raise ConfigurationError(f"the worker at {worker} {of}{complaint}")
