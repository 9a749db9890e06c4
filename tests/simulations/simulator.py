"""A listing under seeded churn, and the real `Walk` over it: no I/O, virtual time, all from a seed.

`PYTHONPATH=. python tests/simulations/simulator.py SEED` replays one walk and tells every step of
it; `FIELD=VALUE` behind it sets a field of the scenario that is not the seed's own.
"""

from __future__ import annotations

import sys
from bisect import bisect
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any, TypeVar

from ledger_async._exactness.checkpoints import Carried
from ledger_async._exactness.pages import LARGEST, PageRead, PageRequest, past_end
from ledger_async._exactness.walk import Fresh, Walk
from ledger_async.errors import ListingIncompleteError

T = TypeVar("T")

BURST_AFTER = 3  # requests
STALE_BY = 5  # changes that a replica lacks at most

Serve = Callable[[PageRequest, float], PageRead[int] | None]
Tell = Callable[[str], object]


@dataclass(frozen=True)
class Scenario:
    """What one simulated walk meets; a request takes 1 on average, half of it there."""

    seed: int
    size: int
    page_size: int
    cap: int
    mutations: float
    """Their mean number per request time."""
    inserts: float
    slots: int
    returns: float = 0.0
    """The share of inserts that bring back an element that had left."""
    moves: float = 0.0
    """The share of mutations in which an element leaves and is back at the head at once."""
    anywhere: float = 0.0
    """The share of new elements that come in at any place, where they come back to as well."""
    stale: float = 0.0
    """For how many request times the server goes on saying the same `count`."""
    burst: int = 0
    """So many come in at once, in the midst of the walk."""
    gone: int = 0
    """So many leave at once, in the midst of the walk."""
    fixed: int = 0
    """The size of all pages, if the server heeds none that is asked for."""
    more_as_asked: bool = False
    """Whether `has_next_page` is worked out from the size that was asked for, beyond the cap."""
    offset_as_asked: bool = False
    """Whether pages begin where those of the size that was asked for would, beyond the cap."""
    empty: float = 0.0
    """The share of answers in which the elements are left out."""
    refuses: bool = False
    """Whether pages past the end are refused, not empty."""
    replicas: float = 0.0
    """The share of answers that show the listing as it was some changes ago."""
    copies: int = 0
    """So many elements stand in the listing twice."""
    off: int = 0
    """By how much `count` is wrong, always."""

    @classmethod
    def of(cls, seed: int) -> Scenario:
        """The scenario of this seed: small and large pages, calm and churn, one slot and many."""
        random = Random(f"scenario {seed}")
        return cls(
            seed=seed,
            size=random.randrange(random.choice([4, 40, 160, 400])),
            page_size=random.choice(
                [LARGEST, 1, 2, 3, random.randint(1, 12), *[random.randint(1, 100)] * 3]
            ),
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
    asked: list[tuple[int, int]]
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
        command = "PYTHONPATH=. python tests/simulations/simulator.py"
        return f"{command} {self.scenario.seed}{''.join(changed)}"


@dataclass
class ChurningServer:
    """A listing, newest first: inserts come at its head, deletes come anywhere."""

    scenario: Scenario
    random: Random
    tell: Tell | None
    listing: list[int] = field(init=False)
    throughout: set[int] = field(init=False)
    left: list[int] = field(default_factory=list)
    asked: list[tuple[int, int]] = field(default_factory=list)
    mutations: int = 0
    now: float = 0.0
    next_mutation: float = 0.0
    count: int = 0
    counted_at: float = -1e9
    age: dict[int, float] = field(default_factory=dict)
    newest: float = 0.0
    past: deque[list[int]] = field(default_factory=lambda: deque(maxlen=STALE_BY))

    def __post_init__(self) -> None:
        self.listing = list(range(self.scenario.size))
        self.throughout = set(self.listing)
        self.born = self.scenario.size
        self.age = {element: float(element) for element in self.listing}
        for element in self.random.sample(
            self.listing, min(self.scenario.copies, len(self.listing))
        ):
            self.listing.insert(self.random.randint(0, len(self.listing)), element)

    def serve(self, request: PageRequest, now: float) -> PageRead[int] | None:
        """The page as it is after what happened until now, `None` where it is refused."""
        self.pass_time(now)
        if len(self.asked) == BURST_AFTER:
            self.erupt()
        self.asked.append((request.number, request.size))
        answer = self.answer(request, self.seen(), now)
        if self.tell:  # costs more than all the rest
            self.tell(f"at {now:.2f} {request} of {self.listing}: {answer}")
        return answer

    def pass_time(self, now: float) -> None:
        """Let happen what happens until now."""
        self.now = now
        while self.scenario.mutations and self.next_mutation < now:
            self.next_mutation += self.random.expovariate(self.scenario.mutations)
            self.mutate()

    def answer(self, request: PageRequest, listing: list[int], now: float) -> PageRead[int] | None:
        """A page of this listing, as this server makes it."""
        scenario = self.scenario
        if now >= self.counted_at + scenario.stale:
            self.count, self.counted_at = len(listing), now
        asked = scenario.cap if request.size == LARGEST else request.size
        size = scenario.fixed or min(asked, scenario.cap)
        start = (request.number - 1) * (asked if scenario.offset_as_asked else size)
        if scenario.refuses and request.number > 1 and start >= len(listing):
            return None
        nodes = listing[start : start + size]
        if self.random.random() < scenario.empty:
            nodes = []
        follows = request.number * asked if scenario.more_as_asked else start + size
        return PageRead(nodes, [*nodes], self.count + scenario.off, follows < len(listing))

    def seen(self) -> list[int]:
        """The listing as the replica has it that answers."""
        if self.past and self.random.random() < self.scenario.replicas:
            return self.random.choice(self.past)
        return self.listing

    def erupt(self) -> None:
        """What happens once, in the midst of the walk."""
        for _ in range(self.scenario.burst):
            self.insert()
        for _ in range(min(self.scenario.gone, len(self.listing))):
            self.delete(self.random.randrange(len(self.listing)))

    def mutate(self) -> None:
        """Let one element come, go, or move to the head."""
        self.mutations += 1
        if self.scenario.replicas:
            self.past.append([*self.listing])
        if self.listing and self.random.random() < self.scenario.moves:
            self.delete(self.random.randrange(len(self.listing)))
            self.put(self.left.pop())
        elif self.random.random() < self.scenario.inserts:
            self.insert()
        elif self.listing:
            self.delete(self.random.randrange(len(self.listing)))

    def insert(self) -> None:
        """Put one in: a new one, or one that had left."""
        if self.left and self.random.random() < self.scenario.returns:
            self.put(take_any(self.left, self.random))
            return
        element, self.born = self.born, self.born + 1
        if self.scenario.anywhere and self.random.random() < self.scenario.anywhere:
            self.age[element] = self.random.uniform(self.newest, self.scenario.size)
        else:
            self.newest -= 1
            self.age[element] = self.newest
        self.put(element)

    def put(self, element: int) -> None:
        """At the head, or where its age has it: it stands there whenever it comes back, too."""
        place = 0
        if self.scenario.anywhere:
            place = bisect(self.listing, self.age[element], key=self.age.__getitem__)
        self.listing.insert(place, element)

    def delete(self, position: int) -> None:
        """Take one away."""
        element = self.listing.pop(position)
        self.throughout.discard(element)
        self.left.append(element)


def page_of(listing: list[int], number: int, size: int) -> PageRead[int]:
    """A page as an honest server makes it."""
    nodes = listing[(number - 1) * size : number * size]
    return PageRead(nodes, [*nodes], len(listing), number * size < len(listing))


def nodes_of(pages: Iterable[Fresh[T]]) -> list[list[T]]:
    """The new nodes of each of these pages."""
    return [page.nodes for page in pages]


def drive(
    walk: Walk[int], serve: Serve, *, slots: int = 1, random: Random | None = None
) -> Iterator[list[int]]:
    """The new nodes of every page that the walk releases."""
    return (page.nodes for page in pages_of(walk, serve, slots=slots, random=random))


def pages_of(
    walk: Walk[int],
    serve: Serve,
    *,
    slots: int = 1,
    random: Random | None = None,
    start: float = 0.0,
) -> Iterator[Fresh[int]]:
    """Every page that the walk releases, while `slots` requests at a time take their time.

    `serve` is called at the moment when the server looks. As in a stream, twice as many pages as
    there are `slots` are in flight or held back at most. Without `random` all take the same time.
    """
    now, serial = start, count()
    # When, a serial number, for which request, and once the server has looked, what it answers.
    events: list[tuple[float, int, PageRequest, list[PageRead[int] | None]]] = []

    def half() -> float:
        return random.uniform(0.1, 0.9) if random else 0.5

    while True:
        while walk.in_flight < slots and walk.in_flight + walk.held_back < 2 * slots:
            if walk.next_request(ahead=slots > 1) is None:
                break
            heappush(events, (now + half(), next(serial), walk.ask(), []))
        if not events:
            assert walk.done
            return
        now, _, request, answer = heappop(events)
        if not answer:
            heappush(events, (now + half(), next(serial), request, [serve(request, now)]))
        else:
            yield from walk.answer(request, answer[0] or past_end(request))


def take_any(items: list[T], random: Random) -> T:
    """Remove one of the items."""
    return items.pop(random.randrange(len(items)))


def simulate(
    scenario: Scenario, tell: Tell | None = None, walk: Walk[int] | None = None
) -> Outcome:
    """One walk from its first request to its last."""
    random = Random(f"churn {scenario.seed}")
    server = ChurningServer(scenario, random, tell)
    walk = walk or Walk(scenario.page_size, check=True)
    yielded: list[int] = []
    try:
        for nodes in drive(walk, server.serve, slots=scenario.slots, random=random):
            if tell:
                tell(f"released {nodes}")
            yielded += nodes
        status: str = walk.status
    except ListingIncompleteError as error:
        if tell:
            tell(str(error))
        status = "incomplete"
    return Outcome(
        scenario, status, yielded, server.throughout, server.asked, mutations=server.mutations
    )


@dataclass(frozen=True)
class Cuts:
    """How walks are cut off, and what happens before the next one goes on."""

    times: int
    """So many walks are cut off before one may come to its end."""
    after: float
    """Each has got this share of the listing's pages then, on average."""
    pause: float
    """For so many request times nobody reads, on average."""
    stored: float = 1.0
    """The share of what was released that was stored when the walk was cut off, on average."""
    came: int = 0
    """So many come in at once during each pause."""
    went: int = 0
    """So many leave at once during each pause."""

    @classmethod
    def of(cls, seed: int) -> Cuts:
        """Cuts of every kind: early and late, short pauses and long ones."""
        random = Random(f"cuts {seed}")
        return cls(
            times=random.choice([1, 1, 1, 2, 3, 6]),
            after=random.choice([0.1, 0.5, 0.9, 1.0]),
            pause=random.choice([0, 1, 5, 50]),
            stored=random.choice([1.0, 0.5]),
            came=random.choice([0, 0, 0, 1, 5, 50, 300]),
            went=random.choice([0, 0, 0, 1, 5, 50, 300]),
        )


NewWalk = Callable[[Carried | None], Walk[int]]


def simulate_resumed(
    scenario: Scenario, cuts: Cuts, tell: Tell | None = None, new_walk: NewWalk | None = None
) -> Outcome:
    """Walks that are cut off, and one that goes on from there to its end.

    `throughout` is what was there throughout the last one.
    """
    random = Random(f"churn {scenario.seed}")
    server = ChurningServer(scenario, random, tell)
    new_walk = new_walk or (lambda carried: Walk(scenario.page_size, check=True, carried=carried))
    carried, yielded, status = Carried(), list[int](), ""
    for left in reversed(range(cuts.times + 1)):
        server.throughout = set(server.listing)
        walk = new_walk(carried if carried.keys else None)
        pages = pages_of(walk, server.serve, slots=scenario.slots, random=random, start=server.now)
        released: list[Fresh[int]] = []
        most = len(server.listing) / max(1, min(abs(scenario.page_size), 100)) * 2 * cuts.after
        end = random.uniform(0, most) if left else float("inf")
        try:
            while len(released) < end and (page := next(pages, None)) is not None:
                if tell:
                    tell(f"released {page}")
                released += [page] if page.nodes else []
            status = walk.status
        except ListingIncompleteError as error:
            if tell:
                tell(str(error))
            status = "incomplete"
        if left and random.random() > cuts.stored:
            del released[random.randrange(len(released) + 1) :]
        for page in released:
            carried.add(page.nodes, page.checkpoint)
            yielded += page.nodes
        if left:
            pause(server, cuts, random)
        if tell:
            tell(f"cut off with {carried.checkpoint}, {len(carried.keys)} elements")
    return Outcome(
        scenario, status, yielded, server.throughout, server.asked, mutations=server.mutations
    )


def pause(server: ChurningServer, cuts: Cuts, random: Random) -> None:
    """Let happen what happens between two walks."""
    server.pass_time(server.now + random.uniform(0, 2 * cuts.pause))
    for _ in range(cuts.came):
        server.insert()
    for _ in range(min(cuts.went, len(server.listing))):
        server.delete(random.randrange(len(server.listing)))


_KINDS: dict[str, Callable[[str], object]] = {
    "bool": "True".__eq__,
    "float": float,
    "int": int,
}


def changed(scenario: Scenario, changes: Iterable[str]) -> Scenario:
    """The scenario with these fields, each `FIELD=VALUE`, set."""
    kinds = {each.name: _KINDS[str(each.type)] for each in fields(scenario)}
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
