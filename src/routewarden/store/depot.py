"""Where files that are written once are kept: a folder here, or under a prefix of an S3 bucket.

A file has a name of parts (`fills/<digest>/2026-07-01.parquet`) and is whole or absent. A depot
pickles, so a worker anywhere finds the same files. It never holds a secret: keys, endpoint and
region are those of the environment (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, …) or the machine's
role, wherever it is used.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ENOENT
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from routewarden.base.canonical import Digest
from routewarden.base.errors import RoutewardenError
from routewarden.store import durable
from routewarden.store.blobs import file_digest

if TYPE_CHECKING:
    from obstore.store import S3Store

_S3 = "s3://"
_CHUNK = 1 << 20


class StorageError(RoutewardenError):
    """The bucket cannot be reached, or does not let us."""

    def __init__(self, where: str, error: Exception) -> None:
        reason = str(error).partition("\n")[0]
        super().__init__(
            f"{where}: {reason}. Keys, region and endpoint are taken from AWS_ACCESS_KEY_ID, "
            "AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL, or the machine's role."
        )


class NoClientError(RoutewardenError):
    """S3 is asked for, and what speaks it is not installed."""

    def __init__(self) -> None:
        super().__init__("S3 needs one package more: pip install 'routewarden[s3]'.")


class Depot(Protocol):
    """A place for files."""

    @property
    def options(self) -> dict[str, str] | None:
        """What Polars needs besides `where` to read a file (its `storage_options`)."""

    def where(self, name: str = "") -> str:
        """Return where a file is, or would be: for Polars to read it, for people to find it."""

    def within(self, folder: str) -> Depot:
        """Return the depot of a folder of this one."""

    def names(self, folder: str = "") -> list[str]:
        """Return the names of all files in a folder, however deep, in order."""

    def read(self, name: str) -> bytes:
        """Return a file's bytes; FileNotFoundError if there is none."""

    def digest(self, name: str) -> Digest:
        """Return the SHA-256 digest of a file, read as a stream; FileNotFoundError if none."""

    def put(self, name: str, data: bytes) -> None:
        """Write a file, or put it in place of the one before, in one step."""

    def put_all(self, files: Mapping[str, bytes]) -> None:
        """Write files so, each for itself."""

    def publish(self, staged: Path, folder: str, last: str) -> None:
        """Give local files a folder that is not there yet; who sees the last of them sees all."""

    def remove(self, folder: str) -> None:
        """Remove a folder and all in it, or a file; one that is not there is as good."""

    def sweep(self) -> None:
        """Remove unfinished files of killed commands, but not in folders; nobody may be writing."""


def depot_at(address: str) -> Depot:
    """Return the depot at `s3://bucket/prefix`, or in a folder."""
    if not address.startswith(_S3):
        return Folder(Path(address))
    bucket, _, prefix = address.removeprefix(_S3).partition("/")
    return Bucket(bucket, prefix.strip("/"))


@dataclass(frozen=True, slots=True)
class Folder:
    """A depot in a folder of this machine, or of one that every machine mounts."""

    root: Path

    @property
    def options(self) -> None:
        """Nothing: a path is enough."""

    def where(self, name: str = "") -> str:
        """Return a file's path."""
        return str(self.root / name)

    def within(self, folder: str) -> Folder:
        """Return the depot of a folder of this one."""
        return Folder(self.root / folder)

    def names(self, folder: str = "") -> list[str]:
        """Return the names of all files in a folder, links among them, in order."""
        above = len(f"{self.root}/")
        return sorted(
            f"{place}/{name}"[above:]
            for place, _, names in os.walk(self.root / folder, onerror=_unless_absent)
            for name in names
        )

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        return (self.root / name).read_bytes()

    def digest(self, name: str) -> Digest:
        """Return the SHA-256 digest of a file."""
        return file_digest(self.root / name)

    def put(self, name: str, data: bytes) -> None:
        """Write a file beside its place, flush it, and give it its name."""
        self.put_all({name: data})

    def put_all(self, files: Mapping[str, bytes]) -> None:
        """Write each file so."""
        written = {self.root / name: data for name, data in files.items()}
        for folder in {path.parent for path in written}:
            durable.make_folder(folder)
        durable.write_files(written)

    def publish(self, staged: Path, folder: str, last: str) -> None:  # noqa: ARG002 - one step has no last
        """Give a flushed folder of the same file system its name."""
        target = self.root / folder
        durable.make_folder(target.parent)
        os.rename(staged, target)  # noqa: PTH104 - one atomic step, never onto what exists
        durable.sync_folder(target.parent)

    def remove(self, folder: str) -> None:
        """Remove a folder and all in it, or a file."""
        path = self.root / folder
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove unfinished files of killed commands, but not in folders; nobody may be writing."""
        for part in self.root.glob(f"{durable.PART}*"):
            part.unlink()


def _unless_absent(error: OSError) -> None:
    """Raise what keeps a folder from being read: not to see files is not to have none."""
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


@dataclass(frozen=True, slots=True)
class Bucket:
    """A depot under a prefix of a bucket, of AWS or of any server that speaks S3."""

    bucket: str
    prefix: str = ""

    @property
    def options(self) -> dict[str, str]:
        """What Polars does not take from the environment by itself."""
        endpoint, region = os.environ.get("AWS_ENDPOINT_URL"), os.environ.get("AWS_REGION")
        if endpoint is None:
            return {} if region is None else {"aws_region": region}
        return {
            "aws_endpoint_url": endpoint,
            "aws_allow_http": str(endpoint.startswith("http://")).lower(),
            "aws_region": region or "us-east-1",
        }

    def where(self, name: str = "") -> str:
        """Return a file's address."""
        return _S3 + "/".join(part for part in (self.bucket, self.prefix, name) if part)

    def within(self, folder: str) -> Bucket:
        """Return the depot of a folder of this one."""
        return Bucket(self.bucket, f"{self.prefix}/{folder}".strip("/"))

    def names(self, folder: str = "") -> list[str]:
        """Return the names of all files in a folder, in order."""
        with self._asked(folder) as store:
            found = store.list(f"{folder.strip('/')}/" if folder else None)
            return sorted(file["path"] for batch in found for file in batch)

    def read(self, name: str) -> bytes:
        """Return a file's bytes."""
        with self._asked(name) as store:
            return store.get(name).bytes().to_bytes()

    def digest(self, name: str) -> Digest:
        """Return the SHA-256 digest of a file, read as a stream."""
        digest = hashlib.sha256()
        with self._asked(name) as store:
            for chunk in store.get(name).stream(min_chunk_size=_CHUNK):
                digest.update(chunk)
        return Digest(digest.hexdigest())

    def put(self, name: str, data: bytes) -> None:
        """Write a file; the server shows it when it has all of it."""
        with self._asked(name) as store:
            store.put(name, data)

    def put_all(self, files: Mapping[str, bytes]) -> None:
        """Write each file so."""
        for name, data in files.items():
            self.put(name, data)

    def publish(self, staged: Path, folder: str, last: str) -> None:
        """Send the files, the last one last; then the local ones go."""
        paths = sorted(staged.iterdir(), key=lambda path: (path.name == last, path.name))
        for path in paths:
            with self._asked(name := f"{folder}/{path.name}") as store:
                store.put(name, path)
        shutil.rmtree(staged)

    def remove(self, folder: str) -> None:
        """Remove a folder and all in it, or a file."""
        doomed = [*self.names(folder), folder] if folder else self.names()
        with self._asked(folder) as store:
            store.delete(doomed)

    def sweep(self) -> None:
        """Do nothing: a server shows no unfinished file."""

    @contextmanager
    def _asked(self, name: str) -> Iterator[S3Store]:
        """Give the client, and name the file in whatever it fails at."""
        try:
            from obstore import exceptions  # noqa: PLC0415 - only a firm with a bucket has it
        except ImportError as error:
            raise NoClientError from error
        try:
            yield _client(self.bucket, self.prefix, *_environment())
        except FileNotFoundError as error:
            raise FileNotFoundError(ENOENT, os.strerror(ENOENT), self.where(name)) from error
        except exceptions.BaseError as error:
            raise StorageError(self.where(name), error) from error


def _environment() -> tuple[str | None, ...]:
    return tuple(os.environ.get(f"AWS_{name}") for name in ("ENDPOINT_URL", "ACCESS_KEY_ID"))


@lru_cache(maxsize=8)
def _client(bucket: str, prefix: str, endpoint: str | None, _key: str | None) -> S3Store:
    """Return a client, which holds its connections; another environment has another."""
    from obstore.store import S3Store  # noqa: PLC0415 - only a firm with a bucket has it

    plain = endpoint is not None and endpoint.startswith("http://")
    return S3Store(bucket, prefix=prefix or None, client_options={"allow_http": plain})
