"""Webhooks: only what was signed with the secret, lately and just so, is an event."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hunter import places
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy
from starlette.datastructures import Headers

from ledger_async.errors import ConfigurationError, DecodeError, LedgerError
from ledger_async.sandbox import Sandbox
from ledger_async.webhooks import SignatureError, WebhookEvent, verify

SECRET = "whsec-6f1c0d"
NOW = 1_700_000_000
BODY = b'{"payload_type":"TRANSACTION", "event_type":"NEW_TRANSACTION_HAS_BEEN_RECEIVED","id":260}'
EVENT = WebhookEvent("TRANSACTION", "NEW_TRANSACTION_HAS_BEEN_RECEIVED", 260)


def v1(body: bytes = BODY, at: object = NOW, secret: str | bytes = SECRET) -> str:
    key = secret.encode() if isinstance(secret, str) else secret
    return hmac.new(key, f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def signed(body: bytes = BODY, at: object = NOW, secret: str | bytes = SECRET) -> dict[str, str]:
    return {"X-Ledger-Signature": f"t={at},v1={v1(body, at, secret)}"}


def refusal(headers: Any, body: bytes = BODY, **options: Any) -> str:
    with pytest.raises(SignatureError) as caught:
        verify(headers, body, SECRET, **{"now": NOW} | options)
    return caught.value.message


def mistake(headers: Any = None, body: Any = BODY, secret: Any = SECRET, **options: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        verify(signed() if headers is None else headers, body, secret, **{"now": NOW} | options)
    return caught.value.message


def test_what_ledger_signed_is_an_event() -> None:
    assert verify(signed(), BODY, SECRET, now=NOW) == EVENT


def test_a_known_delivery_has_the_signature_that_openssl_makes() -> None:
    # printf '1700000000.{"payload_type":…,"id":1}' | openssl dgst -sha256 -hmac k
    digest = "fb5da1931e60a9d79be114788485c6ea641080de51f37daf0af563c8bcfcad1c"
    body = b'{"payload_type":"A","event_type":"B","id":1}'
    headers = {"X-Ledger-Signature": f"t=1700000000,v1={digest}"}
    assert verify(headers, body, "k", now=NOW) == WebhookEvent("A", "B", 1)


def test_now_is_now_by_default() -> None:
    assert verify(signed(at=int(time.time())), BODY, SECRET) == EVENT


def test_another_body_is_refused() -> None:
    assert "is not byte for byte what was signed" in refusal(signed(), BODY + b" ")


def test_json_written_anew_is_refused() -> None:
    assert "is not byte for byte" in refusal(signed(), json.dumps(json.loads(BODY)).encode())


def test_another_secret_is_refused() -> None:
    assert "the secret is another one" in refusal(signed(secret="another"))


def test_a_signature_for_another_time_is_refused() -> None:
    assert "no v1 signature" in refusal({"X-Ledger-Signature": f"t={NOW + 1},v1={v1()}"})


# What may be passed


@pytest.mark.parametrize("secret", [SECRET, SECRET.encode()])
def test_the_secret_is_text_or_bytes(secret: str | bytes) -> None:
    assert verify(signed(), BODY, secret, now=NOW) == EVENT


def test_a_secret_that_is_not_ascii_is_taken_as_utf8() -> None:
    headers = signed(secret="clé".encode())
    assert verify(headers, BODY, "clé", now=NOW) == EVENT


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_the_body_is_anything_like_bytes(kind: Callable[[bytes], bytes]) -> None:
    assert verify(signed(), kind(BODY), SECRET, now=NOW) == EVENT


@pytest.mark.parametrize("name", ["x-ledger-signature", "X-LEDGER-SIGNATURE"])
def test_the_header_has_its_name_in_any_case(name: str) -> None:
    assert verify({name: signed()["X-Ledger-Signature"]}, BODY, SECRET, now=NOW) == EVENT


PAIRS = [("Host", "example.com"), *signed().items()]
RAW = [(name.lower().encode(), value.encode()) for name, value in PAIRS]
HEADERS: dict[str, Callable[[], Any]] = {
    "dict": lambda: dict(PAIRS),
    "dict of bytes": lambda: dict(RAW),
    "aiohttp": lambda: CIMultiDictProxy(CIMultiDict(PAIRS)),
    "Starlette": lambda: Headers(raw=RAW),
    "pairs": lambda: PAIRS,
    "ASGI scope": lambda: RAW,
    "iterator of lists": lambda: iter([[name, value] for name, value in RAW]),
    "with other headers of any kind": lambda: {"Content-Length": 89} | signed(),
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_headers_come_as_frameworks_have_them(headers: Callable[[], Any]) -> None:
    assert verify(headers(), BODY, SECRET, now=NOW) == EVENT


# The header


@pytest.mark.parametrize(
    "value",
    [
        f"v1={v1()},t={NOW}",
        f"t={NOW},v1={v1().upper()}",
        f" t = {NOW} ,\tv1 = {v1()} ",
        f"t={NOW},v1={v1(secret='retired')},v1={v1()}",
        f"t={NOW},v1={v1()},v1={v1(secret='retired')}",
        f"t={NOW},v1=,v1={v1()}",
        f"t={NOW},v0={v1(secret='other')},v1={v1()},v2=a=b,flag,,",
    ],
    ids=["any order", "upper case", "blanks", "last", "first", "one empty", "unknown elements"],
)
def test_elements_are_read_as_they_come(value: str) -> None:
    assert verify({"X-Ledger-Signature": value}, BODY, SECRET, now=NOW) == EVENT


def test_a_header_in_two_lines_is_one_list() -> None:
    lines = [("X-Ledger-Signature", f"t={NOW}"), ("x-ledger-signature", f"v1={v1()}")]
    assert verify(lines, BODY, SECRET, now=NOW) == EVENT


def test_a_time_is_signed_as_it_was_written() -> None:
    assert verify(signed(at=f"00{NOW}"), BODY, SECRET, now=NOW) == EVENT


@pytest.mark.parametrize("headers", [{}, [], {"X-Signature": "t=1"}, {b"x-ledger": b"t=1"}])
def test_a_delivery_without_the_header_is_refused(headers: Any) -> None:
    assert refusal(headers) == "X-Ledger-Signature is missing"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "X-Ledger-Signature has no time (t=)"),
        ("nonsense", "X-Ledger-Signature has no time (t=)"),
        (f"v1={v1()}", "X-Ledger-Signature has no time (t=)"),
        (f"t={NOW},t={NOW},v1={v1()}", "X-Ledger-Signature has more than one time (t=)"),
        (f"t={NOW}", "X-Ledger-Signature has no signature (v1=)"),
        (f"t={NOW},v0={v1()}", "X-Ledger-Signature has no signature (v1=)"),
        (f"t={NOW},v1={v1()}é", "X-Ledger-Signature holds characters that are not ASCII"),
        (
            f"t=1\N{ARABIC-INDIC DIGIT SEVEN},v1={v1()}",
            "X-Ledger-Signature holds characters that are not ASCII",
        ),
    ],
)
def test_a_malformed_header_is_refused_with_the_reason(value: str, reason: str) -> None:
    assert refusal({"X-Ledger-Signature": value}) == reason


@pytest.mark.parametrize(
    "at", ["", "now", "-1", "+1", "1.5", "1_0", "1 0", "1=0", "0x10", "9" * 16, "9" * 10_000]
)
def test_a_time_that_is_not_in_unix_seconds_is_refused(at: str) -> None:
    reason = "the time (t=) of X-Ledger-Signature is not in Unix seconds"
    assert refusal(signed(at=at)) == reason


@pytest.mark.parametrize(
    "value", ["", "00", "xyz", v1()[:-1], v1() + "0", f'"{v1()}"', "0x" + v1()]
)
def test_what_is_not_the_whole_signature_does_not_fit(value: str) -> None:
    assert "no v1 signature" in refusal({"X-Ledger-Signature": f"t={NOW},v1={value}"})


def test_the_header_given_twice_is_refused() -> None:
    reason = "X-Ledger-Signature has more than one time (t=)"
    assert refusal([*signed().items(), *signed().items()]) == reason


def test_bytes_that_are_not_ascii_are_refused() -> None:
    reason = "X-Ledger-Signature holds characters that are not ASCII"
    assert refusal([(b"x-ledger-signature", b"t=1,v1=\xff")]) == reason


# Time


@pytest.mark.parametrize("off", [-300, 0, 300])
def test_a_signature_within_the_tolerance_is_accepted(off: int) -> None:
    assert verify(signed(at=NOW + off), BODY, SECRET, now=NOW) == EVENT


def test_an_old_signature_is_refused() -> None:
    assert refusal(signed(at=NOW - 301)) == "signed 301 s ago: 300 s are tolerated"


def test_a_moment_too_old_is_too_old() -> None:
    assert refusal(signed(), now=NOW + 300.2) == "signed 301 s ago: 300 s are tolerated"


def test_a_signature_from_the_future_is_refused() -> None:
    reason = "signed 301 s in the future by this clock: 300 s are tolerated"
    assert refusal(signed(at=NOW + 301)) == reason


def test_a_time_in_milliseconds_is_from_the_future() -> None:
    assert "in the future by this clock" in refusal(signed(at=NOW * 1000))


def test_the_tolerance_is_for_the_caller_to_choose() -> None:
    assert refusal(signed(at=NOW - 2), tolerance=1.5) == "signed 2 s ago: 1.5 s are tolerated"


def test_no_tolerance_accepts_this_very_second() -> None:
    assert verify(signed(), BODY, SECRET, tolerance=0, now=NOW) == EVENT


def test_an_old_time_that_nobody_signed_is_refused_for_its_signature() -> None:
    assert "no v1 signature" in refusal(signed(at=NOW - 301, secret="another"))


# Mistakes of the caller


def test_a_body_of_text_is_a_mistake_that_is_explained() -> None:
    assert mistake(body=BODY.decode()) == (
        "body must be the raw bytes of the request, got str: JSON that was decoded and written "
        "anew is not what was signed"
    )


@pytest.mark.parametrize("body", [None, {"id": 260}, [1, 2], 260])
def test_a_body_that_is_not_bytes_is_a_mistake(body: object) -> None:
    assert mistake(body=body).startswith("body must be the raw bytes of the request, got ")


@pytest.mark.parametrize("secret", ["", b""])
def test_an_empty_secret_is_a_mistake(secret: str | bytes) -> None:
    assert mistake(signed(secret=secret), secret=secret) == "secret is empty"


@pytest.mark.parametrize("secret", [None, 1, bytearray(b"secret")])
def test_a_secret_of_another_type_is_a_mistake(secret: object) -> None:
    assert mistake(secret=secret).startswith("secret must be str or bytes, got ")


def test_a_secret_that_is_not_unicode_is_a_mistake() -> None:
    assert mistake(secret="secret\udcff") == "secret is not valid Unicode"


@pytest.mark.parametrize(
    "headers",
    [
        260,
        "t=1,v1=00",
        b"t=1,v1=00",
        ["X-Ledger-Signature"],
        [("X-Ledger-Signature", "t=1", "v1=00")],
        [(1, "t=1")],
        {"X-Ledger-Signature": ["t=1"]},
    ],
)
def test_headers_of_another_type_are_a_mistake(headers: object) -> None:
    assert mistake(headers) == "headers must be a mapping or pairs, of str or bytes"


@pytest.mark.parametrize(
    "value",
    [-1, float("nan"), float("inf"), "300", True, pytest.param(10**5000, id="huge")],
)
@pytest.mark.parametrize("name", ["tolerance", "now"])
def test_times_that_are_no_seconds_are_a_mistake(name: str, value: object) -> None:
    assert mistake(**{name: value}).startswith(f"{name} must be a number of seconds, got ")


# The event


def event(body: bytes) -> WebhookEvent:
    return verify(signed(body), body, SECRET, now=NOW)


def test_an_id_may_be_text() -> None:
    assert event(b'{"payload_type":"A","event_type":"B","id":"c"}').id == "c"


def test_new_fields_and_values_do_not_break_it() -> None:
    body = b'{"payload_type":"NEW","event_type":"NEWER","id":1,"more":{"a":[1.5]}}'
    assert event(body) == WebhookEvent("NEW", "NEWER", 1)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"payload_type":"A"}', BODY.replace(b"260", b"null")]
)
def test_a_signed_body_that_is_no_event_is_a_decode_error(body: bytes) -> None:
    with pytest.raises(DecodeError):
        event(body)


def test_a_body_is_not_read_before_it_is_proven() -> None:
    assert "no v1 signature" in refusal(signed(), b"<html>")


def test_an_event_does_not_change() -> None:
    with pytest.raises(AttributeError):
        EVENT.id = 261  # type: ignore[misc] # that is the point


def test_an_event_is_a_key_of_sets_and_mappings() -> None:
    assert {EVENT, event(BODY)} == {EVENT}


# Any delivery

secrets = st.text(min_size=1).map(str.encode) | st.binary(min_size=1)
bodies = st.builds(
    lambda *values: json.dumps(
        dict(zip(("payload_type", "event_type", "id"), values, strict=True))
    ),
    st.text(),
    st.text(),
    st.text() | st.integers(-(2**63), 2**64 - 1),
).map(str.encode)


@given(bodies, secrets)
def test_any_event_under_any_secret_verifies(body: bytes, secret: bytes) -> None:
    found = verify(signed(body, secret=secret), body, secret, now=NOW)
    assert json.loads(body) == {name: getattr(found, name) for name in found.__struct_fields__}


@given(st.binary(), secrets)
def test_any_body_that_is_signed_right_is_believed(body: bytes, secret: bytes) -> None:
    with pytest.raises(DecodeError):
        verify(signed(b"[" + body, secret=secret), b"[" + body, secret, now=NOW)


def flipped(whole: bytes, position: int) -> bytes:
    bit = position % (len(whole) * 8)
    changed = bytearray(whole)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@given(st.binary(min_size=1), secrets, st.integers(0))
def test_any_bit_flipped_in_the_body_fails(body: bytes, secret: bytes, position: int) -> None:
    with pytest.raises(SignatureError):
        verify(signed(body, secret=secret), flipped(body, position), secret, now=NOW)


@given(secrets, st.integers(0))
def test_any_bit_flipped_in_the_secret_fails(secret: bytes, position: int) -> None:
    with pytest.raises(SignatureError):
        verify(signed(secret=secret), BODY, flipped(secret, position), now=NOW)


@given(st.integers(0, 255))
def test_any_bit_flipped_in_the_signature_fails(position: int) -> None:
    value = flipped(bytes.fromhex(v1()), position).hex()
    assert "no v1 signature" in refusal({"X-Ledger-Signature": f"t={NOW},v1={value}"})


@given(st.integers(0, 79))
def test_any_bit_flipped_in_the_time_fails(position: int) -> None:
    at = flipped(str(NOW).encode(), position).decode("latin-1")
    refusal({"X-Ledger-Signature": f"t={at},v1={v1()}"}, tolerance=10**12)


@given(st.text(), st.binary())
def test_no_header_whatever_blows_up(header: str, raw: bytes) -> None:
    refusal({"X-Ledger-Signature": header})
    refusal([(b"x-ledger-signature", raw)])


# Secrecy

UNDECODABLE = BODY[:-1]
FAILURES: dict[str, tuple[Any, Any]] = {
    "no header": ({}, BODY),
    "malformed": ({"X-Ledger-Signature": "nonsense"}, BODY),
    "tampered": (signed(), BODY + b" "),
    "too old": (signed(at=NOW - 301), BODY),
    "too new": (signed(at=NOW + 301), BODY),
    "no event": (signed(UNDECODABLE), UNDECODABLE),
    "body of text": (signed(), BODY.decode()),
    "no headers": (None, BODY),
}


def failure(headers: Any, body: Any, secret: Any = SECRET) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        verify(headers, body, secret, now=NOW)
    return caught.value


@pytest.mark.parametrize("headers_and_body", FAILURES.values(), ids=FAILURES)
def test_no_error_shows_the_secret(headers_and_body: tuple[Any, Any]) -> None:
    assert places(failure(*headers_and_body), SECRET) == []


@pytest.mark.parametrize("secret", [SECRET + "\udcff", bytearray(SECRET.encode()), [SECRET]])
def test_no_error_about_the_secret_shows_it(secret: object) -> None:
    assert places(failure(signed(), BODY, secret), SECRET) == []


def test_no_error_shows_the_expected_signature() -> None:
    body = BODY + b" "
    assert places(failure(signed(), body), v1(body)) == []


@pytest.mark.parametrize("kind", ["malformed", "tampered", "too old", "too new"])
def test_no_signature_error_says_the_body(kind: str) -> None:
    error = failure(*FAILURES[kind])
    assert "NEW_TRANSACTION" not in f"{error} {error!r} {vars(error)}"


# The documentation by the letter

DOCUMENT = (Path(__file__).parents[2] / "docs/webhooks.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
CHANGED = b'{"payload_type":"ACCOUNT","event_type":"ACCOUNT_HAS_BEEN_EDITED","id":103}'

Post = Callable[[Mapping[str, str], bytes], Awaitable[int]]


def recipe(framework: str) -> ModuleType:
    (block,) = (block for block in BLOCKS if f"from {framework} import" in block)
    module = ModuleType("receiver")
    exec(compile(block, f"<{framework} recipe>", "exec", dont_inherit=True), vars(module))
    return module


@asynccontextmanager
async def fastapi_recipe() -> AsyncIterator[tuple[ModuleType, Post]]:
    receiver = recipe("fastapi")

    async def post(headers: Mapping[str, str], body: bytes) -> int:
        return await asgi_status(receiver.app, headers, [body[:10], body[10:]])

    async with receiver.app.router.lifespan_context(receiver.app):
        yield receiver, post


async def asgi_status(app: Any, headers: Mapping[str, str], chunks: Iterable[bytes]) -> int:
    """What a server would send for this request: the two of them talk by messages alone."""
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/webhooks/ledger",
        "query_string": b"",
        "headers": raw,
    }
    sent: list[dict[str, Any]] = []

    def received() -> Iterator[dict[str, object]]:
        for chunk in chunks:
            yield {"type": "http.request", "body": chunk, "more_body": True}
        yield {"type": "http.request"}
        yield {"type": "http.disconnect"}

    messages = received()

    async def receive() -> dict[str, object]:
        return next(messages)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    status: int = sent[0]["status"]
    return status


@asynccontextmanager
async def aiohttp_recipe() -> AsyncIterator[tuple[ModuleType, Post]]:
    receiver = recipe("aiohttp")
    async with TestClient(TestServer(receiver.app)) as client:

        async def post(headers: Mapping[str, str], body: bytes) -> int:
            async with client.post("/webhooks/ledger", headers=headers, data=body) as answer:
                return answer.status

        yield receiver, post


@pytest.fixture(params=[fastapi_recipe, aiohttp_recipe])
async def receiving(
    request: pytest.FixtureRequest, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[ModuleType, Post]]:
    monkeypatch.setenv("LEDGER_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("LEDGER_BASE_URL", sandbox.url)
    monkeypatch.setenv("LEDGER_API_KEY", sandbox.api_key)
    monkeypatch.setenv("LEDGER_API_USER", sandbox.api_user)
    async with request.param() as running:
        yield running


def fresh(body: bytes) -> dict[str, str]:
    return signed(body, at=int(time.time()))


async def until(happened: Callable[[], bool]) -> None:
    for _ in range(1000):
        if happened():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it did not happen")


async def test_a_recipe_answers_what_is_signed_without_content(
    receiving: tuple[ModuleType, Post],
) -> None:
    _, post = receiving
    assert await post(fresh(CHANGED), CHANGED) == 204


async def test_a_recipe_fetches_what_changed(receiving: tuple[ModuleType, Post]) -> None:
    receiver, post = receiving
    await post(fresh(CHANGED), CHANGED)
    await until(lambda: bool(receiver.accounts))
    assert receiver.accounts["ACCOUNT", 103].id == 103


async def test_a_recipe_keeps_the_latest_of_what_changed_twice(
    receiving: tuple[ModuleType, Post], sandbox: Sandbox
) -> None:
    receiver, post = receiving
    await post(fresh(CHANGED), CHANGED)
    await until(lambda: bool(receiver.accounts))
    sandbox.set_account(103, name="renamed")
    await post(fresh(CHANGED), CHANGED)
    await until(lambda: receiver.accounts["ACCOUNT", 103].name == "renamed")
    assert len(receiver.accounts) == 1


async def test_a_recipe_goes_on_after_an_object_that_it_cannot_fetch(
    receiving: tuple[ModuleType, Post], caplog: pytest.LogCaptureFixture
) -> None:
    receiver, post = receiving
    gone = CHANGED.replace(b"103", b"999")
    await post(fresh(gone), gone)
    await post(fresh(CHANGED), CHANGED)
    await until(lambda: bool(receiver.accounts))
    assert "not fetched: WebhookEvent" in caplog.text


async def test_a_recipe_leaves_alone_what_it_does_not_know(
    receiving: tuple[ModuleType, Post], sandbox: Sandbox
) -> None:
    receiver, post = receiving
    await post(fresh(BODY), BODY)
    await until(receiver.events.empty)
    assert not sandbox.requests


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (fresh(CHANGED), CHANGED.replace(b"103", b"101")),
        (signed(CHANGED, at=int(time.time()) - 3600), CHANGED),
        (signed(CHANGED, secret="another"), CHANGED),
        ({}, CHANGED),
    ],
    ids=["tampered", "old", "signed by another", "not signed"],
)
async def test_a_recipe_answers_401_to_what_is_not_proven(
    receiving: tuple[ModuleType, Post], headers: Mapping[str, str], body: bytes
) -> None:
    receiver, post = receiving
    assert (await post(headers, body), receiver.events.qsize()) == (401, 0)


async def test_a_recipe_answers_400_to_what_is_signed_but_no_event(
    receiving: tuple[ModuleType, Post],
) -> None:
    _, post = receiving
    assert await post(fresh(b"[]"), b"[]") == 400


def test_the_first_lines_of_the_page_verify() -> None:
    names: dict[str, Any] = {}
    exec(BLOCKS[0], names)
    assert names["event_of"](fresh(BODY), BODY, SECRET) == EVENT


def test_the_delivery_of_the_page_verifies() -> None:
    (block,) = (block for block in BLOCKS if "def signed" in block)
    names: dict[str, Any] = {}
    exec(block, names)
    event = verify(names["signed"](names["BODY"], SECRET), names["BODY"], SECRET)
    assert event == WebhookEvent("ACCOUNT", "ACCOUNT_HAS_BEEN_EDITED", 101)


def test_no_recipe_listens_where_the_sandbox_of_the_command_line_does() -> None:
    page = (Path(__file__).parents[2] / "docs/command-line.md").read_text(encoding="utf-8")
    taken = re.findall(r"sandbox --port ([0-9]+)", page)
    assert taken
    assert [port for port in taken if port in DOCUMENT] == []
