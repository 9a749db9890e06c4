"""Stores by their URLs, for command lines and settings."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ledger_async import ConfigurationError
from ledger_async._support.secrets import Hidden

from .paths import expanded
from .store import Store

_POSTGRES = {"postgresql", "postgres"}
_EXAMPLES = {"sqlite": "sqlite:ledger.db", "parquet": "parquet:ledger"}


def store_at(url: str, *, schema: str | None = None) -> Store:
    """The store at `sqlite:FILE`, `postgresql://…` or `parquet:DIRECTORY`, which is not open yet.

    `schema` is that of `PostgresStore`. Raises `ConfigurationError` for any other URL, without a
    word of it in the message: it may hold a password.
    """
    scheme, _, place = str(url).partition(":")
    hidden = Hidden(str(url))
    del url
    if scheme in _POSTGRES:
        del place
        return _postgres(hidden, schema)
    if scheme not in _EXAMPLES:
        del scheme, place
        raise ConfigurationError(
            "a store is sqlite:FILE, postgresql://USER@HOST/DATABASE or parquet:DIRECTORY"
        )
    if schema is not None:
        raise ConfigurationError(f"schema is for PostgreSQL: a {scheme} store has none")
    if not place or place.startswith("//") or "://" in place:
        raise ConfigurationError(f"{scheme}: takes a path, as in {_EXAMPLES[scheme]}")
    if scheme == "sqlite":
        return _class("._sqlite.store", "SqliteStore")(expanded(place))
    return _class("._parquet.store", "ParquetStore")(expanded(place))


def _postgres(url: Hidden[str], schema: str | None) -> Store:
    return _class("._postgres.store", "PostgresStore")(url.reveal(), schema=schema)


def _class(module: str, name: str) -> Callable[..., Store]:
    """A class of store, whose module is loaded by the first who wants one."""
    class_: Callable[..., Store] = getattr(import_module(module, __package__), name)
    return class_
