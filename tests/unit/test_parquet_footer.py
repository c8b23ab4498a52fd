"""What a Parquet file may say of itself, and what it may not."""

from __future__ import annotations

import io
from collections.abc import Mapping

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.sources.file_limits import PARQUET_DEPTH, PARQUET_FOOTER
from routewarden.sources.parquet_footer import Sound, sound_rows
from routewarden.sources.parquet_table import _letters, read_parquet
from routewarden.sources.reject import Reason
from routewarden.sources.thrift import Struct, ThriftError, read_struct
from tests.matrix.forged import (
    DICTIONARY_PAGE,
    INT_64,
    SOUND,
    Said,
    deep,
    file_of,
    forged,
    nested,
    page,
    thrift,
    told_often,
)

NUMBERS = b"".join(n.to_bytes(8, "little") for n in range(3))
BODY = page(3, NUMBERS)

FORGED: Mapping[str, tuple[bytes, str]] = {
    "no end": (SOUND[:-1], "does not end as one"),
    "too short": (b"PAR1PAR1", "does not end as one"),
    "a footer too large": (file_of(b"", b"", PARQUET_FOOTER.most + 1), "are the most"),
    "a footer longer than the file": (file_of(BODY, b"\0", 999), "longer than it is"),
    "a footer that breaks off": (file_of(BODY, b"\x19"), "breaks off"),
    "structs that are passed over": (nested(99), "too deep"),
    "more values than a footer has": (file_of(b"", thrift({9: [1] * 1_000_001})), "values"),
    "a schema without its columns": (forged(BODY, 3, Said(children=2)), "lacks columns"),
    "a schema of columns too many": (forged(BODY, 3, Said(columns=2)), "belong nowhere"),
    "more columns than are read": (
        forged(BODY, 3, Said(columns=2_001, children=2_001)),
        "2,001 columns",
    ),
    "too many levels": (deep(PARQUET_DEPTH.most + 2), "levels deep"),
    "rows less than none": (forged(BODY, 3, Said(rows=-1)), "less than nothing"),
    "a chunk in another file": (forged(BODY, 3, Said(elsewhere=True)), "in another file"),
    "a chunk past the footer": (forged(BODY, 3, Said(packed=9_999)), "outside it"),
    "chunks that share bytes": (forged(BODY, 3, Said(chunks=2)), "share bytes"),
    "a chunk that unpacks too far": (forged(BODY, 3, Said(unpacked=1 << 40)), "unpacks to"),
    "cells too many": (forged(BODY, 3, Said(values=1 << 40)), "cells; "),
    "other cells than its pages": (forged(BODY, 3, Said(values=4)), "should have 4 cells"),
    "a page past its chunk": (forged(BODY, 3, Said(packed=len(BODY) - 1)), "more, or larger"),
    "a page that unpacks too far": (forged(page(3, NUMBERS, 1 << 30), 3), "more, or larger"),
    "pages too many": (forged(page(0, b"") * 99, 0), "more, or larger"),
    "a dictionary of nothing": (
        forged(page(1 << 30, NUMBERS, kind=DICTIONARY_PAGE) + BODY, 3),
        "more words than bytes",
    ),
}


def test_a_sound_file_is_sound() -> None:
    assert sound_rows(SOUND) == Sound(3)
    assert sound_rows(told_often(b"word", 5)) == Sound(5)


@pytest.mark.parametrize("levels", [0, PARQUET_DEPTH.most - 1])
def test_a_column_may_have_some_levels(levels: int) -> None:
    assert sound_rows(deep(levels + 1)) == Sound(0)


@pytest.mark.parametrize("name", FORGED)
def test_what_is_not_so_is_said(name: str) -> None:
    data, why = FORGED[name]
    sound = sound_rows(data)

    assert sound.rows == 0
    assert sound.fault is not None
    assert why in sound.fault


def test_what_is_sound_but_for_its_content_is_refused_by_whoever_reads_it() -> None:
    table, leaf = TABLES[Kind.FILLS], thrift({1: INT_64, 3: 0})[:-1]
    unknown = SOUND.replace(leaf, thrift({1: 63, 3: 0})[:-1])  # a type that is none
    buffer = io.BytesIO()
    pl.DataFrame({"seq": range(999)}).write_parquet(buffer, compression="zstd")
    spoilt = buffer.getvalue().replace(b"\x28\xb5\x2f\xfd", bytes(4), 1)
    for data in (unknown, spoilt):
        assert sound_rows(data).fault is None
        (block,) = read_parquet(table, data)
        assert [reject.reason for reject in block.rejects] == [Reason.UNREADABLE]


def test_one_word_told_too_often_is_more_text_than_a_file_may_stand_for() -> None:
    table = TABLES[Kind.FILLS]
    (block,) = read_parquet(table, told_often(b"x" * 100_000, 10_000))

    assert [reject.line for reject in block.rejects] == [1]
    assert "its text is over" in block.rejects[0].detail


@pytest.mark.parametrize(
    ("values", "letters"),
    [
        (pl.Series(["ab", None, "é"]), 4),
        (pl.Series([b"abc", None]), 3),
        (pl.Series([["ab", "c"], None]), 3),
        (pl.Series([{"a": "xy", "b": [b"z"]}]), 3),
        (pl.Series([1, 2]), 0),
    ],
)
def test_the_bytes_of_text_are_counted_in_whatever_holds_them(
    values: pl.Series, letters: int
) -> None:
    assert _letters(values) == letters


# -- Thrift ----------------------------------------------------------------------------------------


def test_what_is_wanted_is_kept_and_all_else_passed_over() -> None:
    value = thrift({1: 7, 2: b"text", 3: [{1: 1}], 4: {1: -2}, 5: [1, 2], 6: [b"a"], 9: 2**40})
    flags = b"\x11\x12\x13\x05\x17" + bytes(8) + b"\x1a\x21\x01\x02"  # two flags, byte, double, set
    data = flags + b"\0"
    found, end = read_struct(value, 0, len(value), {1: None, 2: None, 3: {1: None}, 4: {1: None}})

    assert end == len(value)
    assert found == Struct({1: 7, 2: 4}, {3: [Struct({1: 1})], 4: [Struct({1: -2})]})
    assert found.part(4).numbers == {1: -2}
    assert found.part(8) == Struct()
    assert read_struct(data, 0, len(data), {3: None}) == (Struct({3: 5}), len(data))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x15\x80" + b"\x80" * 9 + b"\x01\0", "past 64 bits"),
        (b"\x1b\x01", "unknown type"),
        (b"\x0f\x02", "unknown type"),
        (b"\x1c\x05\x02\x07", "breaks off"),
        (b"\x18\x7f", "breaks off"),
        (b"\x15", "breaks off"),
    ],
)
def test_what_no_writer_writes_is_an_error(data: bytes, why: str) -> None:
    with pytest.raises(ThriftError, match=why):
        read_struct(data, 0, len(data), {})


def test_a_list_where_a_struct_is_wanted_is_none() -> None:
    data = thrift({1: [1, 2]})

    assert read_struct(data, 0, len(data), {1: {1: None}}) == (Struct({}, {1: []}), len(data))
