"""What every payload is: a struct that is checked when it is made, not when it is sent."""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct, structs

from ledger_async import checks

__all__ = ["Payload", "UuidText"]

UuidText: TypeAlias = Annotated[
    str, Meta(pattern="^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
]


class Payload(Struct, frozen=True):
    """A part of a request's body; `ConfigurationError` names the field that does not fit."""

    def __post_init__(self) -> None:
        kind = type(self)
        for field in structs.fields(kind):
            checks.typed(f"{kind.__name__} {field.name}", getattr(self, field.name), field.type)
