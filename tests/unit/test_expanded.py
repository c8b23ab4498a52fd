"""Packed files: what is unpacked, what is refused in one sentence, and what is nobody's fault."""

from __future__ import annotations

import errno
import gzip
import io
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from routewarden.sources.file_limits import UNPACKED_FREE, UNPACKED_RATIO
from routewarden.store import expanded as module
from routewarden.store.expanded import expanded
from tests.matrix.hostile import HEADER, fills
from tests.matrix.hostile_packed import ONE, SOME, ZIP, zipped

SENTENCES: Mapping[str, str] = {
    "members that share bytes": "share bytes",
    "a size that says less": "breaks off or is damaged",
    "a size that says more": "should have 1,073,741,824 bytes",
    "a packed size past the end": "share bytes",
    "another sum": "Bad CRC-32",
    "a member that is encrypted": "is encrypted; unpack it with its password",
    "a patch for another file": "packed in a way that is not read here",
    "a name that leads out": "leads out of the archive",
    "an absolute name": "leads out of the archive",
    "a name that leads out of Windows": "leads out of the archive",
    "a name on another drive": "leads out of the archive",
    "a name with a line break": "leads out of the archive",
    "a link": "is a link or a device",
    "a device": "is a link or a device",
    "two files": "it holds 2 files",
    "a folder and no file": "it holds 0 files",
    "500 folders and a file": "it lists 501 entries",
    "20,000 folders and a file": "its directory is over 65,536 bytes",
    "a way of packing from Windows": "packed in a way that is not read here",
    "ZIP cut short": "not a zip file",
    "a directory elsewhere": "breaks off or is damaged",
}


def fault(data: bytes, folder: Path) -> str | None:
    path = folder / "given.zip"
    path.write_bytes(data)
    with expanded(path, folder) as file:
        return file.fault


@pytest.mark.parametrize("name", SENTENCES)
def test_an_archive_that_is_not_what_it_should_be_is_said(name: str, tmp_path: Path) -> None:
    said = fault(ZIP[name].data(), tmp_path)

    assert said is not None
    assert SENTENCES[name] in said
    assert [path.name for path in tmp_path.iterdir()] == ["given.zip"]


def test_an_archive_of_one_file_is_that_file(tmp_path: Path) -> None:
    for data in (ONE, zipped(("a/", b""), ("a/b/", b""), ("a/b/fills.csv", SOME))):
        path = tmp_path / "given.zip"
        path.write_bytes(data)
        with expanded(path, tmp_path) as file:
            assert (bytes(file.data), file.fault) == (SOME, None)


@pytest.mark.parametrize("rows", [400_000, 500_000])
def test_a_file_may_be_so_many_times_its_packed_size_past_what_is_free(
    rows: int, tmp_path: Path
) -> None:
    text = HEADER + b"f1,2026-07-01T13:30:01Z,10.05,100,o1\n" * rows
    packed = gzip.compress(text)
    assert len(text) > UNPACKED_RATIO.most * len(packed)

    said = fault(packed, tmp_path)
    assert (said is None) == (len(text) <= UNPACKED_FREE.most)


class _FullDisk(io.BytesIO):
    def write(self, _: object, /) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_is_full_is_no_fault_of_the_file() -> None:
    packed = gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(fills(1))))
    with pytest.raises(OSError, match="No space left"):
        module._unpacked(packed, _FullDisk(), 1 << 20)


class _BadDisk(gzip.GzipFile):
    def read1(self, _: int = -1, /) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_disk_that_cannot_be_read_is_no_fault_of_the_file() -> None:
    with pytest.raises(OSError, match="Input/output error"):
        module._unpacked(_BadDisk(fileobj=io.BytesIO()), io.BytesIO(), 1 << 20)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_who_is_interrupted_while_they_look_hears_of_the_interrupt(
    name: str, tmp_path: Path
) -> None:
    data = b"a,b\n" * 9
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)

    def interrupted() -> None:
        with expanded(path, tmp_path) as given:
            looking = np.frombuffer(given.data, np.uint8)
            assert bytes(looking) == data
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
