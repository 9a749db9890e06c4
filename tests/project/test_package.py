"""The front door: the names it exports, its cost to import, and its `_version`."""

from __future__ import annotations

import importlib.util
import itertools
import logging
import re
import rlcompleter
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

import ledger_async
from ledger_async import models

ROOT = Path(__file__).parents[2]


def _imported_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    return set(answer.stdout.split())


def test_everything_it_exports_exists() -> None:
    assert all(hasattr(ledger_async, name) for name in ledger_async.__all__)


def test_completion_shows_what_it_exports_and_nothing_else() -> None:
    assert dir(ledger_async) == sorted(ledger_async.__all__)


def test_a_star_imports_what_it_exports() -> None:
    namespace: dict[str, object] = {}
    exec("from ledger_async import *", namespace)
    assert sorted(namespace.keys() - {"__builtins__"}) == sorted(ledger_async.__all__)


def test_what_listings_yield_is_what_the_models_have() -> None:
    everyday = {*dir(models)} & {*ledger_async.__all__}
    assert {"NFT", "Account", "Request", "Transaction", "User"} <= everyday
    assert all(getattr(ledger_async, each) is getattr(models, each) for each in everyday)


def test_whatever_a_listing_yields_is_exported() -> None:
    ledger = ledger_async.LedgerClient(api_key="key")
    sections = (getattr(ledger, name) for name in dir(ledger_async.LedgerClient))
    yielded = {each._endpoint.node_type for each in sections if hasattr(each, "_endpoint")}
    assert len(yielded) > 10
    kinds = {kind for each in yielded for kind in getattr(each, "accepts", (each,))}
    assert {each.__name__ for each in kinds} <= {*ledger_async.__all__}


def test_a_section_on_the_class_is_no_error() -> None:
    assert all(hasattr(ledger_async.LedgerClient, name) for name in dir(ledger_async.LedgerClient))


def test_every_error_is_exported() -> None:
    from ledger_async import errors  # noqa: PLC0415

    classes = {name for name, value in vars(errors).items() if isinstance(value, type)}
    assert {name for name in classes if name.endswith("Error")} <= {*ledger_async.__all__}


@pytest.mark.parametrize(
    "library", ["rich", "cyclopts", "pydantic", "aiohttp.web", "ledger_async.sandbox"]
)
def test_importing_the_package_does_not_import(library: str) -> None:
    assert library not in _imported_by("import ledger_async; ledger_async.LedgerClient")


def test_importing_the_package_loads_only_what_is_used_of_it() -> None:
    assert not _imported_by("import ledger_async") & {"aiohttp", "anyio", "asyncio", "msgspec"}


@pytest.mark.parametrize("module", ["client", "errors", "events", "json", "models", "sandbox"])
def test_a_module_needs_no_import_of_its_own(module: str) -> None:
    loaded = _imported_by(f"import ledger_async; dir(ledger_async.{module})")
    assert f"ledger_async.{module}" in loaded


@pytest.mark.parametrize(
    ("used", "module"),
    [
        ("LedgerClient", "ledger_async.sections.accounts"),
        ("LedgerClient", "ledger_async.models.transactions.transactions"),
        ("Account", "ledger_async.models.transactions.transactions"),
        ("LedgerClient(api_key='k').accounts", "ledger_async.sections.staking"),
        ("LedgerClient(api_key='k').staking", "ledger_async.models.staking.stakes"),
        ("LedgerClient(api_key='k').staking.cardano", "ledger_async.models.staking.tezos"),
    ],
)
def test_a_section_is_loaded_when_it_is_first_used(used: str, module: str) -> None:
    assert module not in _imported_by(f"import ledger_async; ledger_async.{used}")


PREPARED = """
import asyncio, ledger_async
async def prepare(*sections):
    await ledger_async.LedgerClient("http://127.0.0.1:9", api_key="key").prepare(*sections)
asyncio.run(prepare({}))
"""


def test_a_client_that_is_prepared_has_loaded_every_section() -> None:
    loaded = _imported_by(PREPARED.format(""))
    assert {"ledger_async.sections.pledges", "ledger_async.models.staking.tezos"} <= loaded


def test_a_client_that_is_prepared_for_some_sections_loads_no_others() -> None:
    loaded = _imported_by(PREPARED.format("'transactions', 'nfts'"))
    assert {"ledger_async.sections.transactions", "ledger_async.sections.nfts"} <= loaded
    assert not {"ledger_async.sections.pledges", "ledger_async.sections.staking"} & loaded


def test_a_stream_waits_for_no_import() -> None:
    """None that takes long: while a module is loaded, the event loop stands still."""
    stream = (
        "import asyncio, ledger_async\n"
        "async def read(url, key, user):\n"
        "    async with ledger_async.LedgerClient(url, api_key=key, api_user=user) as ledger:\n"
        "        async with ledger.nfts.stream_accounts(range(3)) as stream: pass\n"
        "asyncio.run(read('http://127.0.0.1:9', 'key', 'user'))"
    )
    assert "anyio._backends._asyncio" not in _imported_by(stream)


def test_the_pytest_plugin_loads_nothing_before_it_is_asked_for_a_sandbox() -> None:
    alone = _imported_by("import pytest")
    loaded = _imported_by("import pytest, ledger_async.sandbox.pytest_plugin") - alone
    assert {each.partition(".")[0] for each in loaded} == {"ledger_async"}
    assert len(loaded) < 10


@pytest.mark.parametrize("module", ["ledger_async", "ledger_async.sandbox", "ledger_async.models"])
def test_a_prompt_completes_its_names(module: str) -> None:
    found = _completed(f"{module}.")
    names = {each for each in dir(importlib.import_module(module)) if not each.startswith("_")}
    assert found == {f"{module}.{each}" for each in names}


def _completed(text: str) -> set[str]:
    """What Python's own prompt offers for it, without parentheses."""
    completer = rlcompleter.Completer({"ledger_async": ledger_async})
    offers = itertools.takewhile(bool, (completer.complete(text, n) for n in itertools.count()))
    return {str(each).partition("(")[0] for each in offers}


def test_it_points_to_no_file_that_a_wheel_has_not() -> None:
    package = Path(ledger_async.__file__).parent
    modules = {path: path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    assert [path for path, text in modules.items() if re.search(r"docs/\w+\.md", text)] == []


def test_it_ships_its_types() -> None:
    spec = importlib.util.find_spec("ledger_async")
    assert spec is not None
    assert spec.origin is not None
    assert (Path(spec.origin).parent / "py.typed").exists()


def test_its_version_is_the_one_that_is_installed() -> None:
    assert ledger_async.__version__ == version("ledger-async")


def test_its_version_has_a_heading_in_the_changelog() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    latest = re.search(r"^## (\S+) - \d{4}-\d\d-\d\d$", changelog, re.MULTILINE)
    assert latest is not None
    assert latest[1] == version("ledger-async")


@pytest.mark.parametrize("tester", ["scripts/test-all", ".github/workflows/ci.yml"])
def test_every_python_that_it_is_said_to_run_on_is_tested(tester: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    text = (ROOT / tester).read_text(encoding="utf-8")
    assert sorted({*re.findall(r"\b3\.\d+\b", text)}) == said
    assert project["requires-python"] == f">={said[0]}"


def test_a_program_without_logging_is_not_printed_to() -> None:
    handlers = logging.getLogger("ledger_async").handlers
    assert any(isinstance(handler, logging.NullHandler) for handler in handlers)
