"""An ingest that dies at any durable step: nothing lost, nothing twice."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from routewarden.store.blobs import file_digest
from tests.integration.disturbing import PARTS, chosen, complaint, recovers, told
from tests.integration.homes import Golden, blob, finished, lasting, once_more, tree
from tests.integration.tracing import Boundary, boundaries, disturbed


@pytest.mark.parametrize("part", range(PARTS))
def test_an_ingest_killed_at_any_step_is_finished_by_the_next(
    part: int, firm: Golden, steps: list[Boundary], tmp_path: Path
) -> None:
    wrong = {}
    for number, at in enumerate(chosen(steps, part)):
        home = firm.home(tmp_path / str(number))
        outcome = disturbed(home, at, "signal=KILL", "ingest", "fills", firm.fills)
        assert outcome.status == -9 or not at.main, (at, outcome)  # others do not count alike twice
        wrong[str(at)] = complaint(partial(recovers, home, firm))

    assert told(wrong) == ""


def test_the_next_command_leaves_nothing_behind_of_one_that_was_killed(
    firm: Golden, steps: list[Boundary], tmp_path: Path
) -> None:
    home = firm.home(tmp_path / "home")
    linking = next(at for at in steps if at.name.startswith("link"))
    assert disturbed(home, linking, "signal=KILL", "ingest", "fills", firm.fills).status == -9
    once_more(home, firm)
    finished(home)

    assert sorted(lasting(tree(home))) == sorted(lasting(firm.tree))


@pytest.mark.parametrize("levels_up", [0, 1])
def test_a_name_left_unflushed_by_a_killed_command_is_flushed_before_the_acknowledgement(
    levels_up: int, firm: Golden, steps: list[Boundary], tmp_path: Path
) -> None:
    """Without it, a loss of power could take the bytes of a file the log says is held."""
    folder = blob(Path("/"), file_digest(firm.fills)).parents[levels_up]
    flushing = next(at for at in steps if at.name == "fsync" and f"<{folder}>" in at.text)
    home = firm.home(tmp_path / "home")
    assert disturbed(home, flushing, "signal=KILL", "ingest", "fills", firm.fills).status == -9

    again = boundaries(home, "ingest", "fills", firm.fills)
    flushed = [n for n, at in enumerate(again) if at.name == "fsync" and f"<{folder}>" in at.text]
    entered = next(n for n, at in enumerate(again) if "sqlite-journal" in at.text)
    assert [n for n in flushed if n < entered] != []
