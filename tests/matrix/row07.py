"""Two to sixteen processes ingest at once: the same file, copies, and files that overlap.

One race has the same file by each, another renamed copies, another files that share rows, another
beginnings of one file. However they finish, a file is acknowledged once, every row is held once,
and whoever was not first is told of duplicates.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from tempfile import mkdtemp

from routewarden.store.blobs import file_digest
from tests.command import Outcome as Answer
from tests.integration.homes import fills_csv, times_acknowledged
from tests.integration.warm import start, warm
from tests.matrix.golden import DONE, FILLS, golden, must
from tests.matrix.pool import tried
from tests.matrix.row import Outcome, Volume

TITLE = "the same files at once"
IN_CI, NIGHTLY = 50, 200
MOST = 16
KINDS = ("same", "renamed", "overlapping", "beginnings")
LINES = fills_csv(158).splitlines(keepends=True)
KEYS = 158
"""Distinct fills of the whole file; it has 160 rows."""


def least(volume: Volume) -> int:
    """Return the fewest trials."""
    return volume.of(NIGHTLY if volume.nightly else IN_CI)


def trials(volume: Volume) -> Outcome:
    """Race."""
    count = least(volume)
    golden(volume.folder)
    passed = tried(7, volume, raced, range(count))
    figure = (
        f"{count:,} races of 2 to {MOST} processes ({', '.join(KINDS)}): in {passed:,} every file "
        "was acknowledged once, rows held = distinct keys, all others were duplicates, no deadlock"
    )
    return Outcome(count, passed, figure)


def raced(volume: Volume, number: int) -> str:
    """Race over files of a kind; return what is wrong with the answers or with what is held."""
    firm = golden(volume.folder)
    folder, chance = Path(mkdtemp(dir=volume.folder)), random.Random(f"{volume.seed} {number}")
    home = firm.home(FILLS, folder / "home")
    files = _files(folder, KINDS[number % len(KINDS)], chance)
    running = [start(home, "ingest", "fills", file, "--json") for file in files]
    answers = [each.wait() for each in running]
    why = _counted(files, answers) or _held(home, files)
    shutil.rmtree(folder)
    return why


def _files(folder: Path, kind: str, chance: random.Random) -> list[Path]:
    """Return what each process ingests."""
    racers = chance.randint(2, MOST)
    if kind == "same":
        (folder / "fills.csv").write_text("".join(LINES))
        return [folder / "fills.csv"] * racers
    found = []
    for racer in range(racers):
        start_at, end = 1, len(LINES)
        if kind == "overlapping":
            start_at = chance.randrange(1, len(LINES) - 10)
            end = chance.randrange(start_at + 5, len(LINES) + 1)
        if kind == "beginnings":
            end = chance.randrange(5, len(LINES) + 1)
        found.append(folder / f"fills {racer}.csv")
        found[-1].write_text("".join([LINES[0], *LINES[start_at:end]]))
    return found


def _counted(files: list[Path], answers: list[Answer]) -> str:
    """Return whether every process counted its own rows, and every file was taken in once."""
    if odd := [answer for answer in answers if answer.status not in DONE]:
        return f"answered {odd}"
    records = 0
    by_file: dict[str, list[int]] = {}
    for file, answer in zip(files, answers, strict=True):
        (told,) = answer.json["files"]
        rows = len(file.read_text().splitlines()) - 1
        if told["records"] + told["duplicates"] + told["rejects"] != rows:
            return f"{file.name} has {rows} rows: {told}"
        records += told["records"]
        by_file.setdefault(told["digest"], []).append(told["duplicates"] == rows)
    for name, duplicates in by_file.items():
        if sum(duplicates) < len(duplicates) - 1:
            return f"{name}: {len(duplicates)} processes, only {sum(duplicates)} told of duplicates"
    wanted = len({_key(line) for file in files for line in file.read_text().splitlines()[1:]} - BAD)
    return "" if records == wanted else f"{records} records of {wanted} distinct fills"


BAD = {"F-bad"}
"""The fill whose price is no number."""


def _key(line: str) -> str:
    return line.partition(",")[0]


def _held(home: Path, files: list[Path]) -> str:
    """Return what is wrong with the home afterwards."""
    for file in {file_digest(path): path for path in files}.values():
        if (times := times_acknowledged(home, "fills", file)) != 1:
            return f"{file.name} was acknowledged {times} times"
    must(home, "run")
    out = home.parent / "fills.out.csv"
    must(home, "export", "fills", "--out", out)
    keys = [_key(line) for line in out.read_text().splitlines()[1:]]
    wanted = {_key(line) for path in files for line in path.read_text().splitlines()[1:]} - BAD
    if sorted(keys) != sorted(wanted):
        return f"exported {len(keys)} fills of {len(wanted)}"
    verified = warm(home, "verify")
    return "" if verified.status == 0 else f"verify answered {verified}"
