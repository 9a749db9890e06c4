"""The error tree: as drawn, full of facts, and whole after a pickle."""

from __future__ import annotations

import builtins
import copy
import inspect
import pickle
import re
from collections.abc import Callable

import pytest

import ledger_async
from ledger_async import errors
from ledger_async.errors import (
    ApiError,
    ConfigurationError,
    DecodeError,
    LedgerError,
    NotFoundError,
    RateLimitError,
    RequestTimeoutError,
    TransportError,
)

# "│   └── RequestTimeoutError (TimeoutError)": depth by indentation, then name, then a builtin.
_BRANCH = re.compile(r"^((?:[│ ]   )*)(?:[├└]── )?(\w+Error)(?: \((\w+)\))?", re.MULTILINE)

CLASSES = [
    cls
    for _, cls in inspect.getmembers(errors, inspect.isclass)
    if issubclass(cls, LedgerError) and cls.__module__ == errors.__name__
]
FACTS = {
    "method": "GET",
    "path": "/accounts/101/nfts",
    "status": 420,
    "account_id": 101,
    "page": 3,
    "attempts": 2,
    "retry_after": 1.5,
}


def drawn() -> dict[str, tuple[str, ...]]:
    """The docstring's tree: each class with the bases that it is drawn with."""
    above: list[str] = []
    tree: dict[str, tuple[str, ...]] = {}
    for branch in _BRANCH.finditer(errors.__doc__ or ""):
        indent, name, builtin = branch.groups()
        depth = len(indent) // 4 + ("── " in branch[0])
        above[depth:] = [name]
        parent = above[depth - 1] if depth else "Exception"
        tree[name] = (parent, builtin) if builtin else (parent,)
    return tree


@pytest.mark.parametrize(("name", "bases"), drawn().items())
def test_a_class_stands_where_it_is_drawn(name: str, bases: tuple[str, ...]) -> None:
    assert tuple(base.__name__ for base in getattr(errors, name).__bases__) == bases


def test_every_class_is_drawn() -> None:
    assert set(drawn()) == {cls.__name__ for cls in CLASSES}


@pytest.mark.parametrize("cls", CLASSES)
def test_every_class_is_at_the_front_door(cls: type[LedgerError]) -> None:
    assert getattr(ledger_async, cls.__name__) is cls
    assert cls.__name__ in ledger_async.__all__


def test_a_configuration_error_is_caught_as_a_value_error() -> None:
    with pytest.raises(ValueError, match="no good"):
        raise ConfigurationError("no good")


def test_a_request_timeout_is_caught_as_a_timeout() -> None:
    with pytest.raises(TimeoutError):
        raise RequestTimeoutError("too slow")


def test_no_other_error_passes_for_a_builtin() -> None:
    both = (ConfigurationError, RequestTimeoutError)
    names = [getattr(builtins, name) for name in dir(builtins) if name.endswith("Error")]
    for cls in set(CLASSES) - set(both):
        assert not issubclass(cls, tuple(names)), cls


# Facts


@pytest.mark.parametrize("cls", CLASSES)
def test_facts_are_attributes(cls: type[LedgerError]) -> None:
    error = cls("it failed", **FACTS)  # type: ignore[arg-type]
    assert {name: getattr(error, name) for name in FACTS} == FACTS


@pytest.mark.parametrize("cls", CLASSES)
def test_facts_that_do_not_apply_are_none(cls: type[LedgerError]) -> None:
    error = cls("it failed")
    assert {getattr(error, name) for name in FACTS} == {None}


def test_a_transport_error_is_worth_another_try_unless_it_says_otherwise() -> None:
    assert TransportError("cut off").transient is True


def test_a_decode_error_knows_no_place_unless_it_says_otherwise() -> None:
    error = DecodeError("not JSON")
    assert (error.truncated, error.json_path, error.excerpt) == (False, None, None)


# Words


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (LedgerError("it failed"), "it failed"),
        (LedgerError("it failed", path="/accounts"), "/accounts: it failed"),
        (LedgerError("it failed", method="GET", path="/accounts"), "GET /accounts: it failed"),
        (
            LedgerError("it failed", method="GET", path="/accounts", page=2),
            "GET /accounts (page 2): it failed",
        ),
        (LedgerError("it failed", attempts=1), "it failed"),
        (LedgerError("it failed", attempts=3), "it failed (after 3 attempts)"),
        (
            NotFoundError("404 no account", method="GET", path="/a", status=404, attempts=2),
            "GET /a: 404 no account (after 2 attempts)",
        ),
    ],
)
def test_the_text_says_where_what_and_how_often(error: LedgerError, text: str) -> None:
    assert str(error) == text


def test_a_page_without_a_path_reads_as_a_sentence() -> None:
    assert str(LedgerError("it failed", page=2)) == "(page 2): it failed"


def test_the_first_argument_is_the_message() -> None:
    error = RequestTimeoutError("too slow", method="GET")
    assert (error.args, error.message) == (("too slow",), "too slow")


# Copies

COPIES: dict[str, Callable[[LedgerError], LedgerError]] = {
    "pickle": lambda error: pickle.loads(pickle.dumps(error)),
    "oldest pickle": lambda error: pickle.loads(pickle.dumps(error, protocol=0)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("copied", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("cls", CLASSES)
def test_a_copy_keeps_class_words_and_facts(
    cls: type[LedgerError], copied: Callable[[LedgerError], LedgerError]
) -> None:
    error = cls("it failed", **FACTS)  # type: ignore[arg-type]
    twin = copied(error)
    assert type(twin) is cls
    assert (str(twin), twin.args, vars(twin)) == (str(error), error.args, vars(error))


def test_a_pickle_keeps_what_was_learnt_after_the_start() -> None:
    error = DecodeError("not JSON")
    error.json_path, error.excerpt, error.truncated = "$.edges[0]", "{", True
    twin = pickle.loads(pickle.dumps(error))
    assert (twin.json_path, twin.excerpt, twin.truncated) == ("$.edges[0]", "{", True)


def test_a_pickle_keeps_notes() -> None:
    error = RateLimitError("slow down")
    error.add_note("while counting NFTs")
    assert pickle.loads(pickle.dumps(error)).__notes__ == ["while counting NFTs"]


class TheirOwnError(ApiError):
    """What a user of the package may derive."""


def test_a_class_of_a_user_pickles_too() -> None:
    twin = pickle.loads(pickle.dumps(TheirOwnError("it failed", status=418)))
    assert (type(twin), twin.status) == (TheirOwnError, 418)
