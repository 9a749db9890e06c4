"""Stores by their URLs, for command lines and settings."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ledger_async import ConfigurationError

from .store import Store

_POSTGRES = {"postgresql", "postgres"}
_EXAMPLES = {"sqlite": "sqlite:ledger.db", "parquet": "parquet:ledger"}


def store_at(url: str, *, schema: str | None = None) -> Store:
    """The store at `sqlite:FILE`, `postgresql://…` or `parquet:DIRECTORY`, which is not open yet.

    `schema` is that of `PostgresStore`. Raises `ConfigurationError` for any other URL, without a
    word of it in the message: it may hold a password.
    """
    scheme, _, place = str(url).partition(":")
    if scheme in _POSTGRES and _is_clear(place):
        return _made("._postgres.store", "PostgresStore", url, schema=schema)
    del url
    if scheme in _POSTGRES:
        del place
        raise ConfigurationError("a password with @ or / in it is written with %40 or %2F")
    if scheme not in _EXAMPLES:
        del scheme, place
        raise ConfigurationError(
            "a store is sqlite:FILE, postgresql://USER@HOST/DATABASE or parquet:DIRECTORY"
        )
    if schema is not None:
        raise ConfigurationError(f"schema is for PostgreSQL: a {scheme} store has none")
    if not place or place.startswith("//"):
        raise ConfigurationError(f"{scheme}: takes a path, as in {_EXAMPLES[scheme]}")
    if scheme == "sqlite":
        return _made("._sqlite.store", "SqliteStore", place)
    return _made("._parquet.store", "ParquetStore", place)


def _is_clear(place: str) -> bool:
    """True if no part of a password can be taken for a host, which errors would name."""
    before_options, _, _ = place.removeprefix("//").partition("?")
    user_and_password, _, _ = before_options.rpartition("@")
    return not {*user_and_password} & {"@", "/"}


def _made(module: str, name: str, place: str, **options: Any) -> Store:
    """A store of this class, whose module is loaded by the first who wants one."""
    store: Store = getattr(import_module(module, __package__), name)(place, **options)
    return store
