"""The next item is made while this one is used, so that two processors are busy."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")


@contextmanager
def meanwhile(items: Iterator[Item], first: int = 1) -> Iterator[Iterator[Item]]:
    """Give the items of an iterator, none of them None, each made by a thread before it is wanted.

    So many of the `first` are made at once, whenever they are wanted. What making one raises is
    raised where it is wanted. At the end no thread is left.
    """
    maker = ThreadPoolExecutor(1)
    try:
        yield _made(maker, items, deque(maker.submit(next, items, None) for _ in range(first)))
    finally:
        maker.shutdown(cancel_futures=True)


def _made(
    maker: ThreadPoolExecutor, items: Iterator[Item], asked: deque[Future[Item | None]]
) -> Iterator[Item]:
    while (item := asked.popleft().result()) is not None:
        if not asked:
            asked.append(maker.submit(next, items, None))
        yield item
