"""What goes out and what comes back, as values that know nothing of sockets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from ledger_async._support.secrets import Hidden
from ledger_async.errors import ConfigurationError

# They follow from the body.
_FRAMING = ("content-length", "content-type", "transfer-encoding")

_HEADER_NAME = re.compile(r"[!#-'*+.^-z|~A-Z0-9-]+", re.ASCII)
_NO_HEADER = re.compile("[\r\n\0\ud800-\udfff]")


class Headers:
    """Headers to send, which show their names only, for they stand in the frames of every request.

    They are no mapping, because what reports errors walks through mappings. Raises
    `ConfigurationError`, naming it, for a header that cannot be sent, or that is not to give.
    """

    __slots__ = ("_given",)

    def __init__(self, headers: Mapping[str, str]) -> None:
        complaint = _complaint(headers)
        self._given = Hidden(dict(headers))
        del headers  # no frame of an error may hold a secret
        if complaint:
            raise ConfigurationError(complaint)

    def reveal(self) -> Mapping[str, str]:
        """The headers themselves."""
        return self._given.reveal()

    def __repr__(self) -> str:
        return f"<{', '.join(self.reveal())}>"

    def __rich_repr__(self) -> Iterable[str]:
        return self.reveal()


def _complaint(headers: Mapping[str, str]) -> str | None:
    for name, value in headers.items():
        if not _can_be_sent(name, value):
            return f"the header {name!r:.80} cannot be sent"
        if name.lower() in _FRAMING:
            return "headers that describe a body are not a scheme's to give"
    return None


def _can_be_sent(name: object, value: object) -> bool:
    if not (isinstance(name, str) and isinstance(value, str)):
        return False
    return bool(_HEADER_NAME.fullmatch(name)) and not _NO_HEADER.search(value)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the API; `account_id` and `page` are facts for whoever reads its error.

    `repeatable` says whether it does no harm to send it twice; `None` leaves that to `method`.
    Of the answer to a `confidential` one, nothing is quoted in errors. `body` is hidden, because
    it may hold a secret; `content` is what is in it.
    """

    method: str = "GET"
    path: str
    query: str = ""
    body: bytes | Hidden[bytes] | None = None
    account_id: int | None = None
    page: int | None = None
    repeatable: bool | None = None
    confidential: bool = False

    def __post_init__(self) -> None:
        hide_body(self)

    @property
    def content(self) -> bytes | None:
        """The bytes of the body."""
        return self.body.reveal() if isinstance(self.body, Hidden) else self.body

    @property
    def is_repeatable(self) -> bool:
        """Whether it does no harm to send it twice."""
        return self.method == "GET" if self.repeatable is None else self.repeatable

    def __repr__(self) -> str:
        return f"Request({self.method} {self.path})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("method", self.method), ("path", self.path)]


def hide_body(fresh: msgspec.Struct) -> None:
    """Let a new struct hold its body hidden."""
    body = getattr(fresh, "body", None)
    if isinstance(body, bytes):
        msgspec.structs.force_setattr(fresh, "body", Hidden(body))


class Response(msgspec.Struct, frozen=True):
    """One whole answer, its body decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.body)} bytes)"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("status", self.status), ("bytes", len(self.body))]


class RawPage(msgspec.Struct, frozen=True):
    """A body as it came, what it answers, and how many requests it took.

    The body is hidden, because it may echo a secret, and the answer stands in many frames.
    """

    request: Request
    body: bytes | Hidden[bytes]
    attempts: int

    def __post_init__(self) -> None:
        hide_body(self)

    @property
    def content(self) -> bytes:
        """The bytes of the body."""
        return self.body.reveal() if isinstance(self.body, Hidden) else self.body
