"""The claim about CSV: what form it has, and that the answers compared are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from speed import intake_csv
from speed.size import Size


def test_its_figures_say_how_fast_orders_and_quotes_come_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(intake_csv, "_MOST_QUICK", 500)

    figures = intake_csv.figures(Size(quick=True, pairs=1, folder=tmp_path))

    assert [(each.unit, each.goal is not None) for each in figures[:5]] == [
        ("rows/s", True), ("s/M rows", False), ("MB", False), ("ratio", False), ("ratio", False)
    ]  # fmt: skip
    assert [each.unit for each in figures[5:]] == [each.unit for each in figures[:5]]
    assert all(each.figure > 0 for each in figures)
