"""The model of a disk that loses power, which the matrix judges the store by."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.matrix.disk import CALLS, Flush, Named, Put, Recording


def hexed(text: str) -> str:
    return '"' + "".join(f"\\x{byte:02x}" for byte in text.encode()) + '"'


def recording(*lines: str) -> Recording:
    """What a trace came to; `<text>` stands for a path, or for bytes, as strace writes them."""
    found = Recording(Path("/work"))
    log = "\n".join(f"7 {line}" for line in lines)
    for text in ("/work/a", "/work/b", "/work", "abcd", "xy"):
        log = log.replace(f"<{text}>", hexed(text))
    found.add(log)
    return found


CREATED = "openat(AT_FDCWD, </work/a>, O_WRONLY|O_CREAT, 0666) = 3"
WRITTEN = "write(3, <abcd>, 4) = 4"
FLUSHED = "fsync(3) = 0"
FOLDER_FLUSHED = ("openat(AT_FDCWD, </work>, O_RDONLY|O_DIRECTORY) = 4", "fsync(4) = 0")
RENAMED = "rename(</work/a>, </work/b>) = 0"


def left(found: Recording) -> dict[str, bytes | None]:
    """What is there for certain."""
    until = len(found.operations)
    return dict(found.state(until, found.pending(until)).files())


def test_what_was_written_and_not_flushed_may_be_lost() -> None:
    found = recording(CREATED, WRITTEN)

    assert dict(found.state(2).files()) == {"a": b"abcd"}
    assert left(found) == {}


def test_a_flushed_file_without_a_flushed_name_may_be_lost() -> None:
    assert left(recording(CREATED, WRITTEN, FLUSHED)) == {}


def test_a_flushed_name_without_flushed_bytes_may_be_empty() -> None:
    assert left(recording(CREATED, WRITTEN, *FOLDER_FLUSHED)) == {"a": b""}


def test_what_was_flushed_is_there() -> None:
    assert left(recording(CREATED, WRITTEN, FLUSHED, *FOLDER_FLUSHED)) == {"a": b"abcd"}


def test_a_rename_is_there_when_the_folder_is_flushed() -> None:
    whole = (CREATED, WRITTEN, FLUSHED, *FOLDER_FLUSHED)

    assert left(recording(*whole, RENAMED)) == {"a": b"abcd"}
    assert left(recording(*whole, RENAMED, "fsync(4) = 0")) == {"b": b"abcd"}


def test_a_flush_says_nothing_of_what_came_after_it_began() -> None:
    found = recording(
        CREATED,
        *FOLDER_FLUSHED,
        "fsync(3 <unfinished ...>",
        "pwrite64(3, <xy>, 2, 0) = 2",
        "<... fsync resumed>) = 0",
    )

    assert found.pending(len(found.operations)) == [2]


def test_the_last_bytes_may_be_there_in_part() -> None:
    found = recording(CREATED, WRITTEN, "pwrite64(3, <xy>, 2, 6) = 2")

    assert dict(found.state(3, (), (1, 2)).files()) == {"a": b"ab\0\0\0\0xy"}
    assert dict(found.state(3, (1,)).files()) == {"a": bytes(6) + b"xy"}


def test_calls_become_operations() -> None:
    found = recording(CREATED, WRITTEN, "close(3) = 0", "write(3, <xy>, 2) = 2", RENAMED)

    assert found.operations == [
        Named(((0, "a", 1),)),
        Put(1, 0, b"abcd"),
        Named(((0, "a", None), (0, "b", 1))),
    ]


def test_a_call_that_failed_did_nothing() -> None:
    assert recording(CREATED.replace("= 3", "= -1 EACCES (Permission denied)")).operations == []


def test_a_call_it_has_no_model_of_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="no model of fallocate"):
        recording(CREATED, "fallocate(3, 0, 0, 10) = 0")

    assert "fallocate" in CALLS


def test_a_flush_of_a_file_elsewhere_is_none_of_ours() -> None:
    found = recording("fsync(9) = 0", CREATED, FLUSHED)

    assert found.operations[-1] == Flush(1, 1)
