"""The client: where its options come from, how it lives, and what it shows of itself.

Each client is wired by `_runtime`.
"""

from __future__ import annotations

import asyncio
import pickle
import threading
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from virtual_time import VirtualTimeLoop

from ledger_async import (
    AuthenticationError,
    ConfigurationError,
    LamAuth,
    LedgerClient,
    NFTPortfolioValuation,
    NotFoundError,
    ReportingAuth,
    RequestTimeoutError,
    RetryPolicy,
    ServerError,
)
from ledger_async._protocol.messages import Headers, Request, Response
from ledger_async._support.lazy import Lazy
from ledger_async._transport.choosing_transport import transport_to
from ledger_async.sandbox import Fault, Sandbox

Call = Callable[[LedgerClient], Awaitable[object]]


async def drain(stream: Any) -> list[Any]:
    return [node async for node in stream]


CALLS: dict[str, Call] = {
    "accounts.get": lambda ledger: ledger.accounts.get(101),
    "accounts.page": lambda ledger: ledger.accounts.page(),
    "accounts.stream": lambda ledger: drain(ledger.accounts.stream()),
    "nfts.page": lambda ledger: ledger.nfts.page(101),
    "nfts.portfolio": lambda ledger: ledger.nfts.portfolio(101),
    "nfts.stream": lambda ledger: drain(ledger.nfts.stream(101)),
    "nfts.stream_accounts": lambda ledger: drain(ledger.nfts.stream_accounts([101, 103])),
    "nft_collections.page": lambda ledger: ledger.nft_collections.page(101),
    "nft_collections.stream": lambda ledger: drain(ledger.nft_collections.stream(101)),
}

every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


def client(sandbox: Sandbox, **options: Any) -> LedgerClient:
    return LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user, **options)


# Its life


@every_call
async def test_an_open_client_answers(call: Call, ledger: LedgerClient) -> None:
    await call(ledger)


@every_call
async def test_a_closed_client_says_so_and_sends_nothing(call: Call, sandbox: Sandbox) -> None:
    async with client(sandbox) as ledger:
        pass
    with pytest.raises(ConfigurationError, match="client is closed"):
        await call(ledger)
    assert sandbox.requests == []


class Counted:
    """A transport that counts how often it was closed."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.closed = 0

    async def send(self, request: Request, headers: Headers) -> Response:
        self.paths.append(request.path)
        return Response(404, {}, b"")

    async def close(self) -> None:
        self.closed += 1


async def test_requests_go_by_the_transport_that_was_passed_in() -> None:
    transport = Counted()
    async with LedgerClient(api_key="key", transport=transport) as ledger:
        with pytest.raises(NotFoundError):
            await ledger.accounts.get(101)
    assert transport.paths == ["/accounts/101"]


async def test_a_transport_that_was_passed_in_is_left_open_and_one_of_its_own_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passed, own = Counted(), Counted()
    monkeypatch.setattr("ledger_async._runtime.transport_to", lambda *_, **__: own)
    for transport in passed, None:
        async with LedgerClient(api_key="key", transport=transport) as ledger:
            with pytest.raises(NotFoundError):
                await ledger.accounts.get(101)
    assert (passed.closed, own.closed) == (0, 1)


async def test_clients_may_share_a_transport(sandbox: Sandbox) -> None:
    transport = transport_to(sandbox.url, timeout=30)
    for _ in range(2):
        async with client(sandbox, transport=transport) as ledger:
            await ledger.accounts.get(101)
    await transport.close()


async def test_a_client_is_entered_once(sandbox: Sandbox) -> None:
    async with client(sandbox) as ledger:
        with pytest.raises(ConfigurationError, match="entered once"):
            await ledger.__aenter__()


async def test_a_client_that_was_closed_is_not_entered(sandbox: Sandbox) -> None:
    ledger = client(sandbox)
    await ledger.aclose()
    with pytest.raises(ConfigurationError, match="closed"):
        await ledger.__aenter__()


async def test_a_client_that_was_left_is_not_entered_again(sandbox: Sandbox) -> None:
    async with client(sandbox) as ledger:
        pass
    with pytest.raises(ConfigurationError):
        await ledger.__aenter__()


async def test_a_client_works_without_being_entered(sandbox: Sandbox) -> None:
    ledger = client(sandbox)
    await ledger.accounts.get(101)
    await ledger.aclose()


async def test_a_client_may_be_closed_twice(sandbox: Sandbox) -> None:
    ledger = client(sandbox)
    await ledger.accounts.get(101)
    await ledger.aclose()
    await ledger.aclose()


async def test_a_client_may_be_closed_before_it_has_sent_anything(sandbox: Sandbox) -> None:
    await client(sandbox).aclose()


async def test_a_client_is_closed_though_its_block_fails(sandbox: Sandbox) -> None:
    async def fail() -> None:
        async with ledger:
            await ledger.accounts.get(101)
            raise LookupError

    ledger = client(sandbox)
    with pytest.raises(LookupError):
        await fail()
    with pytest.raises(ConfigurationError, match="closed"):
        await ledger.accounts.get(101)


def test_a_client_may_be_made_before_there_is_a_loop() -> None:
    async def use(sandbox: Sandbox) -> None:
        async with sandbox:
            ledger = made(sandbox.url)
            await drain(ledger.nfts.stream(101))
            await ledger.aclose()

    def made(url: str) -> LedgerClient:
        return LedgerClient(url, api_key=sandbox.api_key, api_user=sandbox.api_user)

    sandbox = Sandbox()
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(use(sandbox))


async def test_many_tasks_share_a_client(sandbox: Sandbox, ledger: LedgerClient) -> None:
    async with asyncio.TaskGroup() as group:
        streams = [group.create_task(drain(ledger.nfts.stream(101))) for _ in range(20)]
    assert {len(stream.result()) for stream in streams} == {250}


# Where its options come from


async def test_the_environment_stands_in_for_arguments(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_BASE_URL", sandbox.url)
    monkeypatch.setenv("LEDGER_API_KEY", sandbox.api_key)
    monkeypatch.setenv("LEDGER_API_USER", sandbox.api_user)
    async with LedgerClient() as ledger:
        assert (await ledger.accounts.get(101)).id == 101


async def test_arguments_come_before_the_environment(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_BASE_URL", "https://elsewhere.example")
    monkeypatch.setenv("LEDGER_API_KEY", "another")
    monkeypatch.setenv("LEDGER_API_USER", "somebody")
    async with client(sandbox) as ledger:
        assert (await ledger.accounts.get(101)).id == 101


def test_the_hosted_gateway_is_the_default() -> None:
    assert repr(LedgerClient(api_key="key")) == "LedgerClient('https://api.vault.ledger.com')"


@pytest.mark.parametrize("ending", ["/", "//"])
async def test_a_slash_at_the_end_of_the_base_url_does_not_matter(
    ending: str, sandbox: Sandbox
) -> None:
    async with LedgerClient(
        sandbox.url + ending, api_key=sandbox.api_key, api_user=sandbox.api_user
    ) as ledger:
        await ledger.accounts.get(101)
    assert [request.path for request in sandbox.requests] == ["/accounts/101"]


async def test_a_base_url_may_have_a_path(sandbox: Sandbox) -> None:
    async with LedgerClient(
        f"{sandbox.url}/lam/v1/", api_key=sandbox.api_key, api_user=sandbox.api_user
    ) as ledger:
        with pytest.raises(NotFoundError):
            await ledger.accounts.get(101)
    assert [request.path for request in sandbox.requests] == ["/lam/v1/accounts/101"]


async def test_another_scheme_takes_the_place_of_key_and_user(sandbox: Sandbox) -> None:
    auth = ReportingAuth(sandbox.workspace, sandbox.reporting_api_key)
    async with LedgerClient(sandbox.url, auth=auth) as ledger:
        assert (await ledger.accounts.get(101)).id == 101


async def test_a_key_may_be_fetched(sandbox: Sandbox) -> None:
    async def fetch() -> str:
        return sandbox.api_key

    async with LedgerClient(sandbox.url, api_key=fetch, api_user=sandbox.api_user) as ledger:
        assert (await ledger.accounts.get(101)).id == 101


async def test_a_key_that_was_rotated_is_fetched_once_more_for_all(sandbox: Sandbox) -> None:
    fetched = 0

    async def fetch() -> str:
        nonlocal fetched
        fetched += 1
        await asyncio.sleep(1)
        return sandbox.api_key

    async with LedgerClient(sandbox.url, api_key=fetch, api_user=sandbox.api_user) as ledger:
        await ledger.accounts.get(101)
        sandbox.rotate_api_key()
        await asyncio.gather(*(ledger.accounts.get(101) for _ in range(10)))
    assert fetched == 2


async def test_an_attempt_takes_no_longer_than_its_timeout() -> None:
    async with (
        Sandbox(latency=10.0) as sandbox,
        client(sandbox, timeout=1.0, retry=RetryPolicy(max_attempts=2)) as ledger,
    ):
        with pytest.raises(RequestTimeoutError) as caught:
            await ledger.accounts.get(101)
        assert caught.value.attempts == 2


async def test_the_retry_policy_bounds_the_attempts(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.status(503), times=10)
    async with client(sandbox, retry=RetryPolicy(max_attempts=3, max_outage=0)) as ledger:
        with pytest.raises(ServerError):
            await ledger.accounts.get(101)
    assert len(sandbox.requests) == 3


# What it answers


async def test_the_portfolio_of_an_account(sandbox: Sandbox, ledger: LedgerClient) -> None:
    worth = await ledger.nfts.portfolio(101)
    assert (type(worth), worth.token_quantity) == (NFTPortfolioValuation, 250)
    assert worth.portfolio_value.eth_value > 10**18
    assert worth.portfolio_value.usd_value is not None


async def test_the_portfolio_of_an_account_without_nfts(ledger: LedgerClient) -> None:
    worth = await ledger.nfts.portfolio(102)
    assert (worth.token_quantity, worth.portfolio_value.eth_value) == (0, 0)


async def test_the_portfolio_is_the_sum_of_the_collections(ledger: LedgerClient) -> None:
    worth = await ledger.nfts.portfolio(101)
    total = sum(
        each.price.value * each.token_balance
        for each in await drain(ledger.nft_collections.stream(101))
        if each.price
    )
    assert worth.portfolio_value.eth_value == total * 10**18


# What it shows of itself


def test_a_client_shows_where_it_goes_and_no_secret() -> None:
    ledger = LedgerClient("https://lam.example", api_key="the-key", api_user="operator")
    assert repr(ledger) == "LedgerClient('https://lam.example')"


def test_a_client_does_not_pickle() -> None:
    ledger = LedgerClient("https://lam.example", api_key="the-key")
    with pytest.raises(TypeError, match="does not pickle"):
        pickle.dumps(ledger)


async def test_an_error_shows_no_secret(sandbox: Sandbox) -> None:
    auth = LamAuth(sandbox.api_user, "a-wrong-key", store_auth_token="a-token")
    async with LedgerClient(sandbox.url, auth=auth) as ledger:
        with pytest.raises(AuthenticationError) as caught:
            await ledger.accounts.get(101)
    shown = f"{caught.value!r} {caught.value} {vars(caught.value)}"
    assert "a-wrong-key" not in shown
    assert "a-token" not in shown


def test_a_client_that_could_not_be_made_has_a_repr_and_shows_no_key() -> None:
    with pytest.raises(ConfigurationError) as caught:
        LedgerClient("http://lam.example", api_key="S3CR3T")
    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [frame for frame in report.stack if "/ledger_async/" in frame.filename]
    assert [frame.name for frame in ours] == ["__init__"]
    assert "S3CR3T" not in str(ours[0].locals)


def test_a_scheme_is_an_object_not_its_class() -> None:
    with pytest.raises(ConfigurationError, match="auth"):
        LedgerClient("https://lam.example", auth=LamAuth)  # type: ignore[arg-type]


# In advance


@pytest.mark.real_time
async def test_sections_are_loaded_in_a_thread_while_the_loop_goes_on(
    ledger: LedgerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []
    monkeypatch.setattr(
        "ledger_async.client.load", lambda _section: threads.append(threading.get_ident())
    )
    await ledger.prepare()
    await ledger.prepare("nfts")
    assert len(threads) == len(dir_of_sections()) + 1
    assert threading.get_ident() not in threads


def dir_of_sections() -> set[str]:
    return {name for name, each in vars(LedgerClient).items() if isinstance(each, Lazy)}


async def test_a_section_that_there_is_not_cannot_be_prepared(ledger: LedgerClient) -> None:
    with pytest.raises(ConfigurationError, match="there is no section 'nfst': accounts, "):
        await ledger.prepare("nfst")
