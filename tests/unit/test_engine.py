"""What an engine promises, whichever it is."""

from __future__ import annotations

import threading
import time

import pytest

from routewarden.runs.engine import Threads


def _halved(number: int) -> int:
    if number % 2:
        message = f"{number} is odd"
        raise ValueError(message)
    return number // 2


def test_every_partition_is_done_once_and_a_failing_one_is_named() -> None:
    done = sorted(Threads(2).map(_halved, range(6)), key=lambda each: each.part)

    assert [each.result for each in done] == [0, None, 1, None, 2, None]
    assert [str(each.failure) for each in done if each.failure] == [
        "1 is odd", "3 is odd", "5 is odd"
    ]  # fmt: skip


def test_two_threads_work_at_once() -> None:
    meeting = threading.Barrier(2, timeout=30)

    done = list(Threads(2).map(lambda _: meeting.wait(), [1, 2]))

    assert {each.result for each in done} == {0, 1}


def test_an_interrupt_is_no_result() -> None:
    def interrupted(_: int) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(Threads(1).map(interrupted, [1]))


def test_a_run_that_is_left_waits_for_no_more_work() -> None:
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        time.sleep(0.01)

    running = Threads(1).map(work, range(1000))

    assert next(running).failure is None
    running.close()  # type: ignore[attr-defined]
    assert len(begun) < 1000
