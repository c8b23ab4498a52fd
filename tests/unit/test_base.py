from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from routewarden.base.canonical import canonical_json, sha256
from routewarden.base.exact import half_even, plain, quotient, to_decimal, to_scaled
from routewarden.base.schema import TABLES, Column, Kind, Type
from routewarden.base.side import SIGN, far_side, near_side
from routewarden.base.time import render_instant, start_of_date, trading_date
from routewarden.native.numbers import parse_instant

HALF_PAST_ONE = 1_782_912_600_000_000_000  # 2026-07-01T13:30:00Z


def wide_column(*values: int | None) -> pl.DataFrame:
    return pl.DataFrame({"n": values}, schema={"n": pl.Int128})


def answers(frame: pl.DataFrame, expr: pl.Expr) -> list[object]:
    return frame.select(expr.alias("answer"))["answer"].to_list()


# -- Exact numbers ---------------------------------------------------------------------------------


def test_a_price_of_ten_and_five_cents_is_a_billion_and_five_million_units() -> None:
    assert answers(wide_column(1_005_000_000, None), to_decimal(pl.col("n"), 8)) == [
        Decimal("10.05"),
        None,
    ]


def test_a_decimal_of_fewer_places_scales_to_the_same_units() -> None:
    decimals = pl.DataFrame({"d": [Decimal("10.05"), None]}, schema={"d": pl.Decimal(10, 2)})

    assert answers(decimals, to_scaled(pl.col("d"), 8)) == [1_005_000_000, None]


@pytest.mark.parametrize(
    ("units", "scale", "text"),
    [
        (1_005_000_000, 8, "10.05"),
        (10_000_000_000, 8, "100"),
        (100, 0, "100"),
        (0, 12, "0"),
        (-1, 8, "-0.00000001"),
        (-50_000_000, 8, "-0.5"),
    ],
)
def test_plain_text_has_no_exponent_and_no_superfluous_zero(
    units: int, scale: int, text: str
) -> None:
    assert answers(wide_column(units), plain(to_decimal(pl.col("n"), scale))) == [text]


def test_plain_text_of_null_is_null() -> None:
    assert answers(wide_column(None), plain(to_decimal(pl.col("n"), 8))) == [None]


@pytest.mark.parametrize(
    ("numerator", "denominator", "places", "nearest"),
    [
        (1, 3, 12, 333_333_333_333),
        (2, 3, 12, 666_666_666_667),
        (-2, 3, 12, -666_666_666_667),
        (2, 3, 4, 6_667),
        (10, 4, 2, 250),
        (1, 2, 0, 0),
        (3, 2, 0, 2),
        (-1, 2, 0, 0),
        (-3, 2, 0, -2),
        (1, 2_000, 3, 0),
        (3, 2_000, 3, 2),
    ],
)
def test_a_quotient_is_the_nearest_unit_and_a_tie_goes_to_the_even_one(
    numerator: int, denominator: int, places: int, nearest: int
) -> None:
    divided = quotient(pl.lit(numerator), pl.lit(denominator), places)

    assert answers(wide_column(0), divided) == [nearest]


def test_a_quotient_over_zero_or_of_nothing_is_null() -> None:
    over_zero = quotient(pl.lit(1), pl.lit(0))
    of_nothing = quotient(pl.col("n"), pl.lit(3))

    assert answers(wide_column(None), over_zero) == [None]
    assert answers(wide_column(None), of_nothing) == [None]


@pytest.mark.parametrize(
    ("numerator", "nearest"), [(5, 2), (7, 4), (-5, -2), (-7, -4), (4, 2), (1, 0)]
)
def test_half_of_an_odd_number_goes_to_the_even_neighbour(numerator: int, nearest: int) -> None:
    assert answers(wide_column(numerator), half_even(pl.col("n"), pl.lit(2))) == [nearest]


def test_rounding_over_zero_is_null() -> None:
    assert answers(wide_column(7), half_even(pl.col("n"), pl.lit(0))) == [None]


# -- Instants --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000000001Z", 1),
        ("1969-12-31T23:59:59.999999999Z", -1),
        ("1970-01-02T00:00:00+00:00", 86_400_000_000_000),
        ("2026-07-01T13:30:00Z", HALF_PAST_ONE),
        ("2026-07-01T13:30:00.5+00:00", HALF_PAST_ONE + 500_000_000),
        ("2026-07-01T13:30:00.123456789Z", HALF_PAST_ONE + 123_456_789),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000_000_000),
    ],
)
def test_an_instant_is_a_count_of_nanoseconds_since_1970(text: str, ns: int) -> None:
    assert answers(pl.DataFrame({"t": [text]}), parse_instant(pl.col("t"))) == [ns]


@pytest.mark.parametrize(
    "text",
    [
        "2026-07-01",
        "2026-07-01T13:30:00",
        "2026-07-01 13:30:00Z",
        "2026-07-01T13:30Z",
        "2026-07-01t13:30:00z",
        "2026-07-01T13:30:00.Z",
        "2026-07-01T13:30:00.1234567890Z",
        "2026-07-01T13:30:00-04:00",
        "2026-07-01T13:30:00+01:00",
        "2026-07-01T24:00:00Z",
        "2026-07-01T13:60:00Z",
        "2026-07-01T13:30:60Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-10T00:00:00Z",
        "1500-01-01T00:00:00Z",
        "9999-12-31T00:00:00Z",
        " 2026-07-01T13:30:00Z",
        "2026-07-01T13:30:00Z\n",
        "1782912600",
        "",
    ],
)
def test_what_is_not_an_instant_in_utc_parses_to_null(text: str) -> None:
    assert answers(pl.DataFrame({"t": [text]}), parse_instant(pl.col("t"))) == [None]


def test_an_instant_is_written_with_nine_digits_and_a_z() -> None:
    frame = pl.DataFrame({"t": [HALF_PAST_ONE, HALF_PAST_ONE + 5, None]})

    assert answers(frame, render_instant(pl.col("t"))) == [
        "2026-07-01T13:30:00.000000000Z",
        "2026-07-01T13:30:00.000000005Z",
        None,
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-07-02T03:59:59.999999999Z", "2026-07-01"),
        ("2026-07-02T04:00:00Z", "2026-07-02"),
        ("2026-11-27T04:59:59.999999999Z", "2026-11-26"),
        ("2026-11-27T05:00:00Z", "2026-11-27"),
    ],
)
def test_a_trading_date_begins_at_midnight_in_new_york(text: str, day: str) -> None:
    dates = trading_date(parse_instant(pl.col("t"))).cast(pl.String)

    assert answers(pl.DataFrame({"t": [text]}), dates) == [day]


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        ("2026-07-02", "2026-07-02T04:00:00.000000000Z"),
        ("2026-11-27", "2026-11-27T05:00:00.000000000Z"),
    ],
)
def test_the_first_instant_of_a_date_follows_daylight_saving(day: str, begins: str) -> None:
    starts = render_instant(start_of_date(pl.col("d").str.to_date()))

    assert answers(pl.DataFrame({"d": [day]}), starts) == [begins]


# -- Sides -----------------------------------------------------------------------------------------

SIDES = pl.DataFrame(
    {
        "side": ["buy", "sell", "sell_short", "sell_short_exempt", "hold", None],
        "bid": [10] * 6,
        "ask": [12] * 6,
    }
)


def test_a_buy_counts_plus_any_sell_minus_and_nothing_else_counts() -> None:
    assert answers(SIDES, SIGN) == [1, -1, -1, -1, None, None]


def test_a_buy_crosses_to_the_ask_and_a_sell_to_the_bid() -> None:
    assert answers(SIDES, far_side(pl.col("bid"), pl.col("ask"))) == [12, 10, 10, 10, None, None]


def test_a_buy_rests_at_the_bid_and_a_sell_at_the_ask() -> None:
    assert answers(SIDES, near_side(pl.col("bid"), pl.col("ask"))) == [10, 12, 12, 12, None, None]


# -- Canonical bytes -------------------------------------------------------------------------------


def test_canonical_bytes_are_sorted_tight_and_utf8() -> None:
    value = {"b": [1, True, None], "a": {"y": "é\n", "x": ()}, "A": -1}

    assert canonical_json(value) == '{"A":-1,"a":{"x":[],"y":"é\\n"},"b":[1,true,null]}'.encode()


def test_the_largest_safe_integer_has_a_canonical_form() -> None:
    assert canonical_json([2**53 - 1, 1 - 2**53]) == b"[9007199254740991,-9007199254740991]"


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        float("nan"),
        2**53,
        -(2**53),
        {1: "one"},
        {"é": 1},
        {"a": {"b": [0.0]}},
        [b"bytes"],
        {1, 2},
        Decimal(1),
        "\ud800",
    ],
)
def test_a_value_another_reader_could_misread_has_no_canonical_form(value: object) -> None:
    with pytest.raises(TypeError, match="has no safe canonical form; write it as a string"):
        canonical_json(value)


def test_the_digest_of_no_bytes_is_the_published_one() -> None:
    published = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    assert sha256(b"") == published


# -- Tables ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("holds", "dtype"),
    [
        (Type.TEXT, pl.String()),
        (Type.WORD, pl.String()),
        (Type.FLAG, pl.Boolean()),
        (Type.INSTANT, pl.Int64()),
        (Type.BEGIN, pl.Int64()),
        (Type.END, pl.Int64()),
        (Type.PRICE, pl.Int64()),
        (Type.QUOTE, pl.Int64()),
        (Type.SEQUENCE, pl.Int64()),
        (Type.QUANTITY, pl.Int128()),
        (Type.SIZE, pl.Int128()),
        (Type.AMOUNT, pl.Int128()),
    ],
)
def test_prices_and_instants_are_64_bits_quantities_and_money_128(
    holds: Type, dtype: pl.DataType
) -> None:
    assert Column("c", holds).dtype == dtype


def test_each_kind_has_the_table_of_its_name() -> None:
    assert {kind: table.kind for kind, table in TABLES.items()} == {kind: kind for kind in Kind}


@pytest.mark.parametrize(
    ("kind", "required"),
    [
        ("orders", "order_id received_at symbol side quantity order_type"),
        ("routes", "route_id order_id venue sent_at quantity"),
        ("fills", "fill_id executed_at price quantity"),
        ("quotes", "symbol at"),
        ("venue-quotes", "symbol at venue"),
        ("trades", "symbol at price size"),
        ("halts", "symbol from"),
        ("securities", "symbol from"),
        ("payments", ""),
        ("vendor-report", ""),
    ],
)
def test_a_table_requires_what_the_data_model_requires(kind: str, required: str) -> None:
    columns = TABLES[Kind(kind)].columns

    assert [column.name for column in columns if column.required] == required.split()


def test_a_table_lists_its_names_and_types_in_the_order_of_its_columns() -> None:
    halts = TABLES[Kind.HALTS]

    assert halts.names == ("symbol", "from", "to", "kind")
    assert list(halts.schema.values()) == [pl.String(), pl.Int64(), pl.Int64(), pl.String()]
