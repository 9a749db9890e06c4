"""The API's contract, to hold structs against: what it promises, and payloads that keep to it."""

from __future__ import annotations

import json
import operator
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from pathlib import Path
from types import GenericAlias, UnionType
from typing import Any, NamedTuple, TypeAlias, Union, get_args, get_origin

import msgspec
from hypothesis import strategies as st

from ledger_async import models
from ledger_async.models.fields import StandIn

PATH = Path(__file__).resolve().parents[2] / "shared/contract/ledger-enterprise-v1.json"

Schema: TypeAlias = Mapping[str, Any]
Types: TypeAlias = Mapping[str, Any]  # by schema name; a struct or the alias of a generic one

TYPES: Types = {
    **{name: value for name in dir(models) if isinstance(value := getattr(models, name), type)},
    "APISearchPageInfo": models.PageInfo,
    "AccountSearchResult": models.Edge[models.Account],
    "NFTCollectionResult": models.Edge[models.NFTCollection],
    "NFTResult": models.Edge[models.NFT],
    "PaginatedNFTCollections": models.Page[models.NFTCollection],
    "PaginatedNFTs": models.Page[models.NFT],
    "_APISearchAccountResults": models.Page[models.Account],
}

# Told apart by `type`, but the contract does not say which value is whose.
TAGS = {
    "AccountMultiauthRule": "MULTI_AUTHORIZATIONS",
    "AccountSmartContractInteractionRule": "SMART_CONTRACT_INTERACTION",
    "AccountThresholdRule": "THRESHOLD",
    "AccountTransactionFilterRule": "TRANSACTION_FILTER",
    "AccountWhitelistRule": "WHITELIST",
}

_SCALARS: Types = {
    "boolean": bool,
    "date-time": datetime,
    "integer": int,
    "number": Decimal,
    "string": str,
}
_REQUIRED = msgspec.NODEFAULT


class Contract(NamedTuple):
    """The machine-readable contract, as far as structs are concerned."""

    schemas: Mapping[str, Schema]
    paths: Mapping[str, Any]

    @classmethod
    def load(cls) -> Contract:
        document = json.loads(PATH.read_bytes())
        return cls(document["components"]["schemas"], document["paths"])

    def response(self, path: str) -> str:
        """The name of the schema that GET answers with."""
        answer = self.paths[path]["get"]["responses"]["200"]
        return _name(answer["content"]["application/json"]["schema"])

    def query_enum(self, path: str, parameter: str) -> set[str]:
        parameters = self.paths[path]["get"]["parameters"]
        (schema,) = (each["schema"] for each in parameters if each["name"] == parameter)
        return set(schema["enum"]) - {None}

    def kinds(self, schema: str, field: str) -> list[str]:
        """The schemas of which this field, or each of its items, is one."""
        return list(_references(self.schemas[schema]["properties"][field]))

    def reached_from(self, paths: Iterable[str]) -> list[str]:
        """Every schema in the answers of GET on these paths, sorted by name."""
        reached: set[str] = set()
        new = {name for path in paths for name in _references(self.paths[path]["get"]["responses"])}
        while new:
            reached |= new
            new = {other for name in new for other in _references(self.schemas[name])} - reached
        return sorted(reached)


class Field(NamedTuple):
    """What a caller finds under a wire name."""

    type: object
    default: object


def differences(schema: Schema, struct: Any, types: Types) -> list[str]:
    """One line for each wire name on which contract and struct do not agree."""
    promised, declared = promised_fields(schema, types), declared_fields(struct)
    return [
        f"{name}: the contract has {promised.get(name)}, the struct {declared.get(name)}"
        for name in sorted(promised.keys() | declared.keys())
        if promised.get(name) != declared.get(name)
    ]


def promised_fields(schema: Schema, types: Types) -> dict[str, Field]:
    required = schema.get("required", ())
    return {
        name: Field(_promised_type(each, types), _REQUIRED if name in required else _default(each))
        for name, each in schema["properties"].items()
    }


def declared_fields(struct: Any) -> dict[str, Field]:
    return {
        field.encode_name: Field(_declared_type(field.type), field.default)
        for field in msgspec.structs.fields(struct)
    }


def _default(schema: Schema) -> object:
    # An array that is left out is empty; anything else must have a default to be left out.
    return schema.get("default", () if schema.get("type") == "array" else _REQUIRED)


def _promised_type(schema: Schema, types: Types) -> Any:
    plain = _plain_type(schema, types)
    return plain | None if schema.get("nullable") else plain


def _plain_type(schema: Schema, types: Types) -> Any:
    match schema:
        case {"$ref": _}:
            return types[_name(schema)]
        case {"allOf": [only]}:
            return _promised_type(only, types)
        case {"oneOf": kinds}:
            return _union(_promised_type(kind, types) for kind in kinds)
        case {"items": items}:
            return GenericAlias(tuple, (_promised_type(items, types), ...))
        case {"additionalProperties": values}:
            return GenericAlias(Mapping, (str, _promised_type(values, types)))
    return _SCALARS[_scalar(schema)]


def _declared_type(declared: Any) -> Any:
    """The declared type, with stand-ins replaced by what they stand for."""
    if isinstance(declared, StandIn):
        return _union(kind for kind in declared.accepts if kind is not dict)
    origin, args = get_origin(declared), get_args(declared)
    if origin is tuple:
        return GenericAlias(tuple, (_declared_type(args[0]), ...))
    if origin in {Union, UnionType}:
        return _union(map(_declared_type, args))
    return declared


def _union(kinds: Iterable[Any]) -> Any:
    return reduce(operator.or_, kinds)


def _scalar(schema: Schema) -> str:
    # Some constants come with an enum or a default, but without a type: all of them strings.
    return "date-time" if schema.get("format") == "date-time" else schema.get("type", "string")


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield _name(node)
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _references(each)


_TEXT = st.text(max_size=8)
_SCALAR_PAYLOADS: Mapping[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "date-time": st.datetimes(timezones=st.sampled_from([None, UTC])).map(datetime.isoformat),
    "integer": st.integers() | st.integers(-(2**256), 2**256),
    "number": st.decimals(allow_nan=False, allow_infinity=False) | st.integers(),
    "string": _TEXT,
}
_ANYTHING = st.recursive(
    st.one_of(st.none(), *_SCALAR_PAYLOADS.values()),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXT, inner, max_size=2),
    max_leaves=3,
)
_UNKNOWN_FIELDS = st.dictionaries(_TEXT.map("new_{}".format), _ANYTHING, max_size=2)
_UNKNOWN_KIND = st.fixed_dictionaries({"type": st.just("NEW_KIND") | _ANYTHING})


def payloads(name: str, schemas: Mapping[str, Schema]) -> st.SearchStrategy[Any]:
    """Answers that keep to a schema and make full use of what it leaves open.

    Fields, enum values and kinds that it does not know, nulls where allowed, integers of any size.
    """
    properties = schemas[name]["properties"]
    fields = {each: _payloads(schema, schemas) for each, schema in properties.items()}
    if "type" in fields:
        fields["type"] = st.just(TAGS.get(name) or properties["type"].get("default", "NEW"))
    always = {"type", *schemas[name].get("required", ())}  # unions are told apart by `type`
    known = st.fixed_dictionaries(
        {each: fields[each] for each in fields if each in always},
        optional={each: fields[each] for each in fields if each not in always},
    )
    return st.builds(operator.or_, _UNKNOWN_FIELDS, known)


def _payloads(schema: Schema, schemas: Mapping[str, Schema]) -> st.SearchStrategy[Any]:
    plain = _plain_payloads(schema, schemas)
    return st.none() | plain if schema.get("nullable") else plain


def _plain_payloads(schema: Schema, schemas: Mapping[str, Schema]) -> st.SearchStrategy[Any]:
    match schema:
        case {"$ref": _}:
            return payloads(_name(schema), schemas)
        case {"allOf": [only]}:
            return _payloads(only, schemas)
        case {"oneOf": kinds}:
            new = [_UNKNOWN_KIND] if "$ref" in kinds[0] else []
            return st.one_of(*new, *(_payloads(kind, schemas) for kind in kinds))
        case {"items": items}:
            return st.lists(_payloads(items, schemas), max_size=2)
        case {"additionalProperties": values}:
            return st.dictionaries(_TEXT, _payloads(values, schemas), max_size=2)
    return _SCALAR_PAYLOADS[_scalar(schema)]
