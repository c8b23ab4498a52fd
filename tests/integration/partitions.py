"""Work for workers: functions that a cluster finds by their names."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from routewarden.runs.engine import Done, Engine, Part, Result


@dataclass(frozen=True, slots=True)
class Numbers:
    """A partition: some numbers, and a folder for marks."""

    first: int
    last: int
    folder: Path


class NumberError(Exception):
    """A number that is not wanted; it does not survive being pickled."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"{number} is {why}")


def summed(part: Numbers) -> int:
    """Add numbers up, with Polars."""
    return int(pl.int_range(part.first, part.last, eager=True).sum())


def summed_unless_odd(part: Numbers) -> int:
    """Add numbers up; refuse those that begin odd."""
    if part.first % 2:
        raise NumberError(part.first, "odd")
    return summed(part)


def summed_at_second_try(part: Numbers) -> int:
    """Add numbers up; the first worker that gets the third partition is killed over it."""
    mark = part.folder / "killed"
    if part.first == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return summed(part)


def summed_or_killed(part: Numbers) -> int:
    """Add numbers up; one partition kills whoever works on it."""
    if part.first == 1:
        with (part.folder / "deaths").open("a") as deaths:
            deaths.write("x")
        os.kill(os.getpid(), signal.SIGKILL)
    return summed(part)


def threads_of_polars(_: Numbers) -> int:
    """Return how many threads Polars has."""
    return pl.thread_pool_size()


def told_then_asleep(part: Numbers) -> None:
    """Say who works, and go on for much too long; the first partition is done at once."""
    if part.first:
        (part.folder / f"{os.getpid()}").touch()
        time.sleep(600)


@dataclass(frozen=True, slots=True)
class Breaking:
    """An engine on which one partition breaks, as told by how it is named: killed once, or always.

    Once: the first worker that gets it dies of it. Always: it cannot be worked on.
    """

    engine: Engine
    named: str
    mark: Path | None = None

    def map(
        self, work: Callable[[Part], Result], parts: Sequence[Part]
    ) -> Iterator[Done[Part, Result]]:
        """Yield what the engine does of it."""
        breaking: Any = partial(_broken, work, self.named, self.mark)
        return self.engine.map(breaking, parts)


def _broken(work: Callable[[Any], Any], named: str, mark: Path | None, part: object) -> object:
    if named in str(part):
        if mark is None:
            raise NumberError(0, "of no use")
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return work(part)
