"""Dates, fixed widths and Parquet, by a profile."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest

from routewarden.sources import csv_text
from routewarden.sources.profile.parse import read_profile
from routewarden.sources.profile.reading import rows_of
from routewarden.sources.reject import Reason
from tests.profiled import AT, HEAD, TRADES, only, read, whole

# -- Dates of times of day -------------------------------------------------------------------------

OF_DAY = TRADES.replace('"T"', '{ column = "T", form = "%H%M%S" }')


@pytest.mark.parametrize(
    ("where", "data", "name"),
    [
        ('name = "_(.*)_", form = "%Y%m%d"', b"S,T,P,Q\n", "trades_20260701_1.csv"),
        ('name = "[0-9]{8}", form = "%Y%m%d"', b"S,T,P,Q\n", "trades20260701.csv"),
        ('line = 1, match = "as of (.*)", form = "%m/%d/%Y"', b"as of 07/01/2026\r\nS,T,P,Q\n", ""),
        ("line = 2", b"\n2026-07-01\nS,T,P,Q\n", ""),
    ],
)
def test_the_date_of_times_of_day_is_in_the_name_or_a_line(
    where: str, data: bytes, name: str
) -> None:
    skip = data.count(b"\n") - 1
    profile = f"{HEAD}[file]\nskip = {skip}\n[time]\ndate = {{ {where} }}\n" + OF_DAY

    records = whole(profile, data + b"A,133000,1,1\n", name=name).records

    assert records["at"].to_list() == [1_782_912_600 * 10**9]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_the_date_may_be_in_the_trailer(encoding: str) -> None:
    profile = (
        f'{HEAD}[file]\nencoding = "{encoding}"\nend = "END"\n'
        '[time]\ndate = { line = -1, match = "END.(.*)" }\n' + OF_DAY
    )
    data = "S,T,P,Q\nA,133000,1,1\nEND,2026-07-01\n\n".encode(encoding)

    first, last = read(profile, data)

    assert first.records["at"].to_list() == [1_782_912_600 * 10**9]
    assert (last.others, last.records.height, last.position) == (1, 0, len(data))


@pytest.mark.parametrize(
    ("where", "detail"),
    [
        ('name = "_(.*)_"', "the file's name 'f' states no date: nothing in it is like _(.*)_"),
        ('name = "(f)"', "the file's name 'f' states no date: 'f' is not of the form %Y-%m-%d"),
        ("line = 9", "line 9 of the file states no date: '' is not of the form %Y-%m-%d"),
        ("line = -9", "line -9 of the file states no date: '' is not of the form %Y-%m-%d"),
    ],
)
def test_a_file_that_does_not_say_its_date_is_refused(where: str, detail: str) -> None:
    profile = f"{HEAD}[time]\ndate = {{ {where} }}\n" + OF_DAY

    reject = only(profile, b"S,T,P,Q\nA,133000,1,1\n")

    assert (reject.reason, reject.detail) == (Reason.NO_DATE, detail)


# -- Fixed widths ----------------------------------------------------------------------------------

FIXED = """
name = "n"
[file]
format = "fixed"
skip = 1
end = "Z"
encoding = "iso-8859-1"
fields = { S = [0, 3], T = [3, 10], P = [13, 4], Q = [17, 2] }
{record}
[[table]]
kind = "trades"
[table.columns]
symbol = "S"
at = { column = "T", form = "epoch_s" }
price = { column = "P", times = "0.01" }
size = "Q"
"""
LINES = [
    b"\xe9 B1782912600 150 1\r\n",
    b"\r\n",
    b"B  17829126000150 2\n",
    b"C  1782912600015\n",
    b"D  17829126000150 22\n",
    b"E\0 17829126000150 2\n",
]


def test_fields_of_a_fixed_width_are_found_by_their_place() -> None:
    data = b"head\n" + b"".join(LINES) + b"Z the end"

    first, last = read(FIXED.replace("{record}", ""), data)

    assert first.records.select("symbol", "price", "size", "line", "start", "end").rows() == [
        ("é B", 150_000_000, 10**8, 2, 5, 26),
        ("B", 150_000_000, 2 * 10**8, 4, 28, 48),
    ]
    assert [
        (each.line, each.reason, each.detail, each.start, each.end) for each in first.rejects
    ] == [
        (5, Reason.RAGGED, "16 characters where a line has 19", 48, 65),
        (6, Reason.RAGGED, "20 characters where a line has 19", 65, 86),
        (7, Reason.NUL_BYTE, "the record holds a NUL byte", 86, 106),
    ]
    assert (first.others, last.others, last.position) == (0, 1, len(data))


def test_a_line_may_go_on_after_its_last_field_where_the_profile_says_so() -> None:
    data = b"head\n" + b"".join(LINES)

    (batch,) = read(FIXED.replace("{record}", 'record = "longer"'), data)

    assert batch.records["line"].to_list() == [2, 4, 6]
    assert [each.line for each in batch.rejects] == [5, 7]


def test_a_line_of_a_fixed_width_that_is_not_text_or_too_long_costs_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_text, "RECORD_BYTES", 40)
    profile = FIXED.replace("{record}", "").replace("iso-8859-1", "utf-8").replace('"Z"', '""')
    data = b"head\n" + b"\xff\n" + b"x" * 50 + b"\n" + LINES[2].rstrip()

    (batch,) = read(profile, data)

    assert batch.records["line"].to_list() == [4]
    assert [(each.line, each.reason, each.detail) for each in batch.rejects] == [
        (2, Reason.ENCODING, "the record is not UTF-8"),
        (3, Reason.TOO_LONG, "the record is over 40 bytes"),
    ]


# -- Parquet ---------------------------------------------------------------------------------------


def stored(frame: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


def test_a_parquet_file_is_read_by_its_columns_whatever_the_format_says() -> None:
    """Its timestamps are instants, or local times, whatever the form of text."""
    profile = FIXED.replace("{record}", "").replace('form = "epoch_s"', 'zone = "America/New_York"')
    moment = datetime(2026, 7, 1, 9, 30, 0, 250)  # noqa: DTZ001 - a local time
    frame = pl.DataFrame(
        {"S": ["A"], "T": [moment], "P": [Decimal(150)], "Q": [3], "d": [date(2026, 7, 1)]}
    )

    batch = whole(profile, stored(frame))

    row = batch.records.row(0, named=True)
    assert (row["at"], row["price"], row["size"]) == (
        1_782_912_600_000_250_000,
        15 * 10**7,
        3 * 10**8,
    )
    assert (row["x_d"], row["line"]) == ("2026-07-01", 1)


def test_a_binary_float_is_refused_in_a_column_that_is_read() -> None:
    frame = pl.DataFrame(
        {"S": ["A", "B"], "T": [AT, AT], "P": [1.5, None], "Q": [1, 1], "z": [0.5, 0]}
    )

    batch = whole(HEAD + TRADES, stored(frame))

    assert [(each.line, each.reason) for each in batch.rejects] == [
        (1, Reason.BINARY_FLOAT),
        (2, Reason.MISSING),
    ]


def test_a_damaged_parquet_file_is_one_reject() -> None:
    assert only(HEAD + TRADES, b"PAR1 and no more").reason is Reason.UNREADABLE


# -- Texts of some lines ---------------------------------------------------------------------------


def test_the_texts_of_lines_are_found_again() -> None:
    profile = read_profile(HEAD + TRADES)
    data = f"S,T,P,Q\nA,{AT},1,\nB,{AT},2,1\n".encode()

    assert rows_of(data, profile, [2])[0] | {"start": 0, "end": 0} == {
        "S": "A",
        "T": AT,
        "P": "1",
        "Q": None,
        "line": 2,
        "start": 0,
        "end": 0,
    }
    assert rows_of(data, profile, [9]) == []
