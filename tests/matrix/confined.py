"""Files read where a reader can do no harm: a forked child with limits, watched by an audit hook.

The parent has loaded the program and started none of its threads, so a child begins warm. The child
first reads a good file of each kind; what a hostile one costs is counted from there: processor
seconds of all threads, and the peak of resident memory above what it was before.
"""

from __future__ import annotations

import json
import mmap
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from routewarden.base.schema import TABLES, Kind
from routewarden.sources.csv_text import Buffer
from routewarden.sources.guarded_xml import read_xml
from routewarden.sources.parquet_footer import MAGIC
from routewarden.sources.profile.reading import Given
from routewarden.sources.reject import Reason, Reject
from routewarden.sources.source import read_source
from routewarden.sources.typed import Bounds
from routewarden.store.expanded import Expanded, expanded
from tests.matrix.hostile import Hostile

SECONDS = 2.0
KIB = 64 << 10
BOUNDS = Bounds(946_702_800_000_000_000, 1_861_938_000_000_000_000)  # the years 2000 to 2028
_PATIENCE_S = 20.0  # for a child to say something
_ADDRESSES = 4 << 30  # bytes of address space above what the parent has
_LONGEST_DETAIL = 400
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_FORBIDDEN = (
    *("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "urllib.Request"),
    *("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.symlink"),
)
_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.link", "os.truncate", "os.chmod")


@dataclass(frozen=True, slots=True)
class Trial:
    """A file read: why it failed, if it did, and what it cost."""

    name: str
    why: str
    seconds: float = 0.0
    kib: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of a file that a record or a reject stands for, and its line."""

    start: int
    end: int
    line: int


def read_file(path: Path, kind: str) -> tuple[int, str]:
    """Read a file as `ingest` does; return its records, and what is not as it should be."""
    if kind == "xml":
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _read_xml(memoryview(data))
    with expanded(path, path.parent) as unpacked:
        return _read(unpacked, Kind(kind), path.name)


def _read_xml(data: Buffer) -> tuple[int, str]:
    count, last = 0, None
    for count, last in enumerate(read_xml(data), 1):  # noqa: B007 - how many, and the last
        pass
    if isinstance(last, Reject):
        return 0, _said_badly([last]) or ("" if last.end == len(data) else "bytes are left over")
    return count, ""


def _read(file: Expanded, kind: Kind, name: str) -> tuple[int, str]:
    rejects, spans, records = list[Reject](), list[Span](), 0
    position = len(file.data)  # of a header alone there is nothing to say
    if file.fault is not None:
        rejects.append(Reject(1, Reason.UNREADABLE, file.fault))
    if file.fault is None or len(file.data):
        given = Given(BOUNDS, name, file.opened)
        for batch in read_source(TABLES[kind], file.data, None, given):
            rejects += batch.rejects
            records += batch.records.height
            position = batch.position
            placed = batch.records.select("start", "end", "line")
            spans += [Span(*row) for row in placed.iter_rows()]
    spans += [Span(each.start, each.end, each.line) for each in rejects]
    why = _said_badly(rejects)
    if bytes(file.data[:4]) == MAGIC:
        return records, why or _rows_missing(spans, rejects)
    if position != len(file.data):
        why = why or f"read up to {position} of {len(file.data)} bytes"
    return records, why or _bytes_missing(file.data, kind, [s for s in spans if s.end])


def _said_badly(rejects: Iterable[Reject]) -> str:
    """Say which reject lacks its line, its reason or a sentence of some length."""
    for each in rejects:
        sized = 0 < len(each.detail) <= _LONGEST_DETAIL
        if each.line < 1 or not sized:
            return f"a reject does not say what and where: {str(each)[:_LONGEST_DETAIL]}"
    return ""


def _rows_missing(spans: Sequence[Span], rejects: Sequence[Reject]) -> str:
    """Say whether each row up to the fault, if there is one, is there once."""
    whole = {reject.line for reject in rejects if reject.reason is Reason.UNREADABLE}
    lines = sorted(span.line for span in spans)
    if lines != [*range(1, len(lines) + 1)]:
        return f"rows are missing or twice: {lines[:20]}"
    return "" if whole <= {len(lines)} else "rows follow what cannot be read"


def _bytes_missing(data: Buffer, kind: Kind, spans: list[Span]) -> str:
    """Say which bytes belong to no record, no reject, no header and no blank line, or to two."""
    spans.sort(key=lambda span: (span.start, span.end))
    whole = bytes(data)
    begin = 0 if kind is Kind.CAT or not spans or not spans[0].start else whole.find(b"\n") + 1
    edges = [Span(0, begin or 0, 1), *spans, Span(len(whole), len(whole), 0)]
    for before, after in pairwise(edges):
        if before.end > after.start:
            return f"bytes {after.start} to {before.end} count twice"
        between = whole[before.end : after.start]
        if between.strip() and (spans or kind is Kind.CAT):
            return f"bytes {before.end} to {after.start} are nobody's: {between[:40]!r}"
    return ""


def judged(name: str, file: Hostile, path: Path, *, refused: bool) -> Trial:
    """Read a file and say what it cost, and whether it went as it should."""
    path.write_bytes(file.data())
    before = _memory_from_here()
    began = time.process_time()
    records, why = read_file(path, file.kind)
    seconds, kib = time.process_time() - began, _status("VmHWM") - before
    if refused and not why and records != file.records:
        why = f"{records} records, not {file.records}"
    if not why and seconds > SECONDS:
        why = f"took {seconds:.1f} s"
    if not why and kib > KIB:
        why = f"took {kib >> 10} MB"
    return Trial(name, why, seconds, kib)


def _memory_from_here() -> int:
    """Forget the peak of resident memory; return what is resident, in KiB."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


class Watch:
    """What was done that no reader should do: a connection, a program, a file written elsewhere."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self.seen: list[str] = []

    def begin(self) -> None:
        """Watch from now on; there is no end to it."""
        sys.addaudithook(self._heard)

    def _heard(self, event: str, given: tuple[object, ...]) -> None:
        if event in _FORBIDDEN:
            self.seen.append(f"{event} {given!r:.200}")
        elif event == "open":
            path, mode, flags = given[0], given[1], given[2]
            writes = isinstance(flags, int) and flags & _WRITES
            if (writes or (isinstance(mode, str) and set(mode) & set("wax+"))) and self._out(path):
                self.seen.append(f"wrote {path!r:.200}")
        elif event in _CHANGES and self._out(given[0]):
            self.seen.append(f"{event} {given!r:.200}")

    def _out(self, path: object) -> bool:
        if isinstance(path, int):
            return False
        name = os.fsdecode(path) if isinstance(path, str | bytes) else str(path)
        return not name.startswith((self._folder, "/proc/self/"))


Case = tuple[str, Hostile]


def in_child(
    cases: Sequence[Case], good: Sequence[Case], folder: Path, *, refused: bool
) -> list[Trial]:
    """Read files in a forked child; a file it dies of has failed, and so has what it never read."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        _become_confined(folder)
        _work(cases, good, folder, lambda trial: _tell(writing, trial), refused=refused)
        os._exit(0)
    os.close(writing)
    told = _listen(reading)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    trials = [Trial(**json.loads(line)) for line in told.splitlines()]
    left = [name for name, _ in cases[len(trials) :]]
    return trials + [Trial(name, f"the reader died or hung (status {status})") for name in left]


def _listen(reading: int) -> bytes:
    told = b""
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], _PATIENCE_S)[0]:
            said = pipe.read(1 << 16)
            if not said:
                break
            told += said
    return told[: told.rfind(b"\n") + 1]


def _tell(writing: int, trial: Trial) -> None:
    line = {"name": trial.name, "why": trial.why, "seconds": trial.seconds, "kib": trial.kib}
    os.write(writing, json.dumps(line).encode() + b"\n")


def _become_confined(folder: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):  # a reader that panics prints of it
        os.dup2(nothing, number)
    addresses = (_status("VmSize") << 10) + _ADDRESSES
    resource.setrlimit(resource.RLIMIT_AS, (addresses, addresses))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 28, 1 << 28))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.chdir(folder)


def _work(
    cases: Sequence[Case],
    good: Sequence[Case],
    folder: Path,
    tell: Callable[[Trial], None],
    *,
    refused: bool,
) -> None:
    path = folder / f"file-{os.getpid()}"
    for _, file in good:
        path.write_bytes(file.data())
        read_file(path, file.kind)
    watch = Watch(folder)
    watch.begin()
    for name, file in cases:
        try:
            trial = judged(name, file, path, refused=refused)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it should not be
            trial = Trial(name, f"raised {type(error).__name__}: {error}"[:_LONGEST_DETAIL])
        if watch.seen:
            trial = Trial(name, f"did what no reader should: {watch.seen}")
            watch.seen.clear()
        tell(trial)
    path.unlink()
