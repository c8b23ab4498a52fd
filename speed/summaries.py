"""A quarter's questions, answered from what its dates keep.

63 dates of 250,000 cells each (8,000 securities, 20 venues, 8 order classes, 8 sizes, who the
customer is, who routed), in the very files that `run` writes, from a seed. Asked of the quarter,
months and roll-ups as the product does, and of the dates' cells alone, with the same answers.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from routewarden.base.period import Span
from routewarden.measures.cube import FILLS, ORDERS, ROUTES, Source, added, narrowed, widened
from routewarden.measures.dimensions import ALWAYS
from routewarden.measures.reference import OrderClass
from routewarden.measures.rollups import KEPT, LOOKED_UP, part_for, rolled_up
from routewarden.measures.scorecard import scorecard
from routewarden.measures.summary import MEASURED
from routewarden.runs import summaries
from routewarden.runs.dashboards import dashboards
from routewarden.runs.reading import Question, every_dimension, grid_of, measured_dates, summary_of
from routewarden.runs.spans import merge_spans
from routewarden.store.depot import depot_at
from routewarden.store.home import Home, make_home, opened
from routewarden.store.results import SUMMED, Results
from speed.figure import Figure, Goal, figure, ratio
from speed.pairs import Job, in_turns
from speed.size import Size

_FIRST = date(2026, 7, 1)
_SEED = 20260701
_PROCESSES = 2
_SYMBOLS, _VENUES, _SIZES = 8_000, 20, 8
_LACKING = (
    "realized_spread_5m=after_close reversion_5m=after_close",
    "realized_spread_1m=no_mid_at_horizon realized_spread_5m=no_mid_at_horizon",
    "explicit_cost=no_fee net_effective_spread=no_fee",
)
_QUESTIONS: Mapping[str, tuple[str, float]] = {
    "scorecard": ("scorecard of a quarter", 0.3),
    "table": ("security by class table of a quarter", 1.0),
    "security": ("one security in every dimension", 0.2),
}


@dataclass(frozen=True, slots=True)
class _Scale:
    days: int
    cells: int
    pairs: int


_QUICK, _ALL = _Scale(5, 5_000, pairs=2), _Scale(63, 250_000, pairs=99)


def figures(size: Size) -> list[Figure]:
    """Return how long each question takes, and against the same asked of the cells alone."""
    scale = _QUICK if size.quick else _ALL
    root = size.folder / f"summaries-{scale.days}-{scale.cells}"
    if not root.exists():
        _make_quarter(root, scale)
    _add_up(root)
    found = []
    for name, (title, goal) in _QUESTIONS.items():
        given = {"folder": str(root), "question": name}
        jobs = {
            way: Job("summaries:answer", {**given, "way": way}) for way in ("roll-ups", "cells")
        }
        times = in_turns(jobs, min(size.pairs, scale.pairs))
        walls = {way: [each.wall_s for each in timed] for way, timed in times.items()}
        peak = [each.peak_mb for each in times["roll-ups"]]
        found += [
            figure(title, walls["roll-ups"], "s", Goal("at most", goal)),
            ratio(f"{title}, cells over roll-ups", walls["cells"], walls["roll-ups"], None),
            figure(f"{title}, memory", peak, "MB"),
        ]
    return found


def answer(folder: str, question: str, way: str) -> Iterator[Any]:
    """Answer a question of the quarter held in a folder, in a process that has answered it before.

    What was read is not kept: it is read and added up again.
    """
    if way == "cells":
        vars(summaries).update(part_for=_cells_alone, whole_spans=_no_spans)
    with opened(Path(folder)) as home:
        asked = {"scorecard": _scorecard, "table": _table, "security": _security}[question]
        asked(home)
        yield None
        yield asked(home)


def _cells_alone(source: str, names: Collection[str]) -> str | None:
    return part_for(source, names) if source == "times" else f"cells_{source}"


def _no_spans(_home: Home, days: Sequence[date], _part: str) -> tuple[list[Any], list[date]]:
    return [], list(days)


def _scorecard(home: Home) -> list[object]:
    days = measured_dates(home, Question())
    rows = scorecard(summary_of(home, Question()), ALWAYS)
    boards = dashboards(home, Span("", days[0], days[-1]), Question())
    return [len(rows), len(boards), [str(cell.value) for row in rows for cell in row.cells]]


def _table(home: Home) -> list[object]:
    return _digest(grid_of(home, Question(by=("symbol",))))


def _security(home: Home) -> list[object]:
    asked = Question(where={"symbol": [_symbol(7)]})
    return _digest(every_dimension(home, asked))


def _digest(grid: pl.DataFrame) -> list[object]:
    sums = grid.select(pl.col(pl.Decimal, pl.Int64).sum()).row(0)
    return [grid.height, [str(each) for each in sums]]


# -- The quarter -----------------------------------------------------------------------------------


def _make_quarter(root: Path, scale: _Scale) -> None:
    """Write the quarter's dates as `run` would, each of its own; whole, or not at all."""
    begun = root.with_name(f"{root.name}-begun")
    shutil.rmtree(begun, ignore_errors=True)
    make_home(begun)
    weekdays = (_FIRST + timedelta(days=ahead) for ahead in range(92))
    days = [day for day in weekdays if day.weekday() < 5][: scale.days]
    with opened(begun):
        pass  # it is laid out
    with ProcessPoolExecutor(_PROCESSES, get_context("spawn")) as processes:
        tasks = [(str(begun), number, day, scale.cells) for number, day in enumerate(days)]
        list(processes.map(_make_date, tasks))
    begun.rename(root)


def _make_date(task: tuple[str, int, date, int]) -> None:
    root, number, day, count = task
    random = np.random.default_rng([_SEED, number])
    bases = {
        source: _cells(random, source, round(count * share))
        for source, share in ((FILLS, 1.0), (ORDERS, 0.6), (ROUTES, 1.0))
    }
    results = Results(depot_at(f"{root}/measured"), LOOKED_UP)
    results.write(day, f"{number:064x}", {**rolled_up(bases), **_times(random, bases)})


def _add_up(root: Path) -> None:
    """Make the months and quarters that are not there, or were made by other code."""
    with opened(root) as home:
        summed = {span: Results(home.measured).of(span) for span in SUMMED}
        held = {
            span: {str(first): str(each.manifest_digest(first)) for first in each.dates()}
            for span, each in summed.items()
        }
        merge_spans(home, held)


def _symbol(number: int) -> str:
    return f"S{number:05d}"


def _names(values: list[str], picked: np.ndarray[Any, Any]) -> pl.Series:
    return pl.Series(values).gather(picked)


def _seldom(random: np.random.Generator, count: int) -> np.ndarray[Any, Any]:
    """Return mostly the first of two."""
    return (random.random(count) < 0.05).astype(int)


def _cells(random: np.random.Generator, source: Source, count: int) -> pl.DataFrame:
    """Return so many cells: a few securities have most of them, as in a market."""
    popularity = 1 / np.arange(1, _SYMBOLS + 1) ** 0.6
    weights = popularity / popularity.sum()
    classes = [str(name) for name in OrderClass]
    drawn = round(count * 1.6)  # some fall together
    columns = {
        "symbol": _names([_symbol(n) for n in range(_SYMBOLS)],
                         random.choice(_SYMBOLS, drawn, p=weights)),
        "venue": _names([f"V{n:02d}" for n in range(_VENUES)], random.integers(0, _VENUES, drawn)),
        "asset_class": _names(["equity"], np.zeros(drawn, dtype=np.int64)),
        "population": _names(["customer", "not_held"], _seldom(random, drawn)),
        "order_class": _names(classes, random.integers(0, 8, drawn)),
        "order_size": _names([f"size {n}" for n in range(_SIZES)],
                             random.integers(0, _SIZES, drawn)),
        "account_type": _names(["retail", "institutional"], _seldom(random, drawn)),
        "router": _names(["vendor", "direct"], _seldom(random, drawn)),
        "reference_source": _names(["official"], np.zeros(drawn, dtype=np.int64)),
        "reference_status": _names(["ok", "locked"], _seldom(random, drawn)),
    }  # fmt: skip
    lacking = ["", *(_LACKING if source is FILLS else ())]
    told = np.where(random.random(drawn) < 0.9, 0, random.integers(0, len(lacking), drawn))
    frame = pl.DataFrame({f"by {name}": columns[name] for name in source.kept})
    frame = frame.with_columns(_names(lacking, told).alias("missing"))
    distinct = frame.unique(maintain_order=True)[:count].sort(frame.columns, nulls_last=True)
    return _valued(random, source, distinct)


def _valued(random: np.random.Generator, source: Source, frame: pl.DataFrame) -> pl.DataFrame:
    """Return cells with counts, whole shares, and totals of shares times some ticks."""
    n = random.geometric(0.3, frame.height)
    shares = n * random.integers(1, 10, frame.height) * 100
    values: dict[str, pl.Series] = {}
    for part in source.parts:
        count, weight = part.columns
        values[count], values[f"{weight}|e8"] = pl.Series(n), pl.Series(shares)
        if part.fixed in {None, MEASURED}:
            ticks = random.integers(-2, 20, frame.height) * 5_000_000
            name = f"total {part.metric}"
            if part.metric == "price_improved_orders":
                values[name] = pl.Series(np.minimum(n, 1))
            else:
                rates = part.metric.endswith("_pct") or "rate" in part.metric
                values[f"{name}|e8"] = pl.Series(shares * (1 if rates else ticks))
    return widened(frame.with_columns(**values))


def _times(
    random: np.random.Generator, bases: Mapping[Source, pl.DataFrame]
) -> Mapping[str, pl.DataFrame]:
    """Return the histograms of the fills' times: several buckets a cell."""
    fills = bases[FILLS]
    doubled, digits = random.integers((11, 128), (23, 256), (fills.height, 2)).T
    near = digits * 2**doubled
    timed = fills.with_columns(bucket=pl.Series(near)).with_columns(most=pl.col("bucket") + 1)
    keys = {
        part: [*(f"by {name}" for name in names), "bucket"] for part, names in KEPT["times"].items()
    }
    kept = {part: timed.select(*by, "n", "shares quantity", "most") for part, by in keys.items()}
    return {part: narrowed(added(frame, keys[part])) for part, frame in kept.items()}
