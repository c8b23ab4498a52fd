"""Hostile files: each refused or rejected, quickly, in little memory, touching nothing else.

Every file written down here, and a great many good ones that were damaged, are read as `ingest`
reads them, in a child with limits whose every connection, program and write is heard by an audit
hook (`confined.py`). Then all that are written down are read once more under strace, which hears
compiled code too; and taken in by the command, which must keep their bytes and say why.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from tests.integration.warm import warm
from tests.matrix.confined import Trial, in_child, read_file
from tests.matrix.forged import SOUND
from tests.matrix.hostile import Hostile, fills, of
from tests.matrix.hostile_packed import GZIP, ONE, PARQUET, ZIP
from tests.matrix.hostile_text import CSV, JSON, OTHERS, XML
from tests.matrix.mutants import mutant
from tests.matrix.pool import PROCESSES
from tests.matrix.row import Outcome, Volume, tell

TITLE = "hostile files"
FILES: Mapping[str, Hostile] = {**CSV, **OTHERS, **JSON, **XML, **GZIP, **ZIP, **PARQUET}
MUTANTS = 20_000
LEAST = 80 + MUTANTS

_TOGETHER = 200
Case = TypeVar("Case")
_GOOD = (
    ("CSV", of(fills(9))),
    ("gzip", of(gzip.compress(fills(9)))),
    ("ZIP", of(ONE)),
    ("Parquet", of(SOUND)),
    ("JSON", of(b"{}\n", "cat")),
    ("XML", of(b"<a/>", "xml")),
)
_CALL = re.compile(r'^\d+ +(\w+)\((?:AT_FDCWD, |\d+, )?(?:"((?:[^"\\]|\\.)*)")?(.*)')
_TRACED = (
    *("connect", "sendto", "sendmsg", "bind", "openat", "open", "creat", "execve"),
    *("rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"),
    *("mkdir", "mkdirat", "unlink"),
)
_CHANGING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT")


def trials(volume: Volume) -> Outcome:
    """Read, trace and take in."""
    names = [*FILES][:: max(1, round(len(FILES) / volume.of(len(FILES))))]
    mutants = volume.of(MUTANTS)
    read = [*_spread(volume, _hostile, names)]
    damaged = [*_spread(volume, _mutants, _parts(mutants))]
    traced, how = _traced(volume, names)
    kept = [*_taken_in(volume, names)]
    every = [*read, *damaged, *traced, *kept]
    for trial in every:
        if trial.why:
            tell(15, volume, trial.name, trial.why)
    figure = (
        f"{len(read):,} hostile files, at most {_worst(read)} each; {len(damaged):,} damaged "
        f"ones, at most {_worst(damaged)}; watched by an audit hook {how} for connections, "
        "programs and writes elsewhere; "
        f"{len(kept):,} taken in with their bytes kept and a reason"
    )
    return Outcome(len(every), sum(not trial.why for trial in every), figure)


def _parts(mutants: int) -> list[range]:
    return [range(at, min(at + _TOGETHER, mutants)) for at in range(0, mutants, _TOGETHER)]


def _worst(trials: Sequence[Trial]) -> str:
    seconds, kib = max(t.seconds for t in trials), max(t.kib for t in trials)
    return f"{seconds:.2f} s of processor and {kib >> 10} MB"


def _spread(
    volume: Volume, work: Callable[[Volume, Case], list[Trial]], cases: Iterable[Case]
) -> Iterator[Trial]:
    context = get_context("spawn")  # the parent may have threads, which no fork survives
    with ProcessPoolExecutor(PROCESSES, context) as pool:
        for made in pool.map(partial(work, volume), cases):
            yield from made


def _hostile(volume: Volume, name: str) -> list[Trial]:
    """Read one file in a child of its own."""
    return in_child([(name, FILES[name])], _GOOD, _folder(volume), refused=True)


def _mutants(volume: Volume, numbers: Sequence[int]) -> list[Trial]:
    """Read some mutants in a child."""
    cases = [(f"mutant {number}", mutant(volume.seed, number)) for number in numbers]
    return in_child(cases, _GOOD, _folder(volume), refused=False)


def _folder(volume: Volume) -> Path:
    folder = volume.folder / f"read-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    return folder


def _traced(volume: Volume, names: Sequence[str]) -> tuple[list[Trial], str]:
    """Read all files again in one process under strace: what it connects to or writes outside."""
    strace = shutil.which("strace")
    if strace is None:
        return [], "(strace is not here)"
    folder, log = volume.folder / "traced", volume.folder / "strace"
    folder.mkdir()
    reader = [sys.executable, "-B", "-m", "tests.matrix.row15", str(folder), *names]
    calls = ",".join(f"?{name}" for name in _TRACED)
    asked = [strace, "-f", "-qq", "-s", "400", "-e", f"trace={calls}", "-o", str(log), *reader]
    unwatched = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
    done = subprocess.run(  # noqa: S603 - our own
        asked, check=False, capture_output=True, text=True, env=unwatched
    )
    lines = log.read_text(errors="replace").splitlines()
    first = next((at for at, line in enumerate(lines) if "begin-reading" in line), len(lines))
    wrong = [line for line in lines[first + 1 :] if _reaches_out(line, folder)]
    why = f"status {done.returncode}: {done.stderr[-500:]}" if done.returncode else ""
    return [Trial("under strace", why or "; ".join(wrong[:5]))], "and strace"


def _reaches_out(line: str, folder: Path) -> bool:
    found = _CALL.match(line)
    if found is None or found[1] not in _TRACED:  # strace tells of calls it has no name for, too
        return False
    call, path, rest = found[1], found[2] or "", found[3]
    if path.startswith((str(folder), "/proc/self/", "/dev/null")):
        return False
    return not call.startswith("open") or bool(_CHANGING.search(rest))


def read_all(folder: Path, names: Sequence[str]) -> None:
    """Read files one after another, for whoever traces it."""
    path = folder / "file"
    for _, file in _GOOD:
        path.write_bytes(file.data())
        read_file(path, file.kind)
    (folder / "begin-reading").touch()
    for name in names:
        path.write_bytes(FILES[name].data())
        read_file(path, FILES[name].kind)


def _taken_in(volume: Volume, names: Sequence[str]) -> Iterator[Trial]:
    """Take files in by the command: each has a reject, and its bytes are held."""
    home, folder = volume.folder / "firm", volume.folder / "given"
    folder.mkdir()
    warm(home, "init")
    for kind in ("fills", "cat"):
        given = [name for name in names if FILES[name].kind == kind]
        paths = [folder / f"{kind}-{at}" for at in range(len(given))]
        for path, name in zip(paths, given, strict=True):
            path.write_bytes(FILES[name].data())
        said = warm(home, "ingest", kind, *paths, "--json")
        files = said.json["files"] if said.out else []
        for name, path, file in zip(given, paths, files, strict=True):
            yield Trial(f"{name}, taken in", _not_kept(home, path, file, said.status))
    verified = warm(home, "verify", "--json")
    yield Trial("verify", "" if verified.status == 0 else verified.out)


def _not_kept(home: Path, path: Path, said: Mapping[str, object], status: int) -> str:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    held = home / "evidence" / "cas" / "sha256" / digest[:2] / digest[2:4] / digest
    if status != 3 or not said["rejects"]:
        return f"status {status}, {said['rejects']} rejects"
    return "" if held.read_bytes() == path.read_bytes() else "its bytes are not held"


if __name__ == "__main__":
    read_all(Path(sys.argv[1]), sys.argv[2:])
