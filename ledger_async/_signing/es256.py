"""Compact JWS with ES256, by a private key that nothing shows; it needs the extra `signing`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ledger_async.errors import ConfigurationError


def signer(private_key: object) -> Callable[[bytes], str]:
    """A function that signs a payload with this P-256 key, or the one in this PEM, as a JWS.

    Raises `ConfigurationError` for anything else; neither the error nor its frames show any of it.
    """
    try:
        key = _loaded(private_key)
    finally:
        del private_key
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return partial(_sign, key)
    found = _described(key)
    del key
    raise ConfigurationError(
        "private_key must be a P-256 private key, as PEM without a password or as an object of "
        f"cryptography, got {found}"
    )


def _sign(key: EllipticCurvePrivateKey, payload: bytes) -> str:
    return jwt.PyJWS().encode(payload, key, algorithm="ES256", headers={"typ": "JWT"})


def _loaded(private_key: object) -> object:
    """The key that a PEM holds, `None` if it holds none; all else as it is."""
    if isinstance(private_key, str):
        private_key = private_key.encode(errors="replace")
    if not isinstance(private_key, bytes):
        return private_key
    # A key that wants a password is a TypeError.
    with suppress(ValueError, TypeError, UnsupportedAlgorithm):
        return load_pem_private_key(private_key, password=None)
    return None


def _described(key: object) -> str:
    if key is None:
        return "something that does not load"
    if isinstance(key, EllipticCurvePrivateKey):
        return f"a key on {key.curve.name}"
    return type(key).__name__
