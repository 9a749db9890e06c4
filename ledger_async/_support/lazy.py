"""The one way in which anything is loaded when first used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Mapping
from importlib import import_module
from typing import Any, Generic, Self, TypeVar, overload

S = TypeVar("S")


def exports(
    package: str, homes: Mapping[str, str], *, modules: Container[str] = ()
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a package whose names are loaded from their home modules.

    Homes are named as in relative imports, such as `.nft`. Those `modules` are loaded too, where
    they are used without an import of their own.
    """

    def load(name: str) -> object:
        if name == "__all__":
            return names()
        if name in modules:
            return import_module(f".{name}", package)
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(homes[name], package), name)
        vars(import_module(package))[name] = value  # found first from now on
        return value

    def names() -> list[str]:
        own = vars(import_module(package))
        return sorted({*own.get("__all__", ()), *homes})

    return load, names


class Lazy(Generic[S]):
    """An attribute that is a section of the API, whose module is loaded when it is first used.

    The module is named as in a relative import beside the class that has the attribute.
    """

    def __init__(self, module: str, kind: str) -> None:
        self._module, self._kind = module, kind

    def __set_name__(self, owner: type, name: str) -> None:
        self._name, self._package = name, sys.modules[owner.__module__].__package__

    @overload
    def __get__(self, holder: None, owner: type) -> Self: ...

    @overload
    def __get__(self, holder: object, owner: type) -> S: ...

    def __get__(self, holder: Any, owner: type) -> S | Self:
        if holder is None:
            return self
        section: S = self.kind()(holder._runtime)  # noqa: SLF001 - a client or a section
        holder.__dict__[self._name] = section  # found first from now on
        return section

    def kind(self) -> Callable[[Any], S]:
        """The class of the section, whose module is loaded for it."""
        kind: Callable[[Any], S] = getattr(import_module(self._module, self._package), self._kind)
        return kind


def sections(owner: object) -> dict[str, Lazy[Any]]:
    """The sections that are attributes of a class, by name."""
    return {name: each for name, each in vars(owner).items() if isinstance(each, Lazy)}


def load(section: Lazy[Any]) -> None:
    """Load the module of a section, and those of the sections that it has."""
    for each in sections(section.kind()).values():
        load(each)
