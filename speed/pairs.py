"""Things measured side by side: each in a fresh process, in turns, timed inside it.

A process is told which function of which file here to call, and with what; it answers in JSON.
Imports are done before the clock starts, and so is whatever the function yields before its work.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Job:
    """A function of a file here, `file:function`, and its arguments (what JSON can say).

    The function is a generator: it yields once when it is ready to be timed, and once more with its
    answer.
    """

    what: str
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Timed:
    """How long it took, how much memory the process came to hold, and its answer."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    answer: Any


class DifferentAnswersError(Exception):
    """Two ways to the same answer did not give the same."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        super().__init__(f"the answers differ: {answers}")


def in_turns(jobs: Mapping[str, Job], pairs: int) -> dict[str, list[Timed]]:
    """Return the times of each job, run in turns.

    Raises:
        DifferentAnswersError: Their answers are not all the same; None is no answer.
    """
    found: dict[str, list[Timed]] = {name: [] for name in jobs}
    for turn in range(pairs):
        ordered = list(jobs.items())
        for name, job in ordered if turn % 2 == 0 else reversed(ordered):
            found[name].append(fresh(job))
    answers = {name: timed[0].answer for name, timed in found.items()}
    given = [
        timed.answer for times in found.values() for timed in times if timed.answer is not None
    ]
    if any(answer != given[0] for answer in given):
        raise DifferentAnswersError(answers)
    return found


def fresh(job: Job) -> Timed:
    """Return the time of a job in a process of its own."""
    said = json.dumps({"what": job.what, "given": dict(job.given)})
    done = subprocess.run(
        [sys.executable, "-m", "speed.pairs"],
        input=said, capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    if done.returncode:
        message = f"{job.what}: {done.stderr.strip()}"
        raise RuntimeError(message)
    return Timed(**json.loads(done.stdout.splitlines()[-1]))


def timed(work: Iterator[Any]) -> Timed:
    """Return the time between what a generator yields first and what it yields second."""
    next(work)
    wall, cpu = time.perf_counter(), time.process_time()
    answer = next(work)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Timed(wall, cpu, _peak_mb(), answer)


def _peak_mb() -> float:
    """Return the most memory this process had; the usual count begins with that of its parent."""
    with Path("/proc/self/status").open(encoding="ascii") as status:
        said = dict(line.split(":", 1) for line in status)
    return int(said["VmHWM"].split()[0]) / 1024


def _answer() -> None:
    asked = json.load(sys.stdin)
    file, function = asked["what"].split(":")
    work = getattr(importlib.import_module(f"speed.{file}"), function)
    print(json.dumps(asdict(timed(work(**asked["given"])))))


if __name__ == "__main__":
    _answer()
