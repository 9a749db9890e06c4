"""Of the answer to a confidential request, nothing is quoted."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest
from leaks import nothing_left
from raw_server import reply
from section_server import answering

from ledger_async import LedgerClient, LedgerError, RetryPolicy
from ledger_async.models.base.payload import Payload
from ledger_async.sections._base.section import Section

SECRET = "shared-secret-of-a-webhook"
ONCE = RetryPolicy(max_attempts=1)


class Webhook(Payload, frozen=True, kw_only=True):
    """Both what is sent and what is answered."""

    secret: str
    url: str

    def __repr__(self) -> str:
        return "Webhook()"


class Keeper(Section):
    async def read(self, *, confidential: bool = True) -> Webhook:
        return await self._get("/webhook", Webhook, confidential=confidential)

    async def write(self) -> Webhook:
        webhook = Webhook(secret=SECRET, url="https://elsewhere.example")
        return await self._send("PUT", "/webhook", Webhook, webhook, confidential=True)


def keeper(ledger: LedgerClient) -> Keeper:
    return Keeper(ledger._runtime)


CALLS: dict[str, Callable[[LedgerClient], Awaitable[object]]] = {
    "read": lambda ledger: keeper(ledger).read(),
    "written": lambda ledger: keeper(ledger).write(),
}
QUOTING = json.dumps({"message": f"{SECRET} is wrong", "secret": SECRET}).encode()
ANSWERS = {
    "400": reply(QUOTING, status="400 Bad Request"),
    "401": reply(QUOTING, status="401 Unauthorized"),
    "404": reply(QUOTING, status="404 Not Found"),
    "418": reply(QUOTING, status="418 I'm a teapot"),
    "500": reply(QUOTING, status="500 Internal Server Error"),
    "a redirect": reply(QUOTING, status="302 Found"),
    "a field that is missing": reply(json.dumps({"secret": SECRET}).encode()),
    "a field of another type": reply(json.dumps({"secret": [SECRET], "url": "u"}).encode()),
    "cut JSON": reply(f'{{"secret": "{SECRET}"'.encode()),
    "no JSON": reply(SECRET.encode()),
    "no UTF-8": reply(f'{{"url": "\xff", "secret": "{SECRET}"}}'.encode("latin-1")),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_no_error_shows_what_a_confidential_answer_says(
    call: Callable[[LedgerClient], Awaitable[object]],
    answer: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with (
        nothing_left(caplog, SECRET) as shown,
        answering(answer, retry=ONCE) as (_, ledger),
    ):
        try:
            await call(ledger)
        except LedgerError as error:
            shown.append(error)
        assert shown


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (ANSWERS["400"], "400 bad request"),
        (ANSWERS["no JSON"], "the body does not decode, and is confidential"),
    ],
)
async def test_an_error_says_what_happened_all_the_same(answer: bytes, message: str) -> None:
    async with answering(answer) as (_, ledger):
        with pytest.raises(LedgerError) as caught:
            await keeper(ledger).read()
    assert (caught.value.message, caught.value.path) == (message, "/webhook")


async def test_an_error_about_a_confidential_field_says_where_it_is() -> None:
    async with answering(ANSWERS["a field of another type"]) as (_, ledger):
        with pytest.raises(LedgerError) as caught:
            await keeper(ledger).read()
    assert getattr(caught.value, "json_path", None) == "$.secret"


async def test_an_answer_that_is_not_confidential_is_quoted() -> None:
    async with answering(ANSWERS["400"]) as (_, ledger):
        with pytest.raises(LedgerError, match=SECRET):
            await keeper(ledger).read(confidential=False)


async def test_a_confidential_answer_is_given_to_its_caller() -> None:
    body = json.dumps({"secret": SECRET, "url": "https://elsewhere.example"}).encode()
    async with answering(reply(body)) as (_, ledger):
        assert (await keeper(ledger).read()).secret == SECRET
