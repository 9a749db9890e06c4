"""The base of every payload: a struct that is checked when it is made, and before it is sent."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import NoneType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    NamedTuple,
    TypeAlias,
    TypeVar,
    get_args,
)

from msgspec import Meta, Struct, StructMeta, ValidationError, field, structs

from ledger_async._support import checks
from ledger_async.errors import ConfigurationError

from .described import Described
from .fields import converted
from .plain import NotPlainError, bare, plain

__all__ = ["Payload", "UuidText"]

T = TypeVar("T")

# The contract calls them strings; one in ether instead of wei would be a payment gone wrong.
_AMOUNTS = ("amount", "max_fee", "max_fees")

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
            finally:
                del args, fields  # which may be secrets: no frame of an error may hold them
            try:
                self._check_new(payload)
            except ConfigurationError as error:
                del payload
                raise error.with_traceback(None) from None
            return payload


class Payload(Struct, Described, frozen=True, kw_only=True, omit_defaults=True, metaclass=_Checked):
    """A part of a request's body; `ConfigurationError` names the field that does not fit.

    Fields that are left out are not sent. Open JSON is copied: what is sent is what was given.
    """

    def __post_init__(self) -> None:
        for name, sure, type_, fitted in _checks(type(self)):
            value = getattr(self, name)
            is_sure = sure.get(type(value))
            if is_sure is None or not is_sure(value):
                complaint = _settle(self, name, type_, fitted)
                if complaint:
                    del self, value  # no frame of an error may hold a secret
                    raise ConfigurationError(complaint)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return _copied, (type(self), structs.asdict(self))

    @staticmethod
    def _converted(value: object, type_: Any) -> object:
        payload = converted(value, type_)
        try:
            check_new(payload)
        except ConfigurationError as error:
            raise ValidationError(str(error)) from None
        return payload

    def _check_new(self) -> None:
        """Refuse, with `ConfigurationError`, what an answer may hold but no new payload."""
        for name in _AMOUNTS:
            amount = getattr(self, name, None)
            if isinstance(amount, str) and not (amount.isascii() and amount.isdigit()):
                raise ConfigurationError(
                    f"{type(self).__name__} {name} must be digits: a whole number of the "
                    "currency's smallest unit, such as wei"
                )


def check_new(payload: Payload) -> None:
    """Refuse what an answer may hold but no new payload, in any part of this one."""
    for name in payload.__struct_fields__:
        value = getattr(payload, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Payload):
                check_new(part)
    payload._check_new()  # noqa: SLF001 - its own


def _copied(kind: type[Payload], fields: dict[str, Any]) -> object:
    """Make the payload of a pickle or a deep copy: one from an answer is held to no more rules."""
    return StructMeta.__call__(kind, **fields)


class _Check(NamedTuple):
    name: str
    sure: Mapping[type, Callable[[Any], bool]]  # what holds of values that need no further look
    type_: Any
    fitted: Callable[[object], object]


def _settle(
    payload: Payload, name: str, type_: Any, fitted: Callable[[object], object]
) -> str | None:
    """Let the field hold what can be sent; else say what is wrong, without the value."""
    label = f"{type(payload).__name__} {name}"
    try:
        value = fitted(getattr(payload, name))
        checks.typed(label, value, type_)
    except NotPlainError as error:
        return f"{label} {error}"
    except ConfigurationError as error:
        return str(error)
    structs.force_setattr(payload, name, value)
    return None


@lru_cache(maxsize=256)
def _checks(payload: type[Payload]) -> tuple[_Check, ...]:
    return tuple(
        _Check(each.name, _sure(each.type), each.type, plain if _is_open(each.type) else bare)
        for each in structs.fields(payload)
    )


def _is_open(type_: Any) -> bool:
    return (
        type_ is object
        or dict in getattr(type_, "accepts", ())
        or any(map(_is_open, get_args(type_)))
    )


def _is_short(number: int) -> bool:
    return -(2**63) <= number < 2**63


def _always(_: object) -> bool:
    return True


# Answers bring many payloads, too: this is for speed alone.
_SURE: Mapping[type, Callable[[Any], bool]] = {
    bool: _always,
    int: _is_short,
    str: str.isascii,
    NoneType: _always,
}


def _sure(type_: Any) -> Mapping[type, Callable[[Any], bool]]:
    classes = [kind for kind in checks.kinds_of(type_) if isinstance(kind, type)]
    return {
        kind: _SURE.get(kind, _always)
        for kind in classes
        if kind in _SURE or issubclass(kind, Struct)
    }
