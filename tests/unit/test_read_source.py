"""A file of any kind: told by its first bytes, and read while it is worth it."""

from __future__ import annotations

import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.sources.cat import lines as cat_lines
from routewarden.sources.cat.lines import line_blocks
from routewarden.sources.csv_text import read_csv
from routewarden.sources.file_limits import COLUMNS, FILE_LIMITS, REFUSED
from routewarden.sources.foreign import foreign
from routewarden.sources.profile.reading import Given
from routewarden.sources.reject import Reason, Reject
from routewarden.sources.source import read_source
from routewarden.sources.table import Batch
from tests.line import BOUNDS

HEADER = b"symbol,at,bid,ask\n"
GOOD = b"ABC,2026-07-01T13:30:00Z,1,2\n"
MANY = REFUSED.most + 1


def batches(data: bytes, kind: Kind = Kind.QUOTES) -> list[Batch]:
    return list(read_source(TABLES[kind], data, None, Given(BOUNDS, "name")))


def rejects(data: bytes, kind: Kind = Kind.QUOTES) -> list[Reject]:
    return [reject for batch in batches(data, kind) for reject in batch.rejects]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"\x1f\x8b\x08", "a packed file within"),
        (b"PK\x05\x06" + bytes(18), "an empty archive"),
        (b"name".ljust(257, b"\0") + b"ustar\0", "a tar archive"),
    ],
)
def test_a_file_of_another_kind_is_one_reject(data: bytes, what: str) -> None:
    (reject,) = rejects(data)

    assert (reject.line, reject.reason, reject.end) == (1, Reason.UNREADABLE, len(data))
    assert reject.detail.startswith(f"this is {what}")


@pytest.mark.parametrize("data", [b"", HEADER, b"PAR1", b"8=FIX.4.2\x019=", b'{"type"'])
def test_what_can_be_read_is_nothing_else(data: bytes) -> None:
    assert foreign(data) is None


def test_a_file_that_begins_with_none_but_refused_rows_is_not_read_to_its_end() -> None:
    data = HEADER + b"a\n" * 20 * MANY
    *_, last = found = rejects(data)

    assert MANY < len(found) < 5 * MANY
    assert (last.reason, last.line) == (Reason.ALL_REFUSED, len(found) + 1)
    assert (last.start, last.end) == (found[-2].end, len(data))


def test_a_file_that_ends_there_has_no_rest() -> None:
    found = rejects(b'{"type":1}\n' * MANY, Kind.CAT)

    assert [reject.reason for reject in found] == [Reason.MISSING] * MANY


def test_a_file_with_one_good_row_is_read_whole() -> None:
    data = HEADER + GOOD + b"a\n" * 3 * MANY + GOOD

    assert sum(batch.records.height for batch in batches(data)) == 2
    assert [reject.reason for reject in rejects(data)] == [Reason.RAGGED] * 3 * MANY


def test_a_header_of_too_many_columns_is_none() -> None:
    names = ",".join(f"c{n}" for n in range(COLUMNS.most + 1)).encode()
    (block,) = read_csv(names + b"\n1\n")

    assert [reject.reason for reject in block.rejects] == [Reason.NO_HEADER]
    assert "2,001 columns; 2,000 are the most" in block.rejects[0].detail


def test_blank_lines_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cat_lines, "BLOCK_LINES", 2)
    found = [line for block in line_blocks(b"{}\n\n \n\r\n{}\n  {}\n\n") for line in block]

    assert [(each.number, each.start, each.end, each.content) for each in found] == [
        (1, 0, 3, b"{}"),
        (2, 3, 8, b""),
        (5, 8, 11, b"{}"),
        (6, 11, 16, b"  {}"),
        (7, 16, 17, b""),
    ]


def test_every_limit_says_why_and_what_to_do() -> None:
    assert all(limit.most > 0 and limit.why and limit.way for limit in FILE_LIMITS)
    assert len({limit.what for limit in FILE_LIMITS}) == len(FILE_LIMITS)
