"""The page of the example applications in a real browser: `examples/static`."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from browser import Tab, chromium
from example_apps import APPS, StandingStill, served
from playwright.async_api import Browser, Route

from ledger_async.sandbox import Fault, Sandbox, SeenRequest

__all__ = ["chromium"]  # a fixture

pytestmark = pytest.mark.real_time

SCRIPT = '<img src=x onerror="window.ran = 1"><script>window.ran = 1</script>'
BACKWARDS = "\u202e#1 gpj.exe\u2066"

BAR = "document.querySelector('progress')"


@pytest.fixture
async def url(sandbox: Sandbox) -> AsyncIterator[str]:
    """The page of the sandbox's 257 NFTs."""
    async with served("fastapi", sandbox) as address:
        yield address


@pytest.fixture
async def tab(chromium: Browser) -> Tab:
    return await Tab.of(chromium)


def renaming(**metadata: object) -> Callable[[SeenRequest, dict[str, Any]], dict[str, Any]]:
    """Let every NFT have this metadata."""

    def rewrite(seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
        if seen.path.endswith("/nfts"):
            for edge in page["edges"]:
                own = {
                    "media": "",
                    "medias": {},
                    "properties": [],
                    "tokenId": "1",
                    "tokenName": "x",
                }
                edge["node"]["metadata"] = own | metadata
        return page

    return rewrite


async def named(tab: Tab) -> None:
    """Return once accounts have names, which may come later than the NFTs."""
    await tab.until("!/Account 10/.test(document.querySelector('#accounts').textContent)")


@pytest.mark.parametrize("app", APPS)
async def test_the_page_fills_and_ends_with_what_is_proven(
    app: str, sandbox: Sandbox, tab: Tab
) -> None:
    async with served(app, sandbox) as url:
        await tab.open(url)
        await tab.ends()
        assert await tab.text("#said") == "Proven complete: 3 accounts"
        assert await tab.text("#total") == "257"
        assert await tab.text("#done") == "3 of 3"
        counts = await tab.page.locator("#accounts .count").all_inner_texts()
        assert sorted(counts) == ["0, exact", "250, exact", "7, exact"]
        assert tab.complaints == []


async def test_bars_fill_while_pages_come(tab: Tab) -> None:
    upstream = StandingStill()
    async with upstream.workspace as box, served("fastapi", box) as url:
        await tab.open(url)
        await tab.until(f"{BAR}?.max === 2000 && {BAR}.value > 0 && {BAR}.value < 2000")
        await tab.page.reload()
        await tab.ends()
        assert await tab.page.evaluate(f"{BAR}.value / {BAR}.max") == 1


async def test_a_wait_is_shown_with_its_reason(url: str, sandbox: Sandbox, tab: Tab) -> None:
    sandbox.fail(Fault.status(420, headers={"Retry-After": "3"}), after=8)
    await tab.open(url)
    await tab.page.wait_for_selector("#state[data-state=waiting]")
    assert await tab.text("#said") == "Waiting for the rate limit"
    assert (await tab.text("#wait")).endswith(" s")
    await tab.ends()


async def test_an_account_that_fails_says_why_and_the_others_are_proven(
    url: str, sandbox: Sandbox, tab: Tab
) -> None:
    sandbox.fail(Fault.status(403), times=math.inf, account_id=103, path="*/nfts")
    await tab.open(url)
    await tab.ends("failed")
    assert await tab.text("#said") == "Proven complete: 2 of 3 accounts"
    assert await tab.page.locator(".problem:visible").count() == 1


async def test_a_reading_that_fails_says_why(url: str, sandbox: Sandbox, tab: Tab) -> None:
    sandbox.fail(Fault.status(403), times=math.inf, path="*/accounts")
    await tab.open(url)
    await tab.ends("failed")
    assert "a scripted fault" in await tab.text("#said")


async def test_a_server_that_refuses_is_named_and_asked_no_more(url: str, tab: Tab) -> None:
    asked: list[str] = []

    async def refuse(route: Route) -> None:
        asked.append(route.request.url)
        await route.fulfill(status=503)

    await tab.window.route(re.compile("/progress$"), refuse)
    await tab.open(url)
    await tab.ends("failed")
    assert await tab.text("#said") == "The server does not answer"
    assert len(asked) == 1


@pytest.mark.parametrize("app", APPS)
async def test_a_reload_ends_the_old_stream_upstream(app: str, tab: Tab) -> None:
    upstream = StandingStill()
    async with upstream.workspace as box, served(app, box) as url:
        await tab.open(url)
        await upstream.begins()
        await tab.page.reload()
        await tab.ends()
        await upstream.ends()


@pytest.mark.parametrize("app", APPS)
async def test_a_tab_that_is_closed_leaves_nothing_upstream(app: str, tab: Tab) -> None:
    upstream = StandingStill()
    async with upstream.workspace as box, served(app, box) as url:
        await tab.open(url)
        await upstream.begins()
        await tab.window.close()
        await upstream.ends()


async def test_twenty_tabs_share_one_client(chromium: Browser) -> None:
    sizes = {101: 250, 102: 0, 103: 7}
    async with Sandbox(sizes, latency=0.05) as box, served("fastapi", box) as url:
        tabs = [await Tab.of(chromium, width=360) for _ in range(20)]
        await asyncio.gather(*[tab.open(url) for tab in tabs])
        await asyncio.gather(*[tab.ends() for tab in tabs])
        assert {await tab.text("#total") for tab in tabs} == {"257"}
        assert 1 < box.peak_in_flight <= 16
        assert [tab.complaints for tab in tabs] == [[]] * 20


@pytest.mark.parametrize("payload", [SCRIPT, BACKWARDS, "&lt;b&gt;", "x" * 5000])
async def test_names_are_text_and_nothing_else(
    url: str, sandbox: Sandbox, tab: Tab, payload: str
) -> None:
    for account_id in (101, 102, 103):
        sandbox.set_account(account_id, name=payload)
    sandbox.rewrite(renaming(nftName=payload, tokenName=payload))
    page = await tab.open(url)
    await tab.ends()
    await named(tab)
    for place in (".card .name bdi", ".card .collection bdi", "#accounts bdi.name"):
        shown = page.locator(place).first
        assert await shown.evaluate("it => it.textContent") == payload
        assert await shown.evaluate("it => getComputedStyle(it).unicodeBidi") == "isolate"
        assert await shown.evaluate("it => it.childElementCount") == 0
    assert await page.evaluate("window.ran") is None
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.complaints == []


async def test_the_policy_stops_scripts_that_got_in(url: str, tab: Tab) -> None:
    page = await tab.open(url)
    await page.evaluate("document.body.innerHTML += '<img src=x onerror=\"window.ran = 1\">'")
    await page.evaluate(
        "() => { const script = document.createElement('script'); script.text = 'window.ran = 1';"
        " document.body.append(script); }"
    )
    with pytest.raises(Exception, match="Failed to fetch"):
        await page.evaluate("() => fetch('https://elsewhere.example')")
    assert await page.evaluate("window.ran") is None
    assert any("Content Security Policy" in each for each in tab.complaints)


async def test_pictures_are_asked_for_without_a_referrer(
    url: str, sandbox: Sandbox, tab: Tab
) -> None:
    asked: asyncio.Queue[bytes] = asyncio.Queue()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.put_nowait(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1") as host:
        port = host.sockets[0].getsockname()[1]
        sandbox.rewrite(renaming(media=f"http://127.0.0.1:{port}/1.png"))
        await tab.open(url)
        async with asyncio.timeout(60):
            head = (await asked.get()).lower()
        await tab.window.close()
    assert head.startswith(b"get /1.png ")
    assert b"\r\nreferer:" not in head
    assert url.removeprefix("http://").encode() not in head


@pytest.mark.parametrize("uri", ["javascript:window.ran=1", "data:image/png;base64,", "ipfs://x"])
async def test_only_pictures_on_the_web_are_asked_for(
    url: str, sandbox: Sandbox, tab: Tab, uri: str
) -> None:
    sandbox.rewrite(renaming(media=uri, medias={"preview": {"uri": uri}}))
    page = await tab.open(url)
    await tab.ends()
    assert await page.locator(".card").count() > 0
    assert await page.locator(".picture img").count() == 0
    assert tab.complaints == []


async def test_the_keyboard_reaches_everything(url: str, sandbox: Sandbox, tab: Tab) -> None:
    page = await tab.open(url)
    await tab.ends()
    press = page.keyboard.press

    async def focused() -> str:
        text: str = await page.evaluate("document.activeElement.textContent.trim()")
        return text

    await press("Tab")
    assert await focused() == "Skip to the NFTs"
    await press("Enter")
    assert await focused() == "NFTs"
    await press("Tab")
    assert await focused() == "Show 48 more"
    await press("Enter")
    assert await page.locator(".card").count() == 96
    assert await page.evaluate("document.activeElement === document.querySelectorAll('.card')[48]")
    sandbox.add_nfts(103)
    await page.locator("#run").focus()
    await press("Enter")
    await tab.until("document.querySelector('#total').textContent === '258'")


async def test_a_reading_can_be_stopped_and_begun_again(tab: Tab) -> None:
    upstream = StandingStill()
    async with upstream.workspace as box, served("fastapi", box) as url:
        page = await tab.open(url)
        await upstream.begins()
        await page.get_by_role("button", name="Stop").press("Enter")
        await tab.ends("stopped")
        await page.get_by_role("button", name="Read again").press("Enter")
        await tab.ends()
        assert await tab.text("#total") == "2,000"


async def test_of_very_many_nfts_few_are_shown_and_all_are_counted(chromium: Browser) -> None:
    async with Sandbox({101: 5000}) as box, served("fastapi", box) as url:
        tab = await Tab.of(chromium)
        page = await tab.open(url)
        await tab.ends()
        assert await tab.text("#shown") == "48 of 5,000 are shown"
        while await page.locator("#more").is_visible():
            await page.locator("#more").press("Enter")
        assert await tab.text("#shown") == "600 of 5,000 are shown"


@pytest.mark.parametrize("width", [320, 768, 1280])
async def test_it_fits_into_every_width(
    url: str, sandbox: Sandbox, chromium: Browser, width: int
) -> None:
    sandbox.set_account(101, name="an account with a name that is longer than a telephone is wide")
    tab = await Tab.of(chromium, width=width)
    page = await tab.open(url)
    await tab.ends()
    await named(tab)
    assert await page.evaluate("document.documentElement.scrollWidth") == width


async def test_it_is_dark_where_people_want_it_so(url: str, chromium: Browser) -> None:
    async def ground(*, dark: bool) -> str:
        page = await (await Tab.of(chromium, dark=dark)).open(url)
        color: str = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        return color

    assert (await ground(dark=False), await ground(dark=True)) == (
        "rgb(250, 250, 248)",
        "rgb(19, 20, 23)",
    )
