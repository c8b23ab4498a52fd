"""Random kill of commands under load: the store is left as it falls, and goes on by itself.

Five commands start on one home at once, in an order drawn by lot, and queue for its lock; each is
killed after a time drawn by lot. They start again, in another order, and some of those are killed
too. Then the job is done again. How long the first command after the kills takes to be done is the
time until the store is ready again.
"""

from __future__ import annotations

import random
import shutil
import signal
import time
from pathlib import Path
from tempfile import mkdtemp

from tests.command import Outcome as Answer
from tests.integration.warm import Running, start, warm
from tests.matrix.golden import DONE, RUN, golden, recovered
from tests.matrix.pool import tried
from tests.matrix.row import Outcome, Volume

TITLE = "random kill of everything"
IN_CI, NIGHTLY = 100, 500
LONGEST_S = 2.0
READY_S = 30.0
TIMES = "ready"
KILLED, NO = -9, 1
UNTOLD = "a result that no run in the log made"


def least(volume: Volume) -> int:
    """Return the fewest trials."""
    return volume.of(NIGHTLY if volume.nightly else IN_CI)


def trials(volume: Volume) -> Outcome:
    """Kill at random."""
    count = least(volume)
    golden(volume.folder)
    (volume.folder / TIMES).mkdir()
    passed = tried(3, volume, killed_at_random, range(count))
    taken = sorted(float(path.read_text()) for path in (volume.folder / TIMES).iterdir())
    late = taken[min(len(taken) - 1, len(taken) * 99 // 100)] if taken else READY_S
    figure = (
        f"{count:,} times five commands at once killed twice at random: {passed:,} lost nothing "
        f"and held nothing twice (failure rate below {3 / count:.1%} with 95 % confidence); the "
        f"next command was done in {late:.1f} s (99th percentile)"
    )
    return Outcome(count, passed if late <= READY_S else 0, figure)


def killed_at_random(volume: Volume, number: int) -> str:
    """Kill five commands twice; return what doing the job again does not mend."""
    firm = golden(volume.folder)
    folder, chance = Path(mkdtemp(dir=volume.folder)), random.Random(f"{volume.seed} {number}")
    home = firm.home(0, folder / "home")
    commands = [*firm.steps[: RUN + 1], ("verify",)]
    for _ in range(2):
        chance.shuffle(commands)
        running = [start(home, *command) for command in commands]
        for each, after in sorted(_moments(running, chance), key=lambda pair: pair[1]):
            time.sleep(max(0.0, after - time.monotonic()))
            each.signal(signal.SIGKILL)
        answers = [each.wait() for each in running]
        if odd := [answer for answer in answers if not _is_expected(answer)]:
            return f"a command that was not killed in time answered {odd}"
    began = time.monotonic()
    ready = warm(home, "run")
    (volume.folder / TIMES / str(number)).write_text(str(time.monotonic() - began))
    if ready.status != 0:
        return f"after the kills run answered {ready}"
    why = recovered(firm, home, RUN)
    shutil.rmtree(folder)
    return why


def _is_expected(answer: Answer) -> bool:
    """Return whether a command was killed, or did its work.

    `verify` names what a killed run left until the next one; it may name nothing else.
    """
    told = answer.err.splitlines()
    return answer.status in {*DONE, KILLED} or (
        answer.status == NO and all(UNTOLD in line for line in told)
    )


def _moments(running: list[Running], chance: random.Random) -> list[tuple[Running, float]]:
    """Return when each is to be killed, on the steady clock."""
    now = time.monotonic()
    return [(each, now + chance.uniform(0, LONGEST_S)) for each in running]
