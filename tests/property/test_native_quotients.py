"""Quotients divided by the compiled loop, against fractions and against Polars' long division."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routewarden.base.exact import quotient, to_decimal
from routewarden.native import quotients as module
from routewarden.native.quotients import quotients

WIDEST = 2**127 - 1
MOST = 10**38 - 1

wide = st.integers(-WIDEST - 1, WIDEST) | st.integers(-1000, 1000) | st.integers(-(10**17), 10**17)
Division = tuple[int | None, int | None]


def columns(divisions: list[Division]) -> tuple[pl.Series, pl.Series]:
    schema = {"above": pl.Int128(), "below": pl.Int128()}
    frame = pl.DataFrame(divisions, schema=schema, orient="row")
    return frame["above"], frame["below"]


def nearest(above: int | None, below: int | None, places: int) -> int | None:
    """Python rounds a fraction half to even."""
    if above is None or not below:
        return None
    found = round(Fraction(above, below) * 10**places)
    return found if abs(found) <= MOST else None


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.none() | wide, st.none() | wide), max_size=12), st.integers(0, 38))
@example([(1, 2), (-3, 2), (3, -2), (-1, -2), (5, 0), (0, 5)], 0)
@example([(-WIDEST - 1, -WIDEST - 1), (WIDEST, -WIDEST - 1), (-WIDEST - 1, 1)], 38)
@example([(10**38 - 1, 1), (10**38, 1), (2 * 10**38 // 3, 7)], 1)
@example([(5, 2 * 10**12), (10**35 - 1, 10**35 - 1), (-15, 10**13)], 12)
def test_a_quotient_is_that_of_fractions_rounded_half_to_even(
    divisions: list[Division], places: int
) -> None:
    told = quotients(*columns(divisions), places, 12)

    assert told.dtype == pl.Decimal(38, 12)
    wanted = [nearest(*division, places) for division in divisions]
    assert told.to_list() == [
        None if number is None else Decimal(number).scaleb(-12, Context(prec=38))
        for number in wanted
    ]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(-(10**25), 10**25), st.integers(0, 10**30)), max_size=20),
    st.integers(0, 12),
)
def test_it_is_the_quotient_of_polars(divisions: list[Division], places: int) -> None:
    above, below = columns(divisions)
    slowly = pl.select(to_decimal(quotient(pl.lit(above), pl.lit(below), places), 12)).to_series()

    assert quotients(above, below, places, 12).to_list() == slowly.to_list()


def test_columns_in_pieces_and_parts_of_columns_are_divided_row_by_row() -> None:
    above, below = columns([(number, 7) for number in range(100)])
    pieces = above[:33].append(above[33:])

    assert quotients(pieces, below, 3, 3).to_list() == quotients(above, below, 3, 3).to_list()
    assert quotients(above[9:], below[9:], 0, 0).to_list() == [
        Decimal(round(Fraction(number, 7))) for number in range(9, 100)
    ]


def test_a_column_of_another_type_or_length_is_refused() -> None:
    above, below = columns([(1, 2), (3, 4)])

    with pytest.raises(TypeError, match="not Int64 by Int128"):
        quotients(above.cast(pl.Int64), below, 0, 0)
    with pytest.raises(TypeError, match="not Int128 by Int64"):
        quotients(above, below.cast(pl.Int64), 0, 0)
    with pytest.raises(TypeError, match="divided by as many"):
        quotients(above, below[:1], 0, 0)
    with pytest.raises(ValueError, match="0 to 38 places, not 39"):
        quotients(above, below, 39, 0)


def test_no_memory_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_quotients", lambda *_: -1)

    with pytest.raises(MemoryError):
        quotients(*columns([(1, 2)]), 0, 0)
