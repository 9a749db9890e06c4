"""docs/network.md by the letter: its functions run, against servers and a proxy that check them."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from forward_proxy import ForwardProxy
from hostile import page
from raw_server import RawServer, reply
from tls import serving

PAGE = (Path(__file__).parents[2] / "docs/network.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
PORTFOLIO = b'{"portfolio_value": {"eth_value": 7}}'


def function(name: str) -> Any:
    """A function as the page writes it."""
    (block,) = (each for each in BLOCKS if f"def {name}(" in each)
    names: dict[str, Any] = {}
    exec(block, names)
    return names[name]


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_API_KEY", "key")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def authority_file(authority: trustme.CA, tmp_path: Path) -> str:
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(file)
    return str(file)


async def test_the_authority_of_a_company_is_trusted(
    authority: trustme.CA, authority_file: str
) -> None:
    accounts = reply(b'{"edges": [], "page_info": {"count": 0, "has_next_page": false}}')
    async with RawServer(accounts, tls=serving(authority)) as server:
        assert await function("count_accounts")(server.url, authority_file) == 0


async def test_a_certificate_is_shown(
    authority: trustme.CA, authority_file: str, tmp_path: Path
) -> None:
    issued = authority.issue_cert("client.example")
    certificate, key = tmp_path / "client.pem", tmp_path / "client.key"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    tls = serving(authority, clients_of=authority)
    async with RawServer(reply(PORTFOLIO), tls=tls) as server:
        given = (server.url, authority_file, str(certificate), str(key), 101)
        assert await function("worth")(*given) == 7


async def test_a_proxy_is_gone_through(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)
    async with (
        ForwardProxy() as proxy,
        RawServer(reply(page("7")), tls=serving(authority)) as server,
    ):
        assert await function("token_ids")(server.url, proxy.url, 101) == ["7"]
        assert [each.split()[0] for each in proxy.heads] == ["CONNECT"]


async def test_hooks_put_a_header_on_each_request_and_tell_of_its_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with RawServer(reply(page())) as server:
        assert await function("first_page")(server.url) == 1
    assert server.requests[0].headers["x-request-tag"] == "nightly"
    assert capsys.readouterr().out == "GET /accounts/101/nfts 200 OK\n"
