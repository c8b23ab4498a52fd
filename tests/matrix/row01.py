"""Kill at every durable step: SIGKILL before each call that changes what is on the disk.

The calls of the golden job that create, write, flush, link, rename or remove a file of the home are
found by strace. For each of them the command is run on a fresh copy of the home and killed there;
then the job is simply done again.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from tests.integration.tracing import Boundary, boundaries, disturbed, strace
from tests.matrix.golden import REVIEW, RUN, golden, recovered
from tests.matrix.pool import tried
from tests.matrix.row import Outcome, Volume

TITLE = "kill at every durable step"
LEAST = 600
KILLED = -9


@dataclass(frozen=True, slots=True)
class Case:
    """A step of the golden job and a call of it."""

    step: int
    at: Boundary


def trials(volume: Volume) -> Outcome:
    """Kill the job at each step."""
    strace()
    cases = every_boundary(volume)
    wanted = volume.of(len(cases))
    chosen = [cases[n * len(cases) // wanted] for n in range(wanted)]
    passed = tried(1, volume, killed, chosen)
    figure = (
        f"killed before {len(chosen):,} of the {len(cases):,} durable calls of ingest (3 files, "
        f"400 rows), run and review; {passed:,} finished by doing the job again, nothing lost, "
        "there twice, torn or left over"
    )
    return Outcome(len(chosen), passed, figure)


def every_boundary(volume: Volume) -> list[Case]:
    """Return every durable call of the golden job, in order."""
    firm = golden(volume.folder)
    found = []
    for number, step in enumerate(firm.steps):
        home = firm.home(number, volume.folder / f"traced {number}")
        found += [Case(number, at) for at in boundaries(home, *step)]
    return found


def killed(volume: Volume, case: Case) -> str:
    """Kill the command there; return what doing the job again does not mend."""
    firm = golden(volume.folder)
    folder = Path(mkdtemp(dir=volume.folder))
    home = firm.home(case.step, folder / "home")
    outcome = disturbed(home, case.at, "signal=KILL", *firm.steps[case.step])
    if outcome.status != KILLED and case.at.main:  # other threads do not count alike twice
        return f"was not killed: {outcome}"
    why = recovered(firm, home, REVIEW if case.step == REVIEW else RUN)
    shutil.rmtree(folder)
    return why
