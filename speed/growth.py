"""How time and memory grow with the data: claim 6, a line through one, two, four and eight times.

Each size is worked on by itself in a fresh process, the sizes in turns. The slope is that of the
logarithm of the cost over the logarithm of the size: 1 is in proportion, 0 is not at all. One form
of file is taken in, CSV, of which two million quotes are past what is held in memory, so that the
smallest file goes the way of the largest, and the fixed costs (a home, a log) are small beside it;
and a day is measured as the claim `asof` does, with symbols and fills in proportion to its quotes,
of which eight million are the fewest that are cut into parts as large as those of more.
`run` measures the dates of a home that holds no results, two at a time as there are cores, so the
fewest are two. A quick look is too small for that, and its slopes say nothing of the goal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import linear_regression
from tempfile import TemporaryDirectory

from routewarden.store.home import make_home, opened
from routewarden.store.profiles import profile_text
from routewarden.store.segments import Arrival, ingest
from speed.day.data import Made, day
from speed.figure import Figure, Goal, figure
from speed.firm import home_of
from speed.pairs import Job, Timed, fresh
from speed.size import Size
from speed.vendor_files import VENDORS, write_vendor

TIMES = (1, 2, 4, 8)
_TIME, _MEMORY = Goal("at most", 1.1), Goal("at most", 0.1)

_FORM, _ROWS, _QUICK_ROWS = "CSV", 2_000_000, 25_000
_QUOTES, _QUICK_QUOTES = 8_000_000, 50_000
_QUOTES_A_FILL, _QUOTES_A_SYMBOL = 20, 20_000
_DAYS, _ORDERS, _QUOTES_OF_DATE = 2, 20_000, 400_000
_QUICK_ORDERS, _QUICK_QUOTES_OF_DATE = 300, 3_000
_QUICK_TIMES = (1, 2)


def figures(size: Size) -> list[Figure]:
    """Return the slopes of each kind of work."""
    return [
        *_ingest(size),
        *_day(size),
        *_dates(size),
    ]


def slopes(
    what: str, times: Sequence[int], costs: Sequence[Sequence[Timed]], *, quick: bool
) -> list[Figure]:
    """Return the slopes of time and of memory: for each round, the cost of each size."""
    return [
        figure(f"{what}: growth of {name}", _fitted(times, costs, cost), "slope", goal)
        for name, cost, goal in (
            ("time", _cpu, None if quick else _TIME),
            ("memory", _memory, None if quick else _MEMORY),
        )
    ]


def rounds(jobs: Sequence[Job], count: int) -> list[list[Timed]]:
    """Return the cost of each job, in turns: first to last, then last to first."""
    found = []
    for turn in range(count):
        order = range(len(jobs)) if turn % 2 == 0 else reversed(range(len(jobs)))
        costs = {place: fresh(jobs[place]) for place in order}
        found.append([costs[place] for place in range(len(jobs))])
    return found


def _ingest(size: Size) -> Iterator[Figure]:
    base, times = (_QUICK_ROWS, _QUICK_TIMES) if size.quick else (_ROWS, TIMES)
    folder = size.folder / "vendors"
    jobs = []
    for each in times:
        path = write_vendor(_FORM, base * each, folder)
        jobs.append(Job("growth:ingested", {"form": _FORM, "path": str(path)}))
    costs = rounds(jobs, 1 if size.quick else size.pairs)
    _check(base, times, costs)
    yield from slopes(f"ingest of quotes, {_FORM}", times, costs, quick=size.quick)


def _day(size: Size) -> Iterator[Figure]:
    base, times = (_QUICK_QUOTES, _QUICK_TIMES) if size.quick else (_QUOTES, TIMES)
    jobs = []
    for quotes in (base * each for each in times):
        made = Made(quotes, quotes // _QUOTES_A_FILL, max(1, quotes // _QUOTES_A_SYMBOL))
        jobs.append(Job("day.ours:measured", {"folder": str(day(size.folder, made))}))
    costs = rounds(jobs, 1 if size.quick else size.pairs)
    yield from slopes("as-of job of a day", times, costs, quick=size.quick)


def _dates(size: Size) -> Iterator[Figure]:
    orders, quotes = (
        (_QUICK_ORDERS, _QUICK_QUOTES_OF_DATE) if size.quick else (_ORDERS, _QUOTES_OF_DATE)
    )
    times = _QUICK_TIMES if size.quick else TIMES
    homes = [home_of(_DAYS * each, orders, quotes, size.folder) for each in times]
    jobs = [Job("firm:measured", {"root": str(home)}) for home in homes]
    costs = rounds(jobs, 1 if size.quick else size.pairs)
    _check(_DAYS, times, costs)
    yield from slopes("run over dates", times, costs, quick=size.quick)


def _check(base: int, times: Sequence[int], costs: Sequence[Sequence[Timed]]) -> None:
    for each in costs:
        if [cost.answer for cost in each] != [base * by for by in times]:
            message = f"not all of it was done: {[cost.answer for cost in each]}"
            raise ValueError(message)


def ingested(form: str, path: str) -> Iterator[int | None]:
    """Take a vendor's file into a new home; the answer is how many records came in."""
    vendor = VENDORS[form]
    with TemporaryDirectory(prefix="growth-", dir=Path(path).parent) as folder:
        root = Path(folder) / "home"
        make_home(root)
        text = vendor.profile and profile_text(root, vendor.profile, vendor.kind)
        with opened(root) as home:
            yield None
            arrival = Arrival(vendor.kind, Path(path), profile=text)
            yield ingest(home, arrival, _silent, _silent).records


def _silent(_more: int) -> None:
    """Progress shown to nobody."""


def _fitted(
    times: Sequence[int], costs: Sequence[Sequence[Timed]], cost: Callable[[Timed], float]
) -> list[float]:
    sizes = [math.log(each) for each in times]
    return [
        linear_regression(sizes, [math.log(cost(timed)) for timed in each]).slope for each in costs
    ]


def _cpu(timed: Timed) -> float:
    return timed.cpu_s


def _memory(timed: Timed) -> float:
    return timed.peak_mb
