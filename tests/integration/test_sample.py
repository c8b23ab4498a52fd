"""The sample's two processes: one that simulates, one that takes in what it wrote."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from routewarden.base.period import Quarter
from routewarden.runs.sample import Sample, SampleLostError, build
from routewarden.simulator.stage import Scale
from routewarden.store.home import make_home, opened
from routewarden.store.segments import segments

SMALL = Sample(7, Quarter(2025, 4), Scale(orders_per_day=60, quotes_per_day=1_500))


def test_a_simulation_that_dies_is_told_and_what_it_wrote_is_in(tmp_path: Path) -> None:
    root = tmp_path / "firm"
    make_home(root)

    def kill(what: str) -> None:
        if what.startswith("taking in"):
            for child in multiprocessing.active_children():
                child.kill()

    with pytest.raises(SampleLostError, match="Run `demo` again"):
        build(SMALL, root, kill)
    with opened(root) as home:
        assert segments(home)
