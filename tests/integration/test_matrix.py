"""The command that runs the reliability matrix, and a few trials of each of its rows."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.matrix.__main__ import line_of, main
from tests.matrix.row import Outcome, Row, Volume, rows

PART = 0.01
ROWS = rows()


def row(outcome: Outcome, least: int) -> Row:
    return Row(99, "a row", lambda _: least, lambda _: outcome)


def volume(folder: Path, part: float = PART) -> Volume:
    return Volume(nightly=False, folder=folder, seed=17, part=part)


@pytest.mark.parametrize(
    ("trials", "passed", "least", "holds"),
    [(5, 5, 5, True), (6, 6, 5, True), (4, 4, 5, False), (6, 5, 5, False), (0, 0, 0, False)],
)
def test_a_row_holds_when_enough_trials_were_made_and_all_passed(
    trials: int, passed: int, least: int, *, holds: bool, tmp_path: Path
) -> None:
    line = line_of(row(Outcome(trials, passed, "some"), least), volume(tmp_path))

    assert line.holds is holds


@pytest.mark.parametrize("number", ROWS)
def test_a_few_trials_of_a_row_pass(number: int, tmp_path: Path) -> None:
    line = line_of(ROWS[number], volume(tmp_path))
    if line.outcome.figure.startswith("not run") and not os.environ.get(
        "ROUTEWARDEN_REQUIRE_SYSTEM"
    ):
        pytest.skip(line.outcome.figure)

    assert line.holds, line


def test_the_command_prints_a_list_of_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["12", "--json", "--part", str(PART), "--folder", str(tmp_path)])
    (told,) = json.loads(capsys.readouterr().out)

    assert (status, told["row"], told["holds"]) == (0, 12, True)
    assert list(told) == ["row", "trials", "passed", "figure", "holds"]
    assert told["trials"] == told["passed"] > 0
    assert told["figure"]
