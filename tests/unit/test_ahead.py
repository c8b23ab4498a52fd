"""Work done ahead."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from routewarden.base.ahead import ahead


def test_results_come_in_the_order_of_the_items_whichever_is_done_first() -> None:
    second_done = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            assert second_done.wait(10)
        if item == 1:
            second_done.set()
        return item * 10

    assert list(ahead(range(5), work)) == [0, 10, 20, 30, 40]


def test_no_items_are_drawn_far_before_they_are_wanted() -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for item in range(100):
            drawn.append(item)
            yield item

    next(ahead(items(), str))

    assert drawn == [0, 1, 2]


def test_work_that_fails_says_so_in_its_turn() -> None:
    results = ahead([1, 0, 2], lambda item: 1 // item)

    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)
