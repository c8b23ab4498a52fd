"""Questions answered from what dates and months keep, and the same asked of every row."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from routewarden.measures.cube import FILLS, ORDERS, ROUTES, widened
from routewarden.measures.dimensions import ALWAYS, chosen, with_dimensions
from routewarden.measures.scorecard import scorecard
from routewarden.measures.summary import merge, summarise
from routewarden.runs import spans
from routewarden.runs.reading import (
    Question,
    every_dimension,
    grid_of,
    measured_dates,
    read_part,
    summary_of,
)
from routewarden.runs.spans import merge_spans
from routewarden.store.home import Home, opened
from routewarden.store.results import SUMMED, NoResultError, Results
from routewarden.store.verify import verify
from tests.command import must, routewarden
from tests.oracle.random_day import random_tables
from tests.story.test_line import built, write


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("summaries")
    built(folder / "firm", write(random_tables(1002), folder), runs=99)
    return folder / "firm"


def by_rows(home: Home, question: Question) -> pl.DataFrame:
    """The sums of every measured row asked about."""
    names = question.groups
    by, asked = [f"by {name}" for name in names], {*names, *question.where}
    days = measured_dates(home, question)
    sources = [FILLS]
    sources += [ORDERS] if asked <= set(ORDERS.dimensions) else []
    sources += [ROUTES] if len(sources) == 1 and asked <= set(ROUTES.dimensions) else []
    sums = []
    for source in sources:
        rows = chosen(read_part(home, days, source.name), source.dimensions, question.where)
        sums.append(summarise(with_dimensions(rows, source.dimensions, names), source.parts, by))
    return merge(sums, by)


ALL = [f"by {name}" for name in FILLS.kept]
QUESTIONS = (
    Question(),
    Question(by=("symbol",)),
    Question(by=("venue", "order_size")),
    Question(by=("symbol", "venue")),
    Question(by=("side",)),
    Question(by=("liquidity",), where={"router": ["direct"]}),
    Question(by=("trading_date",)),
    Question(by=("trading_date",), where={"trading_date": ["1999-01-01"]}),
    Question(where={"reference_status": ["ok"], "held": ["true"]}),
    Question(where={"symbol": ["NA"]}),
)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: f"{q.by} {dict(q.where)}")
def test_the_sums_kept_are_those_of_the_rows(question: Question, home: Path) -> None:
    with opened(home) as firm:
        kept, summed = summary_of(firm, question), by_rows(firm, question)

    assert kept.select(summed.columns).rows() == summed.rows()


def test_a_part_of_a_month_is_read_date_by_date(home: Path) -> None:
    with opened(home) as firm:
        days = measured_dates(firm, Question())
        for first in days:
            question = Question(first=first, by=("symbol",))
            assert (
                summary_of(firm, question).rows()
                == by_rows(firm, question).select(summary_of(firm, question).columns).rows()
            )


def test_the_grid_of_some_dates_of_a_month_is_that_of_their_cells(home: Path) -> None:
    with opened(home) as firm:
        days = measured_dates(firm, Question())
        question = Question(first=days[1], by=("symbol",))
        table = grid_of(firm, question)
        rows = scorecard(summary_of(firm, question), question.groups)
        assert table["fill_rate"].to_list() == [row.cells[0].value for row in rows]
        assert table["explicit_cost_n"].to_list() == [
            next(cell.n for cell in row.cells if cell.metric.name == "explicit_cost")
            for row in rows
        ]


def test_the_grid_has_the_cells_of_the_scorecard(home: Path) -> None:
    question = Question(by=("symbol",))
    with opened(home) as firm:
        rows = scorecard(summary_of(firm, question), question.groups)
        grid = grid_of(firm, question)
    must(home, "export", "scorecard", "--out", home / "scorecard.parquet")

    assert grid.height == len(rows) > 0
    for row, told in zip(rows, grid.iter_rows(named=True), strict=True):
        assert [told[f"by {name}"] for name in question.groups] == list(row.group.values())
        for cell in row.cells:
            name = cell.metric.name
            suffixes = ("", "_n", "_shares", "_coverage")
            got = tuple(told[f"{name}{suffix}"] for suffix in suffixes)
            wanted = (cell.value, cell.n, cell.shares, cell.coverage)
            assert got == (wanted if cell.applies else (None,) * 4), (row.group, name)
    exported = pl.read_parquet(home / "scorecard.parquet")
    assert exported.rows() == grid.rows()
    assert exported.columns[:4] == ["symbol", *ALWAYS]


def test_a_security_is_told_by_every_dimension_at_once(home: Path) -> None:
    with opened(home) as firm:
        symbol = str(summary_of(firm, Question(by=("symbol",)))["by symbol"][0])
        where = {"symbol": [symbol]}
        told = every_dimension(firm, Question(where=where))
        for name in ("venue", "order_size", "symbol"):
            asked = Question(by=(name,), where=where)
            alone = grid_of(firm, asked).rename({f"by {name}": "by value"})
            mine = told.filter(pl.col("by dimension") == name).select(alone.columns)
            assert mine.rows() == alone.rows()


@pytest.mark.parametrize("dates", ["alike", "each its own way"])
def test_a_month_has_the_cells_of_its_dates_by_symbol(
    dates: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree(home, tmp_path / "copy")
    monkeypatch.setattr(spans, "_MOST_CELLS", 7)
    with opened(copy) as firm:
        results = Results(firm.measured)
        days = sorted(results.dates())
        if dates != "alike":  # as a date is that no 64 bits hold
            frame = results.read(days[0], "cells_fills")
            wider = frame.with_columns(pl.col(pl.Int64).exclude("n").cast(pl.Int128))
            parts = {part: results.read(days[0], part) for part in parts_of(copy, days[0])}
            results.write(days[0], "1" * 64, {**parts, "cells_fills": wider})
        merge_spans(firm, {})
        asked = Question(where={"symbol": symbols_of(firm)[:2]})
        told = every_dimension(firm, asked)
        months = results.of("months")
        held, kept = (
            pl.concat(
                widened(each) for each in of.read_rows(sorted(of.dates()), "cells_fills", {}, ALL)
            )
            for of in (months, results)
        )
        for span in SUMMED:
            shutil.rmtree(copy / "measured" / span)
        assert every_dimension(firm, asked).rows() == told.rows()

    assert sorted(held.rows(), key=str) == sorted(kept.rows(), key=str)


def parts_of(home: Path, day: date) -> list[str]:
    """The parts of a date's result."""
    return [file.stem for file in (home / "measured" / str(day)).glob("*/*.parquet")]


def symbols_of(home: Home) -> list[str]:
    """Every symbol that has fills."""
    return summary_of(home, Question(by=("symbol",)))["by symbol"].drop_nulls().unique().to_list()


@pytest.mark.parametrize("span", SUMMED)
def test_a_sum_that_is_changed_is_named_and_one_that_is_gone_is_not_missed(
    span: str, home: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(home, tmp_path / "copy")
    month = next((copy / "measured" / span).iterdir())
    with opened(copy) as firm:
        before = summary_of(firm, Question()).rows()
    part = next(month.glob("*/kinds_fills.parquet"))
    part.write_bytes(part.read_bytes() + b" ")
    with opened(copy) as firm:
        assert [fault.what for fault in verify(firm, lambda _: None).faults] == [
            f"{part}: the bytes changed"
        ]
    shutil.rmtree(month)
    with opened(copy) as firm:
        assert {fault.where for fault in verify(firm, lambda _: None).faults} == {
            f"{span}/{month.name}"
        }
        assert summary_of(firm, Question()).rows() == before
    must(copy, "run")
    assert month.is_dir()
    with opened(copy) as firm:
        assert verify(firm, lambda _: None).faults == ()


@pytest.mark.parametrize("span", SUMMED)
def test_sums_of_other_dates_are_not_believed(span: str, home: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(home, tmp_path / "copy")
    if span == "months":
        shutil.rmtree(copy / "measured" / "quarters")  # which would be read first
    with opened(copy) as firm:
        sums = Results(firm.measured).of(span)
        for first in sums.dates():
            files = (copy / "measured" / span / str(first)).glob("*/*.parquet")
            nothing = {file.stem.partition("-")[0]: pl.read_parquet(file).clear() for file in files}
            sums.write(first, "0" * 64, nothing)
        kept, rows = summary_of(firm, Question()), by_rows(firm, Question())
        assert kept.select(rows.columns).rows() == rows.rows()
        assert verify(firm, lambda _: None).faults


def summed(home: Path) -> dict[str, bytes]:
    """Every file of what months and quarters come to."""
    measured = home / "measured"
    files = [path for span in SUMMED for path in sorted((measured / span).rglob("*.*"))]
    return {str(path.relative_to(measured)): path.read_bytes() for path in files}


@pytest.mark.parametrize("damaged", [False, True], ids=["goes on", "begins anew"])
def test_a_month_whose_last_date_comes_later_is_as_if_it_had_been_there(
    damaged: bool,  # noqa: FBT001 - a parameter
    home: Path,
    tmp_path: Path,
) -> None:
    copy = shutil.copytree(home, tmp_path / "copy")
    whole, days = summed(copy), sorted((copy / "measured").glob("20*"))
    assert len(days) > 1
    days[-1].rename(tmp_path / "later")
    with opened(copy) as firm:
        before = merge_spans(firm, {})
        assert summed(copy).keys() != whole.keys()
        (tmp_path / "later").rename(days[-1])
        if damaged:
            month = next((copy / "measured" / "months").glob("*/*/kinds_fills.parquet"))
            month.write_bytes(month.read_bytes()[:-9])
        known = {span: {day: str(told) for day, told in of.items()} for span, of in before.items()}
        merge_spans(firm, known)

    assert summed(copy) == whole


def test_a_date_measured_by_an_earlier_version_asks_for_a_run(home: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(home, tmp_path / "copy")
    for span in SUMMED:
        shutil.rmtree(copy / "measured" / span)
    day = date.fromisoformat(min(path.name for path in (copy / "measured").glob("20*")))
    pointer = copy / "measured" / str(day) / "result.json"
    told = json.loads(pointer.read_text())
    del told["files"]["kinds_fills.parquet"]
    pointer.write_text(json.dumps(told))

    with opened(copy) as firm, pytest.raises(NoResultError, match="run `routewarden run`"):
        summary_of(firm, Question())
    next((copy / "measured" / str(day)).glob("*/kinds_orders.parquet")).unlink()
    with opened(copy) as firm, pytest.raises(NoResultError, match="kinds_orders is missing"):
        Results(firm.measured).read_rows([day], "kinds_orders", {}, [])
    assert routewarden(copy, "scorecard").status == 2
