"""Addresses as the workspace signs them: JWTs, held as they came and read on request."""

from __future__ import annotations

import re
from typing import TypeVar

from msgspec import Struct

from ledger_async._protocol import codec
from ledger_async.errors import DecodeError
from ledger_async.models.base.described import Described

from . import base64url

__all__ = ["AddressClaims", "AddressHeader", "SignedAddress"]

T = TypeVar("T", bound=Struct)

_PIECE = r"[A-Za-z0-9_=+/-]+"
_JWT = re.compile(rf"({_PIECE})\.({_PIECE})\.{_PIECE}")


class AddressHeader(Struct, Described, frozen=True):
    """The header of a JWT: `alg` is `ES256` or `ES256K`, whatever the documentation says."""

    alg: str
    typ: str | None = None


class AddressClaims(Struct, Described, frozen=True):
    """The claims of a JWT: the address, the path of its key, and the chain that it is on."""

    address: str
    derivation_path: str
    blockchain_name: str


class SignedAddress(Struct, Described, frozen=True):
    """An address of an account, signed by the workspace; `jwt` is its compact form, as it came.

    **Nothing here checks the signature.** It is over the first two pieces of `jwt`, by the key of
    the leaf certificate of `client.certificates.chain()`.
    """

    jwt: str

    def header(self) -> AddressHeader:
        """Read how `jwt` is signed; `DecodeError` if it is malformed."""
        return self._read(1, AddressHeader)

    def claims(self) -> AddressClaims:
        """Read the claims of `jwt`, which are not verified; `DecodeError` if it is malformed."""
        return self._read(2, AddressClaims)

    def _read(self, piece: int, type_: type[T]) -> T:
        pieces = _JWT.fullmatch(self.jwt)
        if pieces is None:
            raise DecodeError("no JWT: that is three pieces of base64url between dots")
        try:
            body = base64url.decode(pieces[piece])
        except ValueError:
            raise DecodeError("a piece of the JWT is not base64url") from None
        return codec.decode(body, type_)


def decode_signed(body: bytes) -> SignedAddress:
    """The signed address in an answer: a JSON string or, as some servers have it, the bare JWT."""
    text = body.strip().decode("latin-1")
    return SignedAddress(text if _JWT.fullmatch(text) else codec.decode(body, str))
