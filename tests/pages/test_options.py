"""The options of a stream, settled once."""

from __future__ import annotations

from typing import Any, TypedDict

import msgspec
import pytest

from ledger_async import NFT, ConfigurationError
from ledger_async._exactness.pages import LARGEST
from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.options import Consistency, StreamOptions


class Filters(TypedDict, total=False):
    """Two filters, of which `id` never changes, and an order."""

    id: int | None
    status: str | None
    order_by: str | None


class OnlyId(msgspec.Struct):
    id: int


ENDPOINT = Endpoint("/transactions", NFT, filters=Filters)

WRONG: dict[str, Any] = {
    "on_error": "stop",
    "on_invalid": "stop",
    "node_type": dict,
    "filters": {"status": 1},
    "page_size": 0,
    "consistency": "slow",
}


# A filter is named by its own name.
NAMED = {"filters": "status"}


@pytest.mark.parametrize("name", WRONG)
def test_an_option_that_will_not_do_is_named(name: str) -> None:
    with pytest.raises(ConfigurationError, match=NAMED.get(name, name)):
        StreamOptions.of(ENDPOINT, **{name: WRONG[name]})


@pytest.mark.parametrize("first", range(len(WRONG)))
def test_the_first_of_several_that_will_not_do_is_named(first: int) -> None:
    wrong = dict(list(WRONG.items())[first:])
    named = next(iter(wrong))
    with pytest.raises(ConfigurationError, match=NAMED.get(named, named)):
        StreamOptions.of(ENDPOINT, **wrong)


def test_options_do_not_change() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        StreamOptions.of(ENDPOINT).ordered = True  # type: ignore[misc] # which is the point


def test_the_largest_page_size_is_settled_to_the_number_to_send() -> None:
    assert StreamOptions.of(ENDPOINT, "max").page_size == LARGEST


def test_nodes_are_of_the_endpoint_s_own_type_unless_the_caller_has_one() -> None:
    assert StreamOptions.of(ENDPOINT).node_type is NFT
    assert StreamOptions.of(ENDPOINT, node_type=OnlyId).node_type is OnlyId


def test_an_endpoint_s_own_type_may_stand_in_for_several() -> None:
    either: Any = NFT | OnlyId
    endpoint = Endpoint[Any]("/either", either)
    assert StreamOptions.of(endpoint, node_type=either).node_type is either


@pytest.mark.parametrize(
    ("consistency", "filters", "proves"),
    [
        ("exact", {}, True),
        ("exact", {"status": "open"}, True),
        ("exact", {"order_by": "status"}, False),
        ("exact", {"order_by": None}, True),
        ("fast", {}, False),
    ],
)
def test_a_walk_proves_what_it_can(
    consistency: Consistency, filters: dict[str, object], *, proves: bool
) -> None:
    options = StreamOptions.of(ENDPOINT, consistency=consistency, filters=filters)
    assert options.proves == proves


@pytest.mark.parametrize(
    ("filters", "at_head"),
    [({}, True), ({"id": 1}, True), ({"status": "open"}, False), ({"status": None}, True)],
)
def test_only_filters_on_what_never_changes_leave_new_elements_at_the_head(
    filters: dict[str, object], *, at_head: bool
) -> None:
    assert StreamOptions.of(ENDPOINT, filters=filters).grows_at_its_head == at_head
