"""Claim 5: a cluster costs little more than threads, and a second worker helps as it should.

The partitions are Parquet files of quotes and fills; the work on one is a look-up at eleven
instants of every fill, and sums. On one machine: threads, Ray with one worker and with two, and
two processes that know nothing of each other, which is the most that a second worker can bring
here. All in turns, under one Ray, whose start would else be most of what there is to see; it is
told apart. Processor time is that of every process concerned, Ray's own among them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import polars as pl

from routewarden.runs.cluster import OnRay
from routewarden.runs.engine import Engine, Threads
from speed.figure import Figure, Goal, figure, ratio
from speed.pairs import DifferentAnswersError
from speed.size import Size

_SECOND = 1_000_000_000
_MS = (-3000, -2000, -1000, 0, 10, 50, 1000, 5000, 15_000, 60_000, 300_000)
_LATER = [ms * _SECOND // 1000 for ms in _MS]
_FILES = 4
_QUOTES, _FILLS = 2_000_000, 200_000
_PARTS = 160
_QUICK_PARTS, _QUICK_PAIRS = 16, 1
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Partition:
    """Some quotes, and the fills to be looked up in them."""

    number: int
    quotes: str
    fills: str


@dataclass(frozen=True, slots=True)
class Took:
    """How long it took, and how much processor time of how many processes."""

    wall_s: float
    cpu_s: float


def figures(size: Size) -> list[Figure]:
    """Measure the claim."""
    parts = _written(size.folder / "cluster", _QUICK_PARTS if size.quick else _PARTS)
    pairs = min(size.pairs, _QUICK_PAIRS) if size.quick else size.pairs
    began = time.perf_counter()
    with OnRay(workers=2).connected(), _processes() as apart:
        ways: dict[str, Callable[[], list[int]]] = {
            "threads": lambda: _mapped(Threads(2), parts),
            "one worker": lambda: _mapped(OnRay(workers=1), parts),
            "two workers": lambda: _mapped(OnRay(workers=2), parts),
            "one process": lambda: apart([parts]),
            "two processes": lambda: apart([parts[::2], parts[1::2]]),
        }
        apart([parts[:1], parts[:1]])
        _mapped(OnRay(workers=2), parts[:2])
        started = time.perf_counter() - began
        took = _in_turns(ways, pairs)
    wall = {name: [each.wall_s for each in times] for name, times in took.items()}
    cpu = {name: [each.cpu_s for each in times] for name, times in took.items()}
    ray = [one / two for one, two in zip(wall["one worker"], wall["two workers"], strict=True)]
    free = [one / two for one, two in zip(wall["one process"], wall["two processes"], strict=True)]
    job = f"a job of {sorted(wall['one process'])[pairs // 2]:.0f} s"
    return [
        ratio(f"Ray's work over threads', {job}", cpu["two workers"], cpu["threads"], _WORK),
        ratio("Ray's time over threads'", wall["two workers"], wall["threads"], None),
        ratio("two workers' gain over two processes'", ray, free, _GAIN),
        figure("gain of a second worker", ray, "times"),
        figure("gain of a second process", free, "times"),
        figure("Ray's start, and all of it once", [started], "s"),
    ]


_WORK = Goal("at most", 1.3)
_GAIN = Goal("at least", 0.8)


def measured(part: Partition) -> int:
    """Return the sum of every fill's distance from the middle at each instant."""
    quotes = pl.read_parquet(part.quotes, parallel="none")
    fills = pl.read_parquet(part.fills, parallel="none")
    at, twice = quotes["at"].to_numpy(), (quotes["bid"] + quotes["ask"]).to_numpy()
    when, price = fills["at"].to_numpy(), 2 * fills["price"].to_numpy()
    total = part.number
    for later in _LATER:
        found = np.searchsorted(at, when + later, side="right") - 1
        known = found >= 0
        distance = np.abs(price[known] - twice[found[known]]) * fills["quantity"].to_numpy()[known]
        total += int(distance.sum())
    return total


def all_measured(parts: Sequence[Partition]) -> list[int]:
    """Return what comes of some partitions, one after another."""
    return [measured(part) for part in parts]


def _mapped(engine: Engine, parts: Sequence[Partition]) -> list[int]:
    found = []
    for done in engine.map(measured, parts):
        if done.result is None:
            raise done.failure or ValueError(done.part)
        found.append(done.result)
    return sorted(found)


@contextmanager
def _processes() -> Iterator[Callable[[Sequence[Sequence[Partition]]], list[int]]]:
    """Give what works in two processes, each on what is its from the beginning."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield lambda shares: sorted(
            result for results in pool.map(all_measured, shares) for result in results
        )


def _in_turns(ways: dict[str, Callable[[], list[int]]], pairs: int) -> dict[str, list[Took]]:
    """Return the times of each way, taken in turns; their answers are all the same."""
    found: dict[str, list[Took]] = {name: [] for name in ways}
    answers: dict[str, list[int]] = {}
    for turn in range(pairs):
        for name in ways if turn % 2 == 0 else reversed(ways):
            wall, cpu = time.perf_counter(), _processor_s()
            answers[name] = ways[name]()
            found[name].append(Took(time.perf_counter() - wall, _processor_s() - cpu))
        if any(answer != answers["threads"] for answer in answers.values()):
            raise DifferentAnswersError(answers)
    return found


def _processor_s() -> float:
    """Return the processor time of this process and of all below it, since they began."""
    spent: dict[int, tuple[int, int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        spent[int(stat.parent.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    ours = {os.getpid()}
    while more := {pid for pid, (parent, _) in spent.items() if parent in ours} - ours:
        ours |= more
    return sum(spent[pid][1] for pid in ours) / _TICKS


def _written(folder: Path, count: int) -> list[Partition]:
    """Write the files, and return partitions of them: each file serves several."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(5)
    day = 23_400 * _SECOND
    for number in range(_FILES):
        bid = 100_000 + chance.integers(-500, 500, _QUOTES)
        quotes = {"at": np.sort(chance.integers(0, day, _QUOTES)), "bid": bid, "ask": bid + 7}
        fills = {
            "at": np.sort(chance.integers(0, day, _FILLS)),
            "price": 100_000 + chance.integers(-500, 500, _FILLS),
            "quantity": chance.integers(1, 1000, _FILLS),
        }
        for name, columns in (("quotes", quotes), ("fills", fills)):
            pl.DataFrame(columns).write_parquet(_path(folder, name, number), compression="lz4")
    paths = [[str(_path(folder, name, n)) for name in ("quotes", "fills")] for n in range(_FILES)]
    return [Partition(n, *paths[n % _FILES]) for n in range(count)]


def _path(folder: Path, name: str, number: int) -> Path:
    return folder / f"{name}.{number}.parquet"
