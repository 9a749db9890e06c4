"""Echoes of secrets: found however they are written, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written_secrets import FORMS, JWT, KEY, LOOKS_ESCAPED, ODD, Writer

from ledger_async._support.redaction import echoes, redact

every_form = pytest.mark.parametrize("write", FORMS.values(), ids=FORMS)
every_secret = pytest.mark.parametrize(
    "secret", [KEY, ODD, LOOKS_ESCAPED, JWT], ids=["key", "odd", "looks escaped", "token"]
)


@every_form
@every_secret
def test_a_secret_is_found_in_every_form(secret: str, write: Writer) -> None:
    body = f'<p class="x">no {write(secret)}: 50% off</p>'.encode()
    assert echoes(body, [secret])


@every_form
@every_secret
def test_a_text_is_shown_without_it_in_any_form(secret: str, write: Writer) -> None:
    assert redact(f"no {write(secret)}: 5 off", [secret]) == "no ***: 5 off"


@every_form
def test_two_secrets_in_two_forms_are_both_left_out(write: Writer) -> None:
    text = redact(f"{KEY} and {write(ODD)}", [KEY, ODD])
    assert text == "*** and ***"


def test_what_echoes_nothing_is_shown_as_it_is() -> None:
    text = r"50%25 of a+b &amp; c \/ \u0041 — &nothing; 100% %zz &#99999; \\"
    assert redact(text, [KEY, ODD, LOOKS_ESCAPED]) == text
    assert not echoes(text.encode(), [KEY, ODD, LOOKS_ESCAPED])


def test_what_is_around_a_raw_echo_is_shown_as_it_is() -> None:
    assert redact(f"100%25 {KEY} a+b", [KEY]) == "100%25 *** a+b"


@pytest.mark.parametrize("secret", ["", "u", "ab", "nothing"])
def test_a_secret_that_may_stand_anywhere_is_not_looked_for(secret: str) -> None:
    assert redact("nothing about u", [secret]) == "nothing about u"
    assert not echoes(b"nothing about u", [secret])


def test_a_secret_of_eight_letters_is_looked_for() -> None:
    assert redact("got 12345678", ["12345678"]) == "got ***"


def test_a_secret_within_a_secret_does_not_leave_a_rest() -> None:
    secrets = ["abcdabcd", "abcdabcd-efgh"]
    assert redact("got abcdabcd-efgh and abcdabcd", secrets) == "got *** and ***"


def test_an_echo_in_utf_16_is_found() -> None:
    assert echoes(f"<p>{KEY}</p>".encode("utf-16"), [KEY])


@given(st.binary())
def test_any_body_can_be_looked_through(body: bytes) -> None:
    assert not echoes(body, [KEY])


@given(st.text())
def test_any_text_that_echoes_nothing_stays_itself(text: str) -> None:
    assert redact(text, [KEY]) == text


@pytest.mark.parametrize("piece", ["%25", "&amp;", "\\u005c", "&#x26;#", "%2525"])
def test_a_body_of_nothing_but_escapes_ends(piece: str) -> None:
    assert not echoes(piece.encode() * 10_000, [KEY])
