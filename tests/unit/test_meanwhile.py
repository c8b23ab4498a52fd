"""Work done ahead."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from routewarden.store.meanwhile import meanwhile


def test_the_items_come_in_order_and_one_of_them_ahead() -> None:
    is_made = threading.Event()

    def making() -> Iterator[int]:
        yield 0
        is_made.set()
        yield from range(1, 4)

    with meanwhile(making()) as items:
        assert next(items) == 0
        assert is_made.wait(10)
        assert list(items) == [1, 2, 3]


def test_the_first_items_are_made_whenever_they_are_wanted() -> None:
    is_made = threading.Event()

    def making() -> Iterator[int]:
        yield from range(3)
        is_made.set()
        yield 3

    with meanwhile(making(), first=4) as items:
        assert is_made.wait(10)
        assert list(items) == [0, 1, 2, 3]


def test_what_is_raised_is_raised_where_the_item_is_wanted() -> None:
    def failing() -> Iterator[int]:
        yield 1
        message = "no more"
        raise OSError(message)

    with meanwhile(failing()) as items:
        assert next(items) == 1
        with pytest.raises(OSError, match="no more"):
            next(items)


def test_who_leaves_early_leaves_no_thread() -> None:
    before = threading.active_count()

    with meanwhile(iter(range(100))) as items:
        assert next(items) == 0

    assert threading.active_count() == before
