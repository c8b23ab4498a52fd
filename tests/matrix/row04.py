"""Power loss: what the disk may hold after each operation of the golden job, and what comes of it.

The job's system calls are recorded, from `init` to the review, and the model (`disk.py`) is held
beside the real folder at the end of every command. Then states that a loss of power may leave are
built: what no flush made lasting is there or not, or the beginning of a write is. `verify` may not
call such a home damaged, its log has all that was acknowledged and nothing else, and the command
that was cut short, given again, arrives at what it would have. The order of things is checked too:
when an entry is committed, and when a command ends, nothing that it stands for is still unflushed.
"""

from __future__ import annotations

import pickle
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from tempfile import mkdtemp

from routewarden.store.durable import PART
from tests.command import routewarden
from tests.integration.homes import lasting
from tests.integration.tracing import strace, traced
from tests.matrix.disk import OPTIONS, Named, Put, Recording, State
from tests.matrix.golden import DONE, Fact, facts, golden
from tests.matrix.pool import tried
from tests.matrix.row import Outcome, Volume, tell

TITLE = "power loss"
LEAST = 5_000
MEASURING = 350
"""How many of the states are of a run or a review, which take longer to do again."""
SECTOR = 512
DRAWN = 100
"""Sets of operations drawn where there are too many to try them all."""
ALL = 5
"""Pending operations of which every set is tried."""
TEARS = 40
INIT, FIRST_RUN = 0, 5
HOME = "home"

Lost = tuple[frozenset[int], tuple[int, int] | None]
"""Which operations are not on the disk, and which put is only in part: its number, its bytes."""


@dataclass(frozen=True, slots=True)
class Crash:
    """The power fails after so many operations of the job."""

    until: int
    lost: Lost


@dataclass(frozen=True, slots=True)
class Job:
    """The job's commands, what each led to, and the operations it took."""

    steps: tuple[tuple[str, ...], ...]
    ends: tuple[dict[str, str], ...]
    held: tuple[tuple[Fact, ...], ...]
    recording: Recording

    def step(self, until: int) -> int:
        """Return which command was under way."""
        return next(n for n, end in enumerate(self.recording.ends) if until <= end)


def trials(volume: Volume) -> Outcome:
    """Let the power fail."""
    strace()
    job = recorded(volume)
    hits, looks = lint(volume, job)
    count = volume.of(LEAST)
    slow = volume.of(MEASURING)
    chosen = states(job, count - slow, slow, random.Random(volume.seed))
    passed = tried(4, volume, survived, chosen)
    figure = (
        f"{len(chosen):,} different states a loss of power may leave after the "
        f"{job.recording.ends[-1]:,} operations of the golden job: {passed:,} hold what was "
        f"acknowledged and go on; {hits} of {looks} commits and ends found something unflushed"
    )
    return Outcome(len(chosen) + looks, passed + looks - hits, figure)


# -- The job ---------------------------------------------------------------------------------------


def recorded(volume: Volume) -> Job:
    """Do the job under strace, or return it as it was done."""
    kept = volume.folder / "job"
    if kept.exists():
        found: Job = pickle.loads(kept.read_bytes())  # noqa: S301 - our own, a moment ago
        return found
    firm = golden(volume.folder)
    quotes = ("ingest", "quotes", str(volume.folder / "quotes.csv"))
    steps = (("init",), quotes, *firm.steps)
    root = volume.folder / "recorded"
    root.mkdir()
    recording, ends, held = Recording(root), [], []
    for step in steps:
        _, outcome, log = traced(root / HOME, step, list(OPTIONS))
        assert outcome.status in DONE, outcome
        recording.add(log)
        state = recording.state(recording.ends[-1])
        assert dict(state.files()) == _found(root), "the model differs from the disk"
        ends.append(_digests(_evident(state)))
        held.append(facts(root / HOME))
    job = Job(steps, tuple(ends), tuple(held), recording)
    kept.write_bytes(pickle.dumps(job))
    return job


def _found(root: Path) -> dict[str, bytes | None]:
    paths = {str(path.relative_to(root)): path for path in root.rglob("*")}
    return {name: None if path.is_dir() else path.read_bytes() for name, path in paths.items()}


def _evident(state: State) -> dict[str, bytes]:
    """Return the files of a state that have a digest to be held to: not unfinished ones."""
    return {
        name: data
        for name, data in state.files()
        if data is not None and not _is_passing(Path(name))
    }


def _is_passing(path: Path) -> bool:
    names = {"routewarden.sqlite", "routewarden.sqlite-journal", "last_run.json", ".lock"}
    return path.name in names or path.name.startswith(PART) or ".staging" in path.parts


def _digests(files: dict[str, bytes]) -> dict[str, str]:
    of_home = {name.removeprefix(f"{HOME}/"): data for name, data in files.items()}
    return {name: sha256(data).hexdigest() for name, data in lasting(of_home).items()}


# -- The order of things ---------------------------------------------------------------------------


def lint(volume: Volume, job: Job) -> tuple[int, int]:
    """Return at how many commits and ends something acknowledged was unflushed, and of how many."""
    found, recording = list[str](), job.recording
    commits = list(_commits(recording))
    for until in (*commits, *recording.ends):
        under = "home/evidence" if until in commits else HOME
        whole = _evident(recording.state(until))
        lasting = _evident(recording.state(until, recording.pending(until)))
        if lost := [n for n in whole if n.startswith(under) and lasting.get(n) != whole[n]]:
            found.append(f"after operation {until} ({job.steps[job.step(until)]}): {lost}")
    for each in found:
        tell(4, volume, "order", each)
    return len(found), len(commits) + len(recording.ends)


def _commits(recording: Recording) -> Iterator[int]:
    """Yield how many operations were done before the journal of each transaction went."""
    for number, operation in enumerate(recording.operations):
        if isinstance(operation, Named) and any(
            name == "routewarden.sqlite-journal" and what is None
            for _, name, what in operation.names
        ):
            yield number


# -- The states ------------------------------------------------------------------------------------


def states(job: Job, quick: int, slow: int, chance: random.Random) -> list[Crash]:
    """Return different states: so many of the intake, the rest of runs and reviews."""
    edge = job.recording.ends[FIRST_RUN - 1]
    intake = [crash for until in range(edge + 1) for crash in crashes(job, until, chance)]
    later = [
        crash
        for until in range(edge + 1, job.recording.ends[-1] + 1)
        for crash in crashes(job, until, chance)
    ]
    chance.shuffle(intake)
    chance.shuffle(later)
    chosen = list(_different(job, intake, quick))
    return [*chosen, *_different(job, later, quick + slow - len(chosen))]


def _different(job: Job, crashes: list[Crash], count: int) -> Iterator[Crash]:
    """Yield some crashes, no two of which leave the same on the disk."""
    seen = set[str]()
    for crash in crashes:
        if len(seen) == count:
            return
        files = job.recording.state(crash.until, *crash.lost).files()
        facts = [(name, data and sha256(data).hexdigest()) for name, data in sorted(files)]
        told = sha256(repr(facts).encode()).hexdigest()
        if told not in seen:
            seen.add(told)
            yield crash


def crashes(job: Job, until: int, chance: random.Random) -> Iterator[Crash]:
    """Yield what may be lost after an operation."""
    pending = job.recording.pending(until)
    for dropped in _sets(pending, chance):
        yield Crash(until, (dropped, None))
    for number in pending:
        operation = job.recording.operations[number]
        if not isinstance(operation, Put):
            continue
        tears = range(SECTOR, len(operation.data), SECTOR)
        for tear in tears if len(tears) <= TEARS else chance.sample(tears, TEARS):
            others = frozenset(n for n in pending if n != number and chance.random() < 1 / 2)
            yield Crash(until, (frozenset(), (number, tear)))
            yield Crash(until, (others, (number, tear)))


def _sets(pending: list[int], chance: random.Random) -> Iterator[frozenset[int]]:
    if len(pending) <= ALL:
        for size in range(len(pending) + 1):
            yield from map(frozenset, combinations(pending, size))
        return
    yield from (frozenset(), frozenset(pending))
    yield from (frozenset({one}) for one in pending)
    yield from (frozenset(pending) - {one} for one in pending)
    for _ in range(DRAWN):
        yield frozenset(n for n in pending if chance.random() < 1 / 2)


# -- A trial ---------------------------------------------------------------------------------------


def survived(volume: Volume, crash: Crash) -> str:
    """Build a state and go on from it; return what is wrong."""
    job = recorded(volume)
    folder, step = Path(mkdtemp(dir=volume.folder)), job.step(crash.until)
    home = job.recording.state(crash.until, *crash.lost).written(folder / "root") / HOME
    why = "" if step == INIT else _as_found(job, home, step)
    why = why or _gone_on(job, home, step)
    shutil.rmtree(folder)
    return why


def _as_found(job: Job, home: Path, step: int) -> str:
    """Return what is wrong before anything is done about it."""
    verified = routewarden(home, "verify")
    if verified.status != 0 and step < FIRST_RUN:
        return f"verify answered {verified}"
    held, acknowledged = facts(home), job.held[step - 1]
    if held != job.held[-1][: len(held)] or len(held) < len(acknowledged):
        return f"the log holds {held}, and {acknowledged} were acknowledged"
    return ""


def _gone_on(job: Job, home: Path, step: int) -> str:
    """Give the command again; return what is not as it would have been."""
    answer = routewarden(home, *job.steps[step])
    if answer.status not in DONE:
        return f"given again, it answered {answer}"
    verified = routewarden(home, "verify")
    if verified.status != 0:
        return f"given again, and verify answered {verified}"
    if step != INIT and set(facts(home)) != set(job.held[step]):
        return f"given again, and the log holds {facts(home)}"
    files = {
        f"{HOME}/{path.relative_to(home)}": path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and not _is_passing(path.relative_to(home))
    }
    held, wanted = _digests(files), job.ends[step]
    if odd := sorted(name for name in held.keys() | wanted if held.get(name) != wanted.get(name)):
        return f"given again, and other bytes or names: {odd}"
    return ""
