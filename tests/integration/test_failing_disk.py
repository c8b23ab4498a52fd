"""A command whose disk fails at any durable step: one sentence, and no false word."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.integration.disturbing import PARTS, TRIALS, chosen, complaint, honest, recovers, told
from tests.integration.homes import Golden
from tests.integration.tracing import Boundary, boundaries, disturbed

SPOILT = ("write", "pwrite64", "fsync", "fdatasync", "rename", "link")
"""Calls whose failure must stop a command."""


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("fault", ["EIO", "ENOSPC"])
def test_a_disk_fault_at_any_step_is_one_sentence_and_never_a_false_acknowledgement(
    fault: str, part: int, firm: Golden, steps: list[Boundary], tmp_path: Path
) -> None:
    found = [at for at in steps if at.main and at.name.startswith(SPOILT)]
    wrong = {}
    for number, at in enumerate(chosen(found, part, TRIALS // 2)):
        home = firm.home(tmp_path / str(number))
        outcome = disturbed(home, at, f"error={fault}", "ingest", "fills", firm.fills)
        wrong[str(at)] = complaint(partial(honest, home, firm, outcome))

    assert told(wrong) == ""


@pytest.mark.parametrize("name", ["write", "fsync", "link", "rename"])
@pytest.mark.parametrize(("fault", "status"), [("EIO", 2), ("ENOSPC", 75), ("EDQUOT", 75)])
def test_a_disk_fault_is_told_with_its_place(
    name: str, fault: str, status: int, firm: Golden, tmp_path: Path
) -> None:
    found = boundaries(firm.home(tmp_path / "undisturbed"), "ingest", "fills", firm.fills)
    at = next(at for at in found if at.main and at.name.startswith(name))
    home = firm.home(tmp_path / "home")
    outcome = disturbed(home, at, f"error={fault}", "ingest", "fills", firm.fills)

    assert (outcome.status, str(home) in outcome.err) == (status, True), outcome


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("fault", ["EIO", "ENOSPC"])
def test_a_disk_that_works_again_loses_nothing(
    fault: str, part: int, firm: Golden, steps: list[Boundary], tmp_path: Path
) -> None:
    found = [at for at in steps if at.main and at.name.startswith(SPOILT)]
    wrong = {}
    for number, at in enumerate(chosen(found, part, TRIALS // 4)):
        home = firm.home(tmp_path / str(number))
        disturbed(home, at, f"error={fault}", "ingest", "fills", firm.fills)
        wrong[str(at)] = complaint(partial(recovers, home, firm))

    assert told(wrong) == ""
