"""What a disk may hold after the power failed: a small model of files, names and flushes.

The system calls of a job, by strace, become operations: bytes written to a file, a file cut or
grown, names given and taken in folders, and flushes. A flush of a file makes the bytes written to
it before lasting, a flush of a folder the names in it; nothing else does. When the power fails
after an operation, whatever is not lasting may be on the disk or not, each by itself and in any
order, and the last bytes written may be there in part: this asks more of a program than the file
systems people use.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

CALLS = (
    *(
        "open",
        "openat",
        "creat",
        "close",
        "write",
        "pwrite64",
        "writev",
        "pwritev",
        "pwritev2",
        "lseek",
    ),
    *("ftruncate", "truncate", "fallocate", "fsync", "fdatasync", "sync_file_range", "link"),
    *("linkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "unlink", "unlinkat"),
    *("rmdir", "symlink", "symlinkat", "sendfile", "copy_file_range"),
)
OPTIONS = ("-f", "-xx", "-s", str(1 << 24), "-e", f"trace={','.join(f'?{name}' for name in CALLS)}")
"""How strace is to tell of them: every byte, in hexadecimal."""

_WHOLE = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+).*")
_BEGUN = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>")
_ENDED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*\) += .*)")
_HERE = "AT_FDCWD"
_NEAR = {"open": "openat", "mkdir": "mkdirat", "unlink": "unlinkat", "rmdir": "unlinkat"}
"""Calls that are others, with a path from the working folder."""
ROOT = 0
"""The number of the folder that the job works in."""


@dataclass(frozen=True, slots=True)
class Put:
    """Bytes written into a file at a place."""

    file: int
    at: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file cut or grown to a length."""

    file: int
    length: int


@dataclass(frozen=True, slots=True)
class Named:
    """Names given to files or folders, or taken (None), in one step: (folder, name, what)."""

    names: tuple[tuple[int, str, int | None], ...]


@dataclass(frozen=True, slots=True)
class Flush:
    """What was done to a file or in a folder by operations before `begun` is lasting."""

    file: int
    begun: int


Operation = Put | Cut | Named | Flush


@dataclass(slots=True)
class Recording:
    """The operations of a job in a folder, which files are folders, and where commands ended."""

    root: Path
    operations: list[Operation] = field(default_factory=list)
    folders: dict[int, dict[str, int]] = field(default_factory=lambda: {ROOT: {}})
    ends: list[int] = field(default_factory=list)
    files: int = 1

    def add(self, log: str) -> None:
        """Take in the trace of one command."""
        _Trace(self).read(log)
        self.ends.append(len(self.operations))

    def pending(self, until: int) -> list[int]:
        """Return which of the first operations no flush made lasting."""
        flushed: dict[int, int] = {}
        for operation in self.operations[:until]:
            if isinstance(operation, Flush):
                flushed[operation.file] = operation.begun
        return [
            number
            for number, operation in enumerate(self.operations[:until])
            if any(flushed.get(place, 0) <= number for place in places(operation))
        ]

    def state(
        self, until: int, dropped: Iterable[int] = (), torn: tuple[int, int] | None = None
    ) -> State:
        """Return what is on the disk when some of the first operations are lost.

        Args:
            until: How many operations were done.
            dropped: Which of them are not on the disk.
            torn: A put of which only the beginning is on the disk: which, and how many bytes.
        """
        gone, state = set(dropped), State(set(self.folders))
        for number, operation in enumerate(self.operations[:until]):
            if torn is not None and number == torn[0] and isinstance(operation, Put):
                state.apply(Put(operation.file, operation.at, operation.data[: torn[1]]))
            elif number not in gone:
                state.apply(operation)
        return state


def places(operation: Operation) -> set[int]:
    """Return the files or folders whose flush makes an operation lasting, all of them.

    A rename is one step where file systems have a journal: the folder that gets the name decides.
    """
    match operation:
        case Put(file) | Cut(file):
            return {file}
        case Named(names):
            given = {folder for folder, _, what in names if what is not None}
            return given or {folder for folder, _, _ in names}
        case Flush():
            return set()


@dataclass(slots=True)
class State:
    """Files and names as they would be found."""

    folders: set[int]
    data: dict[int, bytearray] = field(default_factory=dict)
    names: dict[int, dict[str, int]] = field(default_factory=dict)

    def apply(self, operation: Operation) -> None:
        """Do an operation; a hole is zeros."""
        match operation:
            case Put(file, at, data):
                held = self.data.setdefault(file, bytearray())
                held.extend(bytes(max(0, at - len(held))))
                held[at : at + len(data)] = data
            case Cut(file, length):
                held = self.data.setdefault(file, bytearray())
                del held[length:]
                held.extend(bytes(length - len(held)))
            case Named(names):
                for folder, name, what in names:
                    inside = self.names.setdefault(folder, {})
                    if what is None:
                        inside.pop(name, None)
                    else:
                        inside[name] = what
            case Flush():
                pass

    def files(self, folder: int = ROOT, above: str = "") -> Iterator[tuple[str, bytes | None]]:
        """Yield the path and bytes of each file that has a name, and None for each folder."""
        for name, what in self.names.get(folder, {}).items():
            path = f"{above}{name}"
            if what in self.folders:
                yield path, None
                yield from self.files(what, f"{path}/")
            else:
                yield path, bytes(self.data.get(what, b""))

    def written(self, where: Path) -> Path:
        """Write the files and folders into a folder."""
        where.mkdir()
        for path, data in self.files():
            if data is None:
                (where / path).mkdir()
            else:
                (where / path).write_bytes(data)
        return where


@dataclass(slots=True)
class _Trace:
    """One command's calls on the way into a recording."""

    into: Recording
    handles: dict[str, int] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)

    def read(self, log: str) -> None:
        """Take in the lines, each call where it ended."""
        begun: dict[str, tuple[str, int]] = {}
        for line in log.splitlines():
            if half := _BEGUN.fullmatch(line):
                thread, name, arguments = half.groups()
                begun[thread] = f"{thread} {name}({arguments}", len(self.into.operations)
                continue
            since, whole = len(self.into.operations), line
            if rest := _ENDED.fullmatch(line):
                first, since = begun.pop(rest[1])
                whole = first + rest[2]
            if (call := _WHOLE.fullmatch(whole)) and int(call[4]) >= 0:
                self._take(call[2], call[3].split(", "), int(call[4]), since)

    def _take(self, name: str, given: list[str], answer: int, since: int) -> None:
        """Take in one call that succeeded."""
        name, given = _in_full(name, given)
        match name:
            case "openat":
                self._open(given, answer)
            case "mkdirat":
                self._name(given, folder=True)
            case "unlinkat":
                self._unname(given)
            case "linkat" | "renameat" | "renameat2":
                self._link(given, taken=name != "linkat")
            case "close" | "write" | "pwrite64" | "lseek" | "ftruncate" | "fsync" | "fdatasync":
                if given[0] in self.handles:
                    self.into.operations += self._used(name, given, answer, since)
            case _:
                self._refuse(name, given)

    def _used(self, name: str, given: list[str], answer: int, since: int) -> Iterator[Operation]:
        """Yield what a call on an open file of the job amounts to."""
        handle, file = given[0], self.handles[given[0]]
        match name:
            case "write":
                yield Put(file, self.positions[handle], _text(given[1])[:answer])
                self.positions[handle] += answer
            case "pwrite64":
                yield Put(file, int(given[3]), _text(given[1])[:answer])
            case "lseek":
                self.positions[handle] = answer
            case "close":
                del self.handles[handle]
            case "ftruncate":
                yield Cut(file, int(given[1]))
            case _:
                yield Flush(file, since)

    def _refuse(self, name: str, given: list[str]) -> None:
        """Refuse a call there is no model of, if it is on the job's files."""
        if any(each in self.handles or self._place(_HERE, each) for each in given):
            message = f"no model of {name}({given})"
            raise ValueError(message)

    def _open(self, given: list[str], handle: int) -> None:
        key = str(handle)
        self.handles.pop(key, None)
        place = self._place(given[0], given[1])
        if place is None:
            return
        folder, name = place
        known = self._inside(folder).get(name) if name else folder
        if known is None:
            known = self._name(given[:2], folder=False)
        elif "O_TRUNC" in given[2]:
            self.into.operations.append(Cut(known, 0))
        self.handles[key], self.positions[key] = known, 0

    def _name(self, given: list[str], *, folder: bool) -> int:
        place = self._place(given[0], given[1])
        if place is None:
            return ROOT
        made, self.into.files = self.into.files, self.into.files + 1
        if folder:
            self.into.folders[made] = {}
        self._do(Named(((*place, made),)))
        return made

    def _unname(self, given: list[str]) -> None:
        if place := self._place(given[0], given[1]):
            self._do(Named(((*place, None),)))

    def _link(self, given: list[str], *, taken: bool) -> None:
        old, new = self._place(given[0], given[1]), self._place(given[2], given[3])
        if old is None and new is None:
            return
        if old is None or new is None:
            message = "a name leads out of the folder, or into it"
            raise ValueError(message)
        what = self._inside(old[0])[old[1]]
        first = ((*old, None),) if taken else ()
        self._do(Named((*first, (*new, what))))

    def _do(self, named: Named) -> None:
        self.into.operations.append(named)
        for folder, name, what in named.names:
            if what is None:
                self._inside(folder).pop(name)
            else:
                self._inside(folder)[name] = what

    def _inside(self, folder: int) -> dict[str, int]:
        return self.into.folders[folder]

    def _place(self, near: str, path: str) -> tuple[int, str] | None:
        """Return the folder and the name that a path leads to; None if it is elsewhere."""
        text = os.fsdecode(_text(path))
        if near == _HERE or text.startswith("/"):
            try:
                parts = Path(os.path.normpath(text)).relative_to(self.into.root).parts
            except ValueError:
                return None
            folder = ROOT
        elif near in self.handles:
            folder, parts = self.handles[near], Path(text).parts
        else:
            return None
        for part in parts[:-1]:
            folder = self._inside(folder)[part]
        return folder, parts[-1] if parts else ""


def _in_full(name: str, given: list[str]) -> tuple[str, list[str]]:
    """Return a call as the one that says more."""
    if name in {"link", "rename"}:
        return f"{name}at", [_HERE, given[0], _HERE, given[1]]
    return (_NEAR[name], [_HERE, *given]) if name in _NEAR else (name, given)


def _text(given: str) -> bytes:
    """Return the bytes of a string as strace writes it."""
    if not given.startswith('"'):
        return b""
    if given.endswith("..."):
        message = "strace cut a string short"
        raise ValueError(message)
    return bytes.fromhex(given.strip('"').replace("\\x", ""))
