"""The rooms of the package: who imports whom, and nobody in a circle."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import ledger_async

PACKAGE = Path(ledger_async.__file__).parent

# Each room, with those that it may import. Whoever may import a room may import what that may.
ROOMS: dict[str, set[str]] = {
    "errors": set(),
    "_version": set(),
    "events": {"errors"},
    "_support": {"events"},
    "models": {"_support"},
    "_exactness": {"events"},
    "_protocol": {"models"},
    "_governor": {"_protocol"},
    "_transport": {"_protocol", "_version"},
    "_auth": {"_governor", "_transport"},
    "_signing": {"_protocol"},
    "_config": {"_auth"},
    "_caller": {"_config"},
    "_pages": {"_caller", "_exactness"},
    "_streaming": {"_pages"},
    "_runtime": {"_streaming", "_config"},
    "sections": {"_runtime", "_signing"},
    "client": {"sections"},
    "json": {"_protocol"},
    "webhooks": {"_protocol"},
    "sandbox": {"models"},
    "": {"client"},
    "mirror": {"", "json"},
    "fleet": {"mirror"},
    "otel": {"", "events"},
    "web": {"", "json"},
    "cli": {"", "fleet", "json", "mirror", "sandbox", "webhooks"},
    "__main__": {"cli"},
}

MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}


def imports(module: str) -> Iterator[str]:
    """The modules that a module imports, wherever in it, and for its types."""
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names):
                yield from (each.name for each in names)
            case ast.ImportFrom(home, names, level):
                above = package.split(".")[: len(package.split(".")) - level + 1] if level else []
                base = ".".join([*above, *([home] if home else [])])
                for each in names:
                    full = f"{base}.{each.name}"
                    yield full if full in MODULES else base


def room(module: str) -> str:
    return module.partition(".")[2].partition(".")[0]


def reach(name: str) -> set[str]:
    """A room, and all that it may import."""
    return {name}.union(*map(reach, ROOMS[name]))


def own_imports(module: str) -> Iterator[str]:
    return (each for each in imports(module) if each.partition(".")[0] == "ledger_async")


def test_every_module_stands_in_a_room() -> None:
    assert {room(each) for each in MODULES} == ROOMS.keys()


def test_rooms_import_downwards_only() -> None:
    upwards = [
        f"{module} imports {each}"
        for module in MODULES
        for each in own_imports(module)
        if room(each) not in reach(room(module))
    ]
    assert upwards == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    order = TopologicalSorter({each: set(own_imports(each)) for each in MODULES})
    order.prepare()  # raises where there is a circle, and names it


def test_aiohttp_is_imported_where_requests_are_sent_and_where_they_are_served() -> None:
    importing = {
        room(module)
        for module in MODULES
        for each in imports(module)
        if each.partition(".")[0] in {"aiohttp", "yarl", "multidict"}
    }
    # The hooks of OpenTelemetry are aiohttp's own.
    assert importing <= {"_transport", "sandbox", "otel"}


def test_the_walks_import_no_library_but_msgspec() -> None:
    libraries = {
        each.partition(".")[0]
        for module in MODULES
        if room(module) == "_exactness"
        for each in imports(module)
    }
    assert libraries - sys.stdlib_module_names <= {"ledger_async", "msgspec"}


def test_the_command_line_reads_what_users_can_read() -> None:
    public = {
        "ledger_async",
        "ledger_async.events",
        "ledger_async.fleet",
        "ledger_async.json",
        "ledger_async.mirror",
        "ledger_async.models",
        "ledger_async.sandbox",
        "ledger_async.webhooks",
        "ledger_async._support.interrupts",  # which is its own, and loaded before all else
        "ledger_async.sections.operations",  # which maps paths to the methods that users call
    }
    internal = [
        f"{module} imports {each}"
        for module in MODULES
        if room(module) == "cli"
        for each in own_imports(module)
        if room(each) != "cli" and each not in public
    ]
    assert internal == []


def test_opentelemetry_is_fed_by_what_users_can_import() -> None:
    assert {*own_imports("ledger_async.otel")} <= {"ledger_async", "ledger_async.events"}


def test_web_reads_what_users_can_read() -> None:
    public = {"ledger_async", "ledger_async.json"}
    imported = {each for module in MODULES if room(module) == "web" for each in imports(module)}
    assert {each for each in imported if each.startswith("ledger_async")} <= {
        *public,
        "ledger_async.web.first_chunk",
        "ledger_async.web.lines",
        "ledger_async.web.sent_events",
    }


def test_few_modules_stand_at_the_top() -> None:
    top = [each for each in MODULES if each.count(".") == 1 and MODULES[each].stem != "__init__"]
    assert len(top) <= 14
