"""A listing under seeded churn, and the real `Walk` over it: no I/O, no clock, all from a seed.

`PYTHONPATH=. python tests/simulator.py SEED` replays one walk and tells every step of it;
`FIELD=VALUE` behind it sets a field of the scenario that is not the seed's own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from random import Random
from typing import Any, TypeVar

from ledger_async.errors import ListingIncompleteError
from ledger_async.walk import CLOSING, HEAD, Slice, Walk

T = TypeVar("T")

# Then the churn ends: a listing that grows by more than a page a request is never covered.
CHURNED_REQUESTS = 100

Serve = Callable[[int], Slice[int]]
Tell = Callable[[str], object]


@dataclass(frozen=True)
class Scenario:
    """What one simulated walk meets: `mutations` is their mean number per request."""

    seed: int
    size: int
    page_size: int
    cap: int
    mutations: float
    inserts: float
    slots: int
    returns: float = 0.0
    """The share of inserts that bring back an element that had left."""
    moves: float = 0.0
    """The share of mutations that move an element to the head."""

    @classmethod
    def of(cls, seed: int) -> Scenario:
        """The scenario of this seed: small and large pages, calm and churn, one slot and many."""
        random = Random(f"scenario {seed}")
        return cls(
            seed=seed,
            size=random.randrange(random.choice([4, 40, 160])),
            page_size=random.choice([1, 2, 3, random.randint(1, 12), random.randint(1, 100)]),
            cap=random.choice([100, 100, random.randint(1, 100)]),
            mutations=random.choice([0, 0.05, 0.2, 0.5, 1, random.uniform(0, 10)]),
            inserts=random.choice([0, 0.5, 0.5, 0.5, 1, random.random()]),
            slots=random.choice([1, 1, 2, 4, 16]),
        )

    @property
    def ahead(self) -> bool:
        """Whether pages may be asked for before the earlier ones are answered."""
        return self.slots > 1


@dataclass
class Outcome:
    """What came of one walk: `throughout` was there from its start to its end."""

    scenario: Scenario
    status: str
    yielded: list[int]
    throughout: set[int]
    asked: list[int]
    mutations: int

    @property
    def missed(self) -> set[int]:
        """What was there throughout and did not come."""
        return self.throughout - set(self.yielded)

    @property
    def replay(self) -> str:
        """How to see it again."""
        own = vars(Scenario.of(self.scenario.seed))
        changed = (
            f" {name}={each}" for name, each in vars(self.scenario).items() if each != own[name]
        )
        return f"PYTHONPATH=. python tests/simulator.py {self.scenario.seed}{''.join(changed)}"


@dataclass
class ChurningServer:
    """A listing, newest first: inserts come at its head, deletes come anywhere."""

    scenario: Scenario
    random: Random
    tell: Tell
    listing: list[int] = field(init=False)
    throughout: set[int] = field(init=False)
    left: list[int] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    mutations: int = 0

    def __post_init__(self) -> None:
        self.listing = list(range(self.scenario.size))
        self.throughout = set(self.listing)
        self.born = self.scenario.size

    def serve(self, number: int) -> Slice[int]:
        """The page as it is after what happened since the last request."""
        if len(self.asked) < CHURNED_REQUESTS:
            self.churn()
        self.asked.append(number)
        closing = number == CLOSING
        wanted = max(self.scenario.page_size, HEAD * closing)
        answer = page_of(
            self.listing, 1 if closing else number, size=min(wanted, self.scenario.cap)
        )
        self.tell(f"page {number} of {self.listing}: {answer.nodes}")
        return answer

    def churn(self) -> None:
        """Insert and delete, as often as the scenario has it on average."""
        mean = self.scenario.mutations
        whole = self.random.randint(0, int(2 * mean)) if mean >= 1 else 0
        for _ in range(whole if mean >= 1 else self.random.random() < mean):
            self.mutations += 1
            if self.listing and self.random.random() < self.scenario.moves:
                self.listing.insert(0, take_any(self.listing, self.random))
            elif self.random.random() < self.scenario.inserts:
                self.insert()
            elif self.listing:
                self.delete(self.random.randrange(len(self.listing)))

    def insert(self) -> None:
        """Put one at the head: a new one, or one that had left."""
        if self.left and self.random.random() < self.scenario.returns:
            element = take_any(self.left, self.random)
        else:
            element, self.born = self.born, self.born + 1
        self.listing.insert(0, element)

    def delete(self, position: int) -> None:
        """Take one away."""
        element = self.listing.pop(position)
        self.throughout.discard(element)
        self.left.append(element)


def page_of(listing: list[int], number: int, size: int) -> Slice[int]:
    """A page as an honest server makes it."""
    nodes = listing[(number - 1) * size : number * size]
    return Slice(nodes, list(nodes), len(listing), number * size < len(listing))


def drive(
    walk: Walk[int], serve: Serve, *, slots: int = 1, random: Random | None = None
) -> Iterator[list[int]]:
    """Every page that the walk releases, while it is asked, served and answered in any order.

    `serve` is called at the moment when the server looks; its answer may arrive much later.
    As in a stream, twice as many pages as there are `slots` are in flight or held back at most.
    """
    random = random or Random(0)
    asked: list[int] = []
    answers: list[tuple[int, Slice[int]]] = []
    while not walk.done:
        free = walk.in_flight < slots and walk.in_flight + walk.held_back < 2 * slots
        may_ask = free and walk.next_page(ahead=slots > 1) is not None
        step = random.choice("a" * may_ask + "s" * bool(asked) + "d" * bool(answers))
        if step == "a":
            asked.append(walk.ask())
        elif step == "s":
            number = take_any(asked, random)
            answers.append((number, serve(number)))
        else:
            yield from walk.answer(*take_any(answers, random))


def take_any(items: list[T], random: Random) -> T:
    """Remove one of the items."""
    return items.pop(random.randrange(len(items)))


def simulate(scenario: Scenario, tell: Tell = lambda _: None) -> Outcome:
    """One walk from its first request to its last."""
    random = Random(f"churn {scenario.seed}")
    server = ChurningServer(scenario, random, tell)
    walk = Walk[int](check=True)
    yielded: list[int] = []
    try:
        for nodes in drive(walk, server.serve, slots=scenario.slots, random=random):
            tell(f"released {nodes}")
            yielded += nodes
        status: str = walk.status()
    except ListingIncompleteError:
        status = "incomplete"
    return Outcome(
        scenario, status, yielded, server.throughout, server.asked, mutations=server.mutations
    )


def changed(scenario: Scenario, changes: Iterable[str]) -> Scenario:
    """The scenario with these fields, each `FIELD=VALUE`, set."""
    kinds = {each.name: float if each.type == "float" else int for each in fields(scenario)}
    given: dict[str, Any] = {}
    for change in changes:
        name, _, value = change.partition("=")
        given[name] = kinds[name](value)
    return replace(scenario, **given)


def replay(seed: str, *changes: str) -> None:
    """Tell every step of one walk."""
    scenario = changed(Scenario.of(int(seed)), changes)
    outcome = simulate(scenario, lambda step: sys.stdout.write(f"{step}\n"))
    sys.stdout.write(f"{outcome}\nmissed: {outcome.missed}\n")


if __name__ == "__main__":
    replay(*sys.argv[1:])
