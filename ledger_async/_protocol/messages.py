"""Requests and answers, as values that know nothing of sockets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from ledger_async._support.secrets import Hidden
from ledger_async.errors import ConfigurationError

# Headers that follow from the body.
_FRAMING = ("content-length", "content-type", "transfer-encoding")

_HEADER_NAME = re.compile(r"[!#-'*+.^-z|~A-Z0-9-]+", re.ASCII)
_NO_HEADER = re.compile("[\r\n\0\ud800-\udfff]")


class Headers:
    """Headers to send, which show only their names, because every request's frames hold them.

    They are no mapping, because error trackers walk through mappings. Raises a
    `ConfigurationError` that names the header, if one cannot be sent or describes the body.
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

    `repeatable` is true if sending the request twice does no harm; `None` leaves that to `method`.
    No error quotes the answer to a `confidential` request. `body` is hidden, because it may hold a
    secret; `content` are its bytes.
    """

    method: str = "GET"
    path: str
    query: str = ""
    body: bytes | Hidden[bytes] | None = None
    account_id: int | None = None
    page: int | None = None
    repeatable: bool | None = None
    confidential: bool = False
    timeout: float | None = None

    def __post_init__(self) -> None:
        if self.body is not None:  # as few requests have
            hide_body(self)

    @property
    def content(self) -> bytes | None:
        """The bytes of the body."""
        return self.body.reveal() if isinstance(self.body, Hidden) else self.body

    @property
    def is_repeatable(self) -> bool:
        """True if sending the request twice does no harm."""
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
    """One whole answer, its body decompressed.

    `resent` is true if its request was sent twice, because a kept connection had been closed.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    resent: bool = False

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.body)} bytes)"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("status", self.status), ("bytes", len(self.body))]


class RawPage(msgspec.Struct, frozen=True):
    """A page as it came, with its request, and the number of attempts that it took.

    The body is hidden, because it may echo a secret, and many frames hold the page.
    """

    request: Request
    body: bytes | Hidden[bytes]
    attempts: int

    def __post_init__(self) -> None:
        if isinstance(self.body, bytes):
            hide_body(self)

    @property
    def content(self) -> bytes:
        """The bytes of the body."""
        return self.body.reveal() if isinstance(self.body, Hidden) else self.body
