from __future__ import annotations

from decimal import Context, Decimal
from typing import Any

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routewarden.base.schema import TABLES, Kind
from routewarden.base.time import render_instant
from routewarden.native.numbers import parse_instant
from routewarden.sources.typed import Bounds, conform

FIRST, END = 946_702_800_000_000_000, 1_861_938_000_000_000_000
ENOUGH = Context(prec=80)
COLUMNS = st.sampled_from(["fee", "price", "quantity"])
SCALES = {"price": 8, "quantity": 8, "fee": 12}
LEAST = {"price": 1, "quantity": 1, "fee": -(10**24)}  # in units of the last decimal
MOST = {"price": 10**14, "quantity": 10**20, "fee": 10**24}


def cells(column: str, texts: list[str]) -> list[Any]:
    """What the cells of a column of fills are read as: a value, or the reason for its reject."""
    others = {"fill_id": "F", "order_id": "O", "executed_at": "2026-07-01T00:00:00Z"}
    others |= dict.fromkeys({"price", "quantity"} - {column}, "1")
    rows = pl.DataFrame({column: texts}, schema={column: pl.String()}).with_columns(
        *(pl.lit(text).alias(name) for name, text in others.items()),
        *(pl.lit(0).alias(name) for name in ("start", "end")),
        line=pl.int_range(pl.len(), dtype=pl.Int64),
    )
    records, rejects = conform(TABLES[Kind.FILLS], rows, Bounds(FIRST, END))
    answers: dict[int, Any] = dict(records.select("line", column).iter_rows())
    answers |= {reject.line: reject.reason.value for reject in rejects}
    return [answers[line] for line in range(len(texts))]


@st.composite
def numbers(draw: st.DrawFn, column: str) -> int:
    """A number within the column's range, in units; small ones as often as large."""
    least, most = LEAST[column], MOST[column]
    return draw(st.integers(least, most) | st.integers(max(least, -999), 10**9))


@st.composite
def written(draw: st.DrawFn) -> tuple[str, list[tuple[int, str]]]:
    """A column, and numbers within its range, each in one of the ways of writing it."""
    column = draw(COLUMNS)
    scale, drawn = SCALES[column], []
    for units in draw(st.lists(numbers(column), min_size=1, max_size=10)):
        whole, part = divmod(abs(units), 10**scale)
        digits = f"{part:0{scale}d}"
        digits = digits[: draw(st.integers(len(digits.rstrip("0")), scale))]
        digits += "0" * draw(st.integers(0, 30))
        integer = "" if whole == 0 and digits and draw(st.booleans()) else str(whole)
        zeros = "0" * draw(st.integers(0, 30)) if integer else ""
        point = "." if digits or draw(st.booleans()) else ""
        drawn.append((units, ("-" if units < 0 else "") + zeros + integer + point + digits))
    return column, drawn


@settings(deadline=None, max_examples=70)
@given(written())
@example(("price", [(10**14, "1000000"), (1, "0.00000001")]))
@example(("fee", [(10**24, "1000000000000.0"), (-(10**24), "-1000000000000.")]))
def test_a_decimal_within_range_is_read_exactly(drawn: tuple[str, list[tuple[int, str]]]) -> None:
    column, pairs = drawn
    texts = [text for _, text in pairs]

    assert cells(column, texts) == [units for units, _ in pairs]


@settings(deadline=None, max_examples=60)
@given(COLUMNS, st.data())
def test_a_decimal_beyond_its_range_is_refused(column: str, data: st.DataObject) -> None:
    least, most = LEAST[column], MOST[column]
    above, below = st.integers(most + 1, most * 10**9), st.integers(-most * 10**9, least - 1)
    beyond = data.draw(st.lists(above | below, max_size=8))

    texts = [f"{Decimal(units).scaleb(-SCALES[column], ENOUGH):f}" for units in beyond]

    assert cells(column, texts) == ["out_of_range"] * len(texts)


@settings(deadline=None, max_examples=60)
@given(COLUMNS, st.data())
def test_a_decimal_too_precise_is_refused(column: str, data: st.DataObject) -> None:
    scale, texts = SCALES[column], []
    for units in data.draw(st.lists(numbers(column), max_size=8)):
        whole, part = divmod(abs(units), 10**scale)
        zeros, last = data.draw(st.integers(0, 20)), data.draw(st.integers(1, 9))
        texts.append(f"{whole}.{part:0{scale}d}{'0' * zeros}{last}")

    assert cells(column, texts) == ["too_precise"] * len(texts)


around = st.sampled_from([" ", "\t", "\u00a0", "+", "$", "_", "'"])
not_plain = st.one_of(
    st.floats().map(repr).filter(lambda text: "e" in text or "n" in text),
    st.decimals(allow_nan=False, allow_infinity=False).map(lambda number: f"{number:e}"),
    around.map(lambda mark: mark + "1"),
    around.map(lambda mark: "1" + mark),
    st.sampled_from(["nan", "NaN", "inf", "-inf", "Infinity", "1,000", "1..2", "1.2.3", "0x1"]),
)


@settings(deadline=None, max_examples=70)
@given(COLUMNS, st.lists(not_plain, max_size=10))
def test_what_is_not_a_plain_decimal_is_refused(column: str, texts: list[str]) -> None:
    assert cells(column, texts) == ["not_a_decimal"] * len(texts)


@settings(deadline=None, max_examples=70)
@given(COLUMNS, st.lists(st.text(alphabet="0123456789.-+eE\u0663\uff17 n", min_size=1)))
def test_text_is_read_as_what_it_says_or_refused(column: str, texts: list[str]) -> None:
    for text, value in zip(texts, cells(column, texts), strict=True):
        if not isinstance(value, str):
            assert text.isascii()
            assert Decimal(value).scaleb(-SCALES[column], ENOUGH) == Decimal(text)


# -- Instants, from 1700 to 2259 -------------------------------------------------------------------

instants = st.integers(-8_520_336_000 * 10**9, 9_151_488_000 * 10**9 - 1) | st.integers(FIRST, END)


def parsed(texts: list[str]) -> list[int | None]:
    return (
        pl.DataFrame({"t": texts}, schema={"t": pl.String()})
        .select(parse_instant(pl.col("t")))["t"]
        .to_list()
    )


def rendered(instant: list[int]) -> list[str]:
    return (
        pl.DataFrame({"t": instant}, schema={"t": pl.Int64()})
        .select(render_instant(pl.col("t")))["t"]
        .to_list()
    )


@settings(deadline=None, max_examples=70)
@given(st.lists(instants))
@example([-1, 0, 1])
def test_an_instant_written_and_read_is_the_same_nanosecond(instant: list[int]) -> None:
    assert parsed(rendered(instant)) == instant


@settings(deadline=None, max_examples=70)
@given(st.lists(instants), st.integers(0, 9), st.sampled_from(["Z", "+00:00"]))
def test_an_instant_may_have_no_digits_to_nine(instant: list[int], digits: int, zone: str) -> None:
    kept = [ns // 10 ** (9 - digits) * 10 ** (9 - digits) for ns in instant]
    texts = [text[: 20 + digits].removesuffix(".") + zone for text in rendered(kept)]

    assert parsed(texts) == kept


@settings(deadline=None, max_examples=70)
@given(st.lists(st.text(alphabet="0123456789-:.TZ+ \u0663", max_size=30)))
def test_text_is_read_as_the_instant_it_says_or_as_null(texts: list[str]) -> None:
    """What is read is written back with the same seconds."""
    for text, ns in zip(texts, parsed(texts), strict=True):
        if ns is not None:
            assert rendered([ns])[0][:19] == text[:19]


@settings(deadline=None, max_examples=70)
@given(st.lists(st.datetimes(), max_size=8), st.sampled_from(["", "-04:00", "+01:00", "z", " Z"]))
def test_a_time_in_another_zone_or_none_is_null(texts: list[Any], zone: str) -> None:
    assert parsed([f"{text.isoformat()}{zone}" for text in texts]) == [None] * len(texts)
