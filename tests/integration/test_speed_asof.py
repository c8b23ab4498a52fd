"""The as-of claims run, on little data: their form, and that every way gives the same sums."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from speed.day.data import Made, day
from speed.pairs import DifferentAnswersError, Job, in_turns

ROOT = Path(__file__).parents[2]
FORM = {"name", "figure", "unit", "goal", "holds", "pairs", "spread"}


def test_the_claims_print_their_figures() -> None:
    """A claim whose answers differ prints none."""
    done = subprocess.run(
        [sys.executable, "-m", "speed", "asof", "pruning", "--quick", "--json", "--pairs", "1"],
        capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert all(set(each) == FORM and each["pairs"] == 1 for each in told)
    assert {each["goal"] for each in told} == {
        *("at most 2.5", "at least 2", "at least 5", "at least 1"),
        *("at most 1200", "at least 20", None),
    }


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
