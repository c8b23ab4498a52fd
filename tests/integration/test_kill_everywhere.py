"""A command that dies, or whose disk fails, at any durable step: nothing lost, nothing twice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from routewarden.store.blobs import file_digest
from tests.command import Outcome
from tests.integration.homes import (
    Golden,
    blob,
    finished,
    golden,
    intact_segment,
    lasting,
    once_more,
    times_acknowledged,
    tree,
)
from tests.integration.tracing import Boundary, boundaries, disturbed
from tests.integration.warm import Way, warm

TRIALS = 60
"""Boundaries tried of each command, evenly spread; ROUTEWARDEN_TRIALS=all tries every one."""
PARTS = 3
"""Pieces a list of trials is cut into, so that test processes share it."""
SPOILT = ("write", "pwrite64", "fsync", "fdatasync", "rename", "link")
"""Calls whose failure must stop a command."""
ROWS = 26
FAILED = (2, 75)
"""What a command answers whose disk failed it; 75 where it is full."""


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    return golden(tmp_path_factory.mktemp("golden"))


@pytest.fixture(scope="module")
def steps(firm: Golden, tmp_path_factory: pytest.TempPathFactory) -> list[Boundary]:
    """The durable steps of the ingest of the fills."""
    home = firm.home(tmp_path_factory.mktemp("steps") / "home")
    return boundaries(home, "ingest", "fills", firm.fills)


@pytest.fixture(scope="module")
def unpublished(
    firm: Golden, steps: list[Boundary], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A home whose fills are acknowledged, and not in the lake: the ingest was killed between."""
    home = firm.home(tmp_path_factory.mktemp("unpublished") / "home")
    publishing = next(at for at in reversed(steps) if at.name.startswith("rename"))
    assert disturbed(home, publishing, "signal=KILL", "ingest", "fills", firm.fills).status == -9
    return home


def chosen(found: list[Boundary], part: int, trials: int = TRIALS) -> list[Boundary]:
    """Return one part of an even sample, or of all."""
    if os.environ.get("ROUTEWARDEN_TRIALS") != "all" and len(found) > trials:
        found = [found[n * len(found) // trials] for n in range(trials)]
    return found[part::PARTS]


def complaint(check: Callable[[], None]) -> str:
    """Return why a check fails, or nothing."""
    try:
        check()
    except AssertionError as wrong:
        return str(wrong)
    return ""


def told(wrong: dict[str, str]) -> str:
    """Return the trials that failed, a line each."""
    return "\n".join(f"{at}: {why[:600]}" for at, why in wrong.items() if why)


def recovers(home: Path, firm: Golden) -> None:
    """Require that the same file goes in again, once, and that all comes out as if undisturbed."""
    counts = once_more(home, firm)
    assert counts["records"] + counts["duplicates"] + counts["rejects"] == ROWS, counts
    assert times_acknowledged(home, "fills", firm.fills) == 1
    assert finished(home) == firm.export


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


@pytest.mark.parametrize("part", range(PARTS))
def test_a_run_killed_at_any_step_even_of_its_repair_is_finished_by_the_next(
    part: int, firm: Golden, unpublished: Path, tmp_path: Path
) -> None:
    found = boundaries(shutil.copytree(unpublished, tmp_path / "undisturbed"), "run")
    wrong = {}
    for number, at in enumerate(chosen(found, part, TRIALS // 2)):
        home = shutil.copytree(unpublished, tmp_path / str(number))
        outcome = disturbed(home, at, "signal=KILL", "run")
        assert outcome.status == -9 or not at.main, (at, outcome)  # others do not count alike twice
        wrong[str(at)] = complaint(partial(recovers, home, firm))

    assert told(wrong) == ""


def test_an_init_killed_at_any_step_is_finished_by_the_next(tmp_path: Path) -> None:
    wrong = {}
    for number, at in enumerate(boundaries(tmp_path / "undisturbed", "init")):
        home = tmp_path / str(number)
        assert disturbed(home, at, "signal=KILL", "init").status == -9
        again = warm(home, "init")
        wrong[str(at)] = "" if again.status == 0 else again.err

    assert told(wrong) == ""


def test_a_result_whose_run_was_killed_before_its_entry_still_gets_one(
    firm: Golden, unpublished: Path, tmp_path: Path
) -> None:
    found = boundaries(shutil.copytree(unpublished, tmp_path / "undisturbed"), "run")
    entering = next(at for at in found if "sqlite-journal" in at.text)
    home = shutil.copytree(unpublished, tmp_path / "home")
    assert disturbed(home, entering, "signal=KILL", "run").status == -9
    assert finished(home) == firm.export

    digest = file_digest(next(home.glob("measured/*/result.json")))
    assert digest.encode() in (home / "routewarden.sqlite").read_bytes()


def test_the_next_command_leaves_nothing_behind_of_one_that_was_killed(
    firm: Golden, steps: list[Boundary], tmp_path: Path
) -> None:
    home = firm.home(tmp_path / "home")
    linking = next(at for at in steps if at.name.startswith("link"))
    assert disturbed(home, linking, "signal=KILL", "ingest", "fills", firm.fills).status == -9
    once_more(home, firm)
    finished(home)

    assert sorted(lasting(tree(home))) == sorted(lasting(firm.tree))


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


def honest(home: Path, firm: Golden, outcome: Outcome) -> None:
    """Require a plain refusal, or an acknowledgement with everything behind it in place."""
    assert outcome.status in {0, 3, *FAILED}, outcome
    unpublished = "is in the log, but it could not be published" in outcome.err
    if outcome.status in {0, 3} or unpublished:
        assert intact_segment(home, "fills", firm.fills)
    else:
        refused = "no space; nothing acknowledged" in outcome.err
        assert refused == (outcome.status == 75), outcome.err
    if outcome.status in FAILED:
        assert "error: " in outcome.err, outcome.err
        assert outcome.err.startswith("error: ") or unpublished, outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("file_bytes", [500, 2_000, 4_500, 6_000, 20_000, 30_000])
@pytest.mark.parametrize("command", ["ingest", "run"])
def test_a_file_that_may_not_grow_is_a_refusal_in_one_sentence(
    command: str, file_bytes: int, firm: Golden, tmp_path: Path
) -> None:
    """A quota: writing past so many bytes of any file fails, in whatever thread it happens."""
    home = firm.home(tmp_path / "home")
    honest(home, firm, cramped(home, firm, command, file_bytes))


@pytest.mark.parametrize("file_bytes", [500, 4_500, 20_000])
@pytest.mark.parametrize("command", ["ingest", "run"])
def test_a_file_that_may_grow_again_loses_nothing(
    command: str, file_bytes: int, firm: Golden, tmp_path: Path
) -> None:
    home = firm.home(tmp_path / "home")
    cramped(home, firm, command, file_bytes)

    recovers(home, firm)


def cramped(home: Path, firm: Golden, command: str, file_bytes: int) -> Outcome:
    """Ingest the fills, or run after that, where no file may grow past so many bytes."""
    way = Way(file_bytes=file_bytes)
    if command == "ingest":
        return warm(home, "ingest", "fills", firm.fills, way=way)
    once_more(home, firm)
    return warm(home, "run", way=way)


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
