"""A mixin that tells Pydantic how to validate and write a struct."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .fields import converted

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["Described"]


class Described:
    """A mixin: the struct that Pydantic validates, from its like, a mapping or JSON, and writes."""

    # No struct itself: msgspec walks those that a struct is made of whenever it lets go of one.
    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from .pydantic_schemas import of_struct  # noqa: PLC0415 - for those who have Pydantic

        return of_struct(source, handler, cls._converted)

    @staticmethod
    def _converted(value: object, type_: Any) -> object:
        return converted(value, type_)
