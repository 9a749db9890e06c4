"""Answers and bodies that keep to the contract and make full use of what it leaves open."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

from contract import Schema, Schemas, ref, scalar, type_of
from hypothesis import strategies as st
from msgspec import structs

Strategy: TypeAlias = st.SearchStrategy[Any]

# Told apart by `type`, but the contract does not say which value is whose.
TAGS = {
    "AccountMultiauthRule": "MULTI_AUTHORIZATIONS",
    "AccountSmartContractInteractionRule": "SMART_CONTRACT_INTERACTION",
    "AccountThresholdRule": "THRESHOLD",
    "AccountTransactionFilterRule": "TRANSACTION_FILTER",
    "AccountWhitelistRule": "WHITELIST",
}

_TEXT = st.text(max_size=8)
_SCALARS: Mapping[str, Strategy] = {
    "boolean": st.booleans(),
    "date-time": st.datetimes(timezones=st.sampled_from([None, UTC])).map(datetime.isoformat),
    "integer": st.integers() | st.integers(-(2**256), 2**256),
    "number": st.decimals(allow_nan=False, allow_infinity=False) | st.integers(),
    "string": _TEXT,
}
_FORMATS: Mapping[str, Strategy] = {
    "url": _TEXT.map("https://{}".format),
    "uuid": st.uuids().map(str),
}
_ANYTHING = st.recursive(
    st.one_of(st.none(), *_SCALARS.values()),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXT, inner, max_size=2),
    max_leaves=3,
)
_UNKNOWN_FIELDS = st.dictionaries(_TEXT.map("new_{}".format), _ANYTHING, max_size=2)
UNKNOWN_KIND = st.fixed_dictionaries({"type": st.just("NEW_KIND") | _ANYTHING}).flatmap(
    lambda kind: _UNKNOWN_FIELDS.map(lambda fields: fields | kind)
)


# More than the contract asks for: digits of the smallest unit.
AMOUNTS = {"amount", "max_fee", "max_fees"}
_AMOUNTS = st.integers(0, 2**256).map(str)


class _Strategies(ABC):
    """Strategies for what keeps to a schema, made once for each name."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._made: dict[str, Strategy] = {}

    def of(self, schema: Schema) -> Strategy:
        """What keeps to this schema."""
        plain = self._plain(schema)
        return st.none() | plain if schema.get("nullable") else plain

    def named(self, name: str) -> Strategy:
        """What keeps to the schema of this name."""
        if name not in self._made:
            self._made[name] = self._object(name)
        return self._made[name]

    def _plain(self, schema: Schema) -> Strategy:
        match schema:
            case {"$ref": _}:
                return self.named(ref(schema))
            case {"allOf": [only]}:
                return self.of(only)
            case {"oneOf": kinds} | {"anyOf": kinds}:
                return st.one_of(*map(self.of, kinds), *self._new_kinds(kinds))
            case {"items": items}:
                return st.lists(self.of(items), max_size=2)
            case {"additionalProperties": values}:
                return st.dictionaries(_TEXT, self.of(values), max_size=2)
        return self._scalar(schema)

    @abstractmethod
    def _object(self, name: str) -> Strategy: ...

    @abstractmethod
    def _new_kinds(self, kinds: list[Schema]) -> list[Strategy]: ...

    @abstractmethod
    def _scalar(self, schema: Schema) -> Strategy: ...


class Answers(_Strategies):
    """What the API may answer, as JSON builtins: with fields, values and kinds not known yet."""

    def _object(self, name: str) -> Strategy:
        properties = self._schemas[name]["properties"]
        fields = {each: self.of(schema) for each, schema in properties.items()}
        always = set(self._schemas[name].get("required", ()))
        if (tag := self._tag(name)) is not None:
            fields["type"] = st.just(tag)
            always.add("type")  # what the kinds of most unions are told apart by
        known = st.fixed_dictionaries(
            {each: fields[each] for each in fields if each in always},
            optional={each: fields[each] for each in fields if each not in always},
        )
        return st.builds(operator.or_, _UNKNOWN_FIELDS, known)

    def _tag(self, name: str) -> str | None:
        schema = self._schemas[name]["properties"].get("type", {})
        constant: str | None = (
            schema["enum"][0] if len(schema.get("enum", ())) == 1 else schema.get("default")
        )
        return TAGS.get(name) or constant

    def _new_kinds(self, kinds: list[Schema]) -> list[Strategy]:
        match kinds:
            case [{"$ref": _}, {"$ref": _}, *_]:
                return [UNKNOWN_KIND]
            case [{"items": {"$ref": _}}, {"items": {"$ref": _}}, *_]:
                return [st.lists(UNKNOWN_KIND, max_size=2)]
        return []

    def _scalar(self, schema: Schema) -> Strategy:
        known = [each for each in schema.get("enum", ()) if each is not None]
        any_value = _SCALARS.get(scalar(schema) or "", _ANYTHING)
        return st.sampled_from(known) | any_value if known else any_value


class Bodies(_Strategies):
    """What may be sent, as structs that keep to the bounds of the contract."""

    def _object(self, name: str) -> Strategy:
        properties, struct = self._schemas[name]["properties"], type_of(name, self._schemas)
        fields = structs.fields(struct)
        values = {each.name: self._field(properties[each.encode_name], each) for each in fields}
        required = {each.name for each in fields if each.required}
        return st.fixed_dictionaries(
            {each: values[each] for each in values if each in required},
            optional={each: values[each] for each in values if each not in required},
        ).map(lambda chosen: struct(**chosen))

    def _field(self, schema: Schema, field: structs.FieldInfo) -> Strategy:
        is_text = schema.get("type") == "string"
        return _AMOUNTS if is_text and field.name in AMOUNTS else self.of(schema)

    def _new_kinds(self, kinds: list[Schema]) -> list[Strategy]:
        return []

    def _scalar(self, schema: Schema) -> Strategy:
        match schema:
            case {"enum": known}:
                return st.sampled_from(known)
            case {"format": "url" | "uuid" as name}:
                return _FORMATS[name]
            case {"type": "integer"}:
                return st.integers(schema.get("minimum"), schema.get("maximum"))
            case {"type": "string", "maxLength": longest}:
                # As many characters as bytes, which some fields are limited by.
                ascii_ = st.characters(codec="ascii")
                return st.text(ascii_, min_size=schema["minLength"], max_size=longest)
            case {"type": "string"}:
                return _TEXT
        return _SCALARS.get(scalar(schema) or "", _ANYTHING)


def least(name: str, schemas: Schemas) -> Any:
    """The struct of this name that says no more than it must."""
    schema, struct = schemas[name], type_of(name, schemas)
    return struct(
        **{
            each.name: (
                "0"
                if each.name in AMOUNTS and each.type is str
                else _least(schema["properties"][each.encode_name], schemas)
            )
            for each in structs.fields(struct)
            if each.required
        }
    )


def _least(schema: Schema, schemas: Schemas) -> object:
    match schema:
        case {"$ref": _}:
            return least(ref(schema), schemas)
        case {"allOf": [only, *_]} | {"oneOf": [only, *_]}:
            return _least(only, schemas)
        case {"enum": [only, *_]}:
            return only
        case {"format": "uuid"}:
            return str(UUID(int=0))
        case {"format": "url"}:
            return "https://"
    zeros = "0" * schema.get("minLength", 0)
    return {"integer": schema.get("minimum", 0), "object": {}, "string": zeros}[schema["type"]]
