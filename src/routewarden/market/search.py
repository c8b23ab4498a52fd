"""The first of many values that is low enough, or the least of some, for many questions at once.

A tree of minima answers each question in a few steps up and as many down, so an order that rests
all day costs no more than one that rests a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routewarden.native.asof import Integers

NEVER = np.iinfo(np.int64).max
"""A value that is never low enough."""


@dataclass(frozen=True, slots=True)
class Minima:
    """`levels[k][i]` is the least of the values from i x 2**k to (i + 1) x 2**k, end excluded."""

    levels: tuple[Integers, ...]


def minima(values: Integers) -> Minima:
    """Return the tree of minima over some values."""
    size = 1 << max(len(values) - 1, 0).bit_length()
    level = np.full(size, NEVER, dtype=np.int64)
    level[: len(values)] = values
    levels = [level]
    while len(level) > 1:
        level = np.minimum(level[::2], level[1::2])
        levels.append(level)
    return Minima(tuple(levels))


def first_at_most(tree: Minima, start: Integers, limit: Integers) -> Integers:
    """Return the first row from `start` on whose value is at most `limit`; -1 if there is none."""
    node = start.copy()
    found = np.full(len(start), -1, dtype=np.int64)  # the level where a low enough block was met
    for depth, level in enumerate(tree.levels):
        seeking = (found < 0) & (node < len(level))
        if depth < len(tree.levels) - 1:
            seeking &= node % 2 == 1  # an even node is judged with its neighbour, one level up
        met = seeking & (level[np.where(seeking, node, 0)] <= limit)
        found[met] = depth
        passed = (found < 0) & (node % 2 == 1)
        node = np.where(found >= 0, node, (node + passed) // 2)
    return _descend(tree, node, found, limit)


def least(tree: Minima, start: Integers, end: Integers) -> Integers:
    """Return the least value from row `start` to `end` (excluded); NEVER where there is none."""
    low, high = start.copy(), end.copy()
    found = np.full(len(start), NEVER, dtype=np.int64)
    for level in tree.levels:
        first = (low < high) & (low % 2 == 1)  # a right child: its block begins the rest
        found[first] = np.minimum(found[first], level[low[first]])
        low += first
        last = (low < high) & (high % 2 == 1)
        high -= last
        found[last] = np.minimum(found[last], level[high[last]])
        low, high = low // 2, high // 2
    return found


def _descend(
    tree: Minima, node: Integers, found: Integers, limit: Integers
) -> npt.NDArray[np.int64]:
    """Follow each block that is low enough down to its first value that is."""
    for depth in range(len(tree.levels) - 1, 0, -1):
        going = found >= depth
        left = np.where(going, node * 2, 0)
        right = tree.levels[depth - 1][left] > limit
        node = np.where(going, left + right, node)
    return np.where(found >= 0, node, -1)
