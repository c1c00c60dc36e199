"""The workers of a server: who is free, who waits, and how one generation of models takes over from another.

A request waits for a worker, is handed to it whole, and handed to another when that one dies: a prediction changes
nothing, so that asking again is harmless. A swap changes who gets the *next* request: those that are under way end
where they began, so that none fails.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hermetic.deploy.serving.links import Link
from hermetic.deploy.serving.messages import Frame
from hermetic.deploy.serving.models import Description
from hermetic.deploy.serving.problems import Problem
from hermetic.deploy.serving.settings import Limits
from hermetic.deploy.serving.sources import LoadFailed, Source

__all__ = ["Counts", "Fleet"]

_MOST_TRIES = 3
_LONGEST_PAUSE_SECONDS = 5.0
_START_SECONDS = 60.0


@dataclass
class Counts:
    """What has happened since the start."""

    swaps: int = 0
    refused_swaps: int = 0
    lost_workers: int = 0
    retries: int = 0
    timeouts: int = 0


@dataclass(eq=False)
class _Generation:
    """Models that were loaded together, and the workers that have them."""

    source: Source
    models: Mapping[str, Description] = field(default_factory=dict)
    links: set[Link] = field(default_factory=set)
    is_retired: bool = False
    n_fruitless: int = 0


class Fleet:
    """The workers, as the front sees them.

    Parameters
    ----------
    new_source : callable
        Gives a `Source` for another generation.
    n_workers : int
        How many there shall be.
    limits : Limits
        Of requests.
    log : callable
        Takes a line for the operator.
    """

    def __init__(
        self, new_source: Callable[[], Source], *, n_workers: int, limits: Limits, log: Callable[[str], None]
    ) -> None:
        self._new_source = new_source
        self._n_workers = n_workers
        self._limits = limits
        self._log = log
        self._current: _Generation | None = None
        self._owners: dict[Link, _Generation] = {}
        self._free: list[Link] = []
        self._waiting: deque[asyncio.Future[Link]] = deque()
        self._swapping = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closing = False
        self._is_recovering = False
        self.n_busy = 0
        self.counts = Counts()

    @property
    def models(self) -> Mapping[str, Description]:
        """What is served now, by name; empty before the first load."""
        return {} if self._current is None else self._current.models

    @property
    def n_waiting(self) -> int:
        """Requests that wait for a worker."""
        return len(self._waiting)

    @property
    def n_workers(self) -> int:
        """Workers of the current generation that live."""
        return 0 if self._current is None else len(self._current.links)

    async def ask(self, head: dict[str, Any], body: bytes | bytearray) -> Frame:
        """Have a request answered.

        Parameters
        ----------
        head : dict
            As `answer_frame` takes it.
        body : bytes
            Of the request.

        Raises
        ------
        Problem
            When nobody is free in time (503), the answer takes too long (504), or each worker dies over it (500).
        """
        for _ in range(_MOST_TRIES):
            link = await self._take()
            self.n_busy += 1
            try:
                async with asyncio.timeout(self._limits.timeout_seconds):
                    return await link.exchange(head, body)
            except TimeoutError:
                self.counts.timeouts += 1
                link.kill()
                raise Problem(504, f"no answer within {self._limits.timeout_seconds:g} seconds") from None
            except ConnectionError:
                self.counts.retries += 1
            except asyncio.CancelledError:
                link.kill()  # its answer would be taken for that of the next request
                raise
            finally:
                self.n_busy -= 1
                self._give_back(link)
        raise Problem(500, "the model could not answer; the log of the server says why")

    async def _take(self) -> Link:
        while self._free:
            link = self._free.pop()
            if not link.is_lost:
                return link
        if len(self._waiting) >= self._limits.most_waiting:
            raise Problem(503, f"{len(self._waiting)} requests wait already", retry_seconds=1)
        turn: asyncio.Future[Link] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._limits.timeout_seconds):
                return await turn
        except (TimeoutError, asyncio.CancelledError) as error:
            if turn.done() and not turn.cancelled():
                self._give_back(turn.result())  # it came in the very moment in which the wait was over
            elif turn in self._waiting:
                self._waiting.remove(turn)
            if isinstance(error, TimeoutError):
                raise Problem(503, "no worker was free in time", retry_seconds=1) from None
            raise

    def _give_back(self, link: Link) -> None:
        generation = self._owners.get(link)
        if link.is_lost or generation is None:
            return
        generation.n_fruitless = 0
        if generation.is_retired or self._is_closing:
            link.close()
            return
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(link)
                return
        self._free.append(link)

    async def swap(self) -> None:
        """Load the files again, and let the new models answer from the next request on.

        Raises
        ------
        LoadFailed
            When a file is not served; everything stays as it was.
        """
        async with self._swapping:
            start = time.monotonic()
            generation = _Generation(source=self._new_source())
            try:
                generation.models = await generation.source.load(lambda: self._source_lost(generation))
                # One after the other: a loader forks faster than anybody could ask.
                links = [await self._new_link(generation) for _ in range(self._n_workers)]
            except (LoadFailed, OSError) as error:
                self.counts.refused_swaps += 1
                self._retire(generation)
                raise error if isinstance(error, LoadFailed) else LoadFailed("the workers could not start") from error
            before, self._current = self._current, generation
            if before is not None:
                self.counts.swaps += 1
                self._retire(before)
            for link in links:
                self._give_back(link)
            seconds = time.monotonic() - start
            for own in generation.models.values():
                self._log(f"serving {own.name} version {own.version} ({own.verdict_words}), loaded in {seconds:.2f} s")

    async def _new_link(self, generation: _Generation) -> Link:
        async with asyncio.timeout(_START_SECONDS):
            link = await generation.source.worker(self._link_lost)
        self._owners[link] = generation
        generation.links.add(link)
        return link

    def _retire(self, generation: _Generation) -> None:
        generation.is_retired = True
        free = [link for link in self._free if self._owners.get(link) is generation]
        self._free = [link for link in self._free if self._owners.get(link) is not generation]
        for link in free:
            link.close()
        if not generation.links:
            generation.source.close()

    def _link_lost(self, link: Link) -> None:
        generation = self._owners.pop(link, None)
        if generation is None:
            return
        generation.links.discard(link)
        if link in self._free:
            self._free.remove(link)
        if generation.is_retired:
            if not generation.links:
                generation.source.close()
        elif not self._is_closing:
            self.counts.lost_workers += 1
            self._log(f"worker {link.process} has ended; another takes its place")
            self._start(self._replace(generation))

    async def _replace(self, generation: _Generation) -> None:
        """Start a worker in place of one that has ended; the longer none has answered anything, the later."""
        pause = min(_LONGEST_PAUSE_SECONDS, 0.05 * (2**generation.n_fruitless - 1))
        generation.n_fruitless += 1
        await asyncio.sleep(pause)
        if generation.is_retired or self._is_closing:
            return
        try:
            self._give_back_new(await self._new_link(generation), generation)
        except (OSError, TimeoutError):
            self._source_lost(generation)

    def _give_back_new(self, link: Link, generation: _Generation) -> None:
        n_fruitless = generation.n_fruitless
        self._give_back(link)
        generation.n_fruitless = n_fruitless

    def _source_lost(self, generation: _Generation) -> None:
        """Load everything again when the process that forks workers has ended."""
        if generation is self._current and not self._is_closing and not self._is_recovering:
            self._is_recovering = True
            self._log("the process that has loaded the models has ended; loading again")
            self._start(self._recover(generation))

    async def _recover(self, generation: _Generation) -> None:
        pause = 0.1
        while generation is self._current and not self._is_closing:
            try:
                await self.swap()
            except LoadFailed as error:
                self._log(f"not loaded: {error}")
                await asyncio.sleep(pause)
                pause = min(_LONGEST_PAUSE_SECONDS, 2 * pause)
        self._is_recovering = False

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Let every process end."""
        self._is_closing = True
        for task in list(self._tasks):
            task.cancel()
        for link in list(self._owners):
            link.close()
        if self._current is not None:
            self._current.source.close()
        await asyncio.sleep(0)
