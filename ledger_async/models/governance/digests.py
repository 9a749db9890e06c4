"""Digests that were signed or are to be."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, TypeAlias

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import Timestamp, open_union
from ledger_async.models.base.values import SigningStatus

from .messages import TransactionOrMessageNote

__all__ = ["Digest", "DigestSignature", "Digests", "SignedDigest", "ToSignDigest"]


class DigestSignature(Struct, Described, frozen=True):
    """A signature: `r` and `s` as decimal integers, `der` as hexadecimal."""

    r: str
    s: str
    der: str | None = None
    v: int | None = None


class SignedDigest(Struct, Described, frozen=True):
    """A digest (hexadecimal; 32 bytes on secp256k1) and its signature by `pub_key`."""

    derivation_path: str
    digest: str
    pub_key: str
    signature: DigestSignature


class ToSignDigest(Struct, Described, frozen=True):
    """A digest (hexadecimal; 32 bytes on secp256k1) to be signed at `derivation_path`."""

    derivation_path: str
    digest: str


if TYPE_CHECKING:
    Digest: TypeAlias = SignedDigest | ToSignDigest | Mapping[str, object]
else:
    Digest = open_union({"signature": SignedDigest, "digest": ToSignDigest})


class Digests(Struct, Described, frozen=True):
    """Digests that an account signs together: all of them signed, or none yet."""

    account_id: int
    created_by: int
    created_on: Timestamp
    digests_data: tuple[Digest, ...]
    id: int
    notes: tuple[TransactionOrMessageNote, ...]
    status: Annotated[str, SigningStatus]
    last_request: int | None = None
