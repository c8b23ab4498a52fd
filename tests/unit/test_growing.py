"""A file that grows as its rows come."""

from __future__ import annotations

import threading
from pathlib import Path

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.sources.table import no_records
from routewarden.store.growing import Growing

ROUTES = TABLES[Kind.ROUTES]


def routes(*sent_at: int, quantity: int = 1) -> pl.DataFrame:
    rows = {"sent_at": sent_at, "route_id": [f"R{at}" for at in sent_at]}
    found = pl.concat([no_records(ROUTES), pl.DataFrame(rows)], how="diagonal")
    return found.with_columns(quantity=pl.lit(quantity, dtype=pl.Int128))


def test_rows_that_follow_one_another_are_in_the_file_and_no_others(tmp_path: Path) -> None:
    file = Growing(ROUTES, tmp_path / "day.parquet")

    assert [file.takes(routes(*each)) for each in ((1, 2), (3,), (3, 4), (2,), (5,))] == [
        *(True, True, False, False, True)
    ]
    assert not file.takes(routes(6, quantity=2**70))  # it is stored as another type
    file.close()
    assert not file.takes(routes(7))
    assert pl.read_parquet(file.path)["sent_at"].to_list() == [1, 2, 3, 5]
    assert file.rows == 4


def test_a_disk_that_takes_no_more_is_told_at_the_end_and_keeps_nobody_waiting(
    tmp_path: Path,
) -> None:
    before = threading.active_count()
    file = Growing(ROUTES, tmp_path / "nowhere" / "day.parquet")
    for at in range(9):
        file.takes(routes(at))

    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            file.close()
    assert threading.active_count() == before


def test_a_file_that_took_nothing_is_none(tmp_path: Path) -> None:
    Growing(ROUTES, tmp_path / "day.parquet").close()

    assert list(tmp_path.iterdir()) == []
