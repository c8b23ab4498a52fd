"""The next item is made while this one is used, so that two processors are busy."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")


@contextmanager
def meanwhile(items: Iterator[Item]) -> Iterator[Iterator[Item]]:
    """Give the items of an iterator, none of them None, each made by a thread before it is wanted.

    What making one raises is raised where it is wanted. At the end no thread is left.
    """
    with ThreadPoolExecutor(1) as maker:
        yield _made(items, maker)


def _made(items: Iterator[Item], maker: ThreadPoolExecutor) -> Iterator[Item]:
    asked = maker.submit(next, items, None)
    while (item := asked.result()) is not None:
        asked = maker.submit(next, items, None)
        yield item
