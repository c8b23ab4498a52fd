"""The claim about a quarter's questions: its form, and that the cells give the same answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FORM = {"name", "figure", "unit", "goal", "holds", "pairs", "spread"}


def test_the_claim_prints_its_figures() -> None:
    """A claim whose answers differ prints none."""
    done = subprocess.run(
        [sys.executable, "-m", "speed", "summaries", "--quick", "--json", "--pairs", "1"],
        capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert all(set(each) == FORM and each["pairs"] == 1 for each in told)
    assert [(each["unit"], each["goal"]) for each in told] == [
        ("s", "at most 0.3"), ("ratio", None), ("MB", None),
        ("s", "at most 1"), ("ratio", None), ("MB", None),
        ("s", "at most 0.2"), ("ratio", None), ("MB", None),
    ]  # fmt: skip
