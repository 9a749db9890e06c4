"""What exact listings cost in requests, on quiet listings and on such that change all the time.

`python benchmarks/listings.py` streams from a sandbox with pages of 100, in 16 slots. Listings
that change do so by one insert or delete per latency, on average, which is long enough to be most
of a request's time. Ideal is one request for each page that a listing has at its start. Whatever
was there throughout must come exactly once.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from random import Random

from table import Result, show

from ledger_async import LedgerClient
from ledger_async.sandbox import Sandbox, SeenRequest

PAGE = 100

NodeKeys = tuple[str, str]


@dataclass(frozen=True)
class Case:
    """So many accounts of so many pages, and what they may cost as a multiple of the ideal."""

    accounts: int
    pages: int
    changes: bool
    bar: float
    latency: float = 0.3  # seconds

    def __str__(self) -> str:
        return f"{self.accounts} x {self.pages} pages" + " that change" * self.changes

    def sizes(self) -> dict[int, int]:
        """Accounts whose last pages are not full."""
        return {each: PAGE * self.pages - each % PAGE for each in range(1, self.accounts + 1)}


class Churn:
    """Changes a listing before it is looked at, as often as it should have changed by then."""

    def __init__(self, sandbox: Sandbox, accounts: Iterable[int], pause: float) -> None:
        self._sandbox = sandbox
        self._pause = pause
        self._random = Random(1)  # noqa: S311 - reproducible on purpose
        self.throughout = {each: {*sandbox.identities(each)} for each in accounts}
        self._changed_at: dict[int, float] = {}

    def __call__(self, seen: SeenRequest) -> None:
        """Let the time pass since this account was last looked at."""
        account_id = seen.account_id or 0
        now = asyncio.get_running_loop().time()
        then = self._changed_at.get(account_id, now)
        self._changed_at[account_id] = now
        while (then := then + self._random.expovariate(1 / self._pause)) < now:
            if self._random.random() < 0.5:  # noqa: PLR2004 - as many come as go
                self._sandbox.add_nfts(account_id)
            else:
                self.throughout[account_id] -= {*self._sandbox.remove_nfts(account_id)}


async def identities(
    ledger: LedgerClient, case: Case
) -> tuple[dict[int, list[NodeKeys]], Counter[str]]:
    """What came of each account, and how many of their reports have which status."""
    came: dict[int, list[NodeKeys]] = {each: [] for each in case.sizes()}
    if case.accounts == 1:
        one = ledger.nfts.stream(1, page_size=PAGE)
        came[1] = [(nft.contract_address, nft.token_id) async for nft in one]
        return came, Counter(report.status for report in one.reports.values())
    many = ledger.nfts.stream_accounts(came, page_size=PAGE)
    async for account_id, nft in many:
        came[account_id].append((nft.contract_address, nft.token_id))
    return came, Counter(report.status for report in many.reports.values())


async def measure(case: Case) -> AsyncIterator[Result]:
    """The requests of one case, and what was lost or came twice."""
    async with (
        Sandbox(case.sizes(), latency=case.latency, max_page_size=PAGE) as sandbox,
        LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user) as ledger,
    ):
        churn = Churn(sandbox, case.sizes(), case.latency)
        if case.changes:
            sandbox.on_request(churn)
        came, statuses = await identities(ledger, case)
        price = len(sandbox.requests) / (case.accounts * case.pages)
    lost = sum(len(churn.throughout[each] - {*nodes}) for each, nodes in came.items())
    twice = sum(len(nodes) - len({*nodes}) for nodes in came.values())
    proven = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    yield Result(f"{case}: requests / ideal", f"<= {case.bar}", f"{price:.3f}", price <= case.bar)
    yield Result(f"  lost, twice ({proven})", "0, 0", f"{lost}, {twice}", not lost + twice)


CASES = [
    Case(200, 5, changes=False, bar=1.02),
    Case(50, 20, changes=False, bar=1.02),
    Case(1, 100, changes=False, bar=1.02),
    Case(200, 5, changes=True, bar=1.4),
    Case(50, 20, changes=True, bar=1.4),
    Case(1, 100, changes=True, bar=1.4),
]


async def run(cases: Iterable[Case]) -> AsyncIterator[Result]:
    """The results of all these cases."""
    for case in cases:
        async for result in measure(case):
            yield result


def main() -> int:
    """Read the command line and run what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="fewer accounts, in less time")
    cases = CASES
    if parser.parse_args().quick:
        cases = [replace(each, accounts=min(each.accounts, 20), latency=0.03) for each in CASES]
    return 0 if asyncio.run(show(run(cases))) else 1


if __name__ == "__main__":
    sys.exit(main())
