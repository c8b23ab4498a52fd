"""Faults at a chosen system call of a running command, by strace."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from tests.command import Outcome
from tests.integration.warm import TIMEOUT_S, Way, start

DURABLE = (
    *("write", "pwrite64", "fsync", "fdatasync", "ftruncate", "link", "linkat"),
    *("rename", "renameat", "renameat2", "mkdir", "mkdirat", "unlink", "unlinkat", "rmdir"),
    *("chmod", "fchmod", "fchmodat", "openat"),
)
"""Calls that change what a later command finds; `openat` where it may create a file."""

SENT = "sendto"
"""The call with which PostgreSQL's client asks; a folder's name is never in it."""

_SET = ",".join(f"?{name}" for name in (*DURABLE, SENT))  # one this machine does not have may pass
_CALL = re.compile(r"^(\d+) +(\w+)\((.*)")


@dataclass(frozen=True, slots=True, order=True)
class Boundary:
    """The nth call of a name by the command's main thread, or by its nth other thread."""

    name: str
    nth: int
    main: bool
    text: str

    def __str__(self) -> str:
        return f"{self.name}#{self.nth}{'' if self.main else ' (another thread)'}: {self.text}"


def strace() -> Path:
    """Return the program; without it the test is skipped, or fails where it must be there."""
    found = shutil.which("strace")
    if found is None:
        absent("strace is not installed, so no fault can be put at a system call")
    return Path(found)


def absent(reason: str) -> NoReturn:
    """Skip a test that the machine cannot run, unless every test is required to run."""
    if os.environ.get("ROUTEWARDEN_REQUIRE_SYSTEM") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def boundaries(home: Path, *arguments: str | Path) -> list[Boundary]:
    """Run a command undisturbed; return its durable calls under the home's folder, in order.

    What it asks a server is among them.
    """
    pid, outcome, log = traced(home, arguments, ["-f", "-y", "-s", "0", "-e", f"trace={_SET}"])
    assert outcome.status in {0, 3}, outcome
    counts: Counter[tuple[str, str]] = Counter()
    found = []
    for thread, name, rest in (m.groups() for m in map(_CALL.match, log.splitlines()) if m):
        counts[thread, name] += 1
        if name == SENT or (str(home) in rest and (name != "openat" or "O_CREAT" in rest)):
            text = rest.replace(str(home), "")
            found.append(Boundary(name, counts[thread, name], thread == str(pid), text))
    return found


def disturbed(home: Path, at: Boundary, fault: str, *arguments: str | Path) -> Outcome:
    """Run a command with a fault at a boundary: `signal=KILL` before the call, or `error=EIO`."""
    inject = f"inject={at.name}:{fault}:when={at.nth}"
    options = ["-e", f"trace={at.name}", "-e", inject, *([] if at.main else ["-f"])]
    return traced(home, arguments, options)[1]


def dead(home: Path, first: Mapping[str, int], error: str, *arguments: str | Path) -> Outcome:
    """Run a command whose main thread meets an error at the nth call of each name, and ever after.

    Args:
        home: The home.
        first: For each name of a call the first one that fails, counted from 1.
        error: Such as `EIO`.
        arguments: The command.
    """
    faults = (f"inject={name}:error={error}:when={nth}+" for name, nth in first.items())
    options = ["-e", f"trace={','.join(first)}", *(o for fault in faults for o in ("-e", fault))]
    return traced(home, arguments, options)[1]


def traced(
    home: Path, arguments: tuple[str | Path, ...], options: list[str]
) -> tuple[int, Outcome, str]:
    """Run a command under strace; return its process id, what it answered and the trace."""
    program = strace()
    running = start(home, *arguments, way=Way(held=True))
    log = running.folder / "trace"
    tracer = subprocess.Popen(  # noqa: S603 - our own arguments
        [program, "-o", log, *options, "-p", str(running.pid)],
        stderr=subprocess.PIPE,
        text=True,
    )
    with tracer:
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        running.release()
        outcome = running.wait()
        tracer.communicate(timeout=TIMEOUT_S)
    if "attached" not in said:
        absent(f"strace cannot trace a process here: {said.strip()}")
    return running.pid, outcome, log.read_text()
