"""Challenges: what an operator signs to approve or reject a request, and the check of it."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import msgspec

from ledger_async.errors import ConfigurationError
from ledger_async.sandbox._data.seeded import seeded
from ledger_async.sandbox._data.shelf import RefusedError

from .described import described

if TYPE_CHECKING:
    from ledger_async.models.governance.requests import Request
    from ledger_async.sandbox._data.workspace import Workspace

Answer = Literal["APPROVE", "REJECT"]


def challenge(workspace: Workspace, request: Request, answer: Answer) -> str:
    """Return the challenge: JSON text, in which a person can read what would be signed."""
    own = {
        "Request": str(request.id),
        "Type": request.type,
        "Target": f"{request.target_type} {request.target_id}",
        "Action": answer,
        **described(workspace, request),
    }
    nonce = seeded(workspace.seed, "challenge", request.id, answer)[:32]
    inner = {"request_id": request.id, "action": answer, "nonce": nonce.hex()}
    text = {"properties": own, "challenge": base64url(msgspec.json.encode(inner))}
    return msgspec.json.encode(text).decode()


def check(jws: str, wanted: str, public_key: str | None) -> None:
    """Refuse what is no ES256 signature over the wanted challenge.

    The signature itself is checked where there is a public key to check it with.
    """
    header, payload = _opened(jws)
    if header.get("alg") != "ES256":
        raise RefusedError("the JWS is not signed with ES256")
    if payload != wanted.encode():
        raise RefusedError("the JWS is not over the challenge of this request")
    if public_key is not None:
        _verify(jws, public_key)


def check_public_key(key: object) -> None:
    """Raise `ConfigurationError` for what is no public key in PEM that ES256 could use."""
    # Only who sets a public key needs it.
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    with suppress(ValueError):
        loaded = load_pem_public_key(key.encode()) if isinstance(key, str) else None
        if isinstance(loaded, ec.EllipticCurvePublicKey) and isinstance(loaded.curve, ec.SECP256R1):
            return
    raise ConfigurationError("operator_public_key must be a public key on P-256, in PEM")


def base64url(data: bytes) -> str:
    """Return `data` in the letters that JOSE uses, without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _opened(jws: str) -> tuple[dict[str, object], bytes]:
    try:
        header, payload, _signature = map(_bytes, jws.split("."))
        return msgspec.json.decode(header, type=dict[str, object]), payload
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise RefusedError("the JWS is not in compact form") from error


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _verify(jws: str, public_key: str) -> None:
    import jwt  # noqa: PLC0415 - only who sets a public key needs it

    try:
        jwt.PyJWS().decode(jws, public_key, algorithms=["ES256"])
    except jwt.PyJWTError as error:
        raise RefusedError("the signature is not the operator's") from error
