"""Sorted files, read a stretch of rows at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from routewarden.market.asof import NONE, Spans, Stretch
from routewarden.store import columns
from routewarden.store.columns import SortedFile, codes_of, read_symbols, stream, stretches
from routewarden.store.lakefile import SYMBOLS

ROWS = {"AAA": 5, "BBB": 300, "CCC": 1, "DDD": 250}
DAY = pl.DataFrame(
    {
        "symbol": [name for name, rows in ROWS.items() for _ in range(rows)],
        "at": [at for rows in ROWS.values() for at in range(rows)],
        "bid": [None if at % 7 == 3 else at * 10 for rows in ROWS.values() for at in range(rows)],
    }
)


@pytest.fixture(params=["said", "unsaid"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> SortedFile:
    """The day in row groups of 64, with and without its symbols in the footer."""
    said = {SYMBOLS: json.dumps(list(ROWS.items()))} if request.param == "said" else None
    DAY.write_parquet(tmp_path / "day.parquet", row_group_size=64, metadata=said)
    return SortedFile.open(str(tmp_path / "day.parquet"))


@pytest.fixture(params=["a batch at a time", "at once"])
def _reading(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows are handed on together, many a batch at a time."""
    if request.param != "at once":
        monkeypatch.setattr(columns, "_AT_ONCE", 0)


def told(file: SortedFile, codes: dict[str, int]) -> list[tuple[int, int, int]]:
    """Code, time and bid of every row that is streamed, in order."""
    return told_of(stream([(file, file.spans(codes))], ("bid",)))


def told_of(streamed: Iterable[Stretch]) -> list[tuple[int, int, int]]:
    return [
        (code, int(rows.at[row]), int(rows.columns[0][row]))
        for rows in streamed
        for code, start, end in zip(*_edges(rows.spans), strict=True)
        for row in range(start, end)
    ]


def _edges(spans: Spans) -> tuple[list[int], list[int], list[int]]:
    return spans.code.tolist(), spans.start.tolist(), spans.end.tolist()


def expected(*codes: tuple[str, int]) -> list[tuple[int, int, int]]:
    return [
        (code, at, NONE if bid is None else bid)
        for name, code in codes
        for _, at, bid in DAY.filter(pl.col("symbol") == name).iter_rows()
    ]


def test_a_file_knows_whose_rows_are_where(file: SortedFile) -> None:
    assert file.symbols == tuple(ROWS)
    assert file.edges.tolist() == [0, 5, 305, 306, 556]
    assert file.rows == 556
    assert codes_of([file]) == {"AAA": 0, "BBB": 1, "CCC": 2, "DDD": 3}


@pytest.mark.usefixtures("_reading")
def test_all_rows_stream_in_order(file: SortedFile) -> None:
    codes = codes_of([file])

    assert told(file, codes) == expected(*codes.items())


def test_only_rows_of_the_symbols_asked_for_are_read(
    file: SortedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "_GAP", 0)
    codes = {"AAA": 4, "CCC": 7, "ZZZ": 9}

    assert told(file, codes) == expected(("AAA", 4), ("CCC", 7))
    assert sum(len(rows.at) for rows in stream([(file, file.spans(codes))], ("bid",))) == 6


@pytest.mark.usefixtures("_reading")
def test_files_of_a_date_stream_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "_GAP", 0)
    symbols = {"AAA": "one", "BBB": "one", "CCC": "two", "DDD": "three"}
    places = [tmp_path / f"{name}.parquet" for name in dict.fromkeys(symbols.values())]
    for place in places:
        own = [symbol for symbol, name in symbols.items() if name == place.stem]
        DAY.filter(pl.col("symbol").is_in(own)).write_parquet(place, row_group_size=64)
    files = [SortedFile.open(str(place)) for place in places]
    codes = {"BBB": 1, "DDD": 3}

    rows = list(stream([(each, each.spans(codes)) for each in files], ("bid",)))

    assert told_of(rows) == expected(*codes.items())


def test_without_a_symbol_nothing_is_read(file: SortedFile) -> None:
    assert told(file, {"ZZZ": 0}) == []


def test_rows_between_that_are_few_are_read_along() -> None:
    edges = np.array([0, 10, 70_000, 300_000])
    spans = Spans(np.arange(3), edges[:3], np.array([5, 12, 70_001]))

    assert list(stretches(spans)) == [(0, 12), (70_000, 70_001)]
    assert list(stretches(spans.within(5, 5))) == []


def test_some_columns_of_some_rows(file: SortedFile) -> None:
    assert file.read(("at", "bid"), 100, 110).equals(DAY.select("at", "bid")[100:110])


@pytest.mark.parametrize("gap", [1 << 16, 10])
@pytest.mark.parametrize("names", [["AAA"], ["CCC", "AAA", "ZZZ"], ["AAA", "DDD"], list(ROWS), []])
def test_all_columns_of_some_symbols(
    names: list[str], gap: int, file: SortedFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert file.rows
    monkeypatch.setattr(columns, "_GAP", gap)

    found = read_symbols(str(tmp_path / "day.parquet"), names)

    assert found.equals(DAY.filter(pl.col("symbol").is_in(names)))
