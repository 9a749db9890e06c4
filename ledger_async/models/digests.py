"""Digests that were signed or are to be."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, TypeAlias

from msgspec import Struct

from .fields import Timestamp, open_union
from .messages import TransactionOrMessageNote
from .values import SigningStatus

__all__ = ["Digest", "DigestSignature", "Digests", "SignedDigest", "ToSignDigest"]


class DigestSignature(Struct, frozen=True):
    """TODO."""

    r: str
    s: str
    der: str | None = None
    v: int | None = None


class SignedDigest(Struct, frozen=True):
    """TODO."""

    derivation_path: str
    digest: str
    pub_key: str
    signature: DigestSignature


class ToSignDigest(Struct, frozen=True):
    """TODO."""

    derivation_path: str
    digest: str


if TYPE_CHECKING:
    Digest: TypeAlias = SignedDigest | ToSignDigest | Mapping[str, object]
else:
    Digest = open_union({"signature": SignedDigest, "digest": ToSignDigest})


class Digests(Struct, frozen=True):
    """TODO."""

    account_id: int
    created_by: int
    created_on: Timestamp
    digests_data: tuple[Digest, ...]
    id: int
    notes: tuple[TransactionOrMessageNote, ...]
    status: Annotated[str, SigningStatus]
    last_request: int | None = None
