"""Find the secrets that a server echoes, however it writes them, and keep them out of quotes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

# Shorter ones are in half of all texts by chance.
_SHORTEST = 8

# So many ways of writing, one within another such as HTML within JSON, are taken off.
_LAYERS = 4

# A character as JSON and source code, URLs, and HTML may write it. Those of secrets are ASCII.
# Not one pattern, because each is looked for by its first character, which is fast.
_WRITTEN = (
    re.compile(r"\\(?:u00|x)[0-9A-Fa-f]{2}"),
    re.compile(r"%[0-9A-Fa-f]{2}"),
    re.compile(r"&(?:#[xX]0{0,6}[0-9A-Fa-f]{2}|#0{0,6}[0-9]{2,3}|[A-Za-z]{2,16});"),
)


def redact(text: str, secrets: Iterable[str]) -> str:
    """`text` without these secrets; with its escapes resolved, if one was hidden in them."""
    # The longest first: one may be a part of another.
    forms = sorted({form for each in secrets for form in _forms(each)}, key=len, reverse=True)
    for layer in _layers(text):
        rest = layer
        for form in forms:
            rest = rest.replace(form, "***")
        if rest != layer:
            return redact(rest, forms)
    return text


def echoes(body: bytes, secrets: Iterable[str]) -> bool:
    """True if `body` holds one of these secrets."""
    forms = {form for each in secrets for form in _forms(each)}
    text = body.decode(errors="replace") if forms else ""
    return any(form in layer for layer in _layers(text) for form in forms)


def _forms(secret: str) -> list[str]:
    """A secret as it is, and what is left of it where it is taken for escapes itself."""
    *_, bare = _layers(secret)
    return [form for form in {secret, bare} if len(form) >= _SHORTEST]


def _layers(text: str) -> Iterator[str]:
    """`text` as it is, then with one layer of escapes less each time, until there are none."""
    yield text
    for _ in range(_LAYERS):
        before = text
        for pattern in _WRITTEN:
            text = pattern.sub(_read, text)
        if text == before:
            break
        yield text
    # Backslashes stand before quotes and slashes, a space may be a plus in a query, and UTF-16
    # has a zero beside each letter.
    yield text.replace("\\", "").replace("+", " ").replace("\0", "")


def _read(written: re.Match[str]) -> str:
    return _meaning(written[0])


@lru_cache(maxsize=4096)
def _meaning(written: str) -> str:
    return html.unescape(written) if written[0] == "&" else chr(int(written[-2:], 16))
