"""The making of a home that dies at any durable step; by itself, for it has the most steps."""

from __future__ import annotations

from pathlib import Path

from tests.integration.disturbing import told
from tests.integration.tracing import boundaries, disturbed
from tests.integration.warm import warm


def test_an_init_killed_at_any_step_is_finished_by_the_next(tmp_path: Path) -> None:
    wrong = {}
    for number, at in enumerate(boundaries(tmp_path / "undisturbed", "init")):
        home = tmp_path / str(number)
        assert disturbed(home, at, "signal=KILL", "init").status == -9
        again = warm(home, "init")
        wrong[str(at)] = "" if again.status == 0 else again.err

    assert told(wrong) == ""
