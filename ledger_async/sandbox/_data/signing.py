"""Messages and digests: signed, or to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger_async.models.governance.digests import (
    Digest,
    Digests,
    DigestSignature,
    SignedDigest,
    ToSignDigest,
)
from ledger_async.models.governance.messages import Message, TransactionOrMessageNote

from .calendar import on_day
from .ids import DIGESTS, MESSAGES, digest_request, message_request
from .people import OPERATORS
from .seeded import number, pick, seeded

if TYPE_CHECKING:
    from .accounts import Account


def signature(*key: object) -> str:
    """Return what looks like a DER-encoded signature, in hex."""
    noise = seeded(*key, "signature")
    return f"30440220{noise[:32].hex()}0220{noise[32:].hex()}"


def seeded_message(seed: int, key: int, account: Account) -> Message | None:
    """Return one of the two messages of an account; only EVM accounts sign messages."""
    if not account.chain.signs_messages:
        return None
    index, place = MESSAGES.split(key)
    noise = seeded(seed, "message", key)
    status = pick(noise[0], ("SIGNED", "SIGNED", "ABORTED")) if place == 0 else "PENDING_APPROVAL"
    return Message(
        account_id=account.id,
        created_by=pick(noise[1], OPERATORS),
        created_on=on_day(index, 7 + place),
        data=f"Sign in to venue {noise[2]}",
        id=key,
        message_type="EIP-191" if noise[3] % 3 else "EIP-712",
        notes=(TransactionOrMessageNote(content="Venue login", title="Login"),),
        status=status,
        address=account.address,
        last_request=message_request(index, place),
        signature=signature(seed, key) if status == "SIGNED" else None,
    )


def seeded_digests(seed: int, key: int, account: Account) -> Digests:
    """Return the digests of an account."""
    index, _ = DIGESTS.split(key)
    noise = seeded(seed, "digests", key)
    status = pick(noise[0], ("SIGNED", "PENDING_APPROVAL", "ABORTED"))
    path = account.chain.path(index)
    return Digests(
        account_id=account.id,
        created_by=pick(noise[1], OPERATORS),
        created_on=on_day(index, 9),
        digests_data=tuple(_digest(noise[place:], path, status) for place in (2, 3)),
        id=key,
        notes=(TransactionOrMessageNote(content="Raw signing", title="Digest"),),
        status=status,
        last_request=digest_request(index),
    )


def signed(seed: int, digests: Digests) -> tuple[Digest, ...]:
    """Return the digests with their signatures."""
    noise = seeded(seed, "digests", digests.id)
    path = getattr(digests.digests_data[0], "derivation_path", "")
    return tuple(_digest(noise[place:], path, "SIGNED") for place in (2, 3))


def _digest(noise: bytes, path: str, status: str) -> SignedDigest | ToSignDigest:
    digest = noise[:32].hex()
    if status != "SIGNED":
        return ToSignDigest(derivation_path=path, digest=digest)
    return SignedDigest(
        derivation_path=path,
        digest=digest,
        pub_key=f"02{noise[16:48].hex()}",
        signature=DigestSignature(
            r=str(number(noise, 0, 32)), s=str(number(noise, 20, 32)), der=None, v=27
        ),
    )
