"""The table of operations against the contract, both ways, and every call by what it sends.

Sections that have no tests of their own besides, such as `nfts`, are called here.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any, Literal

import calls
import contract
import pytest

from ledger_async import (
    NFT,
    Account,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    LedgerClient,
    NotFoundError,
    ServerError,
)
from ledger_async._protocol.error_mapping import error_of
from ledger_async._protocol.messages import Response
from ledger_async._protocol.query import encode_query
from ledger_async.models import TransactionCreationRequestDataV2
from ledger_async.sections._base.section import Section
from ledger_async.sections.operations import OPERATIONS, Operation, bound, operations

if not contract.PATH.exists():
    pytest.skip("contract file not present", allow_module_level=True)

CONTRACT = contract.Contract.load()

CALLED = [each for each in operations() if each.name is not None]
COMPARED = [each for each in CALLED if str(each) not in contract.FROM_THE_RULES]


@pytest.fixture
def ledger() -> LedgerClient:
    return calls.client()


# The table


def test_the_table_has_every_operation_of_the_contract_and_no_other() -> None:
    promised = {
        f"{method.upper()} {path}" for path, methods in CONTRACT.paths.items() for method in methods
    }
    assert {str(each) for each in operations()} == promised | contract.FROM_THE_RULES


def test_there_are_ninety_two_operations() -> None:
    assert len(OPERATIONS) == 92


def test_seven_operations_come_from_the_rules_and_not_from_the_file() -> None:
    assert (len(contract.API_USERS), len(contract.LAM_TRANSACTIONS)) == (4, 3)
    assert CONTRACT.paths.keys() & {each.split(" ")[1] for each in contract.API_USERS} == set()
    assert "post" not in CONTRACT.paths["/transactions"]


def test_all_but_those_of_the_bearer_scheme_are_called_by_users() -> None:
    hidden = {str(each) for each in operations() if each.name is None}
    assert hidden == {"POST /auth/token", "POST /auth/token/refresh"}


@pytest.mark.parametrize("operation", CALLED, ids=str)
def test_an_operation_is_called_by_its_name(operation: Operation, ledger: LedgerClient) -> None:
    values = calls.path_values(operation.path).values()
    assert callable(bound(ledger, str(operation.name), values))


def test_every_public_method_of_a_client_belongs_to_an_operation(ledger: LedgerClient) -> None:
    stems = {str(each.name).removesuffix(".stream") for each in CALLED if each.is_listing}
    ways = ("accepted", "listing", "page", "stream_accounts", "walk")
    pages = {f"{stem}.{name}" for stem in stems for name in ways}
    combined = {
        "accounts.erc20_children",
        "requests.approve_with",
        "requests.reject_with",
        "transactions.approve_if",
    }
    listed = {f"{stem}.page" for stem in stems} | {str(each.name) for each in CALLED}
    found = set(_methods(ledger, ""))
    assert found <= listed | pages | combined
    assert listed <= found


def _methods(holder: object, prefix: str) -> Iterator[str]:
    """The names of all methods of the sections of a client, as a caller writes them."""
    for name in dir(type(holder)) + list(vars(holder)):
        if name.startswith("_"):
            continue
        value = getattr(holder, name)
        if isinstance(value, Section):
            yield from _methods(value, f"{prefix}{name}.")
        elif isinstance(holder, Section):
            yield f"{prefix}{name}"
            if name.endswith("_children"):
                yield from _methods(value(7), f"{prefix}{name}.")


# What is sent, and as what it is decoded

EXPLAINED = {
    # The contract says pledges, its texts say settlements: a node is what its fields say.
    "GET /settlements": ["answer", "answer"],
    # The kind of the answer follows from the kind of transaction that is asked about.
    "POST /transactions/estimate-fees": ["answer"],
}


@pytest.mark.parametrize("operation", COMPARED, ids=str)
async def test_a_call_is_what_the_contract_says(operation: Operation, ledger: LedgerClient) -> None:
    promise = calls.Promise.of(CONTRACT, operation)
    lines = await calls.differences(ledger, operation, promise)
    differing = [line.partition(":")[0] for line in lines]
    assert differing == EXPLAINED.get(str(operation), []), "\n".join(lines)


@pytest.mark.parametrize("operation", COMPARED, ids=str)
async def test_no_parameter_of_a_query_takes_what_is_not_of_its_type(
    operation: Operation, ledger: LedgerClient
) -> None:
    promise = calls.Promise.of(CONTRACT, operation)
    method = bound(ledger, str(operation.name), calls.path_values(operation.path).values())
    required = {name: calls.query_sample(promise.query[name])[0] for name in promise.required}
    for name in promise.query.keys() - {"page", "page_size"}:
        with pytest.raises(ConfigurationError, match=name):
            await calls.sent(method, **required | {name: object()})


PER_ACCOUNT = [each for each in CALLED if each.is_listing and "{account_id}" in each.path]


@pytest.mark.parametrize("operation", PER_ACCOUNT, ids=str)
async def test_a_stream_of_many_accounts_asks_what_a_stream_of_one_asks(
    operation: Operation, ledger: LedgerClient
) -> None:
    name = str(operation.name)
    one = await calls.sent(bound(ledger, name, [7]))
    many = await calls.sent(bound(ledger, f"{name}_accounts", []), [7])
    assert (many.request, many.type) == (one.request, one.type)


async def test_the_fees_of_a_transaction_are_those_of_its_kind(ledger: LedgerClient) -> None:
    operation = next(each for each in CALLED if each.name == "transactions.estimate_fees")
    promise = calls.Promise.of(CONTRACT, operation)
    kinds = promise.kinds(promise.answer, is_sent=False)
    sample = calls.sample("creation", TransactionCreationRequestDataV2)
    assert (await calls.sent(ledger.transactions.estimate_fees, sample)).type in kinds


@pytest.mark.parametrize(
    ("name", "arguments", "request_line", "body"),
    [
        ("api_users.list", [], "GET /api_users", None),
        ("api_users.get", ["a b"], "GET /api_users/a%20b", None),
        ("api_users.create", ["anna"], "POST /api_users", b'{"name":"anna"}'),
        ("api_users.register", ["anna", "x/y"], "POST /api_users/anna/register/x%2Fy", None),
    ],
)
async def test_api_users_are_asked_for_as_a_lam_has_them(
    name: str, arguments: list[str], request_line: str, body: bytes | None, ledger: LedgerClient
) -> None:
    request = (await calls.sent(bound(ledger, name, arguments))).request
    assert (f"{request.method} {request.path}", request.content) == (request_line, body)
    assert request.is_repeatable == (request.method == "GET")


# What is said of it

MEANINGS = {
    400: BadRequestError,
    401: AuthenticationError,
    404: NotFoundError,
    501: ServerError,
}


def test_every_status_that_the_contract_declares_is_an_error_of_ours() -> None:
    declared = {
        int(status)
        for methods in CONTRACT.paths.values()
        for said in methods.values()
        for status in said["responses"]
    }
    assert {status: type(error_of(Response(status, {}, b""))) for status in declared - {200}} == (
        MEANINGS
    )


@pytest.mark.parametrize("operation", CALLED, ids=str)
def test_a_docstring_ends_with_the_path(operation: Operation, ledger: LedgerClient) -> None:
    values = calls.path_values(operation.path).values()
    method: Any = bound(ledger, str(operation.name), values).func
    chain = operation.path.split("/")[1]
    # One listing serves all kinds of nodes, one class several chains.
    inherited = inspect.getdoc(type(method.__self__)) or ""
    said = [f"{doc}".replace("{chain}", chain) for doc in (inspect.getdoc(method), inherited)]
    assert any(doc.endswith(f"`{operation}`.") for doc in said)


# The comparison itself: each call below is wrong in one way.

OPERATION = Operation("GET", "/accounts/{account_id}/things", "things.find")
PROMISE = calls.Promise(
    method="GET",
    path="/accounts/{account_id}/things",
    query={
        "color": {"type": "string", "enum": [None, "RED", "BLUE"], "nullable": True},
        "size": {"type": "array", "items": {"type": "integer"}, "nullable": True},
    },
    required=frozenset(),
    body=None,
    body_is_required=False,
    answer={"$ref": "#/components/schemas/Account"},
    schemas=CONTRACT.schemas,
)
Color = Literal["RED", "BLUE"]


class Things(Section):
    path = "/accounts/{account_id}/things"

    async def find(
        self, account_id: int, *, color: Color | None = None, size: Iterable[int] | None = None
    ) -> Account:
        query = encode_query({"color": color, "size": size}, {"color": str, "size": Iterable[int]})
        return await self._get(self.path, Account, query, account_id=account_id)


class WrongPath(Things):
    path = "/accounts/{account_id}/stuff"


class WrongMethod(Things):
    async def find(
        self, account_id: int, *, color: Color | None = None, size: Iterable[int] | None = None
    ) -> Account:
        return await self._send("PUT", self.path, Account, account_id=account_id)


class WrongAnswer(Things):
    async def find(
        self, account_id: int, *, color: Color | None = None, size: Iterable[int] | None = None
    ) -> Any:
        query = encode_query({"color": color, "size": size}, {"color": str, "size": Iterable[int]})
        return await self._get(self.path, NFT, query, account_id=account_id)


class MissingFilter(Things):
    async def find(  # type: ignore[override]
        self, account_id: int, *, color: Color | None = None
    ) -> Account:
        query = encode_query({"color": color}, {"color": str})
        return await self._get(self.path, Account, query, account_id=account_id)


class WrongType(Things):
    async def find(
        self, account_id: int, *, color: str | None = None, size: Iterable[int] | None = None
    ) -> Account:
        query = encode_query({"color": color, "size": size}, {"color": str, "size": Iterable[int]})
        return await self._get(self.path, Account, query, account_id=account_id)


class NotSent(Things):
    async def find(
        self, account_id: int, *, color: Color | None = None, size: Iterable[int] | None = None
    ) -> Account:
        return await self._get(self.path, Account, account_id=account_id)


@pytest.mark.parametrize(
    ("section", "differing"),
    [
        (Things, []),
        (WrongPath, ["path"]),
        (WrongMethod, ["method", "query", "repeatable"]),
        (WrongAnswer, ["answer"]),
        (MissingFilter, ["size"]),
        (WrongType, ["color"]),
        (NotSent, ["query"]),
    ],
)
async def test_the_comparison_notices_what_is_wrong(
    section: type[Things], differing: list[str], ledger: LedgerClient
) -> None:
    holder = SimpleNamespace(things=section(ledger._runtime))
    lines = await calls.differences(holder, OPERATION, PROMISE)
    assert [line.partition(":")[0] for line in lines] == differing


async def test_the_comparison_says_what_is_wrong(ledger: LedgerClient) -> None:
    holder = SimpleNamespace(things=WrongPath(ledger._runtime))
    assert await calls.differences(holder, OPERATION, PROMISE) == [
        "path: the contract has /accounts/7/things, the call sends /accounts/7/stuff"
    ]


class Creation(Section):
    async def find(self, account_id: int, *, jws: str | None = None) -> Account:
        return await self._send("POST", Things.path, Account, account_id=account_id)


async def test_the_comparison_notices_a_body_that_is_wrong_or_not_required(
    ledger: LedgerClient,
) -> None:
    body = {"$ref": "#/components/schemas/_RequestApprovePayload"}
    promise = PROMISE._replace(method="POST", query={}, body=body, body_is_required=True)
    holder = SimpleNamespace(things=Creation(ledger._runtime))
    assert await calls.differences(holder, OPERATION, promise) == [
        "body: the call sends None",
        "body: required in the contract or in the call alone",
    ]
