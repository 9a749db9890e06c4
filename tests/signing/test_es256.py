"""Signatures: byte for byte over the challenge, by a P-256 key that nothing ever shows."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PrivateFormat,
    PublicFormat,
)
from hunter import places
from leaks import nothing_left
from raw_server import reply
from section_server import answering, json_reply
from vault import CHALLENGE, FORMATS, KEY, WRAPPED, Way, either, pem, sent_jws, vault

from ledger_async import ConfigurationError
from ledger_async._signing.es256 import signer
from ledger_async.models.governance.requests import VaultRequest

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
