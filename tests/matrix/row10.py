"""Bit rot: one bit of every byte of the evidence flipped, then all that is held verified.

A home has raw files of about 200 KB. In every byte of every file under `evidence/` one bit, drawn
by lot, is flipped on the disk (in checkpoints each of the eight), the program's own verifier looks
at the whole home, and the bit is put back: a fault must name the file. Pages of the database have
room that holds nothing, so there a flip must be found if it changes what a row says. In between,
the home is verified as it is: nothing may be found.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy.exc import DatabaseError

from routewarden.base.errors import RoutewardenError
from routewarden.store.home import Home, opened
from routewarden.store.verify import verify
from tests.integration.homes import fills_csv, orders_csv, routes_csv
from tests.matrix.golden import must
from tests.matrix.pool import tried
from tests.matrix.row import Outcome, Volume

TITLE = "bit rot"
FLIPS, IN_DATABASE, CLEAN = 200_000, 10_000, 1_000
ROWS = 1_350
DATABASE = "routewarden.sqlite"
CHECKPOINT = "checkpoint"
TOGETHER = 250
"""Flips that a process makes before it is given others."""
CHUNKS = "chunks"

Flip = tuple[int, int]
"""A byte of a file and the bit of it."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Flips of a file of the home, or, without a file, so many clean looks."""

    name: str
    flips: tuple[Flip, ...]


def least(volume: Volume) -> int:
    """Return the fewest trials."""
    return sum(map(volume.of, (FLIPS, IN_DATABASE, CLEAN)))


def trials(volume: Volume) -> Outcome:
    """Flip every byte."""
    home = stored(volume)
    chance = random.Random(volume.seed)
    evidence = list(_evidence(home, volume, chance))
    database = _drawn(home, volume.of(IN_DATABASE), chance)
    clean = [Chunk("", ((0, 0),) * volume.of(CLEAN))]
    chunks = [part for chunk in (*evidence, database, *clean) for part in _cut(chunk)]
    (volume.folder / CHUNKS).mkdir()
    tried(10, volume, rotted, chunks)
    counts = [path.read_text().split() for path in (volume.folder / CHUNKS).iterdir()]
    missed = sum(int(wrong) for _, wrong in counts)
    made = sum(len(chunk.flips) for chunk in chunks)
    done = sum(int(number) for number, _ in counts)
    flips = sum(len(chunk.flips) for chunk in evidence)
    figure = (
        f"{flips:,} flipped bits in {len(evidence)} files of evidence found and located, "
        f"{len(database.flips):,} in the database found if they changed a row, "
        f"{len(clean[0].flips):,} clean looks without an alarm; {missed:,} missed"
    )
    return Outcome(made, done - missed, figure)


def stored(volume: Volume) -> Path:
    """Return a home with a little over 200 KB of raw files."""
    home = volume.folder / "home"
    must(home, "init")
    texts = {"orders": orders_csv(ROWS), "routes": routes_csv(ROWS), "fills": fills_csv(ROWS)}
    for kind, text in texts.items():
        (volume.folder / f"{kind}.csv").write_text(text)
        must(home, "ingest", kind, volume.folder / f"{kind}.csv")
    shutil.rmtree(home / "lake")  # what can be made again is another matter
    return home


def _evidence(home: Path, volume: Volume, chance: random.Random) -> Iterator[Chunk]:
    """Yield the flips of each file of the evidence: a share of its bytes, evenly spread."""
    for path in sorted(path for path in (home / "evidence").rglob("*") if path.is_file()):
        size = path.stat().st_size
        wanted = volume.of(size)
        places = [n * size // wanted for n in range(wanted)]
        bits = range(8) if CHECKPOINT in str(path.relative_to(home)) else None
        flips = ((at, bit) for at in places for bit in bits or (chance.randrange(8),))
        yield Chunk(str(path.relative_to(home)), tuple(flips))


def _drawn(home: Path, count: int, chance: random.Random) -> Chunk:
    """Return flips all over the database."""
    size = (home / DATABASE).stat().st_size
    flips = ((chance.randrange(size), chance.randrange(8)) for _ in range(count))
    return Chunk(DATABASE, tuple(flips))


def _cut(chunk: Chunk) -> Iterator[Chunk]:
    for start in range(0, len(chunk.flips), TOGETHER):
        yield Chunk(chunk.name, chunk.flips[start : start + TOGETHER])


def rotted(volume: Volume, chunk: Chunk) -> str:
    """Make the flips of a chunk in a home of its own; return those that were not found."""
    folder = Path(mkdtemp(dir=volume.folder))
    root = shutil.copytree(volume.folder / "home", folder / "home")
    with opened(root) as home:
        look = {"": _clean, DATABASE: _in_database}.get(chunk.name, _in_file)
        wrong = [why for flip in chunk.flips if (why := look(home, chunk.name, flip))]
    told = folder.name
    (volume.folder / CHUNKS / told).write_text(f"{len(chunk.flips)} {len(wrong)}")
    shutil.rmtree(folder)
    return "\n".join(wrong)


def _clean(home: Home, _name: str, _flip: Flip) -> str:
    found = _faults(home)
    return f"a false alarm: {found}" if found else ""


def _in_file(home: Home, name: str, flip: Flip) -> str:
    path = home.root / name
    _turn(path, flip)
    found = _faults(home)
    _turn(path, flip)
    named = any(str(path) in fault for fault in found)
    return "" if named else f"{name}, byte {flip[0]}, bit {flip[1]}: {found}"


def _in_database(home: Home, name: str, flip: Flip) -> str:
    path = home.root / name
    before = _rows(path)
    _turn(path, flip)
    changed = _rows(path) != before
    try:
        found = _faults(home)
    except (DatabaseError, RoutewardenError, UnicodeDecodeError) as error:
        found = [str(error)]
    _turn(path, flip)
    return f"byte {flip[0]}, bit {flip[1]}: a row changed" if changed and not found else ""


def _rows(path: Path) -> object:
    try:
        with closing(sqlite3.connect(path)) as database:
            return database.execute("SELECT * FROM event ORDER BY seq").fetchall()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return str(error)


def _faults(home: Home) -> list[str]:
    return [f"{each.where}: {each.what}" for each in verify(home, lambda _: None).faults]


def _turn(path: Path, flip: Flip) -> None:
    """Flip a bit of a file where it lies; to flip it again puts it back."""
    path.chmod(0o644)
    handle = os.open(path, os.O_RDWR)
    try:
        (byte,) = os.pread(handle, 1, flip[0])
        os.pwrite(handle, bytes([byte ^ 1 << flip[1]]), flip[0])
    finally:
        os.close(handle)
