"""Makes docs/models/: every struct, union and list of values, as the code has them."""  # noqa: INP001 - a script

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from itertools import groupby, pairwise
from types import FunctionType, ModuleType
from typing import Any, Literal, NamedTuple, get_args, get_origin

from msgspec import NODEFAULT, Meta, Struct, structs

from ledger_async import models

# What calls take and give beside models, by module.
ELSEWHERE = {
    "sections.requests": ("Confirm", "RequestCreation"),
    "_signing.addresses": ("AddressClaims", "AddressHeader", "SignedAddress"),
    "_pages.account_node": ("AccountNode",),
    "_streaming.batches": ("Batch",),
    "_exactness.checkpoints": ("Checkpoint",),
    "_pages.invalid_nodes": ("InvalidNode",),
    "events": ("AccountReport", "Status"),
    "webhooks": ("WebhookEvent",),
}

# What a few names of the code's own are to whoever reads them.
_PLAINLY = {
    "FiniteDecimal": "Decimal",
    "IdOf": "int",
    "SecretText": "str",
    "Timestamp": "datetime",
}

_FOLDED_FROM = 13  # values


class Alias(NamedTuple):
    """A name's meaning, as the source has it, and its documentation."""

    meant: ast.expr
    doc: str


class Source:
    """A module, and its source as a tree."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.module = import_module(f"ledger_async.{name}")
        tree = ast.parse(inspect.getsource(self.module))
        self.classes = {each.name: each for each in tree.body if isinstance(each, ast.ClassDef)}
        self.aliases = dict(_aliases(tree.body))

    def shown(self) -> list[str]:
        """The names that stand on the page, in the order of the source."""
        wanted = ELSEWHERE.get(self.name) or getattr(self.module, "__all__", ())
        plain = {*_PLAINLY, "Confidential"}
        return [
            each for each in (*self.classes, *self.aliases) if each in wanted and each not in plain
        ]

    @property
    def heading(self) -> str:
        """The module's name, or its subject in plain words where users import no such module."""
        subject = self.name.rpartition(".")[2].replace("_", " ").capitalize()
        return subject if self.name.startswith("_") else self.name

    @property
    def doc(self) -> str:
        """The first line of the module's docstring."""
        return (inspect.getdoc(self.module) or "").partition("\n")[0]

    @property
    def page(self) -> str:
        """The page that the module stands on: one for each room of the models."""
        room, *inner = self.name.split(".")
        return f"{inner[0]}.md" if room == "models" else "elsewhere.md"

    def links(self) -> dict[str, str]:
        """The link to each name, from this module's page."""
        return {name: link.removeprefix(self.page) for name, link in links_to().items()}


def models_pages() -> dict[str, str]:
    """Every page, by the name of its file."""
    pages = groupby(sorted(_sources(), key=lambda source: source.page), lambda each: each.page)
    return {page: _page(page, list(sources)) for page, sources in pages}


def _page(page: str, sources: list[Source]) -> str:
    contents = "\n".join(map(_contents, sources))
    parts = [f"# Models: {page.removesuffix('.md')}\n\n{contents}\n"]
    for source in sources:
        parts.append(f"\n## {source.heading}\n\n{source.doc}\n")
        parts += [_entry(source, name) for name in source.shown()]
    return "".join(parts)


def code(text: str, links: Mapping[str, str]) -> str:
    """`text` as code, in which each name that is among `links` leads there."""
    parts = re.split(r"\b([A-Za-z_]\w*)\b", text)
    if links.keys().isdisjoint(parts):
        return f"`{text}`"
    linked = (f"[{part}]({links[part]})" if part in links else part for part in parts)
    # A link cannot be within backticks; without them, asterisks would mean something.
    shown = "".join(linked).replace("*", r"\*")
    return f"<code>{shown}</code>"


def row(cells: Iterable[str]) -> str:
    """A row of a table."""
    escaped = " | ".join(each.replace("|", r"\|") for each in cells)
    return f"| {escaped} |"


def prose(text: str, links: Mapping[str, str]) -> str:
    """`text` as it is, but that each name among `links` leads there."""

    def linked(match: re.Match[str]) -> str:
        return f"[{match[0]}]({links[match[1]]})" if match[1] in links else match[0]

    return re.sub(r"`(\w+)`", linked, text)


@cache
def links_to() -> dict[str, str]:
    """The link to each name, from the folder of the pages."""
    return {
        name: f"{source.page}#{anchor(name)}" for source in _sources() for name in source.shown()
    }


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def paragraphs(described: object) -> list[str]:
    """A docstring, one line for each of its paragraphs."""
    text = described if isinstance(described, str) else inspect.getdoc(described) or ""
    return [" ".join(each.split()) for each in text.split("\n\n")]


@cache
def _sources() -> list[Source]:
    public = set(dir(models))
    found = pkgutil.walk_packages(models.__path__, f"{models.__name__}.")
    own = [
        each.name.removeprefix("ledger_async.")
        for each in found
        if _is_public(import_module(each.name), public)
    ]
    return [source for source in map(_source, [*own, *ELSEWHERE]) if source.shown()]


@cache
def _source(name: str) -> Source:
    return Source(name)


def _is_public(module: ModuleType, public: set[str]) -> bool:
    return bool(getattr(module, "__all__", ())) and public.issuperset(module.__all__)


def _aliases(body: list[ast.stmt]) -> Iterator[tuple[str, Alias]]:
    """The names that stand for types, those for the type checker alone included."""
    for statement, following in pairwise([*body, ast.Pass()]):
        doc = _text(following)
        match statement:
            case ast.AnnAssign(target=ast.Name(name), value=ast.expr() as meant):
                yield name, Alias(meant, doc)
            case ast.Assign(targets=[ast.Name(name)], value=meant):
                yield name, Alias(meant, doc)
            case ast.If(test=ast.Name("TYPE_CHECKING")):
                for name, alias in _aliases(statement.body):
                    yield name, alias._replace(doc=doc)


def _text(statement: ast.stmt) -> str:
    match statement:
        case ast.Expr(ast.Constant(str(text))):
            return text
    return ""


def _contents(source: Source) -> str:
    shown = " · ".join(f"[{name}](#{anchor(name)})" for name in source.shown())
    return f"- [{source.heading}](#{anchor(source.heading)}): {shown}"


def _entry(source: Source, name: str) -> str:
    is_class = name in source.classes
    lines = _of_class(source, name) if is_class else _of_alias(source, name)
    return "\n\n".join([f"\n### {name}", *filter(None, lines)]) + "\n"


def _of_class(source: Source, name: str) -> Iterator[str]:
    kind = getattr(source.module, name)
    links = source.links()
    others = {other: link for other, link in links.items() if other != name}
    yield from (prose(each, others) for each in paragraphs(kind))
    config = getattr(kind, "__struct_config__", None)
    if config is not None and config.tag is not None:
        yield f'It is sent as `{config.tag_field}` `"{config.tag}"`.'
    yield "\n".join(_table(list(_fields(kind)), links))
    for member, described in vars(kind).items():
        if not member.startswith("_") and isinstance(described, property | FunctionType):
            yield _member(member, described, links)


def _member(name: str, described: property | FunctionType, links: Mapping[str, str]) -> str:
    is_property = isinstance(described, property)
    function: Any = described.fget if is_property else described
    given = inspect.signature(function).return_annotation
    type_ = given if isinstance(given, str) else inspect.formatannotation(given)
    written = f"`{name}`" if is_property else f"`{name}()`"
    return f"{written}, {code(type_, links)}: {' '.join(paragraphs(described))}"


class Field(NamedTuple):
    """A row of a struct's table."""

    name: str
    wire: str
    annotation: ast.expr
    default: str


def _fields(kind: Any) -> Iterator[Field]:
    if not issubclass(kind, Struct):
        for name in kind._fields:
            yield Field(name, name, _annotation(kind, name), "")
        return
    for each in structs.fields(kind):
        default = each.default if each.default_factory is NODEFAULT else each.default_factory()
        shown = "" if default is NODEFAULT else f"`{_quoted(repr(default))}`"
        yield Field(each.name, each.encode_name, _annotation(kind, each.name), shown)


def _annotation(kind: type, field: str) -> ast.expr:
    """The type of a field, as the class that declares it has written it."""
    for each in kind.__mro__:
        body = _class_body(each)
        if field in body:
            return body[field]
    raise LookupError(f"nobody declares {field} of {kind}")


def _class_body(kind: type) -> dict[str, ast.expr]:
    source = _source(kind.__module__.removeprefix("ledger_async."))
    body = source.classes[kind.__name__].body
    return {
        each.target.id: each.annotation
        for each in body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }


def _table(fields: list[Field], links: Mapping[str, str]) -> Iterator[str]:
    if not fields:
        return
    columns = {
        "field": [f"`{each.name}`" for each in fields],
        "in JSON": [f"`{each.wire}`" if each.wire != each.name else "" for each in fields],
        "type": [code(_plainly(each.annotation), links) for each in fields],
        "default": [each.default for each in fields],
        "known values": [_known(each.annotation, links) for each in fields],
    }
    used = {name: cells for name, cells in columns.items() if any(cells)}
    yield row(used)
    yield row(["---"] * len(used))
    yield from map(row, zip(*used.values(), strict=True))


class _Plainly(ast.NodeTransformer):
    """Leaves of an annotation what its reader can do with."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        match node:
            case ast.Subscript(ast.Name("Annotated"), ast.Tuple([type_, *_])):
                return self.visit(type_)
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(_PLAINLY.get(node.id, node.id))


def _plainly(annotation: ast.expr) -> str:
    copy = ast.parse(ast.unparse(annotation), mode="eval").body
    return _quoted(ast.unparse(_Plainly().visit(copy)))


def _quoted(text: str) -> str:
    return text.replace("'", '"')


def _known(annotation: ast.expr, links: Mapping[str, str]) -> str:
    """Links to the values that an open string is known to have."""
    for node in ast.walk(annotation):
        match node:
            case ast.Subscript(ast.Name("Annotated"), ast.Tuple([_, values])):
                shown = [each for each in _members(values) if each in links]
                return ", ".join(f"[{each}]({links[each]})" for each in shown)
    return ""


def _of_alias(source: Source, name: str) -> Iterator[str]:
    alias, links = source.aliases[name], source.links()
    if alias.doc:
        yield from (prose(each, links) for each in paragraphs(alias.doc))
    meant = getattr(source.module, name)
    if get_origin(meant) is Literal:
        yield from _values(get_args(meant))
        return
    for each in getattr(meant, "__metadata__", ()):
        if isinstance(each, Meta) and each.pattern:
            yield f"A `str` that matches `{each.pattern}`."
            return
    members = list(_members(alias.meant))
    if len(members) > 1:
        yield "\n".join(["One of:", "", *(f"- {code(each, links)}" for each in members)])
    elif isinstance(alias.meant, ast.Name):
        yield f"The same as {code(alias.meant.id, links)}."
    else:
        yield f"A {code(_plainly(alias.meant), links)}."


def _members(union: ast.expr) -> Iterator[str]:
    match union:
        case ast.BinOp(left, ast.BitOr(), right):
            yield from _members(left)
            yield from _members(right)
        case _:
            yield _plainly(union)


def _values(values: tuple[str, ...]) -> Iterator[str]:
    shown = " ".join(f"`{each}`" for each in sorted(values))
    if len(values) < _FOLDED_FROM:
        yield shown
        return
    yield f"<details><summary>{len(values)} values</summary>"
    yield shown
    yield "</details>"
