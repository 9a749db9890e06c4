"""The API's contract, and the comparison of its schemas with the structs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from ledger_async import models
from ledger_async.models.base.fields import StandIn
from ledger_async.models.base.paging import page_of
from ledger_async.models.base.payload import UuidText

PATH = Path(__file__).resolve().parents[3] / "shared/contract/ledger-enterprise-v1.json"

# Served by a LAM, and in its reference, but not in the contract's file: `rules.md` has them.
API_USERS = {
    "GET /api_users",
    "GET /api_users/{name}",
    "POST /api_users",
    "POST /api_users/{name}/register/{url_id}",
}
LAM_TRANSACTIONS = {
    "POST /transactions",
    "POST /transactions/fees",
    "POST /transactions/{transaction_id}/approve",
}
FROM_THE_RULES = API_USERS | LAM_TRANSACTIONS

Schema: TypeAlias = Mapping[str, Any]
Schemas: TypeAlias = Mapping[str, Schema]

# Schemas whose struct has another name.
_RENAMED = {
    "APISearchPageInfo": models.PageInfo,
    "Error": models.ErrorBody,
    "_CardanoStake": models.FullCardanoStake,
    "_SolanaStake": models.FullSolanaStake,
    "_TezosStake": models.FullTezosStake,
}

_SCALARS: Mapping[str, type] = {"boolean": bool, "date-time": datetime, "number": Decimal}
_REQUIRED = msgspec.NODEFAULT
_UUID: str = get_args(UuidText)[1].pattern


class Contract(NamedTuple):
    """The machine-readable contract, as far as structs are concerned."""

    schemas: Schemas
    paths: Mapping[str, Any]

    @classmethod
    def load(cls) -> Contract:
        document = json.loads(PATH.read_bytes())
        return cls(document["components"]["schemas"], document["paths"])

    def answers(self) -> list[Schema]:
        """Each schema that an operation answers with when all is well, once."""
        return _once(_content(each["responses"]["200"]) for each in self._operations())

    def bodies(self) -> list[Schema]:
        """Each schema of what is sent, once."""
        sent = (each["requestBody"] for each in self._operations() if "requestBody" in each)
        return _once(map(_content, sent))

    def answer(self, method: str, path: str) -> Schema:
        return _content(self.paths[path][method]["responses"]["200"])

    def reached(self) -> set[str]:
        """Every schema in an answer or a body."""
        return self.within(self.paths)

    def within(self, node: object) -> set[str]:
        """Every schema that is referred to, from here or from where that leads."""
        reached: set[str] = set()
        new = set(references(node))
        while new:
            reached |= new
            new = {other for name in new for other in references(self.schemas[name])} - reached
        return reached

    def unions(self) -> Iterator[tuple[str, str, list[str]]]:
        """Each field of a schema that is one of several kinds, and these kinds."""
        for name, schema in self.schemas.items():
            for field, each in schema["properties"].items():
                if len(kinds := list(references(each))) > 1:
                    yield name, field, kinds

    def query_enum(self, path: str, parameter: str) -> set[str]:
        parameters = self.paths[path]["get"]["parameters"]
        (schema,) = (each["schema"] for each in parameters if each["name"] == parameter)
        return set(schema["enum"]) - {None}

    def _operations(self) -> Iterator[Any]:
        for path in self.paths.values():
            yield from (each for method, each in path.items() if method in {"get", "post", "put"})


def type_of(name: str, schemas: Schemas) -> Any:
    """The struct of a schema, or what stands for it: a page, an edge, a mapping."""
    properties = schemas[name]["properties"]
    if not properties:
        return Mapping[str, object]
    if properties.keys() == {"edges", "page_info"}:
        edge = schemas[ref(properties["edges"]["items"])]
        return page_of(type_of(ref(edge["properties"]["node"]), schemas))
    if properties.keys() == {"cursor", "node"}:
        node: Any = type_of(ref(properties["node"]), schemas)
        return models.Edge[node]
    return _RENAMED.get(name) or getattr(models, name.removeprefix("_"))


# What a caller finds in a field, in the same words for a schema and for a struct.


class Text(NamedTuple):
    """A string: the values known of it, whether there are no others, and its bounds."""

    known: frozenset[str] = frozenset()
    closed: bool = False
    pattern: str | None = None
    shortest: int | None = None
    longest: int | None = None


class Integer(NamedTuple):
    least: int | None = None
    most: int | None = None


class Array(NamedTuple):
    items: Kinds


class Object(NamedTuple):
    values: Kinds


Kinds: TypeAlias = frozenset[object]  # of these, and of structs, other types, `object` and None

ANYTHING: Kinds = frozenset({object})


class Field(NamedTuple):
    """What a caller finds under a wire name."""

    kinds: Kinds
    default: object


def differences(schema: Schema, struct: Any, schemas: Schemas) -> list[str]:
    """One line for each wire name on which contract and struct do not agree."""
    promise = _Promise(schemas, sent=_is_payload(struct))
    promised, declared = promise.fields(schema), declared_fields(struct)
    return [
        f"{name}: the contract has {promised.get(name)}, the struct {declared.get(name)}"
        for name in sorted(promised.keys() | declared.keys())
        if promised.get(name) != declared.get(name)
    ]


class _Promise(NamedTuple):
    """What schemas promise; of what is `sent`, they bind us, else us only the types."""

    schemas: Schemas
    sent: bool

    def fields(self, schema: Schema) -> dict[str, Field]:
        required = schema.get("required", ())
        return {
            name: Field(self._field(each), self._default(each, required=name in required))
            for name, each in schema["properties"].items()
        }

    def _field(self, schema: Schema) -> Kinds:
        # The constant of an answer says nothing that the name of its struct does not.
        return frozenset({Text()}) if not self.sent and _is_constant(schema) else self.kinds(schema)

    def _default(self, schema: Schema, *, required: bool) -> object:
        if required:
            return schema["enum"][0] if self.sent and _is_constant(schema) else _REQUIRED
        # An array that is left out is empty; anything else must have a default to be left out.
        return schema.get("default", () if schema.get("type") == "array" else _REQUIRED)

    def kinds(self, schema: Schema) -> Kinds:
        plain = self._plain(schema)
        return plain | {None} if schema.get("nullable") and plain != ANYTHING else plain

    def _plain(self, schema: Schema) -> Kinds:
        match schema:
            case {"$ref": _}:
                return _declared(type_of(ref(schema), self.schemas))
            case {"allOf": [only]}:
                return self.kinds(only)
            case {"oneOf": kinds}:
                return self._union(frozenset().union(*map(self.kinds, kinds)))
            case {"items": items}:
                return frozenset({Array(self.kinds(items))})
            case {"additionalProperties": values}:
                return frozenset({Object(self.kinds(values))})
        return self._scalar(schema)

    def _scalar(self, schema: Schema) -> Kinds:
        match scalar(schema):
            case None:
                return ANYTHING
            case "string":
                return frozenset({self._text(schema)})
            case "integer" if self.sent:
                return frozenset({Integer(schema.get("minimum"), schema.get("maximum"))})
            case "integer":
                return frozenset({Integer()})
            case other:
                return frozenset({_SCALARS[other]})

    def _text(self, schema: Schema) -> Text:
        known = frozenset(schema.get("enum", ())) - {None}
        if not self.sent:
            return Text(known)
        # The end of the text is `$` in the contract, where Python lets a line break follow.
        pattern = _UUID if schema.get("format") == "uuid" else schema.get("pattern")
        pattern = re.sub(r"\$\Z", r"\\Z", pattern) if pattern else None
        bounds = schema.get("minLength"), schema.get("maxLength")
        return Text(known, bool(known), pattern, *bounds)

    def _union(self, kinds: Kinds) -> Kinds:
        """One kind of text and of array at most; of answers, structs and what is not known yet."""
        texts = [kind for kind in kinds if isinstance(kind, Text)]
        arrays = [kind for kind in kinds if isinstance(kind, Array)]
        structs = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Struct)]
        merged = set(kinds - {*texts, *arrays})
        if texts:
            merged.add(Text(frozenset().union(*(text.known for text in texts))))
        if arrays:
            merged.add(Array(self._union(frozenset().union(*(array.items for array in arrays)))))
        if len(structs) > 1 and not self.sent:
            merged.add(dict)
        return frozenset(merged)


def declared_fields(struct: Any) -> dict[str, Field]:
    fields = {
        field.encode_name: Field(_declared(field.type), _declared_default(field))
        for field in msgspec.structs.fields(struct)
    }
    config = (get_origin(struct) or struct).__struct_config__
    if config.tag_field is None:
        return fields
    return fields | {config.tag_field: Field(_declared(Literal[config.tag]), config.tag)}


def _declared_default(field: msgspec.structs.FieldInfo) -> object:
    made = field.default_factory
    return field.default if made is msgspec.NODEFAULT else made()


def _declared(declared: Any) -> Kinds:
    """The kinds of a declared type, with stand-ins replaced by what they stand for."""
    origin, args = get_origin(declared), get_args(declared)
    if isinstance(declared, StandIn) or origin in {Union, UnionType}:
        members = declared.accepts if isinstance(declared, StandIn) else args
        return frozenset().union(*map(_declared, members))
    if origin is Annotated:
        return frozenset({_annotated(*args)})
    if origin is Literal:
        return frozenset({Text(frozenset(args), closed=True)})
    if origin in {tuple, Sequence}:
        return frozenset({Array(_declared(args[0]))})
    if origin is Mapping:
        return frozenset({Object(_declared(args[1]))})
    plain = {str: Text(), int: Integer(), type(None): None}
    return frozenset({plain.get(declared, declared)})


def _annotated(type_: type, *notes: Any) -> object:
    meta = next((note for note in notes if isinstance(note, Meta)), Meta())
    if type_ is int:
        bounds: Any = meta.ge, (meta.extra_json_schema or {}).get("maximum", meta.le)
        return Integer(*bounds)
    known = frozenset(_values(note for note in notes if not isinstance(note, Meta)))
    return Text(known, False, meta.pattern, meta.min_length, meta.max_length)


def _values(literals: Iterable[Any]) -> Iterator[str]:
    for each in literals:
        if get_origin(each) is Literal:
            yield from get_args(each)
        else:
            yield from _values(get_args(each))


def scalar(schema: Schema) -> str | None:
    """The type of a schema that is not made of others; `None` if it may be anything."""
    if schema.get("format") == "date-time":
        return "date-time"
    # Some constants come with an enum or a default, but without a type: all of them strings.
    untyped = "string" if schema.keys() & {"default", "enum"} else None
    given: str | None = schema.get("type", untyped)
    return given


def ref(schema: Schema) -> str:
    """The name of the schema that is referred to."""
    return str(schema["$ref"]).rpartition("/")[2]


def references(node: object) -> Iterator[str]:
    """Every schema that is referred to in this part of the contract."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield ref(node)
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from references(each)


def _is_constant(schema: Schema) -> bool:
    return len(schema.get("enum", ())) == 1


def _is_payload(struct: Any) -> bool:
    return isinstance(struct, type) and issubclass(struct, models.Payload)


def _content(described: Any) -> Schema:
    schema: Schema = described["content"]["application/json"]["schema"]
    return schema


def _once(schemas: Iterable[Schema]) -> list[Schema]:
    return list({json.dumps(each, sort_keys=True): each for each in schemas}.values())
