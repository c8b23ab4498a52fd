"""A slice of the rows of hostile files and of formulas; all of them are in `tests.matrix`."""

from __future__ import annotations

from pathlib import Path

from tests.matrix import row15, row16
from tests.matrix.row import Volume


def test_some_hostile_files_and_damaged_ones_are_refused_and_harm_nothing(tmp_path: Path) -> None:
    outcome = row15.trials(Volume(nightly=False, folder=tmp_path, seed=3, part=0.01))

    assert outcome.passed == outcome.trials >= 200


def test_some_formulas_are_text_wherever_a_spreadsheet_opens_them(tmp_path: Path) -> None:
    outcome = row16.trials(Volume(nightly=False, folder=tmp_path, seed=3, part=0.1))

    assert outcome.passed == outcome.trials >= 200
