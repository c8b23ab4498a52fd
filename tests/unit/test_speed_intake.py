"""The claims about intake: what form they have, and that the answers compared are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from speed import intake_csv, intake_fix
from speed.size import Size


def test_its_figures_say_how_fast_orders_and_quotes_come_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(intake_csv, "_MOST_QUICK", 500)

    figures = intake_csv.figures(Size(quick=True, pairs=1, folder=tmp_path))

    assert [(each.unit, each.goal is not None) for each in figures[:6]] == [
        *(("rows/s", False), ("rows/s", True), ("s/M rows", False), ("MB", False)),
        *[("ratio", False)] * 2,
    ]
    assert [each.unit for each in figures[6:]] == [each.unit for each in figures[:6]]
    assert all(each.figure > 0 for each in figures)


def test_its_figures_say_how_fast_messages_are_read_and_come_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(intake_fix, "_QUICK", (200, 800))

    figures = intake_fix.figures(Size(quick=True, pairs=1, folder=tmp_path))

    assert [(each.unit, each.goal is not None) for each in figures] == [
        *(("messages/s", True), ("messages/s", True), ("s/M messages", False), ("MB", False)),
        *[("ratio", False)] * 3,
    ]
    assert all(each.figure > 0 for each in figures)
