"""Structs as Pydantic sees them: loaded by Pydantic, when it meets the first one.

Pydantic's own schema of a struct's fields only describes it. Values are made by msgspec, as those
of the API are, and written by msgspec but for fractions, which Pydantic writes as strings.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec
from msgspec import NODEFAULT
from msgspec.structs import FieldInfo, fields
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, ValidationError, core_schema

__all__ = ["of_kinds", "of_struct"]

T = TypeVar("T")
Convert = Callable[[object, Any], object]

_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_PLACE = re.compile(r" - at (?:`key` in )?`\$([^`]*)`")


def of_struct(struct: Any, handler: GetCoreSchemaHandler, convert: Convert) -> CoreSchema:
    """The schema of a struct, named so that others refer to it, whose values `convert` makes."""
    kind = get_origin(struct) or struct
    described = {each.encode_name: _field(each, handler) for each in fields(struct)}
    config = kind.__struct_config__
    if config.tag_field is not None:
        tag = handler.generate_schema(Literal[config.tag])
        described[config.tag_field] = core_schema.typed_dict_field(tag, required=True)
    inner = core_schema.typed_dict_schema(described, cls=kind, cls_name=kind.__name__)
    return _made_by_msgspec(struct, kind, inner, convert, ref=_reference(struct))


def of_kinds(
    union: type, kinds: tuple[type, ...], handler: GetCoreSchemaHandler, convert: Convert
) -> CoreSchema:
    """The schema of a type that is one of these kinds, whose values `convert` makes."""
    schemas: list[CoreSchema | tuple[CoreSchema, str]]
    schemas = [handler.generate_schema(each) for each in kinds]
    return _made_by_msgspec(union, union, core_schema.union_schema(schemas), convert)


def _field(field: FieldInfo, handler: GetCoreSchemaHandler) -> core_schema.TypedDictField:
    schema = handler.generate_schema(field.type)
    if field.default is not NODEFAULT:
        schema = core_schema.with_default_schema(schema, default=field.default)
    return core_schema.typed_dict_field(schema, required=field.required)


def _reference(struct: Any) -> str:
    """The name of a struct, unique as Pydantic's own are: it makes short ones of them."""
    kind = get_origin(struct) or struct
    name = f"{kind.__module__}.{getattr(kind, '__qualname__', kind)}:{id(kind)}"
    arguments = ",".join(map(_reference, get_args(struct)))
    return f"{name}[{arguments}]" if arguments else name


def _made_by_msgspec(
    type_: Any, kind: type, inner: CoreSchema, convert: Convert, *, ref: str | None = None
) -> CoreSchema:
    def made(value: object, _: Callable[[Any], Any]) -> object:
        # A struct stays as it is; a mapping may be one of an open union's structs.
        if isinstance(value, msgspec.Struct) and isinstance(value, kind):
            return value
        try:
            return _sure(convert(value, type_))
        except msgspec.ValidationError as error:
            refusal = _refused(kind.__name__, str(error))
        raise refusal

    made.__name__ = kind.__name__  # which titles the errors of Pydantic
    return core_schema.no_info_wrap_validator_function(
        made,
        inner,
        ref=ref,
        serialization=core_schema.plain_serializer_function_ser_schema(_written),
    )


def _sure(value: T) -> T:
    """`value`, which can be written as JSON; else raise `msgspec.ValidationError`."""
    try:
        msgspec.json.encode(value)
    except UnicodeEncodeError:
        raise msgspec.ValidationError("Expected valid Unicode, got half a character") from None
    except ValueError:
        raise msgspec.ValidationError("Expected an integer of fewer digits") from None
    except TypeError:
        raise msgspec.ValidationError("Expected what JSON has a form for") from None
    return value


def _written(value: object) -> object:
    return msgspec.to_builtins(value, builtin_types=(Decimal, datetime))


def _refused(title: str, complaint: str) -> ValidationError:
    """The words of Pydantic on a value: its place, and not the value, which may be a secret."""
    reason = complaint.partition(" - at ")[0]
    path = "".join(reversed(_PLACE.findall(complaint)))
    place = tuple(name or int(index) for name, index in _STEP.findall(path))
    error = PydanticCustomError("ledger_async", "{reason}", {"reason": reason})
    return ValidationError.from_exception_data(
        title, [{"type": error, "loc": place, "input": "***"}]
    )
