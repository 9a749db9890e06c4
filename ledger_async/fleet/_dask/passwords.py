"""Passwords of URLs, which stay out of whatever is sent through a scheduler, or go under seal."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from hashlib import sha256

import msgspec
from cryptography.fernet import Fernet
from distributed.security import Security

from ledger_async import ConfigurationError
from ledger_async._support.secrets import Hidden

# Of the user information of a URL, or of its query.
_PASSWORD = re.compile(r"(?<=://)([^:@/?#]*:)([^@/?#]+)(?=@)|([?&](?:ssl)?password=)([^&#]+)")
_BLANK = "***"


class Blanked(msgspec.Struct, frozen=True):
    """A URL with a blank for each password, and the whole URL under seal if it has any."""

    url: str
    sealed: bytes | None = None


class Safe:
    """Seals passwords with the key of the certificate that a cluster of this machine is made for.

    Its workers have that from the process that starts them, and nobody writes it. Without one, as
    for workers on other machines, URLs with passwords are refused.
    """

    def __init__(self, certificate: Security | None) -> None:
        self._key: Hidden[str | None] = Hidden(getattr(certificate, "tls_worker_key", None))

    def blanked(self, name: str, url: Hidden[str], *, remedy: str) -> Blanked:
        """The URL for workers; `ConfigurationError` names the argument and the `remedy`."""
        blank = _PASSWORD.sub(_blank, url.reveal())
        if blank == url.reveal():
            return Blanked(blank)
        key = self._fernet()
        if key is None:
            raise ConfigurationError(
                f"{name} has a password, which would pass through the scheduler: {remedy}"
            )
        return Blanked(blank, key.encrypt(url.reveal().encode()))

    def whole(self, blanked: Blanked) -> Hidden[str]:
        """The URL as it was given, for a worker."""
        if blanked.sealed is None or (key := self._fernet()) is None:
            return Hidden(blanked.url)
        return Hidden(key.decrypt(blanked.sealed).decode())

    def _fernet(self) -> Fernet | None:
        key = self._key.reveal()
        return Fernet(urlsafe_b64encode(sha256(key.encode()).digest())) if key else None


def _blank(found: re.Match[str]) -> str:
    return (found[1] or found[3]) + _BLANK
