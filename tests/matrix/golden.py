"""The golden job: three files of 400 rows taken in, a day measured, its quarter reviewed.

It is done once undisturbed; whatever a trial does to it, doing it again must lead to the same home:
each file acknowledged once, every other file the same bytes. (A review names the head of the log,
which holds clock times, so its bytes are the same only where the log was as long before.)
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from routewarden.store.segments import SEGMENT
from tests.command import Outcome, routewarden
from tests.integration.homes import fills_csv, lasting, orders_csv, quotes_csv, routes_csv, tree
from tests.integration.warm import call, warm

ROWS = {"orders": 120, "routes": 120, "fills": 160}
"""Rows of each file; the last two fills are one told again and one that cannot be read."""
QUARTER = "2026Q3"
FILLS, RUN, REVIEW = 2, 3, 4
DONE = {0, 3}
"""What a command answers that did its work; 3 says that some input was rejected."""

Fact = tuple[str, str]
"""The type and subject of an entry of the log."""


@dataclass(frozen=True, slots=True)
class Golden:
    """The job's steps, a home as it was before each of them, and what must come of it.

    After each step: the entries of the log, and the digests of files.
    """

    folder: Path
    steps: tuple[tuple[str, ...], ...]
    held: tuple[tuple[Fact, ...], ...]
    files: tuple[dict[str, str], ...]

    def home(self, step: int, where: Path) -> Path:
        """Return a fresh copy of the home as it was before a step."""
        return Path(shutil.copytree(self.folder / f"before {step}", where))


def golden(folder: Path) -> Golden:
    """Do the job undisturbed, or return what came of it when it was done in this folder."""
    kept = folder / "golden"
    if kept.exists():
        found: Golden = pickle.loads(kept.read_bytes())  # noqa: S301 - our own, a moment ago
        return found
    texts = {"orders": orders_csv(120), "routes": routes_csv(120), "fills": fills_csv(158)}
    for kind, text in (texts | {"quotes": quotes_csv()}).items():
        (folder / f"{kind}.csv").write_text(text)
    steps: list[tuple[str, ...]] = [
        *(("ingest", kind, str(folder / f"{kind}.csv")) for kind in texts),
        ("run",),
        ("review", QUARTER),
    ]
    home, held, files = folder / "home", [], []
    must(home, "init")
    must(home, "ingest", "quotes", folder / "quotes.csv")
    for number, step in enumerate(steps):
        shutil.copytree(home, folder / f"before {number}")
        must(home, *step)
        held.append(facts(home))
        files.append(digests(home))
    made = Golden(folder, tuple(steps), tuple(held), tuple(files))
    kept.write_bytes(pickle.dumps(made))
    return made


def must(home: Path, *arguments: str | Path) -> Outcome:
    """Run a command that has to do its work."""
    outcome = warm(home, *arguments)
    assert outcome.status in DONE, (arguments, outcome)
    return outcome


def facts(home: Path) -> tuple[Fact, ...]:
    """Return the type and subject of each entry of a home's log."""
    with closing(sqlite3.connect(home / "routewarden.sqlite")) as database:
        return tuple(database.execute("SELECT type, subject FROM event ORDER BY seq"))


def digests(home: Path) -> dict[str, str]:
    """Return the digest of every file of a home that is the same whenever it is written."""
    return {name: sha256(data).hexdigest() for name, data in lasting(tree(home)).items()}


def recovered(firm: Golden, home: Path, last: int) -> str:
    """Do the job again, up to a step; return what is not as it would be undisturbed, or nothing."""
    outcome = call("tests.matrix.golden:again", home, str(firm.folder), str(last))
    return outcome.out if outcome.status == 0 else f"{outcome.status}: {outcome.err}"


def again(home: str, folder: str, last: str) -> None:
    """Do the job and print what is wrong with what comes of it; in a process of its own."""
    sys.stdout.write(wrong(golden(Path(folder)), Path(home), int(last)))
    sys.stdout.flush()
    os._exit(0)  # nothing more is wanted of this process, such as to end its threads


def wrong(firm: Golden, home: Path, last: int) -> str:
    """Do the job up to a step and say what is lost, there twice, torn or left over."""
    counted = {}
    for step in firm.steps[: last + 1]:
        outcome = routewarden(home, *step, "--json")
        if outcome.status not in DONE:
            return f"to do it again, {step} answered {outcome}"
        if step[0] == "ingest":
            (file,) = json.loads(outcome.out)["files"]
            counted[step[1]] = file["records"] + file["duplicates"] + file["rejects"]
    if counted != ROWS:
        return f"rows were lost or counted twice: {counted}"
    verified = routewarden(home, "verify", "--json")
    if verified.status != 0:
        return f"verify answered {verified}"
    if complaint := _entries(firm, home, last):
        return complaint
    return _files(firm.files[last], digests(home))


def _entries(firm: Golden, home: Path, last: int) -> str:
    """Return what is wrong with the log: each file once, and each act that was done.

    A run or a review that was cut short may have been done again, which are two acts.
    """
    found, wanted = _acts(facts(home)), _acts(firm.held[last])
    return "" if found == wanted else f"entries of the log: {found} instead of {wanted}"


def _acts(held: tuple[Fact, ...]) -> list[Fact]:
    files = [fact for fact in held if fact[0] == SEGMENT]
    return sorted(files) + sorted({fact for fact in held if fact[0] != SEGMENT})


def _files(wanted: dict[str, str], held: dict[str, str]) -> str:
    lost, left = sorted(wanted.keys() - held.keys()), sorted(held.keys() - wanted.keys())
    other = sorted(name for name in wanted.keys() & held.keys() if wanted[name] != held[name])
    return f"lost: {lost}; left over: {left}; other bytes: {other}" if lost + left + other else ""
