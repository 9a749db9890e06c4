"""Writes the map in `ledger_async/models/__init__.py`: in which module each public name lives."""  # noqa: INP001 - a script

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "ledger_async/models"

# What models are made of, and what is asked about them, is not for users.
_PRIVATE = {
    "base.described",
    "base.fields",
    "base.mending",
    "base.plain",
    "base.pydantic_schemas",
    "transactions.approvals",
}


def model_names(source: str) -> str:
    """`source`, the package's own, with the map as the modules have it now."""
    head, _, _ = source.partition("if TYPE_CHECKING:\n")
    modules = dict(sorted(_modules()))
    homes = sorted((name, module) for module, names in modules.items() for name in names)
    return "".join(
        [
            head,
            "if TYPE_CHECKING:\n",
            *(f"    from .{module} import *  # noqa: F403\n" for module in modules),
            "\n# Written by `make reference`.\n_HOMES = {\n",
            *(f'    "{name}": ".{module}",\n' for name, module in homes),
            "}\n\n__getattr__, __dir__ = lazy.exports(__name__, _HOMES)\n",
        ]
    )


def _modules() -> Iterator[tuple[str, list[str]]]:
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        if path.name != "__init__.py" and name not in _PRIVATE:
            yield name, _public_names(ast.parse(path.read_text(encoding="utf-8")))


def _public_names(tree: ast.Module) -> list[str]:
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name("__all__")], value=names):
                found: list[str] = ast.literal_eval(names)
                return found
    return []


if __name__ == "__main__":
    path = PACKAGE / "__init__.py"
    path.write_text(model_names(path.read_text(encoding="utf-8")), encoding="utf-8")
