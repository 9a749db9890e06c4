"""Secrets, and every form in which a server may write them."""

from __future__ import annotations

import html
import json
import random
from collections.abc import Callable
from urllib.parse import quote, quote_plus

KEY = "c2VjcmV0LWFwaS1rZXk+L2NhbmFyeQ=="  # as many are: base64
ODD = "a\"b\\c'd<e>f&g h/i?j%k+l=m~n"
LOOKS_ESCAPED = r"key%41\u0042&amp;key\/&#67;%2525key"
JWT = "eyJhbGciOi" + "J9.-_" * 300

Writer = Callable[[str], str]


def each(form: str) -> Writer:
    """Every character in this form."""
    return lambda text: "".join(form.format(ord(char)) for char in text)


def escaped(text: str) -> str:
    return json.dumps(text)[1:-1]


def mixed(text: str) -> str:
    """Each character in a form of its own."""
    forms: list[Writer] = [str, each("%{:02x}"), each("&#x{:X};"), each("&#{};"), each("\\u{:04X}")]
    choose = random.Random(7).choice
    return "".join(choose(forms)(char) for char in text)


FORMS: dict[str, Writer] = {
    "raw": str,
    "JSON": escaped,
    "JSON, slashes too": lambda text: escaped(text).replace("/", "\\/"),
    "JSON, all that HTML minds": lambda text: "".join(
        char if char.isalnum() else f"\\u{ord(char):04x}" for char in text
    ),
    "JSON, every character": each("\\u{:04x}"),
    "JSON, every character in capitals": each("\\u{:04X}"),
    "JSON in JSON": lambda text: escaped(escaped(text)),
    "percent": lambda text: quote(text, safe=""),
    "percent in small letters": lambda text: "".join(
        char if char.isalnum() else f"%{ord(char):02x}" for char in text
    ),
    "percent, every character": each("%{:02X}"),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "a form": quote_plus,
    "HTML": html.escape,
    "HTML by names": lambda text: (
        html.escape(text).replace("+", "&plus;").replace("=", "&equals;").replace("/", "&sol;")
    ),
    "HTML in hex": each("&#x{:x};"),
    "HTML in hex in capitals": each("&#X{:X};"),
    "HTML in hex with zeros": each("&#x{:04x};"),
    "HTML in decimal": each("&#{};"),
    "HTML in decimal with zeros": each("&#{:05};"),
    "HTML in JSON as Go writes it": lambda text: each("&#{};")(text).replace("&", "\\u0026"),
    "source code": each("\\x{:02x}"),
    "mixed": mixed,
}
