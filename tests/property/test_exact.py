from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routewarden.base.exact import half_even, plain, quotient, to_decimal, to_scaled

MOST = 10**38 - 1
WIDE = 2**126

wide = st.integers(-MOST, MOST) | st.integers(-1000, 1000)
divisors = st.integers(0, 10**35 - 1) | st.integers(0, 100)
Division = tuple[int, int]


def evaluated(divisions: list[Division], expr: pl.Expr) -> list[Any]:
    dtypes = {"n": pl.Int128(), "d": pl.Int128()}
    return pl.DataFrame(divisions, schema=dtypes, orient="row").select(a=expr)["a"].to_list()


def nearest(numerator: int, denominator: int, places: int = 0) -> int | None:
    """Python rounds a fraction half to even."""
    return round(Fraction(numerator, denominator) * 10**places) if denominator else None


@st.composite
def to_places(draw: st.DrawFn) -> tuple[int, list[Division]]:
    """The places of some quotients that fit 128 bits, and their divisions."""
    places, divisions = draw(st.integers(0, 14)), []
    for divisor in draw(st.lists(divisors, min_size=1, max_size=12)):
        limit = min(WIDE, WIDE * max(divisor, 1) // 10**places)
        divisions.append((draw(st.integers(-limit, limit) | st.integers(-50, 50)), divisor))
    return places, divisions


@settings(deadline=None, max_examples=60)
@given(to_places())
@example((0, [(1, 2), (-3, 2), (3, 2), (-1, 2)]))
@example((12, [(5, 2 * 10**12), (10**35 - 1, 10**35 - 1), (-15, 10**13)]))
def test_a_quotient_is_that_of_fractions_rounded_half_to_even(
    drawn: tuple[int, list[Division]],
) -> None:
    places, divisions = drawn

    assert evaluated(divisions, quotient(pl.col("n"), pl.col("d"), places)) == [
        nearest(*division, places) for division in divisions
    ]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(wide, st.integers(0, 2**125) | st.integers(0, 50)), max_size=12))
@example([(-5, 2), (7, 2), (5, 2), (-7, 2), (1, 0)])
def test_rounding_is_that_of_fractions(divisions: list[Division]) -> None:
    assert evaluated(divisions, half_even(pl.col("n"), pl.col("d"))) == [
        nearest(*division) for division in divisions
    ]


@settings(deadline=None, max_examples=60)
@given(st.lists(wide, max_size=12), st.integers(0, 37))
@example([MOST, -MOST, 0], 37)
@example([MOST, -MOST, 0], 0)
def test_38_digits_survive_being_decimals(units: list[int], scale: int) -> None:
    decimals = to_decimal(pl.col("n"), scale)
    pairs = [(number, 0) for number in units]

    assert evaluated(pairs, decimals) == [
        Decimal(number).scaleb(-scale, Context(prec=38)) for number in units
    ]
    assert evaluated(pairs, to_scaled(decimals, scale)) == units


@settings(deadline=None, max_examples=60)
@given(st.lists(wide, max_size=12), st.integers(0, 37))
def test_plain_text_is_the_same_number_without_exponent_or_superfluous_zero(
    units: list[int], scale: int
) -> None:
    texts = evaluated([(number, 0) for number in units], plain(to_decimal(pl.col("n"), scale)))

    for number, text in zip(units, texts, strict=True):
        assert Fraction(text) == Fraction(number, 10**scale)
        assert not set(text) - set("-.0123456789")
        assert "." not in text or text[-1] not in "0."
