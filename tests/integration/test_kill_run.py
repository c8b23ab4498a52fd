"""A run that dies at any durable step, or whose files may not grow: nothing lost or twice."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from routewarden.store.blobs import file_digest
from tests.command import Outcome
from tests.integration.disturbing import PARTS, TRIALS, chosen, complaint, honest, recovers, told
from tests.integration.homes import Golden, finished, once_more
from tests.integration.tracing import boundaries, disturbed
from tests.integration.warm import Way, warm


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
