"""Makes docs/models.md: every struct, union and list of values, as the code has them."""  # noqa: INP001 - a script

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from itertools import pairwise
from types import FunctionType, ModuleType
from typing import Any, Literal, NamedTuple, get_args, get_origin

from msgspec import NODEFAULT, Meta, Struct, structs

from ledger_async import models

HEAD = """\
# Models

What calls take and give: structs of [msgspec](https://jcristharif.com/msgspec/), frozen, and read
by attribute. [`reference.md`](reference.md) has the calls. What stands under a
heading that begins with `models` is in `ledger_async.models`, as in
`from ledger_async.models import Transaction`, and the rest in the module that its heading names
after `ledger_async`.

- **A field without a default** is always there in an answer, and must be given in a payload. In
  an answer, a field of another type than is said here raises `DecodeError`, and one that is not
  said here is ignored. `null` for a list is an empty one, and `1e+21` an integer where one is
  meant.
- **Known values** are those that the API's contract knows. In answers such a field is an open
  `str`: a value that the API adds later arrives as it is. In payloads, and in filters, the lists
  are closed. The list has a name, which is a type for your own code, too:
  `wanted: list[TransactionStatus] = ["SUBMITTED", "CONFIRMED"]`.
- **Unions** are told apart with `isinstance`, or `match`. Those with `Mapping[str, object]` are
  open: a kind that is not known yet, or not in this shape, arrives as the mapping that was sent.
- **`datetime`** is always aware. **Amounts** are in base units, such as wei, and most of them
  decimal strings: `int(account.balance)`.
- **Payloads**, what is sent, are made with keywords, check themselves and raise
  `ConfigurationError`, which names the field. Each says which `type` or `transaction_type` it is
  sent as: that is filled in.

## Contents

{contents}

## Names that differ

The API calls some things by more than one name, and the package keeps to the API's. These differ
most:

| one name or form | another | what to know |
| --- | --- | --- |
| `EthereumBlockchainStake.uid` | `stake_uid` of all other stakes and of rewards | \
The argument `stake_uid` takes either. |
| `created_on: str` of stakes and of `TezosRewards` | `created_on: datetime` everywhere else | \
The API does not promise a format there: read it with `datetime.fromisoformat`. |
| `VaultRequest.expired_at`, `VaultTargetRequest.expired_at` | `Request.expires_at` | \
The same moment. A `VaultRequest` comes from `create`, `approve` and `reject`, a `Request` from \
`stream`, `page` and `get`. |
| `"ABORTED"` of `VaultRequest.status`, of a governance's request, of messages, digests and \
stakes | `"REJECTED"` of `Request.status`, of accounts and transactions | Somebody said no. |
| `created_by: VaultLiteModel`, `VaultUserRef` on those | `created_by: int` everywhere else | \
`request.created_by.id` there. |
| `"EIP-191"` of `Message.message_type` and of payloads | \
`"EIP191"` of the filter `message_type` | \
The same standard, and so with 712. |
| `"CREATE_MESSAGE_SIGNING"`, as which a payload is sent | \
`"MESSAGE_SIGNING"` of `Request.type` and of the filter `type` | The same kind of request. |
| `Pledge.amount: int`, `LightTokenAccount.available: int` | \
amounts that are `str` everywhere else | All in base units. |
| `TezosFields`, `PolkadotFields`: of accounts | \
`TezosFields1`, `PolkadotFields1`: of transactions | \
A number tells apart what the API calls by one name. |
| `StellarMemoText`: in an answer | `StellarMemoText1`: in a payload | So with the other memos. |
"""

# What stands on the page beside the models: by module, the names that calls take and give.
BESIDE = {
    "sections.requests": ("Confirm", "RequestCreation"),
    "_signing.addresses": ("AddressClaims", "AddressHeader", "SignedAddress"),
    "_pages.account_node": ("AccountNode",),
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
    """What a name stands for, as the source has it, and what is said of it."""

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
        wanted = BESIDE.get(self.name) or getattr(self.module, "__all__", ())
        plain = {*_PLAINLY, "Confidential"}
        return [
            each for each in (*self.classes, *self.aliases) if each in wanted and each not in plain
        ]

    @property
    def doc(self) -> str:
        """What the module says of itself in its first line."""
        return (inspect.getdoc(self.module) or "").partition("\n")[0]


def models_page() -> str:
    """The whole page."""
    sources = _sources()
    contents = "\n".join(map(_contents, sources))
    parts = [HEAD.format(contents=contents)]
    for source in sources:
        parts.append(f"\n## {source.name}\n\n{source.doc}\n")
        parts += [_entry(source, name) for name in source.shown()]
    return "".join(parts)


def names() -> set[str]:
    """Every name that has a heading of its own."""
    return {name for source in _sources() for name in source.shown()}


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
def links_to(page: str = "") -> dict[str, str]:
    """Where each name stands, from the page itself or from another one."""
    return {name: f"{page}#{anchor(name)}" for name in names()}


def anchor(heading: str) -> str:
    """What GitHub makes of a heading."""
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
    return [source for source in map(_source, [*own, *BESIDE]) if source.shown()]


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
    return f"- [{source.name}](#{anchor(source.name)}): {shown}"


def _entry(source: Source, name: str) -> str:
    is_class = name in source.classes
    lines = _of_class(source, name) if is_class else _of_alias(source, name)
    return "\n\n".join([f"\n### {name}", *filter(None, lines)]) + "\n"


def _of_class(source: Source, name: str) -> Iterator[str]:
    kind = getattr(source.module, name)
    links = {other: link for other, link in links_to().items() if other != name}
    yield from (prose(each, links) for each in paragraphs(kind))
    config = getattr(kind, "__struct_config__", None)
    if config is not None and config.tag is not None:
        yield f'It is sent as `{config.tag_field}` `"{config.tag}"`.'
    yield "\n".join(_table(list(_fields(kind))))
    for member, described in vars(kind).items():
        if not member.startswith("_") and isinstance(described, property | FunctionType):
            yield _member(member, described)


def _member(name: str, described: property | FunctionType) -> str:
    is_property = isinstance(described, property)
    function: Any = described.fget if is_property else described
    given = inspect.signature(function).return_annotation
    type_ = given if isinstance(given, str) else inspect.formatannotation(given)
    written = f"`{name}`" if is_property else f"`{name}()`"
    return f"{written}, {code(type_, links_to())}: {' '.join(paragraphs(described))}"


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
    """What the class that declares a field says of its type."""
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


def _table(fields: list[Field]) -> Iterator[str]:
    if not fields:
        return
    links = links_to()
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
    alias = source.aliases[name]
    if alias.doc:
        yield from (prose(each, links_to()) for each in paragraphs(alias.doc))
    meant = getattr(source.module, name)
    if get_origin(meant) is Literal:
        yield from _values(get_args(meant))
        return
    for each in getattr(meant, "__metadata__", ()):
        if isinstance(each, Meta) and each.pattern:
            yield f"A `str` that matches `{each.pattern}`."
            return
    links = links_to()
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
    shown = " ".join(f"`{each}`" for each in values)
    if len(values) < _FOLDED_FROM:
        yield shown
        return
    yield f"<details><summary>{len(values)} values</summary>"
    yield shown
    yield "</details>"
