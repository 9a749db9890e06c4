"""The calls of a client held against the contract: what they take, send and decode."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin
from unittest.mock import patch
from urllib.parse import parse_qsl, quote

import contract
from contract import Contract, Kinds, Schema
from msgspec import NODEFAULT, Meta, Struct, structs

from ledger_async import LedgerClient, NodeStream
from ledger_async._protocol import codec
from ledger_async._protocol.messages import Headers, Request, Response
from ledger_async.cli.arguments import Parameter, keywords
from ledger_async.models.base.fields import StandIn
from ledger_async.sections.operations import Operation, bound

_MOMENT = datetime(2025, 1, 31, 12, 30, tzinfo=UTC)
_DAY = date(2025, 1, 31)

# Strings of which one or another keeps to a pattern.
_TEXTS = ("12345678-1234-1234-1234-123456789abc", "1.5", "7", "abc")
_SAMPLES: Mapping[Any, object] = {
    bool: True,
    date: _DAY,
    datetime: _MOMENT,
    int: 7,
    object: "anything",
    str: "abc",
}
_SAMPLES_BY_NAME = {"amount": "5", "jws": "a.b.c", "max_fee": "5", "max_fees": "5"}

_QUERY_SAMPLES: Mapping[str, list[tuple[object, str]]] = {
    "date": [(_DAY, "2025-01-31")],
    "date-time": [(_MOMENT, "2025-01-31T12:30:00+00:00")],
    "integer": [(7, "7"), (8, "8")],
    "pattern": [("1.5", "1.5")],
    "string": [("a b", "a b"), ("\N{EURO SIGN}&=", "\N{EURO SIGN}&=")],
}

# What is said of a stream or of a page, and not to the API.
OPTIONS = {"consistency", "node_type", "number", "on_invalid", "page_size"}
_PAGING = {"page", "page_size"}


class Sent(Exception):  # noqa: N818 - no error
    """A request, and the type that its answer is to be decoded to."""

    def __init__(self, request: Request, type_: Any) -> None:
        self.request, self.type = request, type_


class _Echo(bytes):
    """The body of an answer, by which to tell what was asked."""

    request: Request


class _Recorder:
    """A transport that answers each request with its echo."""

    async def send(self, request: Request, headers: Headers) -> Response:
        body = _Echo()
        body.request = request
        return Response(200, {}, body)

    async def close(self) -> None:
        """Nothing is open."""


_decode = codec.decode


def _decoded(body: bytes, type_: Any, **options: Any) -> Any:
    if isinstance(body, _Echo):
        raise Sent(body.request, type_)
    return _decode(body, type_, **options)


def _decoder(type_: Any) -> Callable[[bytes], Any]:
    return lambda body: _decoded(body, type_)


def client() -> LedgerClient:
    """A client whose calls raise what they would have sent."""
    return LedgerClient(api_key="k", api_user="u", transport=_Recorder())


async def sent(method: Callable[..., Any], /, *positional: object, **named: object) -> Sent:
    """What a call sends first."""
    with (
        warnings.catch_warnings(),
        patch.object(codec, "decode", _decoded),
        patch.object(codec, "decoder", _decoder),
    ):
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            answer = method(*positional, **named)
            if isinstance(answer, NodeStream):
                async with answer:
                    await anext(answer)
            else:
                await answer
        except Sent as caught:
            return caught
    raise AssertionError("nothing was sent")


class Promise(NamedTuple):
    """What the contract says of one operation."""

    method: str
    path: str
    query: Mapping[str, Schema]
    required: frozenset[str]
    body: Any  # its schema; `None` where there is none
    body_is_required: bool
    answer: Schema
    schemas: contract.Schemas

    @classmethod
    def of(cls, whole: Contract, operation: Operation) -> Promise:
        method, path = str(operation).split(" ")
        said = whole.paths[path][method.lower()]
        query = [each for each in said.get("parameters", ()) if each["in"] == "query"]
        body = said.get("requestBody")
        return cls(
            method,
            path,
            {each["name"]: each["schema"] for each in query},
            frozenset(each["name"] for each in query if each["required"]),
            body and body["content"]["application/json"]["schema"],
            body is not None and body["required"],
            whole.answer(method.lower(), path),
            whole.schemas,
        )

    def kinds(self, schema: Schema, *, is_sent: bool) -> Kinds:
        if schema.get("format") == "date":
            return frozenset({date})
        return contract._Promise(self.schemas, sent=is_sent).kinds(schema) - {None}


async def differences(ledger: object, operation: Operation, promise: Promise) -> list[str]:
    """One line for each thing in which a call is not what the contract says of it."""
    name, values = str(operation.name), path_values(operation.path)
    method = bound(ledger, name, values.values())
    taken = {key: each for key, each in keywords(method).items() if key not in OPTIONS}
    if promise.body is not None:
        return await _body_differences(method, taken, values, promise)
    given = {key: query_sample(promise.query[key]) for key in taken.keys() & promise.query.keys()}
    named = {key: value for key, (value, _) in given.items()}
    pairs = [(key, text) for key, (_, texts) in given.items() for text in texts]
    made = await sent(method, **named)
    lines = [*_query_differences(taken, promise), *_answer_differences(made.type, promise)]
    if not operation.is_listing:
        return [*lines, *_request_differences(made.request, promise, values, pairs)]
    page = bound(ledger, f"{name.removesuffix('.stream')}.page", values.values())
    paged = await sent(page, 3, page_size=40, **named)
    first, third = (("page", "1"), ("page_size", "100")), (("page", "3"), ("page_size", "40"))
    return [
        *lines,
        *_request_differences(made.request, promise, values, [*pairs, *first]),
        *_request_differences(paged.request, promise, values, [*pairs, *third]),
        *_answer_differences(paged.type, promise),
    ]


def path_values(path: str) -> dict[str, int | str]:
    """Values of the parameters of a path, no two alike."""
    names = re.findall(r"\{(\w+)(:s)?\}", path)
    return {
        name: f"{number} a/b?\N{EURO SIGN}" if is_text else number
        for number, (name, is_text) in enumerate(names, start=7)
    }


def _request_differences(
    request: Request,
    promise: Promise,
    values: Mapping[str, int | str],
    pairs: Iterable[tuple[str, str]] = (),
) -> Iterator[str]:
    path = promise.path.format_map({key: quote(str(each), safe="") for key, each in values.items()})
    wanted = {
        "method": promise.method,
        "path": path,
        "query": sorted(pairs),
        "repeatable": promise.method == "GET",
    }
    ours = {
        "method": request.method,
        "path": request.path,
        "query": sorted(parse_qsl(request.query, strict_parsing=bool(request.query))),
        "repeatable": request.is_repeatable,
    }
    for key, value in wanted.items():
        if ours[key] != value:
            yield f"{key}: the contract has {value}, the call sends {ours[key]}"


def _query_differences(taken: Mapping[str, Parameter], promise: Promise) -> Iterator[str]:
    for key in sorted(taken.keys() | promise.query.keys() - _PAGING):
        said = promise.query.get(key)
        wanted = None if said is None else promise.kinds(said, is_sent=True)
        ours = _declared(taken[key].type) if key in taken else None
        if ours != wanted:
            yield f"{key}: the contract has {wanted}, the call takes {ours}"
        elif taken[key].is_required != (key in promise.required):
            yield f"{key}: required in the contract or in the call alone"


def _declared(type_: Any) -> Kinds:
    for kind in (type_, *get_args(type_)):
        if get_origin(kind) is Iterable:
            return frozenset({contract.Array(contract._declared(get_args(kind)[0]))})
    return contract._declared(type_) - {None}


def _answer_differences(type_: Any, promise: Promise) -> Iterator[str]:
    wanted, ours = promise.kinds(promise.answer, is_sent=False), contract._declared(type_)
    if ours != wanted:
        yield f"answer: the contract has {wanted}, the call decodes {ours}"


async def _body_differences(
    method: Callable[..., Any],
    taken: Mapping[str, Parameter],
    values: Mapping[str, int | str],
    promise: Promise,
) -> list[str]:
    whole = await sent(method, **{key: sample(key, each.type) for key, each in taken.items()})
    lines = [
        *_request_differences(whole.request, promise, values),
        *_answer_differences(whole.type, promise),
    ]
    body = json.loads(whole.request.content or b"null")
    kinds = contract.references(promise.body.get("anyOf", promise.body))
    if not any(_fits(body, promise.schemas[name]) for name in kinds):
        lines.append(f"body: the call sends {body}")
    if any(each.is_required for each in taken.values()) != promise.body_is_required:
        lines.append("body: required in the contract or in the call alone")
    elif not promise.body_is_required and (await sent(method)).request.body is not None:
        lines.append("body: not required, but sent though it was not given")
    return lines


def _fits(body: object, schema: Schema) -> bool:
    required = set(schema.get("required", ()))
    return isinstance(body, dict) and required <= body.keys() <= schema["properties"].keys()


# Arguments


def query_sample(schema: Schema) -> tuple[object, list[str]]:
    """A value for a parameter of a query, and the texts that it is to be sent as."""
    if schema["type"] == "array":
        pairs = _scalar_samples(schema["items"])
        return [value for value, _ in pairs], [text for _, text in pairs]
    value, text = _scalar_samples(schema)[0]
    return value, [text]


def _scalar_samples(schema: Schema) -> list[tuple[object, str]]:
    if "enum" in schema:
        return [(each, each) for each in schema["enum"] if each is not None]
    if schema["type"] == "boolean":
        value = not schema.get("default")
        return [(value, "true" if value else "false")]
    kind = "pattern" if "pattern" in schema else schema.get("format", schema["type"])
    return _QUERY_SAMPLES[kind]


def sample(name: str, type_: Any) -> Any:
    """A value of this type: a struct with what it requires, the first kind of a union."""
    if name in _SAMPLES_BY_NAME and type_ is str:
        return _SAMPLES_BY_NAME[name]
    if isinstance(type_, StandIn):
        return sample(name, type_.accepts[0])
    if isinstance(type_, type) and issubclass(type_, Struct):
        return type_(**_required(type_))
    return _SAMPLES[type_] if type_ in _SAMPLES else _generic_sample(name, type_)


def _generic_sample(name: str, type_: Any) -> object:
    origin, args = get_origin(type_), get_args(type_)
    if origin is Literal:
        return args[0]
    if origin is Annotated:
        return _annotated_sample(name, *args)
    if origin in {Union, UnionType}:
        return sample(name, next(each for each in args if each is not NoneType))
    return {} if origin is Mapping else (sample(name, args[0]),)


def _required(struct: type[Struct]) -> dict[str, object]:
    return {
        each.name: sample(each.name, each.type)
        for each in structs.fields(struct)
        if each.default is NODEFAULT and each.default_factory is NODEFAULT
    }


def _annotated_sample(name: str, type_: Any, *notes: object) -> object:
    for note in notes:
        if isinstance(note, Meta) and note.pattern is not None:
            return next(text for text in _TEXTS if re.search(note.pattern, text))
    return sample(name, type_)
