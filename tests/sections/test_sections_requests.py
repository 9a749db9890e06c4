"""Answers to requests: what is signed, what is asked first, and that no key is ever shown."""

from __future__ import annotations

import asyncio
import base64
import concurrent.futures
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hunter import places
from leaks import nothing_left
from raw_server import Peer, RawServer, reply
from section_server import VAULT_REQUEST, answering, json_reply

from ledger_async import ConfigurationError, DecodeError, LedgerClient, ProtocolError
from ledger_async._signing.challenges import open_challenge
from ledger_async._signing.es256 import signer
from ledger_async.models.governance.requests import VaultRequest

KEY = ec.generate_private_key(ec.SECP256R1())
FORMATS = {"PKCS 8": PrivateFormat.PKCS8, "SEC 1": PrivateFormat.TraditionalOpenSSL}


def pem(key: Any, form: PrivateFormat = PrivateFormat.PKCS8, password: bytes = b"") -> bytes:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    text: bytes = key.private_bytes(Encoding.PEM, form, encryption)
    return text


# Its order and its spaces are its own: written anew, it would be something else.
CHALLENGE = '{"type":  "SEND", "amount": 10000000000000000000001, "fee": 0.10, "challenge": "YWJj"}'
CONTENT = json.loads(CHALLENGE, parse_float=str)
WRAPPED = base64.urlsafe_b64encode(CHALLENGE.encode()).decode()


class Way(NamedTuple):
    """A way to answer, and the two requests that it is."""

    call: Callable[..., Any]
    asks: str
    sends: str


WAYS = {
    "approve_with": Way(
        lambda ledger, *arguments, **options: ledger.requests.approve_with(*arguments, **options),
        "GET /requests/7/challenge HTTP/1.1",
        "POST /requests/7/approve HTTP/1.1",
    ),
    "reject_with": Way(
        lambda ledger, *arguments, **options: ledger.requests.reject_with(*arguments, **options),
        "GET /requests/7/challenge/reject HTTP/1.1",
        "POST /requests/7/reject HTTP/1.1",
    ),
}
either = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@asynccontextmanager
async def vault(
    challenge: str = CHALLENGE, *, of: int = 7
) -> AsyncIterator[tuple[RawServer, LedgerClient]]:
    """A server that gives out this challenge of this request, and takes any answer."""

    async def answer(peer: Peer) -> None:
        if server.requests[-1].line.startswith("GET"):
            await peer.send(json_reply({"challenge": challenge, "id": of}))
        else:
            await peer.send(json_reply(VAULT_REQUEST))

    async with answering(answer) as (server, ledger):
        yield server, ledger


def sent_jws(server: RawServer) -> str:
    """The JWS of the last request."""
    body = json.loads(server.requests[-1].body)
    assert body.keys() == {"jws"}
    return str(body["jws"])


# What is signed


@either
async def test_an_answer_is_the_challenge_then_its_signature(way: Way) -> None:
    async with vault() as (server, ledger):
        assert type(await way.call(ledger, 7, KEY)) is VaultRequest
    assert [request.line for request in server.requests] == [way.asks, way.sends]


@either
async def test_the_challenge_is_signed_byte_for_byte(way: Way) -> None:
    async with vault() as (server, ledger):
        await way.call(ledger, 7, KEY)
    payload = jwt.PyJWS().decode(sent_jws(server), KEY.public_key(), algorithms=["ES256"])
    assert payload == CHALLENGE.encode()


async def test_the_header_of_the_jws_is_that_of_the_contract() -> None:
    async with vault() as (server, ledger):
        await ledger.requests.approve_with(7, KEY)
    assert jwt.get_unverified_header(sent_jws(server)) == {"alg": "ES256", "typ": "JWT"}


@pytest.mark.parametrize("text", [WRAPPED, WRAPPED.rstrip("=")], ids=["padded", "bare"])
async def test_of_a_challenge_in_base64url_the_json_is_signed(text: str) -> None:
    async with vault(text) as (server, ledger):
        await ledger.requests.approve_with(7, KEY)
    assert sent_jws(server).split(".")[1] == WRAPPED.rstrip("=")


@pytest.mark.parametrize("kind", [bytes, bytes.decode], ids=["bytes", "str"])
@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
async def test_a_key_may_be_a_pem(form: PrivateFormat, kind: Callable[[bytes], Any]) -> None:
    async with vault() as (server, ledger):
        await ledger.requests.approve_with(7, kind(pem(KEY, form)))
    assert jwt.PyJWS().decode(sent_jws(server), KEY.public_key(), algorithms=["ES256"])


# What a challenge may be

OTHERS = {
    "nothing": "",
    "text": "sign this!",
    "a word": "word",
    "a number": "17",
    "a list": '["challenge"]',
    "null": "null",
    "no challenge within": '{"type": "SEND"}',
    "a challenge within that is no text": '{"challenge": 5}',
    "a challenge within that is empty": '{"challenge": ""}',
    "a challenge within that is no base64url": '{"challenge": "a b"}',
    "cut JSON": CHALLENGE[:-1],
    "more than JSON": CHALLENGE + "x",
    "base64url of text": base64.urlsafe_b64encode(b"sign this!").decode(),
    "base64url of bytes": base64.urlsafe_b64encode(b"\xff\xfe{}").decode(),
    "base64url of no length": "aaaaa",
    "base64url of base64url": base64.urlsafe_b64encode(WRAPPED.encode()).decode(),
    "JSON that is nested too deeply": '{"a":' * 10**4 + "1" + "}" * 10**4,
    "a key that comes twice": '{"amount": 1, "amount": 2, "challenge": "YWJj"}',
    "a key that comes twice within": '{"to": {"a": 1, "a": 2}, "challenge": "YWJj"}',
}


@pytest.mark.parametrize("challenge", OTHERS.values(), ids=OTHERS)
async def test_another_kind_of_challenge_is_not_signed(challenge: str) -> None:
    async with vault(challenge) as (server, ledger):
        with pytest.raises(DecodeError, match="use `approve`"):
            await ledger.requests.approve_with(7, KEY)
    assert len(server.requests) == 1


def test_no_depth_of_a_challenge_leads_to_another_error() -> None:
    for depth in range(900, 1000):  # about what parsers take
        with suppress(DecodeError):
            open_challenge('{"challenge": "YWJj", "a": ' + "[" * depth + "]" * depth + "}")


def test_half_a_character_in_a_challenge_is_a_decode_error() -> None:
    with pytest.raises(DecodeError):
        open_challenge('{"challenge": "YWJj", "a": "\ud800"}')


@either
async def test_the_challenge_of_another_request_is_neither_shown_nor_signed(way: Way) -> None:
    shown: list[object] = []
    async with vault(of=8) as (server, ledger):
        with pytest.raises(ProtocolError, match="the challenge is that of request 8, not of 7"):
            await way.call(ledger, 7, KEY, confirm=shown.append)
    assert [request.line for request in server.requests] == [way.asks]
    assert shown == []


async def test_a_request_may_be_named_by_anything_like_an_integer() -> None:
    class Seven:
        def __index__(self) -> int:
            return 7

    async with vault() as (_, ledger):
        assert await ledger.requests.approve_with(Seven(), KEY)  # type: ignore[arg-type]


def test_a_challenge_of_huge_numbers_is_read_all_the_same() -> None:
    text = f'{{"amount": {10**4000}, "challenge": "YWJj"}}'
    assert open_challenge(text).content["amount"] == 10**4000


# What is asked first


@either
async def test_what_is_to_be_confirmed_is_what_the_challenge_says(way: Way) -> None:
    shown: list[Mapping[str, object]] = []

    def confirm(content: Mapping[str, object]) -> bool:
        shown.append(content)
        return True

    async with vault() as (_, ledger):
        await way.call(ledger, 7, KEY, confirm=confirm)
    ((content),) = shown
    assert content["amount"] == 10000000000000000000001
    assert {name: str(value) for name, value in content.items()} == {
        name: str(value) for name, value in CONTENT.items()
    }


async def agree(_: object) -> bool:
    return True


async def disagree(_: object) -> bool:
    return False


async def decline(_: object) -> None:
    return None


YES: dict[str, Any] = {"plain": lambda _: True, "async": agree}
NO: dict[str, Any] = {
    "false": lambda _: False,
    "nothing": lambda _: None,
    "false, async": disagree,
    "nothing, async": decline,
}


async def generate(_: object) -> AsyncIterator[bool]:
    yield False


async def put_off(_: object) -> asyncio.Future[bool]:
    later = asyncio.get_running_loop().create_future()
    later.set_result(False)
    return later


UNCLEAR: dict[str, Any] = {
    "text": lambda _: "no",
    "empty text": lambda _: "",
    "one": lambda _: 1,
    "zero": lambda _: 0,
    "an async generator": generate,
    "a generator": lambda _: (each for each in [False]),
    "a future of a thread": lambda _: concurrent.futures.Future(),
    "a future of a future": put_off,
    "a function": lambda _: agree,
}


@either
@pytest.mark.parametrize("confirm", YES.values(), ids=YES)
async def test_what_is_confirmed_is_sent(confirm: Any, way: Way) -> None:
    async with vault() as (server, ledger):
        assert type(await way.call(ledger, 7, KEY, confirm=confirm)) is VaultRequest
    assert server.requests[-1].line == way.sends


@either
@pytest.mark.parametrize("confirm", NO.values(), ids=NO)
async def test_what_is_not_confirmed_is_not_sent(confirm: Any, way: Way) -> None:
    async with vault() as (server, ledger):
        assert await way.call(ledger, 7, KEY, confirm=confirm) is None
    assert [request.line for request in server.requests] == [way.asks]


@either
@pytest.mark.parametrize("confirm", UNCLEAR.values(), ids=UNCLEAR)
async def test_an_answer_other_than_yes_or_no_is_an_error_and_not_signed(
    confirm: Any, way: Way
) -> None:
    async with vault() as (server, ledger):
        with pytest.raises(ConfigurationError, match="confirm must answer True, False or None"):
            await way.call(ledger, 7, KEY, confirm=confirm)
    assert [request.line for request in server.requests] == [way.asks]


@either
async def test_a_confirmation_whose_own_work_was_cancelled_is_an_error_of_ours(way: Way) -> None:
    async def confirm(_: object) -> bool:
        dead: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        dead.cancel()
        return await dead

    async with vault() as (server, ledger):
        with pytest.raises(ConfigurationError, match="confirm was cancelled"):
            await way.call(ledger, 7, KEY, confirm=confirm)
    assert [request.line for request in server.requests] == [way.asks]


async def test_a_task_that_is_cancelled_while_it_confirms_is_cancelled() -> None:
    asked = asyncio.Event()

    async def confirm(_: object) -> bool:
        asked.set()
        return await asyncio.Event().wait()  # never

    async with vault() as (server, ledger):
        task = asyncio.create_task(ledger.requests.approve_with(7, KEY, confirm=confirm))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert len(server.requests) == 1


async def test_an_error_in_the_confirmation_is_the_callers_and_nothing_is_sent() -> None:
    def confirm(_: object) -> bool:
        raise KeyError("amount")

    async with vault() as (server, ledger):
        with pytest.raises(KeyError, match="amount"):
            await ledger.requests.approve_with(7, KEY, confirm=confirm)
    assert len(server.requests) == 1


async def test_what_is_shown_can_be_changed_without_changing_what_is_signed() -> None:
    async with vault() as (server, ledger):
        await ledger.requests.approve_with(7, KEY, confirm=lambda shown: not shown.clear())  # type: ignore[attr-defined]
    payload = jwt.PyJWS().decode(sent_jws(server), KEY.public_key(), algorithms=["ES256"])
    assert payload == CHALLENGE.encode()


@pytest.mark.parametrize("confirm", [True, "yes", 0])
async def test_a_confirmation_that_cannot_be_called_is_refused(confirm: Any) -> None:
    async with vault() as (server, ledger):
        with pytest.raises(ConfigurationError, match="confirm"):
            await ledger.requests.approve_with(7, KEY, confirm=confirm)
        assert server.requests == []


# Keys

P384 = ec.generate_private_key(ec.SECP384R1())
KOBLITZ = ec.generate_private_key(ec.SECP256K1())
EDWARDS = ed25519.Ed25519PrivateKey.generate()
SECRET = base64.b64encode(b"the key that nobody may ever see").decode()
BROKEN = f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n"

WRONG_KEYS: dict[str, Any] = {
    "no PEM": SECRET,
    "no PEM, in bytes": SECRET.encode(),
    "no PEM, in hex": pem(KEY).hex(),
    "an empty string": "",
    "empty bytes": b"",
    "a broken PEM": BROKEN,
    "half a character": f"{BROKEN}\ud800",
    "P-384": P384,
    "P-384, as PEM": pem(P384),
    "secp256k1, as PEM": pem(KOBLITZ).decode(),
    "Ed25519": EDWARDS,
    "Ed25519, as PEM": pem(EDWARDS),
    "with a password": pem(KEY, password=b"password"),
    "public": KEY.public_key(),
    "public, as PEM": KEY.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    ),
    "nothing": None,
    "a number": 7,
    "a JWK": {"kty": "EC", "d": SECRET},
    "a list": [SECRET],
}


def parts_of(key: object) -> list[str]:
    """The lines of text that a key consists of."""
    if isinstance(key, Mapping | list):
        return [SECRET]
    text = key.decode() if isinstance(key, bytes) else key if isinstance(key, str) else ""
    text = text.encode(errors="replace").decode()
    return [line for line in text.splitlines() if len(line) > 8 and "-----" not in line]


@either
@pytest.mark.parametrize("key", WRONG_KEYS.values(), ids=WRONG_KEYS)
async def test_a_wrong_key_is_refused_before_anything_is_asked(key: Any, way: Way) -> None:
    async with vault() as (server, ledger):
        with pytest.raises(ConfigurationError, match="private_key must be a P-256 private key"):
            await way.call(ledger, 7, key)
        assert server.requests == []


@either
@pytest.mark.parametrize("key", WRONG_KEYS.values(), ids=WRONG_KEYS)
async def test_the_error_about_a_key_shows_none_of_it(key: Any, way: Way) -> None:
    async with vault() as (_, ledger):
        with pytest.raises(ConfigurationError) as caught:
            await way.call(ledger, 7, key)
    assert [place for part in parts_of(key) for place in places(caught.value, part)] == []


@either
async def test_the_curve_of_a_wrong_key_is_named(way: Way) -> None:
    async with vault() as (_, ledger):
        with pytest.raises(ConfigurationError, match="got a key on secp384r1"):
            await way.call(ledger, 7, pem(P384))


FAILURES: dict[str, tuple[bytes, Any]] = {
    "no such request": (json_reply({"message": "none"}, status="404 Not Found"), None),
    "no challenge": (reply(b"{}"), None),
    "another kind of challenge": (json_reply({"challenge": "?", "id": 7}), None),
    "a confirmation that fails": (json_reply({"challenge": CHALLENGE, "id": 7}), lambda _: 1 / 0),
    "an answer that does not decode": (json_reply({"challenge": CHALLENGE, "id": 7}), None),
}


@either
@pytest.mark.parametrize(("answer", "confirm"), FAILURES.values(), ids=FAILURES)
async def test_no_later_error_shows_the_key(
    answer: bytes,
    confirm: Any,
    way: Way,
    caplog: pytest.LogCaptureFixture,
) -> None:
    text = pem(KEY).decode()
    async with (
        nothing_left(caplog, text.splitlines()[1]) as shown,
        answering(answer) as (_, ledger),
    ):
        try:
            await way.call(ledger, 7, text, confirm=confirm)
        except Exception as error:  # noqa: BLE001 - whatever it is
            shown.append(error)
        assert shown


def test_what_signs_does_not_show_its_key() -> None:
    sign = signer(pem(KEY))
    number = KEY.private_numbers().private_value
    assert not [form for form in (str(number), f"{number:x}", "BEGIN") if form in repr(sign)]


# The extra


@either
@pytest.mark.parametrize("library", ["jwt", "cryptography.hazmat.primitives.asymmetric.ec"])
async def test_without_the_extra_the_error_says_what_to_install(
    library: str, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, "ledger_async._signing.es256", raising=False)
    monkeypatch.delattr("ledger_async._signing.es256", raising=False)
    text = pem(KEY).decode()
    async with vault() as (server, ledger):
        with pytest.raises(ConfigurationError, match=r"pip install 'ledger-async\[signing\]'") as e:
            await way.call(ledger, 7, text)
        assert server.requests == []
    assert places(e.value, text.splitlines()[1]) == []


def test_what_signs_is_not_imported_before_it_is_used() -> None:
    code = "import sys, ledger_async.sections.requests; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert not {b"jwt", b"cryptography"} & {*loaded.split()}


# Signed elsewhere

NO_JWS = {
    "empty": "",
    "one part": "abc",
    "two parts": "abc.abc",
    "four parts": "a.b.c.d",
    "an empty part": "abc..abc",
    "padding": "abc=.abc.abc",
    "base64": "ab+c.abc.abc",
    "spaces": " abc.abc.abc",
    "an end of line": "abc.abc.abc\n",
    "bytes": b"abc.abc.abc",
    "a number": 7,
    "the parts": ["abc", "abc", "abc"],
    "the body": {"jws": "abc.abc.abc"},
}


@pytest.mark.parametrize("jws", [*NO_JWS.values(), None], ids=[*NO_JWS, "nothing"])
async def test_only_a_compact_jws_approves(jws: Any) -> None:
    async with vault() as (server, ledger):
        with pytest.raises(ConfigurationError, match="jws must be a compact JWS"):
            await ledger.requests.approve(7, jws)
        assert server.requests == []


@pytest.mark.parametrize("jws", NO_JWS.values(), ids=NO_JWS)
async def test_only_a_compact_jws_rejects(jws: Any) -> None:
    async with vault() as (server, ledger):
        with pytest.raises(ConfigurationError, match="jws must be a compact JWS"):
            await ledger.requests.reject(7, jws)
        assert server.requests == []
