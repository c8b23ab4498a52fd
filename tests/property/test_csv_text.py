from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routewarden.sources import csv_text
from routewarden.sources.csv_text import Block, read_csv
from routewarden.sources.reject import Reject

HEADERS = {1: b"a\n", 2: b"a,b\n", 3: b"a,b,c\r\n"}
NAMES = {1: ("a",), 2: ("a", "b"), 3: ("a", "b", "c")}
LETTERS = "x1é "

letters = st.text(alphabet=LETTERS, max_size=4).map(str.encode)
awkward = st.sampled_from(
    [b",", b",", b'"', b'"', b'""', b"\r", b"\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"x", b"1"]
)
line_ends = st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"\r\r\n"])
quoted = st.lists(st.sampled_from([b"x", b",", b'""', b"\n", b"\r\n"]), max_size=4).map(
    lambda parts: b'"' + b"".join(parts) + b'"'
)
blanks = st.sampled_from([b"\n", b"\r\n"])


def joined(parts: st.SearchStrategy[list[bytes]], separator: bytes) -> st.SearchStrategy[bytes]:
    return parts.map(separator.join)


def lines(width: int) -> st.SearchStrategy[bytes]:
    """Lines as they should be, with quotations, blank, ragged, and of anything at all."""
    plain = joined(st.lists(letters, min_size=width, max_size=width), b",")
    mixed = joined(st.lists(letters | quoted, min_size=width, max_size=width), b",")
    ragged = joined(st.lists(letters, max_size=5), b",")
    anything = joined(st.lists(awkward, max_size=8), b"")
    bodies = st.one_of(plain, plain, mixed, ragged, anything)
    return st.builds(bytes.__add__, bodies, line_ends) | blanks


@st.composite
def files(draw: st.DrawFn) -> tuple[int, bytes]:
    """The number of columns, and the bytes of a file whose last line may not end."""
    width = draw(st.sampled_from(sorted(NAMES)))
    body = draw(joined(st.lists(lines(width), max_size=12), b""))
    return width, HEADERS[width] + (body.rstrip(b"\n") if draw(st.booleans()) else body)


@contextmanager
def limits(block_bytes: int, record_bytes: int = csv_text.RECORD_BYTES) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_text, "BLOCK_BYTES", block_bytes)
        patch.setattr(csv_text, "RECORD_BYTES", record_bytes)
        yield


def told(blocks: Sequence[Block]) -> tuple[list[dict[str, Any]], list[Reject]]:
    rows = [row for block in blocks for row in block.frame.rows(named=True)]
    return rows, [reject for block in blocks for reject in block.rejects]


record_limits = st.sampled_from([csv_text.RECORD_BYTES, 8])


@st.composite
def nearly_regular(draw: st.DrawFn) -> tuple[int, bytes]:
    """A file of plain lines, with at most one awkward thing dropped in somewhere."""
    width = draw(st.sampled_from([2, 3]))
    plain = joined(st.lists(letters, min_size=width, max_size=width), b",")
    body = draw(joined(st.lists(plain, min_size=1, max_size=8), draw(line_ends)))
    place = draw(st.integers(0, len(body)))
    dropped = draw(st.one_of(st.just(b""), awkward))
    return width, HEADERS[width] + body[:place] + dropped + body[place:] + draw(line_ends)


@settings(deadline=None, max_examples=100)
@given(nearly_regular(), record_limits)
@example((2, b"a,b\n\xef\xbb\xbf1,2\n"), csv_text.RECORD_BYTES)
def test_a_block_read_whole_is_as_if_read_line_by_line(
    file: tuple[int, bytes], record_bytes: int
) -> None:
    width, data = file
    begin = len(HEADERS[width])
    with limits(csv_text.BLOCK_BYTES, record_bytes):
        whole = csv_text._regular(data[begin:], NAMES[width], 2, begin)
        by_line = csv_text._line_by_line(data, NAMES[width], 2, begin)

    if whole is not None:
        assert whole.frame.rows(named=True) == by_line.frame.rows(named=True)
        assert (whole.rejects, whole.position) == (by_line.rejects, by_line.position)


@settings(deadline=None, max_examples=100)
@given(
    fields=st.lists(st.tuples(letters, st.sampled_from([b"", b"\r"])), min_size=1, max_size=8),
    ended=st.booleans(),
)
def test_lines_with_just_the_headers_fields_are_read_whole(
    *, fields: list[tuple[bytes, bytes]], ended: bool
) -> None:
    text = b"\n".join(b"," + field + end for field, end in fields) + b"\n" * ended

    block = csv_text._regular(text, ("a", "b"), 2, 4)

    assert block is not None
    assert block.frame["b"].to_list() == [field.decode() or None for field, _ in fields]


@settings(deadline=None, max_examples=100)
@given(files(), record_limits)
def test_every_byte_is_in_one_record_or_one_reject_or_is_framing(
    file: tuple[int, bytes], record_bytes: int
) -> None:
    width, data = file
    with limits(csv_text.BLOCK_BYTES, record_bytes):
        rows, rejects = told(list(read_csv(data)))

    spans = [(row["start"], row["end"]) for row in rows]
    spans += [(reject.start, reject.end) for reject in rejects]
    framing, position = b"", len(HEADERS[width])
    for start, end in sorted(spans):
        assert position <= start < end
        framing += data[position:start]
        position = end
    assert (framing + data[position:]).strip(b"\r\n") == b""


@settings(deadline=None, max_examples=100)
@given(files(), record_limits)
@example((2, b'a,b\nx"1,x\nx,x"x\n'), csv_text.RECORD_BYTES)
def test_a_record_holds_every_letter_of_its_bytes(
    file: tuple[int, bytes], record_bytes: int
) -> None:
    width, data = file
    with limits(csv_text.BLOCK_BYTES, record_bytes):
        rows, _ = told(list(read_csv(data)))

    for row in rows:
        fields = "".join(row[name] or "" for name in NAMES[width])
        span = data[row["start"] : row["end"]].decode()
        assert [c for c in fields if c in LETTERS] == [c for c in span if c in LETTERS]


@settings(deadline=None, max_examples=100)
@given(files(), record_limits)
def test_a_line_number_is_one_more_than_the_newlines_before_it(
    file: tuple[int, bytes], record_bytes: int
) -> None:
    _, data = file
    with limits(csv_text.BLOCK_BYTES, record_bytes):
        rows, rejects = told(list(read_csv(data)))

    places = [(row["start"], row["line"]) for row in rows]
    places += [(reject.start, reject.line) for reject in rejects]
    assert [line for _, line in places] == [1 + data[:start].count(b"\n") for start, _ in places]


@settings(deadline=None, max_examples=100)
@given(files(), record_limits, st.integers(1, 40))
def test_the_size_of_the_blocks_changes_nothing(
    file: tuple[int, bytes], record_bytes: int, block_bytes: int
) -> None:
    with limits(csv_text.BLOCK_BYTES, record_bytes):
        in_one = told(list(read_csv(file[1])))
    with limits(block_bytes, record_bytes):
        in_many = told(list(read_csv(file[1])))

    assert in_many == in_one


@settings(deadline=None, max_examples=100)
@given(joined(st.lists(awkward | letters, max_size=30), b""))
def test_no_bytes_at_all_make_the_reader_raise(data: bytes) -> None:
    frames = [block.frame for block in read_csv(data)]

    assert all(isinstance(frame, pl.DataFrame) for frame in frames)
