"""The fleet: who is asked, who waits, what happens when workers die or a swap comes, without one real process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest

from hermetic.deploy.serving.fleet import Fleet
from hermetic.deploy.serving.messages import Frame
from hermetic.deploy.serving.problems import Problem
from hermetic.deploy.serving.settings import Limits
from hermetic.deploy.serving.sources import LoadFailed

Answering = Callable[["FakeLink"], Awaitable[Frame]]


class FakeLink:
    """A worker that answers as a test says."""

    def __init__(self, number: int, answering: Answering, on_lost: Callable[[Any], None]) -> None:
        self.process = number
        self.is_lost = False
        self.is_closed = False
        self._answering = answering
        self._on_lost = on_lost

    async def exchange(self, head: dict[str, Any], body: bytes) -> Frame:
        return await self._answering(self)

    def lose(self) -> None:
        if not self.is_lost:
            self.is_lost = True
            self._on_lost(self)

    def close(self) -> None:
        self.is_closed = True
        asyncio.get_running_loop().call_soon(self.lose)

    def kill(self) -> None:
        self.lose()


class FakeSource:
    """Gives workers; each generation has its number."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.number = len(world.sources)
        self.links: list[FakeLink] = []
        self.is_closed = False
        self.cannot = False
        world.sources.append(self)

    async def load(self, on_lost: Callable[[], None]) -> dict[str, Any]:
        self.lose = on_lost
        if self.world.failures:
            raise LoadFailed(self.world.failures.pop(0))
        version = f"v{self.number}"
        return {"m": SimpleNamespace(name="m", version=version, verdict_words="")}

    async def worker(self, on_lost: Callable[[Any], None]) -> FakeLink:
        if self.cannot:
            raise ConnectionResetError
        link = FakeLink(100 * self.number + len(self.links), self.world.answering, on_lost)
        self.links.append(link)
        return link

    def close(self) -> None:
        self.is_closed = True


class World:
    """A fleet, and everything that it sees."""

    def __init__(self, answering: Answering, *, n_workers: int = 2, **limits: Any) -> None:
        self.answering = answering
        self.sources: list[FakeSource] = []
        self.failures: list[str] = []
        self.lines: list[str] = []
        self.fleet = Fleet(
            lambda: FakeSource(self), n_workers=n_workers, limits=Limits(**limits), log=self.lines.append
        )

    async def ask(self) -> int:
        """Ask; give the number of the worker that has answered."""
        frame = await self.fleet.ask({}, b"")
        return int(frame.head["by"])


async def at_once(link: FakeLink) -> Frame:
    return Frame({"by": link.process})


async def later(link: FakeLink) -> Frame:
    await asyncio.sleep(0.01)
    if link.is_lost:
        raise ConnectionResetError
    return Frame({"by": link.process})


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


async def until(is_so: Callable[[], Any]) -> None:
    async with asyncio.timeout(60):
        while not is_so():
            await asyncio.sleep(0.001)


def test_requests_are_spread_over_the_workers():
    async def work() -> None:
        world = World(later)
        await world.fleet.swap()
        found = await asyncio.gather(*(world.ask() for _ in range(6)))
        assert set(found) == {0, 1}
        assert world.fleet.n_busy == world.fleet.n_waiting == 0

    run(work())


def test_no_worker_has_two_requests_at_a_time():
    busy: set[int] = set()

    async def one_at_a_time(link: FakeLink) -> Frame:
        assert link.process not in busy
        busy.add(link.process)
        await asyncio.sleep(0.001)
        busy.remove(link.process)
        return Frame({"by": link.process})

    async def work() -> None:
        world = World(one_at_a_time, n_workers=3)
        await world.fleet.swap()
        assert len(await asyncio.gather(*(world.ask() for _ in range(50)))) == 50

    run(work())


def test_who_comes_first_is_answered_first():
    order: list[int] = []

    async def work() -> None:
        world = World(later, n_workers=1)
        await world.fleet.swap()

        async def ask(number: int) -> None:
            await world.ask()
            order.append(number)

        await asyncio.gather(*(ask(number) for number in range(5)))

    run(work())
    assert order == [0, 1, 2, 3, 4]


def test_who_would_wait_behind_too_many_is_turned_away():
    async def work() -> None:
        world = World(later, n_workers=1, most_waiting=2)
        await world.fleet.swap()
        found = await asyncio.gather(*(world.ask() for _ in range(5)), return_exceptions=True)
        refused = [one for one in found if isinstance(one, Problem)]
        assert [(one.status, one.retry_seconds) for one in refused] == [(503, 1)] * 2

    run(work())


async def never(link: FakeLink) -> Frame:
    await asyncio.Event().wait()
    raise AssertionError


def test_an_answer_that_takes_too_long_costs_the_worker_its_life():
    async def work() -> None:
        world = World(never, n_workers=1, timeout_seconds=0.02)
        await world.fleet.swap()
        with pytest.raises(Problem) as caught:
            await world.ask()
        assert caught.value.status == 504
        assert world.sources[0].links[0].is_lost
        await until(lambda: world.fleet.n_workers == 1)
        assert world.fleet.counts.timeouts == 1

    run(work())


def test_who_waits_too_long_for_a_worker_is_told_so():
    async def work() -> None:
        world = World(never, n_workers=0, timeout_seconds=0.02)
        await world.fleet.swap()
        with pytest.raises(Problem, match="no worker was free in time"):
            await world.ask()
        assert world.fleet.n_waiting == 0

    run(work())


def test_another_worker_answers_where_one_dies():
    async def first_dies(link: FakeLink) -> Frame:
        if link.process == 1:
            link.lose()
            raise ConnectionResetError
        return Frame({"by": link.process})

    async def work() -> None:
        world = World(first_dies)
        await world.fleet.swap()
        assert await world.ask() == 0
        assert world.fleet.counts.retries == 1
        await until(lambda: world.fleet.n_workers == 2)
        assert world.fleet.counts.lost_workers == 1

    run(work())


def test_a_request_that_every_worker_dies_of_is_given_up():
    async def dies(link: FakeLink) -> Frame:
        link.lose()
        raise ConnectionResetError

    async def work() -> None:
        world = World(dies)
        await world.fleet.swap()
        with pytest.raises(Problem) as caught:
            await world.ask()
        assert caught.value.status == 500
        assert world.fleet.counts.retries == 3

    run(work())


def test_after_a_swap_the_new_models_answer_and_the_old_are_gone():
    async def work() -> None:
        world = World(at_once)
        await world.fleet.swap()
        assert world.fleet.models["m"].version == "v0"
        await world.fleet.swap()
        assert world.fleet.models["m"].version == "v1"
        assert await world.ask() >= 100
        await until(lambda: world.sources[0].is_closed)
        assert all(link.is_closed for link in world.sources[0].links)
        assert world.fleet.counts.swaps == 1
        assert world.fleet.counts.lost_workers == 0

    run(work())


def test_what_is_under_way_at_a_swap_ends_where_it_began():
    go = asyncio.Event()

    async def when_told(link: FakeLink) -> Frame:
        if link.process < 100:
            await go.wait()
        return Frame({"by": link.process})

    async def work() -> None:
        world = World(when_told, n_workers=1)
        await world.fleet.swap()
        old = asyncio.create_task(world.ask())
        await asyncio.sleep(0)
        waiting = asyncio.create_task(world.ask())
        await asyncio.sleep(0)
        await world.fleet.swap()
        assert await waiting == 100
        assert not world.sources[0].is_closed
        go.set()
        assert await old == 0
        await until(lambda: world.sources[0].is_closed)

    run(work())


def test_a_swap_that_fails_changes_nothing():
    async def work() -> None:
        world = World(at_once)
        await world.fleet.swap()
        world.failures.append("damaged")
        with pytest.raises(LoadFailed, match="damaged"):
            await world.fleet.swap()
        assert await world.ask() < 100
        assert world.sources[1].is_closed
        assert not world.sources[0].is_closed
        assert world.fleet.counts.refused_swaps == 1

    run(work())


def test_a_swap_whose_workers_cannot_start_changes_nothing():
    async def work() -> None:
        world = World(at_once)
        await world.fleet.swap()
        make = world.fleet._new_source

        def lame() -> FakeSource:
            source = make()
            source.cannot = True
            return source

        world.fleet._new_source = lame
        with pytest.raises(LoadFailed, match="could not start"):
            await world.fleet.swap()
        assert await world.ask() < 100

    run(work())


def test_when_no_worker_can_be_forked_everything_is_loaded_again_until_it_is():
    async def work() -> None:
        world = World(at_once)
        await world.fleet.swap()
        world.failures += ["not yet"]
        world.sources[0].lose()
        await until(lambda: world.fleet.models["m"].version == "v2")
        assert world.lines[1:3] == [
            "the process that has loaded the models has ended; loading again",
            "not loaded: not yet",
        ]

    run(work())


def test_a_worker_that_dies_again_and_again_is_started_ever_later():
    async def work() -> None:
        world = World(at_once, n_workers=1)
        await world.fleet.swap()
        for number in range(1, 4):
            world.sources[0].links[-1].lose()
            await until(lambda n=number: len(world.sources[0].links) > n)
        [generation] = {world.fleet._owners[link] for link in world.sources[0].links if not link.is_lost}
        assert generation.n_fruitless == 3
        await world.ask()
        assert generation.n_fruitless == 0

    run(work())


def test_a_request_that_is_given_up_leaves_no_answer_for_the_next():
    async def work() -> None:
        world = World(never, n_workers=1)
        await world.fleet.swap()
        asking = asyncio.create_task(world.ask())
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert world.sources[0].links[0].is_lost

    run(work())


def test_a_worker_that_comes_in_the_moment_in_which_a_wait_ends_is_not_lost():
    async def work() -> None:
        world = World(later, n_workers=1)
        await world.fleet.swap()
        first = asyncio.create_task(world.ask())
        await asyncio.sleep(0)
        second = asyncio.create_task(world.ask())
        await asyncio.sleep(0)
        await first  # its worker is handed to the second, which has not run yet
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        assert await world.ask() >= 0
        assert world.fleet.n_waiting == 0

    run(work())


def test_at_the_end_every_worker_is_closed_and_none_is_replaced():
    async def work() -> None:
        world = World(at_once)
        await world.fleet.swap()
        await world.fleet.close()
        await until(lambda: not world.fleet._owners)
        assert world.sources[0].is_closed
        assert len(world.sources[0].links) == 2

    run(work())
