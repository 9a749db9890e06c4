"""The outline of JSON: what is found in it, whatever is wrong between its brackets and strings."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_async._protocol import outline
from ledger_async._protocol.outline import ends_early, trim

quick = settings(derandomize=True, deadline=None, max_examples=50)

PAGE: outline.Shape = {b"edges": [{b"cursor": "keep", b"node": "lift"}], b"page_info": "keep"}

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)

GARBAGE = [
    b"NaN",
    b"-Infinity",
    b"01",
    b"undefined",
    b"half a sentence",
    b'"\\ud83d"',
    b'"a quote: \\", a bracket: ]"',
    b'"a backslash: \\\\"',
    b'"raw \n\t\x00 characters"',
    b'"\xff\xe2\x82"',
    b'{"a": [1, {"b": NaN}], "c": "\\x"}',
    b'{"a": "]}", "b": "[{"}',
    b"[1 2,, {3}]",
    b"[" * 100_000 + b"]" * 100_000,
]


def page(node: bytes, *, before: bytes = b"") -> bytes:
    edges = (
        b'[{"cursor": 0, "node": 1}, {"node": %b, "cursor" : 1 }, {"cursor":2,"node":{}}]' % node
    )
    return b'{%b "edges" : %b, "page_info": {"count": 3}}' % (before, edges)


def lifted(text: bytes) -> tuple[Any, list[bytes]]:
    trimmed = trim(text, PAGE)
    assert trimmed is not None
    return msgspec.json.decode(trimmed[0]), trimmed[1]


KEPT = {
    "edges": [{"cursor": place, "node": place} for place in range(3)],
    "page_info": {"count": 3},
}


@pytest.mark.parametrize("garbage", GARBAGE)
def test_what_is_lifted_out_comes_as_it_was_and_leaves_its_index(garbage: bytes) -> None:
    assert lifted(page(garbage)) == (KEPT, [b"1", garbage, b"{}"])


@quick
@given(st.binary().map(lambda text: text.replace(b'"', b"").replace(b"\\", b"")))
def test_a_string_may_hold_any_bytes(text: bytes) -> None:
    node = b'{"%b": "%b"}' % (text, text)
    assert lifted(page(node)) == (KEPT, [b"1", node, b"{}"])


@pytest.mark.parametrize("garbage", [*GARBAGE, b'{"edges": [{"node": 7}]}'])
def test_what_is_not_kept_may_be_anything(garbage: bytes) -> None:
    kept, nodes = lifted(page(b"2", before=b'"other\\ud800": %b ,' % garbage))
    assert (kept, nodes) == (KEPT | {"": None}, [b"1", b"2", b"{}"])


def test_of_a_key_that_is_there_twice_the_last_counts_as_everywhere() -> None:
    twice = b'{"edges": [{"node": "x"}], "edges": [{"node": "y", "node": "z"}]}'
    kept, nodes = lifted(twice)
    assert [nodes[edge["node"]] for edge in kept["edges"]] == [b'"z"']


@quick
@given(st.lists(ANYTHING), ANYTHING, st.sampled_from([None, 1]))
def test_of_good_json_it_finds_what_a_parser_finds(
    nodes: list[object], other: object, indent: int | None
) -> None:
    edges = [{"other": other, "cursor": 0, "node": node} for node in nodes]
    text = {"other": other, "page_info": other, "edges": edges}
    kept, raws = lifted(json.dumps(text, indent=indent, ensure_ascii=False).encode())
    assert [json.loads(raw) for raw in raws] == nodes
    assert kept["page_info"] == other


def test_what_has_another_shape_stays() -> None:
    text = b'{"edges": {"node": NaN}, "page_info": "x"}'
    assert trim(text, PAGE) == (text, [])


@pytest.mark.parametrize("cut", range(1, len(page(b"NaN"))))
def test_there_is_no_outline_of_what_ends_early(cut: int) -> None:
    assert trim(page(b"NaN")[:-cut], PAGE) is None


@pytest.mark.parametrize(
    "text", [b'{"edges": [{"node": 1} "node"]}', b'{"edges" [1]}', b'{"edges": ]}', b'{"a":"b""c"}']
)
def test_what_looks_like_no_json_is_kept_for_a_parser_to_refuse(text: bytes) -> None:
    trimmed = trim(text, PAGE)
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(text if trimmed is None else trimmed[0])


@pytest.mark.parametrize(
    "endless",
    [b"[],", b'{"":[]},', b"0,", b'{"cursor":0},', b'{"node":0},', b'{"x":0},'],
)
def test_a_text_that_is_made_to_take_long_is_given_up(
    endless: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outline, "_MOST_STEPS", 1000)
    assert trim(b'{"edges":[%b]}' % (endless * 100), PAGE) is not None
    assert trim(b'{"edges":[%b]}' % (endless * 1000), PAGE) is None
    assert trim(b'{"edges":[{"node":[%b]}]}' % (b"[],[[]]," * 1000), PAGE) is None


@quick
@given(ANYTHING.map(lambda value: json.dumps([value]).encode()), st.data())
def test_json_ends_early_until_it_is_whole(text: bytes, data: st.DataObject) -> None:
    assert ends_early(text) is False
    assert ends_early(text[: data.draw(st.integers(1, len(text) - 1))]) is True


@pytest.mark.parametrize("text", [b"", b"1", b'"[', b"<html>{"])
def test_without_a_bracket_at_its_beginning_nobody_knows(text: bytes) -> None:
    assert ends_early(text) is None
