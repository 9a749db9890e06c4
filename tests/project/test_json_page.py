"""docs/json.md by the letter: its programs run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger_async import NFT, LedgerClient, Page, json
from ledger_async.sandbox import Sandbox

PAGE = (Path(__file__).parents[2] / "docs/json.md").read_text(encoding="utf-8")
STORING, SCHEMA, SERVING, VALIDATING = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def names_of(block: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "example"}
    exec(block, names)
    return names


async def test_a_page_is_stored_and_restored() -> None:
    names = names_of(STORING)
    async with (
        Sandbox({101: 7}) as box,
        LedgerClient(box.url, api_key=box.api_key, api_user=box.api_user) as ledger,
    ):
        page = await ledger.nfts.page(101)
    assert names["restored"](names["stored"](page)) == page


def test_the_schema_says_what_is_required(capsys: pytest.CaptureFixture[str]) -> None:
    names_of(SCHEMA)
    assert "'account_id'" in capsys.readouterr().out


def test_an_error_of_pydantic_names_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    names_of(VALIDATING)
    assert capsys.readouterr().out == "(0, 'value') Expected `int`, got `str`\n"


async def test_the_app_answers_with_what_the_workspace_has(monkeypatch: pytest.MonkeyPatch) -> None:
    app = names_of(SERVING)["app"]
    async with Sandbox({101: 7}) as box:
        monkeypatch.setenv("LEDGER_BASE_URL", box.url)
        monkeypatch.setenv("LEDGER_API_KEY", box.api_key)
        monkeypatch.setenv("LEDGER_API_USER", box.api_user)
        transport = httpx.ASGITransport(app=app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://app") as web,
        ):
            listed = await web.get("/accounts/101/nfts")
            page = await web.get("/accounts/101/nfts/1")
            unknown = await web.get("/accounts/999/nfts")
            misnumbered = await web.get("/accounts/101/nfts/0")
    assert len(listed.json()) == 7
    nodes = json.decode(page.content, type=Page[NFT]).nodes
    assert nodes == json.decode(listed.content, type=list[NFT])
    assert (unknown.status_code, misnumbered.status_code) == (404, 422)
