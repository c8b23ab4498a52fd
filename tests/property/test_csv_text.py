from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routewarden.sources import csv_text
from routewarden.sources.csv_text import PLAIN, Block, Form, Span, read_csv
from routewarden.sources.encoding import UTF8
from routewarden.sources.reject import Reject

Told = tuple[list[dict[str, Any]], list[Reject]]
"""Every record, as its cells and its place, and every reject."""

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


def told(blocks: Sequence[Block]) -> Told:
    rows = [row for block in blocks for row in block.frame.rows(named=True)]
    return rows, [reject for block in blocks for reject in block.rejects]


record_limits = st.sampled_from([csv_text.RECORD_BYTES, 8])


FORMS = (
    *(PLAIN, Form((";",)), Form(("\t",)), Form(("|",)), Form((" ",))),
    *(Form(quote=None), Form(("|",), quote=None), Form((";",), quote="'"), Form(("'",))),
)


def in_form(data: bytes, form: Form) -> bytes:
    """A file of commas and quotation marks, with the form's signs in their places."""
    data = data.replace(b",", form.delimiter.encode())
    return data.replace(b'"', (form.quote or '"').encode())


def by_record(data: bytes, names: tuple[str, ...], form: Form) -> Told:
    """The rows and rejects of a file under a header line, by Python's own csv, record by record."""
    rows: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    position = data.index(b"\n") + 1
    while position < len(data):
        line = 1 + data[:position].count(b"\n")
        first = Span(line, position, UTF8.line_end(data, position))
        span, found = csv_text._record(data, first, len(names), form)
        if isinstance(found, Reject):
            rejects.append(found)
        elif found:
            cells = dict(zip(names, (field or None for field in found), strict=True))
            rows.append(cells | {"line": line, "start": span.start, "end": span.end})
        position = span.end
    return rows, rejects


@settings(deadline=None, max_examples=300)
@given(files(), st.sampled_from(FORMS), record_limits, st.sampled_from([csv_text.BLOCK_BYTES, 5]))
@example((2, b"a,b\n\xef\xbb\xbf1,2\n"), PLAIN, csv_text.RECORD_BYTES, 5)
@example((2, b'a,b\n"1""",\n"","x"\r'), PLAIN, csv_text.RECORD_BYTES, 5)
@example((2, b'a,b\nx",1\n"y\n",z"\n'), PLAIN, csv_text.RECORD_BYTES, 5)
@example((2, b"a,b\n1,2\r\r\n3,\n"), PLAIN, csv_text.RECORD_BYTES, 99)
def test_what_is_scanned_is_as_if_read_by_the_record(
    file: tuple[int, bytes], form: Form, record_bytes: int, block_bytes: int
) -> None:
    width, data = file[0], in_form(file[1], form)
    with limits(block_bytes, record_bytes):
        assert told(list(read_csv(data, form))) == by_record(data, NAMES[width], form)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.lists(letters | quoted, min_size=2, max_size=2), min_size=1), st.booleans())
def test_what_is_well_formed_is_not_read_by_the_record(
    rows: list[list[bytes]],
    ended: bool,  # noqa: FBT001 - drawn by name
) -> None:
    data = b"a,b\n" + b"\n".join(map(b",".join, rows)) + b"\n" * ended
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_text, "_record", None)
        (block,) = read_csv(data)

    assert block.frame.height == len(rows)


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
