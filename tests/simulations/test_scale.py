"""The requests and the rates by which docs/scale.md reckons, from fleets and walks in small."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from governor_simulation import simulate
from scale_model import ALONE, DAY, MOVING, USED, Case, closing, pages
from scale_simulation import PAGE, Api, chunks, fleet, price, used
from simulator import Scenario
from simulator import simulate as walk

RATE = 100

# One account in so many, and one huge one that is as much shorter: of the pages, each kind has
# the same part as in the large workspace.
SMALLER = 20_000

pytestmark = pytest.mark.quick


def sizes() -> Iterator[int]:
    """The NFTs of the accounts of the page, in small."""
    case = Case()
    for accounts, nfts in case.shape:
        number = pages(nfts, case.page)
        if nfts < ALONE:
            yield from [number * PAGE] * round(accounts / SMALLER)
        else:
            yield round(accounts * number / SMALLER) * PAGE


SIZES = dict(enumerate(sizes(), start=1))
HUGE = max(SIZES.values())


@pytest.fixture(scope="module")
def api() -> Api:
    """An API that a fleet has asked for all accounts."""
    return simulate(fleet(SIZES, chunks(SIZES, HUGE), workers=4, rate=RATE))


@pytest.mark.parametrize("size", sorted({*SIZES.values()}))
def test_an_account_in_a_chunk_or_alone_costs_its_pages_and_what_closes_them(
    size: int, api: Api
) -> None:
    number = pages(size, PAGE)
    expected = 1 + closing(number) / number
    assert price(api, SIZES, size) == pytest.approx(expected, abs=0.001)


def test_in_long_chunks_accounts_cost_little_more_than_their_pages() -> None:
    api = simulate(fleet(SIZES, chunks(SIZES, HUGE, 250), workers=4, rate=RATE))
    assert price(api, SIZES, 5 * PAGE) < 1.01


@pytest.mark.parametrize("workers", [1, 8])
def test_few_workers_and_many_use_the_rate_that_is_reckoned_with(workers: int) -> None:
    api = simulate(fleet(SIZES, chunks(SIZES, HUGE), workers=workers, rate=RATE))
    assert used(api, RATE) == pytest.approx(USED, abs=0.003)
    assert api.refused <= 1  # in a window of the API that began before the first turn


def test_a_huge_account_costs_overlaps_as_it_changes_while_it_is_read() -> None:
    """As many changes as come in the minutes that the real one takes."""
    case, huge = Case(), Case().shape[-1].nfts
    seconds = pages(huge, case.page) / (case.rate * USED)
    changes = huge * case.differences * seconds / DAY
    number = HUGE // PAGE
    scenario = Scenario(
        seed=0,
        size=number * case.page,
        page_size=case.page,
        cap=case.page,
        mutations=changes * case.at_once / number,
        inserts=0.5,
        slots=case.at_once,
    )
    walks = [walk(replace(scenario, seed=seed)) for seed in range(3)]
    assert [each.status for each in walks] == ["repaired"] * 3
    prices = [len(each.asked) / number for each in walks]
    assert prices == pytest.approx([1 + MOVING] * 3, abs=0.03)
