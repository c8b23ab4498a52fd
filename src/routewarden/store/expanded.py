"""A stored file's bytes as its reader wants them: mapped, and decompressed where they are packed.

gzip, bzip2, Zstandard and a ZIP archive of one file are told by their first bytes, whatever the
name says. A packed file that breaks off, or is damaged, gives what came before and the fault. One
that would grow beyond all measure, or an archive that is not to be unpacked, gives nothing but the
fault: no more is written than what any file may grow to.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import mmap
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import zstandard

from routewarden.sources.csv_text import Buffer
from routewarden.sources.file_limits import UNPACKED_FREE, UNPACKED_RATIO
from routewarden.store.archive import ArchiveError, one_file

_CHUNK = 1 << 20
_SHOWN = 200  # letters of what a library says: it may repeat what the file states
_PIECE = 1 << 9  # of a Zstandard file: it may stand for 32,768 times as much
_UNENDED = "Zstandard frame ended before its last block"
_NEWLINE = 10
_BINARY = (b"PAR1", b"DBN")
"""How files that have no lines begin."""

_BROKEN = (
    *(EOFError, OSError, ValueError, OverflowError, RuntimeError, struct.error),
    *(zlib.error, zipfile.BadZipFile, zstandard.ZstdError),
)
"""What is raised of a damaged file. An OSError with a number is the machine's, but for a place that
is none."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """A file's bytes, how many of the stored ones each stands for, and what was wrong with it.

    `opened` is the same bytes as an open file, for a reader that looks about in them.
    """

    data: Buffer
    opened: IO[bytes]
    stored_per_byte: float
    fault: str | None = None

    def passed(self, position: int) -> None:
        """Let go of the memory of what comes before a position: nobody is to read it soon."""
        whole = position - position % mmap.PAGESIZE
        if whole and isinstance(self.data, memoryview) and isinstance(self.data.obj, mmap.mmap):
            self.data.obj.madvise(mmap.MADV_DONTNEED, 0, whole)


@contextmanager
def expanded(path: Path, scratch: Path, free: int = UNPACKED_FREE.most) -> Iterator[Expanded]:
    """Give a file's bytes without holding them in memory; `scratch` is where they are unpacked."""
    unpack = _unpacker(path)
    if unpack is None:
        with path.open("rb") as file, _mapped(file) as data:
            yield Expanded(data, file, 1)
        return
    with tempfile.TemporaryFile(dir=scratch) as whole:
        most = max(free, UNPACKED_RATIO.most * path.stat().st_size)
        fault = _unpacked(unpack(path), whole, most)
        whole.flush()
        with _mapped(whole) as data:
            end = len(data) if fault is None else _end_of_lines(data)
            with _viewed(memoryview(data)[:end]) as kept:
                yield Expanded(kept, whole, path.stat().st_size / max(len(data), 1), fault)


def is_packed(path: Path) -> bool:
    """Return whether a file's records are not among its bytes as they are."""
    return _unpacker(path) is not None


@contextmanager
def _mapped(file: IO[bytes]) -> Iterator[Buffer]:
    if file.seek(0, io.SEEK_END) == 0:
        yield b""
        return
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    with _viewed(memoryview(mapped)) as view:
        yield view
    with suppress(BufferError):
        mapped.close()


@contextmanager
def _viewed(view: memoryview) -> Iterator[memoryview]:
    """Give a view and release it, unless what was interrupted still looks at it: it goes with that.

    Whoever interrupted it is to hear of the interrupt, not of the view.
    """
    try:
        yield view
    finally:
        with suppress(BufferError):
            view.release()


def _end_of_lines(data: Buffer) -> int:
    """Return where the last whole line of text ends: half a price would pass for a price."""
    end = len(data)
    if bytes(data[:4]).startswith(_BINARY):
        return end
    while end and data[end - 1] != _NEWLINE:
        end -= 1
    return end


def _unpacked(opened: AbstractContextManager[_Packed], file: IO[bytes], most: int) -> str | None:
    """Write out what a packed file holds, up to a size; return what is wrong with it."""
    size = 0
    for piece in _pieces(opened):
        if isinstance(piece, str):
            return piece
        size += len(piece)
        if size > most:
            file.truncate(0)
            return f"it unpacks to more than {most:,} bytes; unpack it, and look at it"
        file.write(piece)
    return None


def _pieces(opened: AbstractContextManager[_Packed]) -> Iterator[bytes | str]:
    """Yield what a packed file holds, and at its end a sentence if anything is wrong with it.

    A disk that fails is no fault of the file: its error is raised.
    """
    size = 0
    try:
        with opened as packed:
            while piece := packed.read1(_CHUNK):
                size += len(piece)
                yield piece
    except ArchiveError as refused:
        yield str(refused)
    except _BROKEN as error:
        if isinstance(error, OSError) and error.errno not in {None, errno.EINVAL}:
            raise
        said = str(error)[:_SHOWN]
        yield f"the packed file breaks off or is damaged after {size:,} bytes: {said}"


class _Packed(Protocol):
    """A packed file open for reading."""

    def read1(self, size: int, /) -> bytes:
        """Return some bytes, no more than that, none at the end."""


_Unpack = Callable[[Path], AbstractContextManager[_Packed]]


def _gzip(path: Path) -> AbstractContextManager[_Packed]:
    return gzip.open(path)


def _bzip2(path: Path) -> AbstractContextManager[_Packed]:
    return bz2.open(path)


class _Frames:
    """Zstandard frames, one after another.

    The library's own reader takes a file that breaks off for one that ends.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._frame = zstandard.ZstdDecompressor().decompressobj()

    def read1(self, _: int, /) -> bytes:
        """Return some bytes, none at the end."""
        while True:
            packed = self._file.read(_PIECE)
            if self._frame.eof:
                packed = self._frame.unused_data + packed
                self._frame = zstandard.ZstdDecompressor().decompressobj()
                if not packed:
                    return b""
            elif not packed:
                raise EOFError(_UNENDED)
            if piece := self._frame.decompress(packed):
                return piece


@contextmanager
def _zstandard(path: Path) -> Iterator[_Packed]:
    with path.open("rb") as file:
        yield _Frames(file)


_UNPACKERS: Mapping[bytes, _Unpack] = {
    b"\x1f\x8b": _gzip,
    b"BZh": _bzip2,
    b"\x28\xb5\x2f\xfd": _zstandard,
    b"PK\x03\x04": one_file,
}


def _unpacker(path: Path) -> _Unpack | None:
    """Return what unpacks a file, by its first bytes."""
    with path.open("rb") as file:
        first = file.read(4)
    return next((how for magic, how in _UNPACKERS.items() if first.startswith(magic)), None)
