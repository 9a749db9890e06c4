"""`examples/fastapi_app.py` and `examples/aiohttp_app.py`, on the servers that they run on."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import math
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from example_apps import APPS, WEBHOOK_SECRET, StandingStill, served

from ledger_async import NFT, json
from ledger_async.sandbox import Fault, Sandbox

pytestmark = pytest.mark.real_time


@pytest.fixture(params=APPS)
def app(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def browser(app: str, sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    """Asks the application, which reads the sandbox."""
    async with served(app, sandbox) as url, httpx.AsyncClient(base_url=url, timeout=60) as client:
        yield client


def signed(body: bytes, secret: str) -> dict[str, str]:
    now = int(time.time())
    mac = hmac.new(secret.encode(), b"%d.%b" % (now, body), hashlib.sha256)
    return {"X-Ledger-Signature": f"t={now},v1={mac.hexdigest()}"}


async def test_the_nfts_of_an_account_are_typed_json(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/accounts/101/nfts")
    assert len(json.decode(answer.content, type=list[NFT])) == 250


async def test_an_account_that_is_not_there_is_404(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/accounts/999/nfts")
    assert answer.status_code == 404
    assert "999" in answer.json()["detail"]


@pytest.mark.parametrize("account_id", ["-1", "one", str(2**63), "9" * 5000])
async def test_what_can_be_no_account_is_refused(
    browser: httpx.AsyncClient, account_id: str
) -> None:
    answer = await browser.get(f"/accounts/{account_id}/nfts")
    assert answer.status_code in {404, 422}


async def test_what_the_rate_limit_holds_for_long_is_429_and_says_how_long(
    browser: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault.status(420, headers={"Retry-After": "60"}))
    answer = await browser.get("/accounts/101/nfts")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")


@pytest.mark.parametrize("fault", [Fault.status(503), Fault.drop()])
async def test_an_outage_is_not_sat_out_by_who_looks_at_a_screen_but_is_502(
    browser: httpx.AsyncClient, sandbox: Sandbox, fault: Fault
) -> None:
    await browser.get("/accounts/103/nfts")  # a server that was never reached is given up sooner
    sandbox.fail(fault, times=math.inf)
    async with asyncio.timeout(60):  # of up to 300 seconds for who is patient
        answer = await browser.get("/accounts/101/nfts", timeout=None)
    assert answer.status_code == 502
    assert "/accounts/101" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/nfts.ndjson", "/progress"])
async def test_a_stream_is_not_read_for_who_asks_for_its_head_alone(
    browser: httpx.AsyncClient, path: str
) -> None:
    assert (await browser.head(path)).status_code == 405


async def test_accounts_come_with_the_number_of_their_nfts(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/accounts")
    assert {each["id"]: each["nfts"] for each in answer.json()} == {101: 250, 102: 0, 103: 7}


async def test_lines_hold_every_nft_with_its_account(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/nfts.ndjson")
    nodes = [json.decode(line) for line in answer.content.splitlines()]
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert sorted({each["account_id"] for each in nodes}) == [101, 103]
    assert len(nodes) == 257


async def test_an_error_before_the_first_line_has_a_status_of_its_own(
    browser: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault.status(404), times=math.inf, path="*/accounts")
    answer = await browser.get("/nfts.ndjson")
    assert answer.status_code == 404


async def test_progress_ends_with_what_is_proven(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/progress")
    *_, last = answer.text.strip().split("\n\n")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "event: done" in last
    assert last.count('"status":"exact"') == 3


@pytest.mark.parametrize("path", ["/", "/static/page.js", "/accounts", "/accounts/999/nfts"])
async def test_every_answer_forbids_what_the_page_does_not_need(
    browser: httpx.AsyncClient, path: str
) -> None:
    headers = (await browser.get(path)).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


async def test_a_signed_delivery_is_taken_and_a_forged_one_is_not(
    browser: httpx.AsyncClient,
) -> None:
    body = b'{"payload_type":"ACCOUNT","event_type":"ACCOUNT_HAS_BEEN_CREATED","id":101}'

    async def deliver(secret: str) -> int:
        headers = signed(body, secret)
        return (await browser.post("/webhooks/ledger", content=body, headers=headers)).status_code

    assert (await deliver(WEBHOOK_SECRET), await deliver("another")) == (204, 401)


async def test_no_file_beside_the_page_is_served(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/static/%2e%2e/worker.py")
    assert answer.status_code in {403, 404}


async def test_whoever_leaves_ends_what_is_read_for_them(app: str) -> None:
    upstream = StandingStill()
    async with upstream.workspace as box, served(app, box) as url:
        async with (
            httpx.AsyncClient(base_url=url, timeout=60) as client,
            client.stream("GET", "/nfts.ndjson") as answer,
        ):
            await anext(answer.aiter_bytes())
            await upstream.begins()
        await upstream.ends()


async def test_the_api_of_the_fastapi_application_is_described(sandbox: Sandbox) -> None:
    async with served("fastapi", sandbox) as url, httpx.AsyncClient(base_url=url) as client:
        described = (await client.get("/openapi.json")).json()
    listed = described["paths"]["/accounts/{account_id}/nfts"]["get"]["responses"]["200"]
    items = listed["content"]["application/json"]["schema"]["items"]
    assert items == {"$ref": "#/components/schemas/NFT"}
