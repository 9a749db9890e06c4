"""Bodies of requests as structs, or a refusal that says what is wrong with them."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache, reduce
from operator import or_
from typing import Any, TypeVar

import msgspec

from ledger_async.errors import ConfigurationError
from ledger_async.models.base.fields import dec_hook
from ledger_async.models.base.payload import Payload, check_new
from ledger_async.sandbox._data.shelf import RefusedError

S = TypeVar("S", bound=msgspec.Struct)

_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`( - at `(?P<at>[^`]+)`)?")


def decoded(body: bytes, *kinds: type[S]) -> S:
    """Return the body as the one of these structs that it is tagged for."""
    try:
        value: S = _decoder(kinds).decode(body)
        if isinstance(value, Payload):
            check_new(value)
    except (msgspec.DecodeError, UnicodeDecodeError, ConfigurationError) as error:
        raise RefusedError(_MISSING.sub(_missing, str(error))) from error
    return value


def _missing(said: re.Match[str]) -> str:
    return f"{said['at'] or '$'}.{said['field']} is missing"


@lru_cache(maxsize=256)
def _decoder(kinds: tuple[Any, ...]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(reduce(or_, kinds), dec_hook=dec_hook, float_hook=Decimal)
