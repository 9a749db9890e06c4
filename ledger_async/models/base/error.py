"""The body that comes with an error status."""

from msgspec import Struct

__all__ = ["ErrorBody"]


class ErrorBody(Struct, frozen=True):
    """The body of an error answer: the API sends `name` (schema `Error`), its gateway `code`."""

    message: str = ""
    name: str | None = None
    status_code: int | None = None
    code: int | str | None = None
