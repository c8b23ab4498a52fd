"""Routes on their way into the lake, in the order of time and out of it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.sources.table import no_records
from routewarden.store.lakefile import loaded
from routewarden.store.staging import Limits, unwatched, write_dates

ROUTES = TABLES[Kind.ROUTES]
NOON, DAY = 1_782_907_200_000_000_000, 86_400_000_000_000
LIMITS = Limits(run=4)


def frames(*times: range | list[int], quantity: int = 1) -> list[pl.DataFrame]:
    """Routes sent at some times after a noon, numbered in the order given; a frame for each."""
    made, line = [], 1
    for each in times:
        lines = range(line, line := line + len(each))
        rows = {"route_id": [f"R{n}" for n in lines], "sent_at": [NOON + at for at in each]}
        text = pl.DataFrame({**rows, "line": lines, "start": lines, "end": lines})
        frame = pl.concat([no_records(ROUTES), text], how="diagonal")
        made.append(frame.with_columns(quantity=pl.lit(quantity, dtype=pl.Int128)))
    return made


def written(folder: Path, given: list[pl.DataFrame], limits: Limits = LIMITS) -> list[str]:
    """Require that what is written is what was given, in order; return the names of its files."""
    told: list[tuple[int, int]] = []
    folder.mkdir(exist_ok=True)
    paths = dict(write_dates(ROUTES, given, folder, lambda *done: told.append(done), limits))
    whole = pl.concat(given).drop("start", "end").sort("sent_at", "route_id", "line")
    read = pl.concat([loaded(ROUTES, pl.read_parquet(path, glob=False)) for path in paths])

    assert read.equals(whole)
    assert sorted(folder.iterdir()) == sorted(paths)
    assert told[-1] == (whole.height, whole.height)
    return [path.name for path in paths]


def test_rows_that_come_in_order_are_never_put_aside(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("routewarden.store.staging.write_piece", None)
    monkeypatch.setattr("routewarden.store.staging.piece_of", None)

    assert written(tmp_path, frames(*(range(n, n + 3) for n in range(0, 60, 3)))) == [
        "2026-07-01.parquet"
    ]


def test_nor_are_rows_whose_neighbours_are_out_of_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("routewarden.store.staging.write_piece", None)
    monkeypatch.setattr("routewarden.store.staging.piece_of", None)

    jumbled = frames(*([n + 2, n + 4, n, n + 1] for n in range(0, 60, 3)))

    written(tmp_path, jumbled, Limits(run=16))


def test_a_row_that_comes_late_is_merged_with_those_written_before_it(tmp_path: Path) -> None:
    written(tmp_path, frames(*(range(n, n + 3) for n in range(0, 30, 3)), [1], range(40, 49)))


@pytest.mark.parametrize("back", [[DAY // 2], [1]])
def test_a_date_ends_when_another_is_written_and_may_come_again(
    back: list[int], tmp_path: Path
) -> None:
    days = [range(day * DAY + n, day * DAY + n + 3) for day in (0, 1) for n in range(0, 15, 3)]

    assert written(tmp_path / "two", frames(*days)) == ["2026-07-01.parquet", "2026-07-02.parquet"]
    written(tmp_path / "again", frames(*days, back))


def test_rows_in_the_reverse_order_of_time_are_sorted(tmp_path: Path) -> None:
    written(tmp_path, frames(*(range(n, n + 3) for n in range(30, 0, -3))))


def test_a_quantity_beyond_64_bits_makes_decimals_of_all_of_its_date(tmp_path: Path) -> None:
    few = frames(*(range(n, n + 3) for n in range(0, 30, 3)))
    (huge,) = frames([99], quantity=2**70)

    written(tmp_path, [*few, huge.with_columns(line=pl.lit(99, dtype=pl.Int64))])
    assert pl.read_parquet_schema(tmp_path / "2026-07-01.parquet")["quantity"].is_decimal()


def test_what_fails_leaves_no_thread_waiting(tmp_path: Path) -> None:
    made = frames(*(range(n, n + 3) for n in range(0, 30, 3)))

    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        list(write_dates(ROUTES, [*made, pl.DataFrame()], tmp_path, unwatched, LIMITS))
    assert pl.read_parquet(tmp_path / "2026-07-01.parquet").height > 0
