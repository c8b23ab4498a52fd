"""A failing disk at every durable step: EIO or ENOSPC once, or from there on for ever.

The calls are those of row 1. Some trials begin with a home whose command was killed, and the disk
fails while the next one repairs it. What answers that it is done must be; what does not is one
sentence; when the disk works again the job is done again. For ever means that from a call on every
flush, link, rename and write to the database of the main thread fails (`write` alone where that is
the call: it is also how a command says that it failed).
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from tests.command import Outcome as Answer
from tests.integration.tracing import Boundary, boundaries, dead, disturbed, strace
from tests.integration.warm import warm
from tests.matrix.golden import DONE, FILLS, REVIEW, RUN, golden, recovered
from tests.matrix.pool import tried
from tests.matrix.row import Outcome, Volume
from tests.matrix.row01 import KILLED, Case, every_boundary

TITLE = "I/O error at every step"
IN_CI, NIGHTLY, OF_RECOVERY = 300, 2_400, 5
"""Trials, and one of how many that is of a recovery."""
ERRORS = ("EIO", "ENOSPC")
SPOILT = {"write", "pwrite64", "fsync", "fdatasync", "rename", "link"}
"""Calls after whose failure nothing may be acknowledged."""
DEAD = ("pwrite64", "fsync", "fdatasync", "ftruncate", "rename", "link", "mkdir", "unlink", "chmod")
REFUSED = {2, 75}
CRASHES = ("fsync", "link", "pwrite64", "fdatasync", "unlink", "rename")
"""Where the commands are killed whose repair then meets the fault: at the last of each."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An error at a call of a step, and at which calls of other names it goes on, if it does.

    `crashed` names the home that was killed before, if the step repairs one.
    """

    case: Case
    error: str
    first: tuple[tuple[str, int], ...] = ()
    crashed: str = ""


def least(volume: Volume) -> int:
    """Return the fewest trials."""
    return volume.of(NIGHTLY if volume.nightly else IN_CI)


def trials(volume: Volume) -> Outcome:
    """Let the disk fail."""
    strace()
    count = least(volume)
    repairs = max(1, count // OF_RECOVERY)
    cases = every_boundary(volume)
    steps = [[case for case in cases if case.step == step] for step in range(REVIEW + 1)]
    plain = [fault for step in steps for fault in faults(step)]
    repairing = repair_faults(volume, steps[FILLS])
    chance = random.Random(volume.seed)
    chosen = _some(plain, count - repairs, chance) + _some(repairing, repairs, chance)
    passed = tried(2, volume, failing, chosen)
    figure = (
        f"{len(chosen):,} of {len(plain) + len(repairing):,} faults (EIO or ENOSPC, once or for "
        f"ever), {repairs:,} of them during repair: {passed:,} never acknowledged what was not on "
        "the disk, said so in one sentence, and lost nothing when the disk worked again"
    )
    return Outcome(len(chosen), passed, figure)


def _some(found: Sequence[Fault], count: int, chance: random.Random) -> list[Fault]:
    if count <= len(found):
        return chance.sample(found, count)
    return [*found, *chance.choices(found, k=count - len(found))]


def faults(step: Sequence[Case], crashed: str = "") -> list[Fault]:
    """Return every fault of a step: each call of the main thread, each error, once and for ever."""
    calls = [case for case in step if case.at.main]
    found = []
    for number, case in enumerate(calls):
        after = tuple(_first([later.at for later in calls[number:]]).items())
        for error in ERRORS:
            found += [Fault(case, error, (), crashed), Fault(case, error, after, crashed)]
    return found


def _first(calls: Sequence[Boundary]) -> dict[str, int]:
    """Return the first call of each name from a call on."""
    names = {*DEAD, calls[0].name} if calls[0].name == "write" else set(DEAD)
    return {at.name: at.nth for at in reversed(calls) if at.name in names}


def repair_faults(volume: Volume, step: Sequence[Case]) -> list[Fault]:
    """Kill the ingest of the fills in some places; return every fault of doing it again."""
    firm, found = golden(volume.folder), list[Fault]()
    for name in CRASHES:
        home = firm.home(FILLS, crashed_home(volume, name))
        at = [case.at for case in step if case.at.main and case.at.name == name][-1]
        assert disturbed(home, at, "signal=KILL", *firm.steps[FILLS]).status == KILLED
        traced = Path(shutil.copytree(home, volume.folder / f"repaired after {name}"))
        again = [Case(FILLS, at) for at in boundaries(traced, *firm.steps[FILLS])]
        found += faults(again, name)
    return found


def crashed_home(volume: Volume, name: str) -> Path:
    """Return the home whose ingest was killed at a call of a name."""
    return volume.folder / f"killed at {name}"


def failing(volume: Volume, fault: Fault) -> str:
    """Let the disk fail, then work; return what was wrong."""
    firm = golden(volume.folder)
    folder, step = Path(mkdtemp(dir=volume.folder)), fault.case.step
    home = folder / "home"
    if fault.crashed:
        shutil.copytree(crashed_home(volume, fault.crashed), home)
    else:
        firm.home(step, home)
    if fault.first:
        answer = dead(home, dict(fault.first), fault.error, *firm.steps[step])
    else:
        answer = disturbed(home, fault.case.at, f"error={fault.error}", *firm.steps[step])
    why = _honest(home, fault, answer) or recovered(firm, home, REVIEW if step == REVIEW else RUN)
    shutil.rmtree(folder)
    return why


def _honest(home: Path, fault: Fault, answer: Answer) -> str:
    """Return what is wrong with the answer of a command whose disk failed."""
    name = fault.case.at.name
    if answer.status in DONE:
        if name in SPOILT:
            return f"acknowledged after a failed {name}: {answer}"
        verified = warm(home, "verify")
        return "" if verified.status == 0 else f"acknowledged, and verify says {verified}"
    if fault.first and name == "write":  # it could not even say so
        return ""
    if answer.status not in REFUSED or "Traceback" in answer.err:
        return f"no plain refusal: {answer}"
    return "" if answer.err.startswith("error: ") else f"no sentence: {answer}"
