"""Run the rows named, or all of them, and print what each came to.

The exit status is 1 if a row does not hold, or could not be run here.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.matrix.row import NotRunError, Outcome, Row, Volume, rows

SEED = 17


@dataclass(frozen=True, slots=True)
class Line:
    """A row and what it came to."""

    row: Row
    outcome: Outcome
    least: int
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether enough trials were made and every one passed."""
        return self.outcome.passed == self.outcome.trials >= self.least

    def told(self) -> dict[str, object]:
        """Return the line as JSON has it."""
        trials, passed, figure = self.outcome.trials, self.outcome.passed, self.outcome.figure
        return {
            "row": self.row.number,
            "trials": trials,
            "passed": passed,
            "figure": figure,
            "holds": self.holds,
        }


def line_of(row: Row, volume: Volume) -> Line:
    """Run a row in a folder of its own."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"row{row.number:02}-", dir=volume.folder) as folder:
        here = replace(volume, folder=Path(folder))
        try:
            outcome = row.trials(here)
        except (NotRunError, pytest.skip.Exception) as why:
            outcome = Outcome(0, 0, f"not run: {why}")
        except Exception as error:  # noqa: BLE001 - the other rows are still to be run
            traceback.print_exc()
            outcome = Outcome(0, 0, f"broke: {type(error).__name__}: {error}")
    return Line(row, outcome, max(1, row.least(volume)), time.monotonic() - began)


def main(arguments: Sequence[str]) -> int:
    """Print the rows asked for."""
    known = rows()
    asked = argparse.ArgumentParser("python -m tests.matrix", description="The reliability matrix.")
    asked.add_argument("rows", nargs="*", type=int, metavar="ROW", help=f"of {[*known]}")
    asked.add_argument("--nightly", action="store_true", help="all that is stated, for hours")
    asked.add_argument("--json", action="store_true", help="print one JSON list")
    asked.add_argument("--seed", type=int, default=SEED, help=f"of what is drawn ({SEED})")
    asked.add_argument("--part", type=float, default=1.0, help="share of the trials, for a look")
    asked.add_argument("--folder", type=Path, help="where to work (a temporary folder)")
    chosen = asked.parse_args(arguments)
    if unknown := sorted(set(chosen.rows) - set(known)):
        asked.error(f"there is no row {unknown[0]}; choose from {[*known]}")
    with tempfile.TemporaryDirectory(prefix="matrix-", dir=chosen.folder) as scratch:
        volume = Volume(chosen.nightly, Path(scratch), chosen.seed, chosen.part)
        lines = []
        for number in chosen.rows or known:
            print(f"row {number}: {known[number].title} …", file=sys.stderr, flush=True)
            lines.append(line_of(known[number], volume))
            if not chosen.json:
                _print_line(lines[-1])
    if chosen.json:
        print(json.dumps([line.told() for line in lines], indent=2, ensure_ascii=False))
    return 0 if all(line.holds for line in lines) else 1


def _print_line(line: Line) -> None:
    holds = "holds" if line.holds else "MISSED"
    counts = f"{line.outcome.passed:,} of {line.outcome.trials:,}"
    print(
        f"{line.row.number:>2}  {line.row.title:<34} {counts:>20}  {holds:<6}  "
        f"{line.outcome.figure} ({line.seconds:,.0f} s)",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
