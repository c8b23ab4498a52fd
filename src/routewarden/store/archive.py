"""A ZIP archive of one file, as that file's bytes; of anything else, a sentence why not.

What the archive calls its file is never used as a name on this machine. Still an archive whose
names lead out of it, or that holds a link, was made to do harm or by mistake, and is refused; so is
one whose members share bytes, or whose stated sizes are not what it holds.
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from routewarden.sources.file_limits import ZIP_DIRECTORY, ZIP_ENTRIES

_HEADER = 30  # bytes before a member's name
_ENCRYPTED = 1
_FLAGS = _ENCRYPTED | 0b110 | 1 << 3 | 1 << 11  # deflate's options, sizes after, names in UTF-8
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_SHOWN = 60  # characters of a name worth repeating


class ArchiveError(Exception):
    """An archive that is not unpacked; its text says why, and what to do."""


class _Directory(io.FileIO):
    """An archive whose directory is read only if it is small: it is read whole, or not at all."""

    def read(self, size: int | None = -1, /) -> bytes:
        most = ZIP_DIRECTORY.most + 1024  # the search for the directory's end reads 65,557 bytes
        found = super().read(most + 1 if size is None or size < 0 else min(size, most + 1))
        if len(found) > most:
            message = f"its directory is over {ZIP_DIRECTORY.most:,} bytes; unpack it, and look"
            raise ArchiveError(message)
        return found


class _Member:
    """An archive's one file, read to its end, which must be where the archive says."""

    def __init__(self, packed: IO[bytes], stated: int) -> None:
        self._packed, self._stated, self._size = packed, stated, 0

    def read1(self, size: int, /) -> bytes:
        """Return some bytes, no more than that, none at the end."""
        piece = self._packed.read(min(size, ZIP_DIRECTORY.most))
        self._size += len(piece)
        if not piece and self._size != self._stated:
            message = f"its file should have {self._stated:,} bytes and has {self._size:,}"
            raise zipfile.BadZipFile(message)
        return piece


@contextmanager
def one_file(path: Path) -> Iterator[_Member]:
    """Give the one file of an archive.

    Raises:
        ArchiveError: It is not to be unpacked.
        BadZipFile: It is damaged.
    """
    with _Directory(path) as file, zipfile.ZipFile(file) as archive:
        member = _only(archive.infolist())
        _apart(archive)
        with archive.open(member) as packed:
            yield _Member(packed, member.file_size)


def _only(entries: Sequence[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """Return the one file among the entries, none of which may be anything odd."""
    if len(entries) > ZIP_ENTRIES.most:
        message = f"it lists {len(entries):,} entries; unpack it and name the files"
        raise ArchiveError(message)
    for entry in entries:
        if fault := _fault(entry):
            raise ArchiveError(fault)
    files = [entry for entry in entries if not entry.is_dir()]
    if len(files) != 1:
        message = f"it holds {len(files)} files; unpack it and name them"
        raise ArchiveError(message)
    return files[0]


def _fault(entry: zipfile.ZipInfo) -> str | None:
    """Return what is odd about an entry of an archive."""
    name, shown = entry.orig_filename, ascii(entry.orig_filename[:_SHOWN])
    if _leads_out(name):
        return f"the name {shown} leads out of the archive; it is not unpacked"
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return f"{shown} is a link or a device, not a file; it is not unpacked"
    if entry.flag_bits & _ENCRYPTED:
        return f"{shown} is encrypted; unpack it with its password"
    if entry.flag_bits & ~_FLAGS or entry.compress_type not in _METHODS:
        return f"{shown} is packed in a way that is not read here; unpack it"
    return None


def _leads_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    absolute = not parts[0] or ":" in parts[0]
    return absolute or ".." in parts or any(ord(letter) < ord(" ") for letter in name)


def _apart(archive: zipfile.ZipFile) -> None:
    """Refuse members that share bytes with each other or with the directory."""
    starts = sorted(
        (entry.header_offset, entry.compress_size + len(entry.orig_filename))
        for entry in archive.infolist()
    )
    ends = [*(start for start, _ in starts[1:]), archive.start_dir]
    for (start, size), end in zip(starts, ends, strict=True):
        if start + _HEADER + size > end:
            message = "its members share bytes; it is not unpacked"
            raise ArchiveError(message)
