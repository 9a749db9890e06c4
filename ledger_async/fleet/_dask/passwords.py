"""Passwords of URLs, which stay out of whatever is sent through a scheduler."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

from ledger_async import ConfigurationError
from ledger_async._support.secrets import Hidden

# Of the user information of a URL, or of its query.
_PASSWORD = re.compile(r"(?<=://)([^:@/?#]*:)([^@/?#]+)(?=@)|([?&](?:ssl)?password=)([^&#]+)")
_BLANK = "***"


class Blanked(msgspec.Struct, frozen=True):
    """A URL with a blank for each password; a file of this machine has them, if there are any."""

    url: str
    passwords: str | None = None

    def whole(self) -> Hidden[str]:
        """The URL as it was given."""
        if self.passwords is None:
            return Hidden(self.url)
        words = Hidden(iter(Path(self.passwords).read_text(encoding="utf-8").splitlines()))
        return Hidden(re.sub(re.escape(_BLANK), lambda _: next(words.reveal()), self.url))


class Safe:
    """Keeps passwords in files that only this user can read, until it is closed.

    A fleet on other machines has `None`: URLs with passwords are refused there.
    """

    def __init__(self, *, is_local: bool) -> None:
        self._is_local = is_local
        self._files: list[str] = []

    def blanked(self, name: str, url: Hidden[str], *, remedy: str) -> Blanked:
        """The URL for workers; `ConfigurationError` names the argument and the `remedy`."""
        blank = Blanked(_PASSWORD.sub(_blank, url.reveal()))
        if blank.url == url.reveal():
            return blank
        if not self._is_local:
            raise ConfigurationError(
                f"{name} has a password, which would pass through the scheduler: {remedy}"
            )
        return Blanked(blank.url, self._kept(url))

    def close(self) -> None:
        """Delete the files."""
        while self._files:
            with suppress(FileNotFoundError):
                Path(self._files.pop()).unlink()

    def _kept(self, url: Hidden[str]) -> str:
        descriptor, path = tempfile.mkstemp(prefix="ledger_async-")  # with the mode 0600
        self._files.append(path)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(f"{_password(found)}\n" for found in _PASSWORD.finditer(url.reveal()))
        return path


def _blank(found: re.Match[str]) -> str:
    return (found[1] or found[3]) + _BLANK


def _password(found: re.Match[str]) -> str:
    return found[2] or found[4]
