"""Secrets in structs: fields that are sent and compared like any other, but never shown."""

from typing import Annotated, Any, TypeAlias, get_args

from msgspec import Meta, Struct, structs

from .described import Described

__all__ = ["Confidential", "SecretText"]

_SECRET = Meta(extra={"secret": True})

SecretText: TypeAlias = Annotated[str, _SECRET]
"""A string that no repr shows."""


class Confidential(Struct, Described, frozen=True):
    """A struct whose repr hides the fields that are `SecretText`."""

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [
            (field.name, "***" if _is_secret(field.type) else getattr(self, field.name))
            for field in structs.fields(self)
        ]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({shown})"


def _is_secret(type_: Any) -> bool:
    return any(_SECRET in getattr(kind, "__metadata__", ()) for kind in (type_, *get_args(type_)))
