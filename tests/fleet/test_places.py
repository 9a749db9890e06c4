"""`places`: a few inside, those in a hurry first."""

from __future__ import annotations

import asyncio

from ledger_async.fleet._limit.places import Places


class Visits:
    """Tasks that go inside and stay until they are sent away; `inside` has them in their order."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.inside = list[str]()

    async def come(self, name: str, *, interactive: bool = False) -> asyncio.Task[None]:
        async def visit() -> None:
            async with self.places.one(interactive=interactive):
                self.inside.append(name)
                await asyncio.Event().wait()

        task = asyncio.create_task(visit())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return task


async def send_away(*visits: asyncio.Task[None]) -> None:
    for each in visits:
        each.cancel()
    await asyncio.gather(*visits, return_exceptions=True)
    await asyncio.sleep(0)


async def test_as_many_are_inside_as_there_are_places() -> None:
    visits = Visits(Places(2))
    tasks = [await visits.come(name) for name in "abc"]
    assert visits.inside == ["a", "b"]
    await send_away(tasks[0])
    assert visits.inside == ["a", "b", "c"]
    await send_away(*tasks)


async def test_those_in_a_hurry_go_first() -> None:
    visits = Visits(Places(1))
    tasks = [await visits.come("a"), await visits.come("b")]
    tasks.append(await visits.come("urgent", interactive=True))
    await send_away(tasks[0])
    assert visits.inside == ["a", "urgent"]
    await send_away(*tasks)


async def test_who_is_cancelled_in_line_takes_no_place() -> None:
    visits = Visits(Places(1))
    tasks = [await visits.come(name) for name in "abc"]
    await send_away(tasks[1])
    await send_away(tasks[0])
    assert visits.inside == ["a", "c"]
    await send_away(*tasks)


async def test_a_place_that_came_in_the_moment_of_a_cancellation_goes_to_the_next() -> None:
    visits = Visits(Places(1))
    tasks = [await visits.come(name) for name in "abc"]
    tasks[0].cancel()
    await asyncio.sleep(0)  # the place is given to the second, who does not know yet
    await send_away(tasks[1])
    assert visits.inside == ["a", "c"]
    await send_away(*tasks)
