"""Where every draw comes from: one seed, one stream of numbers per purpose and day.

A stream is named by its place (purpose, day, and so on), never by how many were asked for before
it, so a day more or a symbol more leaves every other stream as it was. Only whole numbers are
drawn: no platform's arithmetic can change them.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from enum import IntEnum
from itertools import accumulate
from typing import TypeVar

import numpy as np

from routewarden.simulator.units import Integers

_Thing = TypeVar("_Thing")


class Purpose(IntEnum):
    """What a stream of numbers is for; the values are part of every world, so they never change."""

    QUOTES = 1
    HALTS = 2
    TRADES = 3
    CUSTOMERS = 4
    ROUTER = 5
    CARRIED = 6
    FAULTS = 7
    PLAN = 8
    DISPLAYED = 9


def generator(seed: int, *place: int) -> np.random.Generator:
    """Return the stream of a seed at a place."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=place)))


def draw(rng: np.random.Generator, least: int, end: int) -> int:
    """Return a whole number from `least` to just below `end`."""
    return int(rng.integers(least, end))


def one_in(rng: np.random.Generator, number: int) -> bool:
    """Return true once in `number` times."""
    return draw(rng, 0, number) == 0


def pick(rng: np.random.Generator, things: Sequence[_Thing]) -> _Thing:
    """Return one of some things, each as likely."""
    return things[draw(rng, 0, len(things))]


def weighted(rng: np.random.Generator, weights: Sequence[int], count: int) -> Integers:
    """Return `count` positions in `weights`, each as likely as its weight."""
    ends = np.cumsum(np.asarray(weights, dtype=np.int64))
    drawn = rng.integers(0, ends[-1], count)
    return np.searchsorted(ends, drawn, side="right").astype(np.int64)


def pick_weighted(
    rng: np.random.Generator, things: Sequence[_Thing], weights: Sequence[int]
) -> _Thing:
    """Return one of some things, as likely as its weight."""
    drawn = draw(rng, 0, sum(weights))
    return things[bisect(list(accumulate(weights)), drawn)]
