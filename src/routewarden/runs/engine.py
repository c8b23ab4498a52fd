"""Where the work on partitions is done: on threads of this machine, or on a firm's cluster.

An engine knows nothing of trading dates, and a partition nothing of engines: any function that
pickles, over any partitions that pickle, gives the same results wherever it runs. What a partition
raises is its result; the others go on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Done(Generic[Part, Result]):
    """A partition that was worked on: its result, or what it raised."""

    part: Part
    result: Result | None
    failure: Exception | None = None


class Engine(Protocol):
    """Something that works on partitions."""

    def map(
        self, work: Callable[[Part], Result], parts: Sequence[Part]
    ) -> Iterator[Done[Part, Result]]:
        """Yield each partition once, in the order they are done.

        A partition whose worker is lost is worked on again, elsewhere.
        """


@dataclass(frozen=True, slots=True)
class Threads:
    """Threads of this process: Polars and the compiled loops let each other run."""

    count: int = os.cpu_count() or 1

    def map(
        self, work: Callable[[Part], Result], parts: Sequence[Part]
    ) -> Iterator[Done[Part, Result]]:
        """Yield each partition once, in the order they are done."""
        with ThreadPoolExecutor(self.count) as pool:
            asked: dict[Future[Result], Part] = {pool.submit(work, part): part for part in parts}
            try:
                yield from (_done(asked[future], future) for future in as_completed(asked))
            finally:
                pool.shutdown(cancel_futures=True)  # an interrupted run waits for no more work


def _done(part: Part, future: Future[Result]) -> Done[Part, Result]:
    failure = future.exception()
    if failure is None:
        return Done(part, future.result())
    if isinstance(failure, Exception):
        return Done(part, None, failure)
    raise failure
