"""The body that comes with an error status."""

from msgspec import Struct

from .described import Described

__all__ = ["ErrorBody"]


class ErrorBody(Struct, Described, frozen=True):
    """The body of an error answer: the API sends `name` (schema `Error`), its gateway `code`."""

    message: str = ""
    name: str | None = None
    status_code: int | None = None
    code: int | str | None = None
