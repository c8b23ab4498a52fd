"""The days that the as-of claims are about."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from speed.day.data import Made, day
from speed.pairs import DifferentAnswersError, Job, fresh, in_turns


def test_another_day_has_another_answer(tmp_path: Path) -> None:
    small = [day(tmp_path, Made(2_000, 100, 5, seed=seed)) for seed in (1, 2)]
    jobs = {str(path): Job("day.ours:measured", {"folder": str(path)}) for path in small}

    with pytest.raises(DifferentAnswersError):
        in_turns(jobs, 1)


def test_nine_in_ten_quotes_of_a_tied_day_share_a_time(tmp_path: Path) -> None:
    folder = day(tmp_path, Made(20_000, 100, 5, tied=True))
    quotes = pl.read_parquet(folder / "quotes-00.parquet")

    alone = quotes.unique(["code", "at"]).height / quotes.height
    assert alone == pytest.approx(0.1, abs=0.001)
    assert day(tmp_path, Made(20_000, 100, 5, tied=True)) == folder


def test_the_memory_told_is_that_of_the_job_alone(tmp_path: Path) -> None:
    folder = day(tmp_path, Made(2_000, 100, 5))
    held = bytearray(1 << 29)
    held[:: 1 << 12] = b"x" * (1 << 17)  # every page of it

    assert fresh(Job("day.ours:scanned", {"folder": str(folder)})).peak_mb < len(held) >> 20
