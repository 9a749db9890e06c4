"""Certificates of a company's own, on both sides, and what is said where one is refused.

That is `tls_refusals`, and the `ssl` of a client.
"""

from __future__ import annotations

import asyncio
import ssl
from ssl import TLSVersion

import pytest
import transports
import trustme
from hostile import page, script
from raw_server import RawServer, hang_up, nothing, reply
from tls import VERSIONS, asking, doorkeeper, serving

from ledger_async import ConfigurationError, LedgerClient, TransportError
from ledger_async._protocol.messages import Headers, Request
from ledger_async._transport.network import Network
from ledger_async._transport.tls_refusals import certificate_refusal, handshake_refusal

pytestmark = pytest.mark.usefixtures("each_transport")

KEY = "key-that-nobody-may-see"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def stranger() -> trustme.CA:
    return trustme.CA()


async def failure(url: str, context: ssl.SSLContext | None) -> TransportError:
    async with transports.client(url, api_key=KEY, ssl=context) as ledger:
        with pytest.raises(TransportError) as caught:
            await ledger.nfts.page(101)
    return caught.value


# Who is let in


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_server_of_an_own_authority_is_trusted_where_ssl_says_so(
    version: TLSVersion, authority: trustme.CA
) -> None:
    async with RawServer(reply(page()), tls=serving(authority, version=version)) as server:
        async with transports.client(server.url, api_key=KEY, ssl=asking(authority)) as ledger:
            for _ in range(2):
                assert (await ledger.nfts.page(101)).nodes
        assert (len(server.requests), len(server.peers)) == (2, 1)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_client_with_a_certificate_is_let_in(
    version: TLSVersion, authority: trustme.CA
) -> None:
    tls = serving(authority, clients_of=authority, version=version)
    context = asking(authority, known_to=authority)
    async with (
        RawServer(reply(page()), tls=tls) as server,
        transports.client(server.url, api_key=KEY, ssl=context) as ledger,
    ):
        assert (await ledger.nfts.page(101)).nodes


# Who refuses whom


async def test_an_authority_that_nobody_trusts_is_refused_by_us(authority: trustme.CA) -> None:
    async with RawServer(reply(page()), tls=serving(authority)) as server:
        error = await failure(server.url, None)
    assert error.message.startswith("the server's certificate is not trusted: unable to get local")
    assert (error.attempts, error.transient, error.sent) == (1, False, False)
    assert server.requests == []


async def test_a_certificate_of_another_name_is_refused_by_us(authority: trustme.CA) -> None:
    async with RawServer(reply(page()), tls=serving(authority, name="other.example")) as server:
        error = await failure(server.url, asking(authority))
    assert error.message.startswith("the server's certificate is not trusted: IP address mismatch")
    assert (error.attempts, error.transient, error.sent) == (1, False, False)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_certificate_of_a_stranger_is_refused_by_the_server(
    version: TLSVersion, authority: trustme.CA, stranger: trustme.CA
) -> None:
    tls = serving(authority, clients_of=authority, version=version)
    async with doorkeeper(tls) as server:
        error = await failure(server.url, asking(authority, known_to=stranger))
    assert error.message == "the server refused the client's certificate: tlsv1 alert unknown ca"
    assert (server.met, error.attempts, error.transient, error.sent) == (1, 1, False, False)


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (TLSVersion.TLSv1_2, "the server refused the TLS handshake, as it does where it wants a"),
        (TLSVersion.TLSv1_3, "the server refused the client, which showed no certificate: "),
    ],
)
async def test_a_client_without_a_certificate_is_refused_by_the_server(
    version: TLSVersion, message: str, authority: trustme.CA
) -> None:
    tls = serving(authority, clients_of=authority, version=version)
    async with doorkeeper(tls) as server:
        error = await failure(server.url, asking(authority))
    assert error.message.startswith(message)
    assert (server.met, error.attempts, error.transient, error.sent) == (1, 1, False, False)


async def test_a_server_that_hangs_up_instead_of_saying_why_is_asked_once(
    authority: trustme.CA,
) -> None:
    tls = serving(authority, clients_of=authority, version=TLSVersion.TLSv1_3)
    async with RawServer(reply(page()), tls=tls) as server:
        error = await failure(server.url, asking(authority))
        assert error.message.startswith("the server closed the first TLS connection without an")
        assert (error.attempts, error.transient) == (1, False)
        assert server.peers == []


async def test_a_server_that_hangs_up_within_the_handshake_may_not_be_ready(
    authority: trustme.CA,
) -> None:
    tls = serving(authority, clients_of=authority, version=TLSVersion.TLSv1_2)
    async with RawServer(reply(page()), tls=tls) as server:
        error = await failure(server.url, asking(authority))
    assert error.message.startswith("the server closed the connection during the TLS handshake, ")
    assert "client's certificate" in error.message
    assert (error.transient, error.sent) == (True, False)


async def test_a_server_that_has_answered_before_may_hang_up(authority: trustme.CA) -> None:
    answers = script([reply(page()), hang_up, hang_up, reply(page())])
    async with RawServer(answers, tls=serving(authority)) as server:
        async with transports.client(server.url, api_key=KEY, ssl=asking(authority)) as ledger:
            for _ in range(2):
                assert (await ledger.nfts.page(101)).nodes
        assert len(server.requests) == 4


async def test_a_client_that_closes_itself_does_not_blame_the_server(
    authority: trustme.CA,
) -> None:
    async with RawServer(nothing, tls=serving(authority)) as server:
        transport = transports.transport(server.url, Network(ssl=asking(authority)))
        task = asyncio.create_task(transport.send(Request(path="/"), Headers({})))
        await server.asked(1)
        await transport.close()
        with pytest.raises(TransportError) as caught:
            await task
    assert "certificate" not in caught.value.message


async def test_no_context_for_servers_is_taken() -> None:
    with pytest.raises(ConfigurationError, match="ssl is a context for servers"):
        LedgerClient("https://lam.example", api_key=KEY, ssl=serving(trustme.CA()))


# The words


ALERTS = {
    "[SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca (_ssl.c:1006)": (
        "the server refused the client's certificate: tlsv1 alert unknown ca"
    ),
    "[SSL: SSLV3_ALERT_CERTIFICATE_EXPIRED] ssl/tls alert certificate expired (_ssl.c:1)": (
        "the server refused the client's certificate: ssl/tls alert certificate expired"
    ),
    "[SSL: SSLV3_ALERT_BAD_RECORD_MAC] ssl/tls alert bad record mac (_ssl.c:1)": None,
    "Connection reset by peer": None,
}


@pytest.mark.parametrize(("said", "message"), ALERTS.items(), ids=ALERTS)
def test_an_alert_about_a_certificate_says_who_refused(said: str, message: str | None) -> None:
    assert certificate_refusal(OSError(1, said), "server") == message


def test_another_alert_says_what_it_was() -> None:
    old = OSError(1, "[SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version (_ssl.c:1)")
    said = handshake_refusal(old, "proxy")
    assert said == "the proxy refused the TLS handshake: tlsv1 alert protocol version"
