"""A disk that is full or may only be read, and answers that nobody can take.

A file system in memory of 64 MB, in a mount namespace of its own, is filled to a point drawn by
lot, left without names to give (inodes), or made read-only, while a command of the golden job runs
on it; answers go to `/dev/full`. What cannot be done is refused in one sentence (status 75 where
space is wanting), what is held can be read meanwhile, and the same command goes on by itself when
there is space again.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.command import Outcome as Answer
from tests.integration.warm import PROGRAM, warm
from tests.matrix.golden import DONE, REVIEW, RUN, golden, recovered
from tests.matrix.pool import complaint
from tests.matrix.row import NotRunError, Outcome, Volume, tell

TITLE = "disk full or read-only"
FULL, READ_ONLY, NAMELESS, ANSWERS = 50, 10, 10, 5
SIZE = 64 << 20
NEEDED = {0: 100_000, 1: 100_000, 2: 100_000, RUN: 700_000, REVIEW: 1_200_000}
"""About how many bytes a step of the golden job takes: what is left is drawn up to that."""
MOST_NAMES = 60
LATER, FAILED = 75, 2
SOON_S = 10.0
SAID = ("no space; nothing acknowledged", "is in the log, but it could not be published")


def least(volume: Volume) -> int:
    """Return the fewest trials."""
    return sum(map(volume.of, (FULL, READ_ONLY, NAMELESS, ANSWERS)))


def trials(volume: Volume) -> Outcome:
    """Run every trial in a mount namespace."""
    if not _may_mount():
        raise NotRunError("`unshare --mount` is not allowed here, so no disk can be filled")  # noqa: TRY003 - the reason is the row's own
    golden(volume.folder)
    inside = [sys.executable, "-m", "tests.matrix.row05", str(volume.folder)]
    done = subprocess.run(  # noqa: S603 - ourselves
        ["unshare", "--mount", *inside, str(volume.seed), str(volume.part)],  # noqa: S607
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    told = json.loads(done.stdout)
    for case, why in told["failed"]:
        tell(5, volume, case, why)
    count = least(volume)
    figure = (
        f"{told['refused']} of {count} commands refused for a full (64 MB tmpfs, {FULL} points; "
        f"inodes) or read-only disk or a full /dev/full, the rest done; reads went on, and the "
        f"same command was done {told['slowest']:.1f} s after space returned, at the latest"
    )
    return Outcome(count, count - len(told["failed"]), figure)


def _may_mount() -> bool:
    """Return whether this account may have a mount namespace."""
    asked = shutil.which("unshare")
    if asked is None:
        return False
    done = subprocess.run([asked, "--mount", "true"], check=False, capture_output=True)  # noqa: S603 - the system's own
    return done.returncode == 0


# -- Inside the namespace --------------------------------------------------------------------------


class _Inside:
    """The trials, and what they came to."""

    def __init__(self, volume: Volume) -> None:
        self.volume, self.firm = volume, golden(volume.folder)
        self.disk = volume.folder / "disk"
        self.refused, self.slowest = 0, 0.0
        self.failed: list[tuple[str, str]] = []

    def run(self) -> None:
        """Make every trial."""
        for name, count, trial in (
            ("full", FULL, self.full),
            ("read-only", READ_ONLY, self.read_only),
            ("no inodes", NAMELESS, self.nameless),
            ("/dev/full", ANSWERS, self.unheard),
        ):
            for number in range(self.volume.of(count)):
                self._try(f"{name} {number}", trial)

    def _try(self, case: str, trial: Callable[[random.Random], str]) -> None:
        chance = random.Random(f"{self.volume.seed} {case}")
        if why := complaint(lambda _, drawn: trial(drawn), self.volume, chance):
            self.failed.append((case, why))

    def full(self, chance: random.Random) -> str:
        """Fill the disk but for some bytes."""
        step = chance.choice(sorted(NEEDED))
        left = chance.randrange(0, NEEDED[step], 4096)
        home = self._mounted(step)
        ballast = self.disk / "ballast"
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, _free(self.disk) - left)
        return self._meanwhile(step, home, f"{left} bytes left", ballast.unlink)

    def nameless(self, chance: random.Random) -> str:
        """Leave but a few names to give."""
        step = chance.choice(sorted(NEEDED))
        left = chance.randrange(MOST_NAMES)
        home = self._mounted(step)
        crowd = self.disk / "crowd"
        crowd.mkdir()
        for number in range(os.statvfs(self.disk).f_ffree - left):
            (crowd / str(number)).touch()
        return self._meanwhile(step, home, f"{left} inodes left", lambda: shutil.rmtree(crowd))

    def read_only(self, chance: random.Random) -> str:
        """Let nothing be written."""
        step = chance.choice(sorted(NEEDED))
        home = self._mounted(step)
        self._remount("ro")
        answer = warm(home, *self.firm.steps[step])
        if answer.status not in {FAILED, LATER} or not _is_sentence(answer):
            return f"{self.firm.steps[step]} answered {answer}"
        self.refused += 1
        return self._read(home, step) or self._goes_on(step, home, lambda: self._remount("rw"))

    def unheard(self, _chance: random.Random) -> str:
        """Give an answer to a place that is full."""
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(  # noqa: S603 - our own program
                [PROGRAM, "--home", self._mounted(REVIEW), "verify", "--json"],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        self.refused += 1
        fine = done.returncode in {FAILED, LATER} and "Traceback" not in done.stderr
        return "" if fine else f"answered {done.returncode}: {done.stderr}"

    def _meanwhile(self, step: int, home: Path, left: str, mend: Callable[[], object]) -> str:
        """Run a step while space is wanting, and again when it is not."""
        answer = warm(home, *self.firm.steps[step])
        if answer.status in DONE:
            return self._goes_on(step, home, mend)
        self.refused += 1
        if answer.status != LATER or not (_is_sentence(answer) and _says_what_is_in(answer)):
            return f"{left}, {self.firm.steps[step]} answered {answer}"
        return self._read(home, step) or self._goes_on(step, home, mend)

    def _read(self, home: Path, step: int) -> str:
        """Return what is wrong with reading what is held.

        Not after a run that failed: `verify` names results of which no entry tells yet.
        """
        if step == RUN:
            return ""
        read = warm(home, "verify", "--json")
        return "" if read.status == 0 else f"verify answered {read}"

    def _goes_on(self, step: int, home: Path, mend: Callable[[], object]) -> str:
        mend()
        began = time.monotonic()
        answer = warm(home, *self.firm.steps[step])
        taken = time.monotonic() - began
        self.slowest = max(self.slowest, taken)
        if answer.status not in DONE or taken > SOON_S:
            return f"with space again, it answered {answer} after {taken:.1f} s"
        return recovered(self.firm, home, REVIEW if step == REVIEW else RUN)

    def _mounted(self, step: int) -> Path:
        """Return the home before a step, on a new disk."""
        self.disk.mkdir(exist_ok=True)
        _system("umount", "--quiet", self.disk, check=False)
        _system("mount", "-t", "tmpfs", "-o", f"size={SIZE},nr_inodes=2000", "none", self.disk)
        return self.firm.home(step, self.disk / "home")

    def _remount(self, way: str) -> None:
        _system("mount", "-o", f"remount,{way}", self.disk)


def _is_sentence(answer: Answer) -> bool:
    return "error: " in answer.err and "Traceback" not in answer.err


def _says_what_is_in(answer: Answer) -> bool:
    return any(said in answer.err for said in SAID)


def _free(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize


def _system(*command: str | Path, check: bool = True) -> None:
    subprocess.run(command, check=check, capture_output=True)  # noqa: S603 - mount and umount


def main(folder: str, seed: str, part: str) -> None:
    """Make the trials and print what they came to."""
    volume = Volume(nightly=False, folder=Path(folder), seed=int(seed), part=float(part))
    inside = _Inside(volume)
    inside.run()
    _system("umount", inside.disk)
    told = {"refused": inside.refused, "slowest": inside.slowest, "failed": inside.failed}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
