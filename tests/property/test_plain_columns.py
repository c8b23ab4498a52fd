"""Columns read from their cells at once, against the same cells read as text and judged singly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routewarden.base.schema import TABLES, Kind
from routewarden.native.cells import Cells
from routewarden.sources import table as reading
from routewarden.sources.table import Batch, read_table
from routewarden.sources.typed import Bounds

BOUNDS = Bounds(1_700_000_000_000_000_000, 1_900_000_000_000_000_000)
NAMES = ("fill_id", "order_id", "executed_at", "price", "quantity", "fee", "x")

digits = st.text("0123456789", max_size=20)
numbers = st.one_of(
    st.sampled_from(["1", "0", "-1", "", "1.", ".5", "-", "1e3", "0.000000001"]),
    st.sampled_from(["1 ", "1000000.00000001", "92233720368.54775807", "9" * 18, "0" * 18 + "1"]),
    st.builds(lambda sign, whole, part: sign + whole + part, st.sampled_from(["", "-"]), digits,
              st.just("") | digits.map(lambda text: "." + text)),
)  # fmt: skip
instants = st.one_of(
    st.sampled_from(["2026-07-01T13:30:00Z", "2026-07-01T13:30:00.5+00:00", "2026-07-01", ""]),
    st.sampled_from(
        ["2023-11-14T22:13:20Z", "2023-11-14T22:13:19.999999999Z", "1600-01-01T00:00Z"]
    ),
    st.sampled_from(
        ["2030-03-17T17:46:40Z", "2030-03-17T17:46:39.999999999Z", "2026-02-30T00:00:00Z"]
    ),
)
rows = st.lists(st.tuples(instants, numbers, numbers, numbers), min_size=1, max_size=6)
usual = st.lists(
    st.tuples(
        st.just("2026-07-01T13:30:00.25Z"),
        st.sampled_from(["10.05", "7", "0.00000001"]),
        st.sampled_from(["100", "0.5", "9999999999.99999999"]),
        st.sampled_from(["", "-0.000000000001", "12.5"]),
    ),
    min_size=1,
)


def batches(cells: Sequence[tuple[str, ...]]) -> list[Batch]:
    lines = [f"F{n},O1,{','.join(row)},e" for n, row in enumerate(cells)]
    data = "\n".join((",".join(NAMES), *lines, "")).encode()
    return list(read_table(TABLES[Kind.FILLS], data, BOUNDS))


def same(cells: Sequence[tuple[str, ...]]) -> None:
    at_once = batches(cells)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "plain_readers", lambda *_: {})
        as_text = batches(cells)
    assert [each.rejects for each in at_once] == [each.rejects for each in as_text]
    for one, other in zip(at_once, as_text, strict=True):
        assert one.records.schema == other.records.schema
        assert one.records.equals(other.records)


@settings(deadline=None, max_examples=250)
@given(rows | usual)
@example([("2026-07-01T13:30:00Z", "1000000", "1", "1"), ("", "1", "1", "")])
def test_a_column_read_at_once_holds_what_its_cells_say_one_by_one(
    cells: list[tuple[str, ...]],
) -> None:
    same(cells)


@pytest.mark.parametrize("side", ["0", "-1", "-0.5", "0.00000001", ""])
def test_so_it_is_with_a_side_that_no_quote_has(side: str) -> None:
    data = f"symbol,at,bid,seq\nA,2026-07-01T13:30:00Z,{side},-7\n".encode()
    (at_once,) = read_table(TABLES[Kind.QUOTES], data, BOUNDS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "plain_readers", lambda *_: {})
        (as_text,) = read_table(TABLES[Kind.QUOTES], data, BOUNDS)

    assert at_once.records.equals(as_text.records)


def cells_of(*texts: str) -> Cells:
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    ends = np.cumsum(lengths)
    starts = np.where(lengths > 0, ends - lengths, -1)
    return Cells(np.frombuffer("".join(texts).encode(), np.uint8), starts, ends)


def test_plain_cells_are_read_at_once() -> None:
    instant = "2026-07-01T13:30:00Z"

    decimals = cells_of("12.5", "", "-3").decimals(2, -300, 1250)
    instants = cells_of(instant, "").instants(BOUNDS.first, BOUNDS.end)

    assert decimals is not None
    assert decimals.to_list() == [1250, None, -300]
    assert instants is not None
    assert instants.to_list() == [1_782_912_600_000_000_000, None]
    assert cells_of("a", "").texts().equals(pl.Series(["a", None]))


@pytest.mark.parametrize(
    "cell", ["12.51", "-3.01", "1.001", "1.", ".1", "1" * 17, "-", "1e2", " 1"]
)
def test_a_cell_that_is_not_plain_or_not_in_range_leaves_its_column_to_others(cell: str) -> None:
    assert cells_of("1", cell).decimals(2, -300, 1250) is None
    assert cells_of("2026-07-01T13:30:00Z", cell).instants(BOUNDS.first, BOUNDS.end) is None
