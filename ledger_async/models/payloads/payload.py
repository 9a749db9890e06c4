"""What every payload is: a struct that is checked when it is made, not when it is sent."""

from functools import lru_cache
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    NamedTuple,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

from msgspec import Meta, Struct, StructMeta, field, structs

from ledger_async import checks, codec
from ledger_async.errors import ConfigurationError

__all__ = ["Payload", "UuidText", "constant"]

T = TypeVar("T")

UuidText: TypeAlias = Annotated[
    str, Meta(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
]


def constant(value: T) -> T:
    """The only value that a field can have: filled in and, unlike other defaults, sent."""
    only: T = field(default_factory=lambda: value)
    return only


if TYPE_CHECKING:
    _Checked = StructMeta
else:

    class _Checked(StructMeta):
        def __call__(self, *args: object, **fields: object) -> object:
            try:
                payload = super().__call__(*args, **fields)
            except TypeError as error:  # a field is missing or unknown: it names which
                raise ConfigurationError(f"{self.__name__}: {error}") from None
            for name in self.__struct_fields__:
                _check_json(f"{self.__name__} {name}", getattr(payload, name))
            return payload


class Payload(Struct, frozen=True, kw_only=True, omit_defaults=True, metaclass=_Checked):
    """A part of a request's body; `ConfigurationError` names the field that does not fit.

    Fields that are left out are not sent.
    """

    def __post_init__(self) -> None:
        for name, type_, plain in _checks(type(self)):
            value = getattr(self, name)
            if type(value) not in plain:
                checks.typed(f"{type(self).__name__} {name}", value, type_)


def _check_json(name: str, value: object) -> None:
    # Half a character, an object among the arguments of a call, a mapping within itself.
    try:
        codec.encode(value)
    except (RecursionError, TypeError, ValueError):
        raise ConfigurationError(f"{name} cannot be written as JSON") from None


class _Check(NamedTuple):
    name: str
    type_: Any
    plain: frozenset[type]  # what needs no further look: answers bring many payloads, too


@lru_cache(maxsize=256)
def _checks(payload: type[Payload]) -> tuple[_Check, ...]:
    return tuple(
        _Check(each.name, each.type, _plain(each.type)) for each in structs.fields(payload)
    )


def _plain(type_: Any) -> frozenset[type]:
    kinds = get_args(type_) if get_origin(type_) in {Union, UnionType} else (type_,)
    return frozenset(kind for kind in kinds if isinstance(kind, type) and _is_plain(kind))


def _is_plain(kind: type) -> bool:
    return kind in {bool, int, str, NoneType} or issubclass(kind, Struct)
