"""`docs/exactness.md`: its figures are counted again, and its drawings walked through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import mean

import pytest
from simulator import Outcome, Scenario, nodes_of, simulate

from ledger_async._exactness import page_sizes
from ledger_async._exactness.checkpoints import Carried, Checkpoint
from ledger_async._exactness.pages import PageRead, PageRequest
from ledger_async._exactness.walk import Walk

PAGE = Path(__file__).parents[2] / "docs" / "exactness.md"
TEXT = PAGE.read_text(encoding="utf-8")

ROWS = re.findall(r"^\| (\d+) \| (\d+%) \| ([\d.]+) \| ([\d.]+) \|$", TEXT, re.MULTILINE)
ANSWER = re.compile(r"^page (\d+) of (\d+) +([A-Z \[\]]+\w\]?(?: [A-Z])*) {2,}(.*)$")


def walks(
    count: int, *, mutations: float, slots: int, check: bool, trust_count: bool = True
) -> list[Outcome]:
    scenario = partial(
        Scenario, size=2000, page_size=100, cap=100, mutations=mutations, inserts=0.5, slots=slots
    )
    return [
        simulate(scenario(seed), walk=Walk(100, check=check, trust_count=trust_count))
        for seed in range(count)
    ]


def price(outcomes: Sequence[Outcome]) -> str:
    """Requests for each of the listing's twenty pages, where nothing was lost."""
    assert not any(each.missed for each in outcomes)
    return f"{mean(len(each.asked) for each in outcomes) / 20:.2f}"


@pytest.mark.parametrize(("slots", "lost", "quiet", "moving"), ROWS)
def test_the_table_is_what_the_simulator_counts(
    slots: str, lost: str, quiet: str, moving: str
) -> None:
    plain = walks(1000, mutations=0.1, slots=int(slots), check=False)
    assert f"{mean(bool(each.missed) for each in plain):.0%}" == lost
    assert price(walks(1, mutations=0, slots=int(slots), check=True)) == quiet
    assert price(walks(300, mutations=0.1, slots=int(slots), check=True)) == moving


def test_overlaps_cost_what_the_page_says() -> None:
    quiet = walks(1, mutations=0, slots=1, check=True, trust_count=False)
    assert f"takes {price(quiet)} requests a page" in TEXT


def test_the_table_has_a_row_for_one_request_at_a_time_and_for_many() -> None:
    assert {slots for slots, *_ in ROWS} >= {"1", "16"}


def drawing(heading: str) -> list[re.Match[str]]:
    """The answers that are drawn in this section."""
    lines = TEXT.partition(f"\n## {heading}")[2].partition("```\n")[2].partition("```")[0]
    return [found for line in lines.splitlines() if (found := ANSWER.match(line))]


def bracketed(listing: str) -> list[str]:
    """The elements of the page that a drawn listing has in brackets."""
    return listing.partition("[")[2].partition("]")[0].split()


@pytest.mark.parametrize(
    ("heading", "trust_count"), [("In sequence", True), ("Ahead", True), ("Overlapping", False)]
)
def test_each_proof_goes_as_it_is_drawn(
    heading: str, monkeypatch: pytest.MonkeyPatch, *, trust_count: bool
) -> None:
    answers = drawing(heading)
    if heading != "Ahead":  # as if no page could be longer than those that are drawn
        monkeypatch.setattr(page_sizes, "OVERLAPPING", 1)
    walk = Walk[str](int(answers[0][2]), check=True, trust_count=trust_count)
    waiting: dict[tuple[int, int], PageRequest] = {}
    came: list[str] = []
    for number, size, listing, note in (each.groups() for each in answers):
        elements = re.findall("[A-Z]", listing)
        while (wanted := (int(number), int(size))) not in waiting:
            request = walk.ask()
            waiting[request.number, request.size] = request
        nodes = elements[(wanted[0] - 1) * wanted[1] :][: wanted[1]]
        assert nodes == bracketed(listing)
        more = wanted[0] * wanted[1] < len(elements)
        read = PageRead(nodes, [*map(ord, nodes)], len(elements), more)
        for new in nodes_of(walk.answer(waiting.pop(wanted), read)):
            came += new
        if end := re.search(r"end = (\d+)", note):
            assert walk._survey.cover.end == int(end[1])
    throughout = set.intersection(*({*re.findall("[A-Z]", each[3])} for each in answers))
    assert (walk.done, walk.status) == (True, "repaired")
    assert throughout <= {*came}
    assert len(came) == len({*came})


def test_a_walk_that_was_cut_off_goes_on_as_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_sizes, "OVERLAPPING", 1)
    old, *new = (each.groups() for each in drawing("Going on after a crash"))
    came = re.findall("[A-Z]", old[2].partition("]")[0])
    carried = Carried()
    count = len(re.findall("[A-Z]", old[2]))
    carried.add([*map(ord, came)], Checkpoint(len(came), count, calm=True))
    walk = Walk[str](int(new[0][1]), check=True, carried=carried)
    for number, size, listing, note in new:
        elements, request = re.findall("[A-Z]", listing), walk.ask()
        assert (request.number, request.size) == (int(number), int(size))
        nodes = elements[(request.number - 1) * request.size :][: request.size]
        assert nodes == bracketed(listing)
        more = request.number * request.size < len(elements)
        read = PageRead(nodes, [*map(ord, nodes)], len(elements), more)
        for fresh in nodes_of(walk.answer(request, read)):
            came += fresh
        assert f"end = {walk._survey.cover.end}" in note
    assert (walk.done, walk.status) == (True, "repaired")
    assert {*came} >= {*re.findall("[A-Z]", new[-1][2])}
    assert len(came) == len({*came})


def test_the_loss_is_drawn_as_it_happens() -> None:
    first, second = (each[3] for each in drawing("Why page numbers lose elements"))
    read = {*bracketed(first), *bracketed(second)}
    assert [each for each in re.findall("[A-Z]", second.partition("]")[0]) if each not in read] == [
        "D"
    ]
