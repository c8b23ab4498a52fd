from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from routewarden.sources import csv_text
from routewarden.sources.csv_text import Buffer, read_csv
from routewarden.sources.reject import Reason, Reject

Rows = list[tuple[Any, ...]]


def read(data: Buffer) -> tuple[Rows, list[Reject]]:
    """Every record (its fields, `line`, `start`, `end`) and every reject of a file."""
    blocks = list(read_csv(data))
    rows = [row for block in blocks for row in block.frame.rows()]
    return rows, [reject for block in blocks for reject in block.rejects]


def refused(data: bytes) -> list[tuple[int, Reason, str, int, int]]:
    return [(r.line, r.reason, r.detail, r.start, r.end) for r in read(data)[1]]


# -- Records ---------------------------------------------------------------------------------------


def test_a_record_knows_its_line_and_its_bytes() -> None:
    assert read(b"a,b\n1,2\n3,4\n") == ([("1", "2", 2, 4, 8), ("3", "4", 3, 8, 12)], [])


def test_the_last_line_need_not_end() -> None:
    assert read(b"a,b\n1,2")[0] == [("1", "2", 2, 4, 7)]


def test_a_quoted_last_line_need_not_end() -> None:
    assert read(b'a,b\n1,"2"')[0] == [("1", "2", 2, 4, 9)]


def test_lines_may_end_with_carriage_return_and_newline() -> None:
    assert read(b"a,b\r\n1,2\r\n3,\r\n")[0] == [("1", "2", 2, 5, 10), ("3", None, 3, 10, 14)]


def test_an_empty_field_is_null_quoted_or_not() -> None:
    assert read(b'a,b,c\n,x,\n"",y,""\n')[0] == [
        (None, "x", None, 2, 6, 10),
        (None, "y", None, 3, 10, 18),
    ]


def test_text_is_kept_as_it_stands() -> None:
    """No blank is stripped, and no word means null."""
    assert read(b"a,b\n 1 ,NA\nnull,007\n")[0] == [
        (" 1 ", "NA", 2, 4, 11),
        ("null", "007", 3, 11, 20),
    ]


def test_a_quoted_field_holds_commas_and_doubled_quotation_marks() -> None:
    assert read(b'a,b\n"1,5","say ""hi"""\n')[0] == [("1,5", 'say "hi"', 2, 4, 23)]


def test_a_quoted_field_holds_line_breaks_and_the_next_record_is_counted_after_them() -> None:
    assert read(b'a,b\n"1\n2\r\n3",x\n4,5\n')[0] == [
        ("1\n2\r\n3", "x", 2, 4, 15),
        ("4", "5", 5, 15, 19),
    ]


def test_a_pair_of_quotation_marks_inside_a_bare_field_is_text() -> None:
    assert read(b'a,b\nx"y"z,1\n')[0] == [('x"y"z', "1", 2, 4, 12)]


def test_a_blank_line_is_no_record_but_counts_as_a_line() -> None:
    assert read(b"a,b\n\n1,2\n\r\n3,4\n") == ([("1", "2", 3, 5, 9), ("3", "4", 5, 11, 15)], [])


def test_a_single_column_makes_a_table() -> None:
    assert read(b"a\n1\n\n2\n") == ([("1", 2, 2, 4), ("2", 4, 5, 7)], [])


def test_a_mark_of_byte_order_is_no_part_of_the_first_name() -> None:
    (block,) = read_csv(b"\xef\xbb\xbfa,b\n1,2\n")

    assert block.frame.columns == ["a", "b", "line", "start", "end"]


def test_a_quoted_header_names_columns() -> None:
    (block,) = read_csv(b'"a,1",b\n1,2\n')

    assert block.frame.columns[:2] == ["a,1", "b"]


def test_a_header_alone_has_no_blocks() -> None:
    assert list(read_csv(b"a,b\n")) == []
    assert list(read_csv(b"a,b")) == []


def test_mapped_bytes_read_as_held_ones() -> None:
    assert read(memoryview(b"a,b\n1,2\n")) == ([("1", "2", 2, 4, 8)], [])


def test_a_block_of_rejects_alone_has_an_empty_frame_with_the_columns() -> None:
    (block,) = read_csv(b"a,b\n1\n")

    assert block.frame.is_empty()
    assert block.frame.columns == ["a", "b", "line", "start", "end"]
    assert block.frame.dtypes == [*[pl.String()] * 2, *[pl.Int64()] * 3]


# -- Rejects: one bad line costs one ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "reason", "detail"),
    [
        (b"1\n", Reason.RAGGED, "1 fields where the header names 2"),
        (b"1,2,3\n", Reason.RAGGED, "3 fields where the header names 2"),
        (b" \n", Reason.RAGGED, "1 fields where the header names 2"),
        (b"1,\0\n", Reason.NUL_BYTE, "the record holds a NUL byte"),
        (b"1,\xff\n", Reason.ENCODING, "the record is not UTF-8"),
        (b'1,"x"y\n', Reason.MALFORMED, "',' expected after '\"'"),
        (b'"1,2\n', Reason.MALFORMED, "a quotation mark opens and never closes"),
    ],
)
def test_a_bad_line_is_refused_by_itself(bad: bytes, reason: Reason, detail: str) -> None:
    end = 8 + len(bad)

    rows, rejects = read(b"a,b\n5,6\n" + bad + b"7,8\n")

    assert rejects == [Reject(3, reason, detail, start=8, end=end)]
    assert rows == [("5", "6", 2, 4, 8), ("7", "8", 4, end, end + 4)]


def test_a_carriage_return_within_a_bare_field_is_malformed() -> None:
    assert [(reject.line, reject.reason) for reject in read(b"a,b\n1\r2,3\n4,5\n")[1]] == [
        (2, Reason.MALFORMED)
    ]


def test_lines_that_borrow_fields_from_each_other_are_each_refused() -> None:
    """Two lines of three fields and one have as many marks as two of two."""
    assert [(line, detail) for line, _, detail, *_ in refused(b"a,b\n1,2,3\n4\n")] == [
        (2, "3 fields where the header names 2"),
        (3, "1 fields where the header names 2"),
    ]


def test_a_ragged_record_of_several_lines_is_refused_whole() -> None:
    assert refused(b'a,b\n"1\n2"\n3,4\n') == [
        (2, Reason.RAGGED, "1 fields where the header names 2", 4, 10)
    ]


@pytest.mark.usefixtures("short_records")
def test_a_line_too_long_is_refused_by_itself() -> None:
    assert read(b"a,b\n1,23456789\n3,4\n") == (
        [("3", "4", 3, 15, 19)],
        [Reject(2, Reason.TOO_LONG, "the record is over 10 bytes", start=4, end=15)],
    )


@pytest.mark.usefixtures("short_records")
def test_a_line_of_just_the_longest_length_is_a_record() -> None:
    assert read(b"a,b\n1,2345678\n")[0] == [("1", "2345678", 2, 4, 14)]


@pytest.mark.usefixtures("short_records")
def test_a_quotation_that_goes_on_for_too_long_is_refused_at_its_first_line() -> None:
    assert read(b'a,b\n"1\n2,3\n4,5\n6,7",8\n') == (
        [("2", "3", 3, 7, 11), ("4", "5", 4, 11, 15)],
        [
            Reject(2, Reason.MALFORMED, "a quotation mark opens and never closes", None, 4, 7),
            Reject(5, Reason.RAGGED, "3 fields where the header names 2", None, 15, 22),
        ],
    )


@pytest.fixture
def short_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "RECORD_BYTES", 10)


# -- Headers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        (b"", Reason.NO_HEADER, "the first line names no columns"),
        (b"\n1,2\n", Reason.NO_HEADER, "the first line names no columns"),
        (b",,\n1,2\n", Reason.NO_HEADER, "the first line names no columns"),
        (b"a,\0\n1,2\n", Reason.NO_HEADER, "the first line names no columns"),
        (b"a,b,a,b\n", Reason.NO_HEADER, "the header names 'a' more than once"),
        (
            b'"a,b\n1,2\n',
            Reason.NO_HEADER,
            "the first line is not a header: unexpected end of data",
        ),
        (b"a,\xff\n1,2\n", Reason.ENCODING, "the header is not UTF-8"),
        (b"\xff\xfea\0", Reason.ENCODING, "the file is UTF-16; save it as UTF-8"),
        (b"\xfe\xff\0a", Reason.ENCODING, "the file is UTF-16; save it as UTF-8"),
    ],
)
def test_a_file_without_a_readable_header_is_one_reject(
    data: bytes, reason: Reason, detail: str
) -> None:
    assert read(data) == ([], [Reject(1, reason, detail, start=0, end=len(data))])


# -- Blocks ----------------------------------------------------------------------------------------


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "BLOCK_BYTES", 6)
    monkeypatch.setattr(csv_text, "_CELL_BYTES", 2)


@pytest.mark.usefixtures("small_blocks")
def test_lines_and_bytes_are_counted_on_from_block_to_block() -> None:
    blocks = list(read_csv(b"a,b\n1,2\n3,4\n5,6\n7,8\n"))

    assert [(block.frame.rows(), block.position) for block in blocks] == [
        ([("1", "2", 2, 4, 8), ("3", "4", 3, 8, 12)], 12),
        ([("5", "6", 4, 12, 16), ("7", "8", 5, 16, 20)], 20),
    ]


@pytest.mark.usefixtures("small_blocks")
def test_a_line_longer_than_a_block_is_one_record() -> None:
    assert read(b"a,b\n1,2345678901234567890\n3,4\n")[0] == [
        ("1", "2345678901234567890", 2, 4, 26),
        ("3", "4", 3, 26, 30),
    ]


@pytest.mark.usefixtures("small_blocks")
def test_a_quotation_may_cross_the_end_of_a_block() -> None:
    assert read(b'a,b\n1,2\n3,"4\n5\n6"\n7,8\n')[0] == [
        ("1", "2", 2, 4, 8),
        ("3", "4\n5\n6", 3, 8, 18),
        ("7", "8", 6, 18, 22),
    ]


# -- Nothing is lost, and the two ways agree -------------------------------------------------------


def test_no_line_disappears_behind_a_stray_quotation_mark() -> None:
    """The marks within the bare fields x"1 and w"2 open no quotation."""
    rows, rejects = read(b'a,b\nx"1,y\nz,w"2\n3,4\n')

    assert sorted([*(row[-3] for row in rows), *(reject.line for reject in rejects)]) == [2, 3, 4]


def test_a_field_of_two_hundred_thousand_bytes_reads_alike_beside_a_quotation() -> None:
    line = b"x" * 200_000 + b",1\n"

    assert refused(b"a,b\n" + line) == refused(b"a,b\n" + line + b'"2",3\n')


def test_a_record_that_begins_with_a_byte_order_mark_reads_alike_beside_a_quotation() -> None:
    marked = b"\xef\xbb\xbf1,2\n"

    assert read(b"a,b\n" + marked)[0][0] == read(b"a,b\n" + marked + b'"3",4\n')[0][0]


def test_a_quotation_that_swallows_the_next_record_is_refused_at_its_first_line() -> None:
    _, rejects = read(b'a,b\n"1\n2",x"y\nz"w,3\n')

    assert rejects[0].line == 2
    assert rejects[0].detail == "a quotation mark stands inside a bare field"
