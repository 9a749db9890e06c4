"""How the package reads: docstrings that say something, classes that fit into a head."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import ledger_async

PACKAGE = Path(ledger_async.__file__).parent
TREES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}
ENGINE = [name for name in TREES if name.startswith("_") and not name.startswith("__")]

NOUN_CLAUSES = ("What ", "Whether ", "How ")

LONGEST_CLASS = 240


def docstrings(tree: ast.Module) -> Iterator[str]:
    """Those of the module, its classes and functions, and of attributes, behind each of these."""
    for node in ast.walk(tree):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from filter(None, [ast.get_docstring(node)])
                for before, after in pairwise(node.body):
                    match before, after:
                        case ast.Assign() | ast.AnnAssign(), ast.Expr(ast.Constant(str(text))):
                            yield text


def test_docstrings_are_sentences_not_noun_clauses() -> None:
    """At most 1 in 20 begins with a clause that must be unfolded before it says anything."""
    all_ = [(name, text) for name, tree in TREES.items() for text in docstrings(tree)]
    clauses = [f"{name}: {text[:60]}" for name, text in all_ if text.startswith(NOUN_CLAUSES)]
    assert len(all_) > 1000
    assert len(clauses) * 20 <= len(all_), "\n".join(clauses)


def test_no_class_of_the_engine_is_longer_than_a_few_screens() -> None:
    lengths = {
        f"{name}: {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for name in ENGINE
        for node in ast.walk(TREES[name])
        if isinstance(node, ast.ClassDef)
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_CLASS} == {}
