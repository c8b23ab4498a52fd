"""Work done ahead of whoever wants it, by two threads, its results in order.

It pays where the work lets other threads run, as compiled loops do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_THREADS = 2
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def ahead(items: Iterable[_Item], work: Callable[[_Item], _Result]) -> Iterator[_Result]:
    """Yield what the work makes of each item, in the items' order.

    The items are drawn by the caller's thread, never more than one past what the threads hold.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        waiting = deque[Future[_Result]]()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > _THREADS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for unwanted in waiting:
                unwanted.cancel()
