"""Files that are whole or absent, whatever happens while they are written.

Write beside the place, flush to the disk, give the final name, flush the folder. A flush that fails
is never tried again: the error ends the command, since a second flush may report success for data
the system already dropped.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from errno import EDQUOT, ENOSPC
from pathlib import Path

PART = ".part-"
"""How the name of an unfinished file begins."""
_NO_SPACE = (ENOSPC, EDQUOT)


def sync_file(path: Path) -> None:
    """Flush a file's bytes to the disk."""
    _sync(path, os.O_RDONLY)


def sync_folder(path: Path) -> None:
    """Flush a folder's names to the disk."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, and flush each new name."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def temporary_beside(path: Path) -> Path:
    """Return the path of a new empty file in the same folder."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=PART)
    os.close(handle)
    return Path(name)


def write_file(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write a file so that a reader sees the old content, or the new, and nothing between.

    Args:
        path: Where.
        data: What.
        mode: Who may read and write it; what the process gives new files if None.
    """
    write_files({path: data}, mode)


def write_files(files: Mapping[Path, bytes], mode: int | None = None) -> None:
    """Write files so, each for itself; their folders are flushed once, when all are there."""
    for path, data in files.items():
        part = temporary_beside(path)
        try:
            with naming(path):
                part.write_bytes(data)
            part.chmod(0o666 & ~_umask() if mode is None else mode)
            sync_file(part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    for folder in {path.parent for path in files}:
        sync_folder(folder)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Name the file in a failure of the system that names none."""
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def no_space(error: BaseException) -> bool:
    """Return whether a failure says that the disk, or what one may have of it, is full.

    Polars has no number for it in most of its errors, only the system's in the text.
    """
    if isinstance(error, OSError) and error.errno in _NO_SPACE:
        return True
    return any(f"(os error {number})" in str(error) for number in _NO_SPACE)


def _umask() -> int:
    """Return the process's file mode mask; the system tells it only by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        with naming(path):
            os.fsync(handle)
    finally:
        os.close(handle)
