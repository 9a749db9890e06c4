"""Mirrors of the sandbox's listings, in a store in memory.

They go through `mirroring`, and with it `arguments`, `source`, `copying` and `outcome`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from memory_store import MemoryRun, MemoryStore

from ledger_async import (
    AuthenticationError,
    ConfigurationError,
    LedgerClient,
    ListingIncompleteError,
    NotFoundError,
    PermissionDeniedError,
    RowRefusedError,
    StoreError,
    StoreLockedError,
)
from ledger_async.mirror import Differences, MirrorProgress, Part, mirror
from ledger_async.sandbox import Fault, Sandbox, SeenRequest

ACCOUNTS = [101, 102, 103]


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def keys(store: MemoryStore, account_id: int) -> set[tuple[str, str]]:
    return {key[1:] for key in store.tables["nfts"].rows if key[0] == account_id}


# After a mirror.


async def test_a_mirror_holds_every_node_of_every_account_once(
    ledger: LedgerClient, store: MemoryStore, sandbox: Sandbox
) -> None:
    outcome = await mirror(ledger.nfts, ACCOUNTS, store=store)
    assert (outcome.accounts, outcome.rows, outcome.added) == (3, 257, 257)
    assert keys(store, 101) == {*sandbox.identities(101)}


async def test_a_second_mirror_finds_no_differences(
    ledger: LedgerClient, store: MemoryStore
) -> None:
    await mirror(ledger.nfts, ACCOUNTS, store=store)
    outcome = await mirror(ledger.nfts, ACCOUNTS, store=store)
    assert (outcome.rows, outcome.added, outcome.changed, outcome.gone) == (257, 0, 0, 0)


async def test_the_next_mirror_writes_the_differences(
    ledger: LedgerClient, store: MemoryStore, sandbox: Sandbox
) -> None:
    await mirror(ledger.nfts, ACCOUNTS, store=store)
    sandbox.add_nfts(103, 2)
    sandbox.remove_nfts(101, 3)
    outcome = await mirror(ledger.nfts, ACCOUNTS, store=store)
    assert (outcome.added, outcome.gone) == (2, 3)
    assert keys(store, 101) == {*sandbox.identities(101)}


async def test_a_listing_of_the_workspace_takes_no_account_ids(
    ledger: LedgerClient, store: MemoryStore, sandbox: Sandbox
) -> None:
    outcome = await mirror(ledger.transactions, store=store)
    assert outcome.rows == len(sandbox.objects("transactions"))


async def test_a_listing_made_for_one_account_takes_none_either(
    ledger: LedgerClient, store: MemoryStore
) -> None:
    outcome = await mirror(ledger.accounts.erc20_children(101), store=store)
    assert outcome.accounts == 1


async def test_ids_may_come_from_an_async_iterable(
    ledger: LedgerClient, store: MemoryStore
) -> None:
    async def ids() -> AsyncIterator[int]:
        async for account in ledger.accounts.stream():
            yield account.id

    assert (await mirror(ledger.nfts, ids(), store=store)).rows == 257


async def test_accounts_that_are_not_asked_for_are_left_alone(
    ledger: LedgerClient, store: MemoryStore, sandbox: Sandbox
) -> None:
    await mirror(ledger.nfts, ACCOUNTS, store=store)
    sandbox.remove_nfts(103, 7)
    assert (await mirror(ledger.nfts, [101], store=store)).gone == 0
    assert len(keys(store, 103)) == 7


# Accounts that fail, or are not proven.


async def test_an_account_that_fails_stays_as_it_was(
    ledger: LedgerClient, store: MemoryStore, sandbox: Sandbox
) -> None:
    await mirror(ledger.nfts, ACCOUNTS, store=store)
    sandbox.remove_nfts(101, 3)
    sandbox.fail(Fault.status(404), account_id=101)
    outcome = await mirror(ledger.nfts, ACCOUNTS, store=store)
    assert outcome.gone == 0
    assert isinstance(outcome.failed[101], NotFoundError)
    assert outcome.accounts == 3


async def test_an_unknown_account_is_forgotten_on_demand(
    ledger: LedgerClient, store: MemoryStore, sandbox: Sandbox
) -> None:
    await mirror(ledger.nfts, ACCOUNTS, store=store)
    sandbox.fail(Fault.status(404), account_id=103)
    outcome = await mirror(ledger.nfts, ACCOUNTS, store=store, forget=True)
    assert (outcome.gone, outcome.failed) == (7, {})


async def test_nodes_that_are_left_out_are_not_gone(
    ledger: LedgerClient, store: MemoryStore, sandbox: Sandbox
) -> None:
    await mirror(ledger.nfts, [103], store=store)

    @sandbox.rewrite
    def spoil(_: SeenRequest, page: dict[str, Any]) -> object:
        page["edges"][0]["node"]["value"] = "many"
        return page

    outcome = await mirror(ledger.nfts, [103], store=store, on_invalid="skip")
    assert outcome.gone == 0
    assert isinstance(outcome.failed[103], ListingIncompleteError)


async def test_the_first_failure_ends_a_mirror_that_is_to_raise(
    ledger: LedgerClient, store: MemoryStore
) -> None:
    with pytest.raises(NotFoundError):
        await mirror(ledger.nfts, [103, 999], store=store, on_error="raise")


# Runs that were cut off.


class FailingStore(MemoryStore):
    """Fails after so many accounts, or parts of accounts that have not ended."""

    def __init__(self, after: int, *, parts: bool = False) -> None:
        super().__init__()
        self.left = after
        self.counts_parts = parts

    async def begin(self, *args: Any, **kwargs: Any) -> MemoryRun:
        run = await super().begin(*args, **kwargs)
        write = run.write

        async def failing(parts: list[Part]) -> Differences:
            if self.left <= 0:
                raise StoreError("the disk is full")
            self.left -= sum(self.counts_parts or part.end is not None for part in parts)
            return await write(parts)

        run.write = failing  # type: ignore[assignment, method-assign] # one that fails
        return run


async def test_a_store_that_fails_ends_the_mirror(ledger: LedgerClient) -> None:
    with pytest.raises(StoreError, match="the disk is full"):
        await mirror(ledger.nfts, ACCOUNTS, store=FailingStore(after=0))


async def test_accounts_that_were_finished_are_not_read_again(
    ledger: LedgerClient, sandbox: Sandbox
) -> None:
    store = FailingStore(after=1)
    with pytest.raises(StoreError):
        await mirror(ledger.nfts, [103, 101], store=store)
    store.left = 99
    sandbox.requests.clear()
    outcome = await mirror(ledger.nfts, [103, 101], store=store)
    assert outcome.rows == 257
    assert not any("/103/" in each.path for each in sandbox.requests)


async def test_a_run_need_not_be_gone_on_with(ledger: LedgerClient, sandbox: Sandbox) -> None:
    store = FailingStore(after=1)
    with pytest.raises(StoreError):
        await mirror(ledger.nfts, [103, 101], store=store)
    store.left = 99
    sandbox.requests.clear()
    await mirror(ledger.nfts, [103, 101], store=store, resume=False)
    assert any("/103/" in each.path for each in sandbox.requests)


async def test_ids_that_wait_for_what_was_read_do_not_stop_a_run_that_goes_on(
    ledger: LedgerClient,
) -> None:
    store = FailingStore(after=0)
    with pytest.raises(StoreError):
        await mirror(ledger.nfts, [103, 101], store=store)
    store.left, read = 99, asyncio.Event()

    async def ids() -> AsyncIterator[int]:
        yield 103
        await read.wait()
        yield 101

    outcome = await mirror(ledger.nfts, ids(), store=store, progress=lambda _: read.set())
    assert outcome.accounts == 2


async def test_accounts_that_failed_are_tried_again(ledger: LedgerClient, sandbox: Sandbox) -> None:
    store = FailingStore(after=1)
    sandbox.fail(Fault.status(404), account_id=103)
    with pytest.raises(StoreError):
        await mirror(ledger.nfts, [103, 101], store=store)
    store.left = 99
    assert (await mirror(ledger.nfts, [103, 101], store=store)).failed == {}


@pytest.fixture
async def huge() -> AsyncIterator[Sandbox]:
    """One account of 30 pages."""
    async with Sandbox({7: 3000}) as sandbox:
        yield sandbox


def reader(sandbox: Sandbox) -> LedgerClient:
    return LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user)


async def cut_off(sandbox: Sandbox, store: FailingStore, **options: Any) -> None:
    """Mirror the account until the store fails, and let it work from then on."""
    async with reader(sandbox) as ledger:
        with pytest.raises(StoreError):
            await mirror(ledger.nfts, [7], store=store, **options)
    store.left = 999
    sandbox.requests.clear()


async def test_a_long_account_is_gone_on_with_where_it_was_cut_off(huge: Sandbox) -> None:
    store = FailingStore(after=20, parts=True)
    await cut_off(huge, store)
    async with reader(huge) as ledger:
        outcome = await mirror(ledger.nfts, [7], store=store)
    assert outcome.added == 3000
    assert len(huge.requests) < 15


async def test_a_long_account_that_changed_meanwhile_is_whole(huge: Sandbox) -> None:
    store = FailingStore(after=20, parts=True)
    await cut_off(huge, store)
    huge.add_nfts(7, 30)
    huge.remove_nfts(7, 1, at=2900)
    async with reader(huge) as ledger:
        outcome = await mirror(ledger.nfts, [7], store=store)
    assert keys(store, 7) >= {*huge.identities(7)}
    assert outcome.failed == {}


async def test_a_short_account_that_was_cut_off_is_read_again(huge: Sandbox) -> None:
    store = FailingStore(after=2, parts=True)
    await cut_off(huge, store)
    async with reader(huge) as ledger:
        await mirror(ledger.nfts, [7], store=store)
    assert len(huge.requests) >= 30
    assert keys(store, 7) == {*huge.identities(7)}


async def test_pages_that_lack_nodes_are_read_again(huge: Sandbox) -> None:
    @huge.rewrite
    def spoil(_: SeenRequest, page: dict[str, Any]) -> object:
        page["edges"][0]["node"]["value"] = "many"
        return page

    store = FailingStore(after=20, parts=True)
    await cut_off(huge, store, on_invalid="skip")
    async with reader(huge) as ledger:
        await mirror(ledger.nfts, [7], store=store, on_invalid="skip")
    assert len(huge.requests) >= 30


async def test_what_came_before_a_stream_ended_is_kept(
    ledger: LedgerClient, store: MemoryStore, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault.status(401), account_id=101, times=9)
    with pytest.raises(Exception, match="401"):
        await mirror(ledger.nfts, [103, 101], store=store)
    assert len(keys(store, 103)) == 7


async def test_a_cancelled_mirror_lets_go_of_the_table(
    ledger: LedgerClient, store: MemoryStore, sandbox: Sandbox
) -> None:
    arrived = asyncio.Event()
    sandbox.fail(Fault.stall(1000))
    sandbox.on_request(lambda _: arrived.set())
    running = asyncio.create_task(mirror(ledger.nfts, ACCOUNTS, store=store))
    await arrived.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not store.tables["nfts"].is_held


async def test_one_run_at_a_time_holds_a_table(ledger: LedgerClient, store: MemoryStore) -> None:
    await mirror(ledger.nfts, ACCOUNTS, store=store)
    store.tables["nfts"].is_held = True
    with pytest.raises(StoreLockedError):
        await mirror(ledger.nfts, ACCOUNTS, store=store)


# Values that a store cannot hold.


class PickyStore(MemoryStore):
    """Refuses rows of account 103."""

    async def begin(self, *args: Any, **kwargs: Any) -> MemoryRun:
        run = await super().begin(*args, **kwargs)
        write = run.write

        async def picky(parts: list[Part]) -> Differences:
            if any(part.account_id == 103 and len(part) for part in parts):
                raise RowRefusedError("token_id is too long")
            return await write(parts)

        run.write = picky  # type: ignore[assignment, method-assign] # one that refuses
        return run


async def test_a_value_that_the_store_refuses_fails_its_account_alone(ledger: LedgerClient) -> None:
    store = PickyStore()
    outcome = await mirror(ledger.nfts, [103, 101], store=store)
    assert outcome.failed.keys() == {103}
    assert (outcome.accounts, len(keys(store, 101)), len(keys(store, 103))) == (2, 250, 0)


async def test_a_value_that_the_store_refuses_raises_if_errors_are_to(ledger: LedgerClient) -> None:
    with pytest.raises(RowRefusedError):
        await mirror(ledger.nfts, [103, 101], store=PickyStore(), on_error="raise")


# Progress.


async def test_progress_is_told_after_each_account(
    ledger: LedgerClient, store: MemoryStore
) -> None:
    told: list[MirrorProgress] = []
    await mirror(ledger.nfts, ACCOUNTS, store=store, progress=told.append)
    assert [each.accounts for each in told] == [1, 2, 3]
    assert told[-1] == MirrorProgress(3, 3, 257, 257, 0, 0, 0)


# Increments.


@pytest.fixture
async def mirrored(ledger: LedgerClient, store: MemoryStore) -> MemoryStore:
    await mirror(ledger.transactions, store=store)
    return store


def statuses(store: MemoryStore) -> dict[int, str]:
    table = store.tables["transactions"]
    id_, status = table.at("id"), table.at("status")
    return {row[id_]: row[status] for row in table.rows.values()}


async def test_an_increment_reads_what_is_new(
    ledger: LedgerClient, mirrored: MemoryStore, sandbox: Sandbox
) -> None:
    new = sandbox.add_transactions(101, 3)
    outcome = await mirror(ledger.transactions, store=mirrored, mode="incremental")
    assert outcome.added == 3
    assert {*new} <= statuses(mirrored).keys()


async def test_an_increment_reads_again_what_was_not_final(
    ledger: LedgerClient, mirrored: MemoryStore, sandbox: Sandbox
) -> None:
    open_ = next(id_ for id_, status in statuses(mirrored).items() if status == "SUBMITTED")
    sandbox.set_object("transactions", open_, status="CONFIRMED")
    await mirror(ledger.transactions, store=mirrored, mode="incremental")
    assert statuses(mirrored)[open_] == "CONFIRMED"


async def test_an_increment_asks_for_nothing_else(
    ledger: LedgerClient, mirrored: MemoryStore, sandbox: Sandbox
) -> None:
    final = {"CONFIRMED", "FAILED", "REJECTED", "DROPPED", "REPLACED"}
    unsettled = [id_ for id_, status in statuses(mirrored).items() if status not in final]
    sandbox.requests.clear()
    await mirror(ledger.transactions, store=mirrored, mode="incremental")
    asked = [each.path for each in sandbox.requests if each.path != "/transactions"]
    assert len(asked) <= len(unsettled)


async def test_an_increment_takes_an_unknown_state_for_an_open_one(
    ledger: LedgerClient, mirrored: MemoryStore, sandbox: Sandbox
) -> None:
    first, *_ = statuses(mirrored)
    sandbox.set_object("transactions", first, status="TELEPORTED")
    await mirror(ledger.transactions, store=mirrored)
    sandbox.set_object("transactions", first, status="CONFIRMED")
    await mirror(ledger.transactions, store=mirrored, mode="incremental")
    assert statuses(mirrored)[first] == "CONFIRMED"


async def test_an_increment_marks_nothing_as_gone(
    ledger: LedgerClient, mirrored: MemoryStore, sandbox: Sandbox
) -> None:
    first, *_ = statuses(mirrored)
    sandbox.remove_object("transactions", first)
    outcome = await mirror(ledger.transactions, store=mirrored, mode="incremental")
    assert outcome.gone == 0
    assert first in statuses(mirrored)


async def test_an_open_element_that_cannot_be_read_holds_up_nothing_new(
    ledger: LedgerClient, mirrored: MemoryStore, sandbox: Sandbox
) -> None:
    new = sandbox.add_transactions(101)
    sandbox.fail(Fault.status(403), path="/transactions/*", times=99)
    outcome = await mirror(ledger.transactions, store=mirrored, mode="incremental")
    assert {*new} <= statuses(mirrored).keys()
    assert isinstance(outcome.failed[None], PermissionDeniedError)


async def test_an_open_element_that_cannot_be_read_raises_if_errors_are_to(
    ledger: LedgerClient, mirrored: MemoryStore, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault.status(403), path="/transactions/*", times=99)
    with pytest.raises(PermissionDeniedError):
        await mirror(ledger.transactions, store=mirrored, mode="incremental", on_error="raise")


async def test_what_would_meet_every_open_element_ends_an_increment(
    ledger: LedgerClient, mirrored: MemoryStore, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault.status(401), path="/transactions/*", times=99)
    with pytest.raises(AuthenticationError):
        await mirror(ledger.transactions, store=mirrored, mode="incremental")


async def test_an_open_element_that_is_not_there_any_more_stays(
    ledger: LedgerClient, mirrored: MemoryStore, sandbox: Sandbox
) -> None:
    open_ = next(id_ for id_, status in statuses(mirrored).items() if status == "SUBMITTED")
    sandbox.remove_object("transactions", open_)
    outcome = await mirror(ledger.transactions, store=mirrored, mode="incremental")
    assert statuses(mirrored)[open_] == "SUBMITTED"
    assert outcome.failed == {}


async def test_the_first_increment_reads_everything(
    ledger: LedgerClient, store: MemoryStore, sandbox: Sandbox
) -> None:
    outcome = await mirror(ledger.transactions, store=store, mode="incremental")
    assert outcome.added == len(sandbox.objects("transactions"))


# Arguments.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"account_ids": None}, "nfts needs account_ids"),
        ({"store": "ledger.db"}, "store must be a Store"),
        ({"mode": "partial"}, "mode must be one of full, incremental"),
        ({"mode": "incremental"}, "transactions and requests, not for nfts"),
        ({"progress": 1}, "progress must be a plain function"),
        ({"progress": asyncio.sleep}, "progress must be a plain function"),
        ({"on_error": "ignore"}, "on_error must be"),
        ({"on_invalid": asyncio.sleep}, "on_invalid must be"),
        ({"account_ids": 101}, "account_ids must be an iterable"),
        ({"account_ids": "101"}, "account_ids must be an iterable"),
        ({"store": MemoryStore}, "store must be a Store"),
        ({"resume": "no"}, "resume must be True or False"),
        ({"forget": "x"}, "forget must be True or False"),
        ({"run": 7}, "run must be a string"),
        ({"listing": "accounts", "account_ids": None, "forget": True}, "forget is for listings"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
async def test_a_wrong_argument_is_refused_before_a_run_begins(
    ledger: LedgerClient, store: MemoryStore, arguments: dict[str, Any], message: str
) -> None:
    given: dict[str, Any] = {"account_ids": [101], "store": store, **arguments}
    listing = getattr(ledger, given.pop("listing", "nfts"))
    with pytest.raises(ConfigurationError, match=message):
        await mirror(listing, given.pop("account_ids"), **given)
    assert not store.tables


async def test_a_wrong_account_is_refused_before_any_request(
    ledger: LedgerClient, store: MemoryStore, sandbox: Sandbox
) -> None:
    ids: Any = ["101"]
    with pytest.raises(ConfigurationError, match="account_id"):
        await mirror(ledger.nfts, ids, store=store)
    assert sandbox.requests == []


async def test_only_listings_can_be_mirrored(ledger: LedgerClient, store: MemoryStore) -> None:
    with pytest.raises(ConfigurationError, match="listing must be one of a client's"):
        await mirror(ledger.currencies, store=store)  # type: ignore[arg-type] # on purpose
