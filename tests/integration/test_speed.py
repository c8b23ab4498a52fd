"""Every claim of speed runs, on little data: its form, what it is meant to reach, equal answers.

A claim whose answers differ prints no figure. Nothing here fails for want of speed.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from speed.__main__ import claims

ROOT = Path(__file__).parents[2]
FORM = {"name", "figure", "unit", "goal", "holds", "pairs", "spread"}
GOALS = {
    "asof": {"at most 2.5", "at least 2", "at least 5", "at most 1200", "at least 1"},
    "checking": {"at most 2"},
    "cluster": {"at most 1.3", "at least 0.8"},
    "growth": set[str](),  # a quick look is too small to tell
    "intake_csv": {"at least 500000"},
    "intake_fix": {"at least 1e+06", "at least 300000"},
    "layout": set[str](),
    "pruning": {"at least 20"},
    "summaries": {"at most 0.3", "at most 1", "at most 0.2"},
}


def test_every_claim_is_run_here() -> None:
    assert claims() == sorted(GOALS)


@pytest.mark.parametrize("name", GOALS)
def test_a_claim_prints_its_figures(name: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own program, by names of ours
        [sys.executable, "-m", "speed", name, "--quick", "--json", "--pairs", "1"],
        capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told
    assert all(set(each) == FORM and each["pairs"] == 1 for each in told)
    assert all(math.isfinite(each["figure"]) for each in told)
    assert {each["goal"] for each in told} - {None} == GOALS[name]
