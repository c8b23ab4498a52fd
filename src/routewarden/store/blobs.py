"""Raw bytes under their own digest: `cas/sha256/ab/cd/<hex>`, written once and never changed.

A blob is acknowledged only after it is on the disk and has been read back with the same digest.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from routewarden.base.canonical import Digest
from routewarden.base.errors import RoutewardenError
from routewarden.ledger.record import BLOCK, Blocks, cut
from routewarden.ledger.tree import Frontier, hash_leaf
from routewarden.store import durable
from routewarden.store.meanwhile import meanwhile

_CHUNK = BLOCK << 8
_DEPTH = 4  # sha256/ab/cd/<hex>

Progress = Callable[[int], None]
"""Told how many more bytes are done."""


class BlobCorruptError(RoutewardenError):
    """Stored bytes do not have the digest they are stored under."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path}: the bytes do not match the digest in the name. The disk or someone changed "
            "them; restore this file from a copy, then run `routewarden verify`."
        )


@dataclass(frozen=True, slots=True)
class Blobs:
    """The content-addressed store under a folder."""

    root: Path

    def path(self, digest: Digest) -> Path:
        """Return where a digest's bytes are, or would be."""
        return self.root / "sha256" / digest[:2] / digest[2:4] / digest

    def put(self, source: Path, progress: Progress) -> Digest:
        """Store a file's bytes; storing the same bytes again changes nothing.

        Raises:
            BlobCorruptError: What was read back is not what was written.
            OSError: The source cannot be read, or the store cannot be written.
        """
        with self.arriving(source, progress) as arrived:
            arrived.keep()
            return arrived.digest

    @contextlib.contextmanager
    def arriving(self, source: Path, progress: Progress) -> Iterator[Arrived]:
        """Copy a file's bytes, to be kept, or forgotten at the end."""
        durable.make_folder(self.root)
        part = durable.temporary_beside(self.root / "incoming")
        try:
            yield Arrived(self, part, *_copy(source, part, progress))
        finally:
            part.unlink(missing_ok=True)

    def put_bytes(self, data: bytes) -> Digest:
        """Store some bytes."""
        durable.make_folder(self.root)
        part = durable.temporary_beside(self.root / "incoming")
        try:
            with durable.naming(part):
                part.write_bytes(data)
            durable.sync_file(part)
            return self.place(part, Digest(hashlib.sha256(data).hexdigest()))
        finally:
            part.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove copies that an interrupted command left unfinished."""
        for part in self.root.glob(f"{durable.PART}*"):
            part.unlink()

    def digests(self) -> Iterator[Digest]:
        """Yield the digest of each file that is where its name puts it, in order."""
        for path in sorted(self.root.glob("sha256/??/??/*")):
            if self._belongs(path):
                yield Digest(path.name)

    def strangers(self) -> Iterator[Path]:
        """Yield whatever else is there: files, links or folders that no digest put there."""
        for path in sorted(self.root.rglob("*")):
            depth = len(path.relative_to(self.root).parts)
            passage = path.is_dir() and not path.is_symlink() and depth < _DEPTH
            unfinished = path.name.startswith(durable.PART)
            if not (passage or unfinished or self._belongs(path)):
                yield path

    def _belongs(self, path: Path) -> bool:
        placed = self.path(Digest(path.name)) == path
        return placed and path.is_file() and not path.is_symlink()

    def place(self, part: Path, digest: Digest) -> Digest:
        """Give the bytes their name; another process may have been first, which is as good."""
        path = self.path(digest)
        if not path.exists():
            durable.make_folder(path.parent)
            part.chmod(0o444)
            with contextlib.suppress(FileExistsError):
                os.link(part, path)
        durable.sync_file(path)  # it may be there from a command that ended before it got this far
        for folder in (path.parent, *path.parents[1:4], self.root.parent):
            durable.sync_folder(folder)
        if file_digest(path) != digest:
            raise BlobCorruptError(path)
        return digest


@dataclass(frozen=True, slots=True)
class Arrived:
    """A copy of a file's bytes that is on no disk for certain, and is not acknowledged."""

    blobs: Blobs
    path: Path
    digest: Digest
    blocks: Blocks

    def keep(self) -> None:
        """Store the bytes; to keep the same bytes again changes nothing.

        Raises:
            BlobCorruptError: What was read back is not what was written.
            OSError: The store cannot be written.
        """
        durable.sync_file(self.path)
        self.blobs.place(self.path, self.digest)


def file_digest(path: Path) -> Digest:
    """Return the SHA-256 digest of a file."""
    with path.open("rb") as file:
        return Digest(hashlib.file_digest(file, "sha256").hexdigest())


@dataclass(slots=True)
class Digesting:
    """What is known of a file's bytes so far: their digest, how many, and the tree of blocks."""

    whole: hashlib._Hash = field(default_factory=hashlib.sha256)
    size: int = 0
    tree: Frontier = field(default_factory=Frontier)

    def read(self, file: IO[bytes]) -> Iterator[bytes]:
        """Yield a file's bytes, each chunk but the last of whole blocks, taken in."""
        while chunk := file.read(_CHUNK):
            self.whole.update(chunk)
            self.size += len(chunk)
            self.tree = self.tree.extended(map(hash_leaf, cut(chunk)))
            yield chunk

    @property
    def digest(self) -> Digest:
        """The SHA-256 digest of the bytes."""
        return Digest(self.whole.hexdigest())

    @property
    def blocks(self) -> Blocks:
        """The head of the tree of their blocks."""
        return Blocks(self.size, self.tree.head.root)


def _copy(source: Path, part: Path, progress: Progress) -> tuple[Digest, Blocks]:
    """Copy a file, reading and digesting some of it while the last is written."""
    known = Digesting()
    with (
        durable.naming(part),
        source.open("rb") as read,
        part.open("wb") as write,
        meanwhile(known.read(read)) as chunks,
    ):
        for chunk in chunks:
            write.write(chunk)
            progress(len(chunk))
    return known.digest, known.blocks
