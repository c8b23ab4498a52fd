"""Delimited text in a file's own form."""

from __future__ import annotations

from typing import Any

import pytest

from routewarden.sources import csv_text
from routewarden.sources.csv_text import Form, read_csv
from routewarden.sources.encoding import ENCODINGS, UTF16_BE, UTF16_LE, Encoding, told_apart
from routewarden.sources.reject import Reason, Reject

Rows = list[tuple[Any, ...]]


def read(data: bytes, form: Form) -> tuple[Rows, list[Reject], int]:
    blocks = list(read_csv(data, form))
    rows = [row for block in blocks for row in block.frame.rows()]
    rejects = [reject for block in blocks for reject in block.rejects]
    return rows, rejects, sum(block.others for block in blocks)


def test_another_delimiter_and_quotation_mark() -> None:
    form = Form(delimiters=(";",), quote="'")

    assert read(b"a;b\n1,5;'x;''y'\n", form)[0] == [("1,5", "x;'y", 2, 4, 16)]


def test_without_a_quotation_mark_quotes_are_text_on_either_way() -> None:
    form = Form(quote=None)

    assert read(b'a,b\n"1,2"\n', form)[0] == [('"1', '2"', 2, 4, 10)]
    assert read(b'a,b\n"1,2"\n\n', form)[0] == [('"1', '2"', 2, 4, 10)]


def test_of_several_delimiters_the_one_that_names_the_columns_wanted() -> None:
    form = Form(delimiters=(",", "|"), wanted=frozenset({"b", "c,d"}))

    assert read(b"a|b|c,d\n1|2|3,4\n", form)[0] == [("1", "2", "3,4", 2, 8, 16)]


def test_of_two_delimiters_that_suit_alike_the_first() -> None:
    form = Form(delimiters=("|", ","), wanted=frozenset({"a"}))

    assert read(b"a|b,a\n1|2,3\n", form)[0] == [("1", "2,3", 2, 6, 12)]


def test_of_several_delimiters_the_one_that_gives_as_many_fields_as_there_are_names() -> None:
    form = Form(delimiters=(",", "|"), columns=("x", "y"))

    assert read(b"a,b,c|d\n1,2,3|4\n", form)[0] == [("1,2,3", "4", 2, 8, 16)]


def test_lines_before_the_header_are_passed_over_and_counted() -> None:
    assert read(b"Report\n\na,b\n1,2\n", Form(skip=2))[0] == [("1", "2", 4, 12, 16)]


def test_without_a_header_the_first_line_is_a_record() -> None:
    form = Form(header=False, columns=("a", "line"))

    assert read(b"\xef\xbb\xbf1,2\n3\n", form) == (
        [("1", "2", 1, 3, 7)],
        [Reject(2, Reason.RAGGED, "1 fields where there should be 2", None, 7, 9)],
        0,
    )


def test_names_given_stand_for_those_of_the_header_even_where_it_repeats_itself() -> None:
    (block,) = read_csv(b"a,a\n1,2\n", Form(columns=("first", "second")))

    assert block.frame.columns[:2] == ["first", "second"]


def test_a_header_of_another_number_of_fields_is_refused() -> None:
    _, rejects, _ = read(b"a,b,c\n1,2,3\n", Form(columns=("first", "second")))

    assert [(each.reason, each.detail) for each in rejects] == [
        (Reason.NO_HEADER, "the header has 3 fields where 2 are named")
    ]


def test_names_are_stripped_where_the_form_says_so() -> None:
    (block,) = read_csv(b" a , b\n1,2\n", Form(strip=True))

    assert block.frame.columns[:2] == ["a", "b"]


@pytest.mark.parametrize("tail", [b"END,2\n", b"END,2", b"END,2\n\n", b"END\nEND,2\r\n"])
def test_a_trailer_is_neither_a_record_nor_a_reject(tail: bytes) -> None:
    rows, rejects, others = read(b"a,b\n1,2\n" + tail, Form(end="END"))

    assert (rows, rejects, others) == ([("1", "2", 2, 4, 8)], [], tail.count(b"END"))


def test_a_line_like_a_trailer_before_the_end_is_a_record() -> None:
    rows, _, others = read(b"a,b\nEND1,2\n3,4\n", Form(end="END"))

    assert ([row[0] for row in rows], others) == (["END1", "3"], 0)


def test_a_trailer_is_looked_for_in_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "RECORD_BYTES", 8)

    assert read(b"a,b\n1,2\n3,ENDE\nEND\n", Form(end="END"))[0] == [
        ("1", "2", 2, 4, 8),
        ("3", "ENDE", 3, 8, 15),
    ]


def test_a_last_line_too_long_to_look_at_is_no_trailer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "RECORD_BYTES", 8)

    _, rejects, others = read(b"a,b\n1,2\nEND" + b"E" * 40, Form(end="E"))

    assert ([each.reason for each in rejects], others) == ([Reason.TOO_LONG], 0)


def test_a_file_that_is_all_trailer_has_no_records() -> None:
    assert read(b"END,1\nEND,2\n", Form(end="END")) == ([], [], 2)


def test_a_letter_of_one_byte_is_the_letter_of_its_encoding() -> None:
    form = Form(encoding=ENCODINGS["cp1252"])

    assert read(b"a,b\n\xe9,\x80\n1,2\n", form)[0] == [
        ("é", "€", 2, 4, 8),
        ("1", "2", 3, 8, 12),
    ]


def test_a_byte_that_means_nothing_costs_its_record() -> None:
    rows, rejects, _ = read(b"a,b\n\xe9,1\n\x81,2\n3,4\n", Form(encoding=ENCODINGS["cp1252"]))

    assert [row[-3:] for row in rows] == [(2, 4, 8), (4, 12, 16)]
    assert rejects == [Reject(3, Reason.ENCODING, "the record is not cp1252", None, 8, 12)]


@pytest.mark.parametrize("encoding", [UTF16_LE, UTF16_BE])
def test_utf_16_is_read_and_its_places_are_those_of_its_bytes(encoding: Encoding) -> None:
    """The letter U+0A0A is made of two bytes like line feeds."""
    data = encoding.mark + 'a,b\n\u0a0a,é\n\n"1\n2",3\n'.encode(encoding.codec)

    assert read(data, Form(encoding=encoding))[0] == [
        ("\u0a0a", "é", 2, 10, 18),
        ("1\n2", "3", 4, 20, 36),
    ]


@pytest.mark.parametrize(
    ("encoding", "halves"), [(UTF16_LE, "\u0a41\u0100"), (UTF16_BE, "\u4100\u0a01")]
)
def test_the_halves_of_two_letters_end_no_line(
    encoding: Encoding, halves: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_text, "BLOCK_BYTES", 1)
    data = f"a,b\n{halves},1\n2,3\n".encode(encoding.codec)

    assert [row[:3] for row in read(data, Form(encoding=encoding))[0]] == [
        (halves, "1", 2),
        ("2", "3", 3),
    ]


def test_half_a_letter_of_utf_16_costs_its_record() -> None:
    data = "a,b\n1,2\n".encode("utf-16-le") + b"\x00\xd8,\x001\x00\n\x00" + b"5\0,\0" + b"6\0\n"

    rows, rejects, _ = read(data, Form(encoding=UTF16_LE))

    assert [row[:3] for row in rows] == [("1", "2", 2)]
    assert [(each.line, each.reason, each.start, each.end) for each in rejects] == [
        (3, Reason.ENCODING, 16, 24),
        (4, Reason.ENCODING, 24, 31),
    ]


def test_a_header_in_another_encoding_is_refused() -> None:
    _, rejects, _ = read(b"a,\x81\n1,2\n", Form(encoding=ENCODINGS["cp1252"]))

    assert [each.detail for each in rejects] == ["the header is not cp1252"]


def test_utf_16_is_told_by_its_mark() -> None:
    assert told_apart("utf-16", b"\xff\xfea\0") is UTF16_LE
    assert told_apart("utf-16", b"\xfe\xff\0a") is UTF16_BE
    assert told_apart("utf-16", b"a\0") is None
    assert told_apart("cp850", b"a") is ENCODINGS["cp850"]


def test_a_line_of_ten_megabytes_and_a_nul_cost_themselves_alone() -> None:
    for name in ("utf-8", "cp1252", "utf-16-le"):
        text = "a,b\n1,2\n" + "x" * 10_000_000 + ",1\n\0,2\n3,4\n"

        rows, rejects, _ = read(text.encode(name), Form(encoding=ENCODINGS[name]))

        assert [row[:3] for row in rows] == [("1", "2", 2), ("3", "4", 5)]
        assert [(each.line, each.reason) for each in rejects] == [
            (3, Reason.TOO_LONG),
            (4, Reason.NUL_BYTE),
        ]


def test_a_quotation_crosses_the_end_of_a_block_in_any_encoding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_text, "BLOCK_BYTES", 6)
    data = 'a,b\n1,2\n3,"4\n5\n6"\n7,8\n'

    for name in ("cp1252", "utf-16-le"):
        rows, rejects, _ = read(data.encode(name), Form(encoding=ENCODINGS[name]))

        assert [row[:3] for row in rows] == [("1", "2", 2), ("3", "4\n5\n6", 3), ("7", "8", 6)]
        assert rejects == []
