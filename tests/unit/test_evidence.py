from __future__ import annotations

from decimal import Decimal

import pytest

from routewarden.evidence.table import (
    Cell,
    Heading,
    by_class,
    by_dimension,
    count_cell,
    metric_cell,
    text_cell,
)
from routewarden.evidence.tickchart import Mark, Step, TickChart, draw, elapsed
from routewarden.measures.measure import Better, Unit
from routewarden.measures.scorecard import Cell as MetricCell
from routewarden.measures.scorecard import Left, Metric, Row
from routewarden.measures.shown import shown, unit_shown

FILL_RATE = Metric("fill_rate", "Fill rate", Unit.FRACTION, Better.HIGHER, "fill_rate")
COST = Metric("slippage", "Slippage", Unit.PER_SHARE, Better.LOWER, "slippage")


def value(metric: Metric, text: str | None) -> MetricCell:
    number = None if text is None else Decimal(text)
    return MetricCell(metric, number, applies=True, n=1, shares=Decimal(1200), coverage=Decimal(1))


# -- Cells -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cell"),
    [("a", Cell("a", "a")), ("", Cell("", "")), (None, Cell("\N{EN DASH}", ""))],
)
def test_text_is_shown_as_it_is_and_its_absence_as_a_dash(text: str | None, cell: Cell) -> None:
    assert text_cell(text) == cell


@pytest.mark.parametrize(
    ("number", "cell"),
    [
        (1234567, Cell("1,234,567", "1234567")),
        (Decimal("1234.5"), Cell("1,234", "1234.5")),
        (Decimal("1E+3"), Cell("1,000", "1000")),
    ],
)
def test_a_count_is_shown_whole_and_kept_exact(number: int | Decimal, cell: Cell) -> None:
    assert count_cell(number) == cell


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        ("0.66666", Unit.FRACTION, "66.7 %"),
        ("1234.56", Unit.MS, "1,234.6"),
        ("0.01234", Unit.PER_SHARE, "0.01234"),
        ("-0.01", Unit.PER_SHARE, "\N{MINUS SIGN}0.01000"),
        ("29.94", Unit.BPS, "29.9"),
        ("1234.567", Unit.MONEY, "1,234.57"),
        ("1234.4", Unit.SHARES, "1,234"),
        ("7", Unit.COUNT, "7"),
        (None, Unit.MS, "\N{EN DASH}"),
    ],
)
def test_a_number_is_shown_as_its_unit_is_read(number: str | None, unit: Unit, text: str) -> None:
    assert shown(None if number is None else Decimal(number), unit) == text


def test_a_fraction_is_headed_as_percent_and_any_other_unit_by_its_name() -> None:
    assert unit_shown(Unit.FRACTION) == "%"
    assert unit_shown(Unit.PER_SHARE) == "price/share"


def test_a_metric_shows_its_value_its_shares_and_what_is_left_out() -> None:
    cell = MetricCell(
        COST,
        Decimal("0.0123456"),
        applies=True,
        n=2,
        shares=Decimal(1200),
        coverage=Decimal("0.75"),
        excluded={"none": Left(1, Decimal(300)), "crossed": Left(1, Decimal(1100))},
    )

    assert metric_cell(cell) == Cell(
        "0.01235", "0.0123456", "left out: crossed 1,100, none 300", "75.0 % of 1,200"
    )


def test_a_metric_without_a_value_says_what_it_covers_all_the_same() -> None:
    cell = MetricCell(COST, None, applies=True, n=0, shares=Decimal(0), coverage=None)

    assert metric_cell(cell) == Cell("\N{EN DASH}", "", "nothing left out", "0 sh")


def test_a_metric_that_covers_every_share_says_all() -> None:
    assert metric_cell(value(COST, "1")).basis == "all of 1,200"


@pytest.mark.parametrize(
    "cell",
    [None, MetricCell(COST, None, applies=False, n=0, shares=Decimal(0), coverage=None)],
)
def test_a_metric_that_does_not_apply_says_so(cell: MetricCell | None) -> None:
    assert metric_cell(cell) == Cell("\N{EN DASH}", "", "not applicable")


# -- Tables ----------------------------------------------------------------------------------------

ROWS = tuple(
    Row(
        {"asset_class": asset, "population": population, "order_class": order_class, "venue": "X"},
        cells,
    )
    for asset, population, order_class, cells in (
        ("equity", "customer", "other", (value(FILL_RATE, "0.5"),)),
        ("equity", "customer", "market", (value(FILL_RATE, "1"), value(COST, "0.01"))),
        ("equity", "directed", "market", (value(FILL_RATE, "0.9"),)),
        ("crypto", "customer", "market", (value(FILL_RATE, "0.8"),)),
        (None, "no_order", None, (value(COST, None),)),
    )
)
CLASSES = ("market", "away", "other")


def test_a_scorecard_has_a_row_for_each_metric_and_a_column_for_each_class_present() -> None:
    table = by_class(ROWS, ("equity", "customer"), CLASSES)

    assert [heading.title for heading in table.headings] == [
        *("Metric", "Unit", "▲▼", "market", "other")
    ]
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Fill rate", "%", "▲", "100.0 %", "50.0 %"],
        ["Slippage", "price/share", "▼", "0.01000", "\N{EN DASH}"],
    ]


def test_a_scorecard_is_of_one_asset_class_and_one_population() -> None:
    table = by_class(ROWS, ("crypto", "customer"), CLASSES)

    assert table.name == "scorecard-crypto-customer"
    assert table.title == "Crypto: customer orders, held, not directed, in the regular session"
    assert [row[-1].text for row in table.rows] == ["80.0 %"]


def test_a_scorecard_of_fills_without_orders_is_of_an_unknown_asset_class() -> None:
    table = by_class(ROWS, (None, "no_order"), CLASSES)

    assert table.title == "Unknown: executions whose order is not held"
    assert [heading.title for heading in table.headings] == ["Metric", "Unit", "▲▼"]


def test_a_breakdown_has_a_row_for_each_group_and_the_metrics_asked_for() -> None:
    table = by_dimension(ROWS[:2], "venue", ("slippage", "fill_rate", "unheard of"))

    assert table.headings[3:] == (
        Heading("Slippage", "price/share", "▼ lower is better", numeric=True),
        Heading("Fill rate", "%", "▲ higher is better", numeric=True),
    )
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["X", "equity", "other", "\N{EN DASH}", "50.0 %"],
        ["X", "equity", "market", "0.01000", "100.0 %"],
    ]


def test_a_breakdown_shows_a_dash_for_a_group_without_a_name() -> None:
    table = by_dimension(ROWS[4:], "order_class", ("slippage",))

    assert (table.name, table.title) == ("by-order_class", "By order class")
    assert [cell.text for cell in table.rows[0]] == ["\N{EN DASH}"] * 4


# -- Tick charts -----------------------------------------------------------------------------------

TEN, ELEVEN = Decimal(10), Decimal(11)
SECOND = 1_000_000_000


def chart(*steps: Step, marks: tuple[Mark, ...] = ()) -> str:
    """One second from receipt on; 684 wide from x = 64, 196 high from y = 14."""
    return draw(TickChart(0, 0, SECOND, steps, marks))


def test_a_quote_is_drawn_from_its_instant_to_the_end() -> None:
    """From 10 to 11 with an eighth of that as margin, 10 is at 9/10 of the height, 11 at 1/10."""
    svg = chart(Step(0, TEN, ELEVEN))

    assert '<path class="bid" d="M64.0 190.4H748.0"/>' in svg
    assert '<path class="ask" d="M64.0 33.6H748.0"/>' in svg


def test_the_next_quote_is_a_step_from_the_one_before() -> None:
    svg = chart(Step(0, TEN, ELEVEN), Step(SECOND // 2, TEN, TEN))

    assert '<path class="ask" d="M64.0 33.6H406.0L406.0 190.4H748.0"/>' in svg


def test_an_absent_side_leaves_a_gap() -> None:
    half, most = SECOND // 2, SECOND * 3 // 4
    svg = chart(Step(0, TEN, ELEVEN), Step(half, None, ELEVEN), Step(most, TEN, ELEVEN))

    assert '<path class="bid" d="M64.0 190.4H406.0M577.0 190.4H748.0"/>' in svg


def test_a_side_always_absent_is_not_drawn() -> None:
    svg = chart(Step(0, None, ELEVEN))

    assert '<path class="bid"' not in svg
    assert '<path class="ask"' in svg


def test_a_chart_without_quotes_shows_its_marks() -> None:
    svg = chart(marks=(Mark(0, "filled", "100 at 10", TEN),))

    assert "<path" not in svg
    assert '<circle cx="64.0"' in svg


def test_a_fill_is_a_dot_at_its_price_and_counts_for_the_range() -> None:
    svg = chart(Step(0, TEN, TEN), marks=(Mark(SECOND, "filled", "100 at 11", ELEVEN),))

    assert (
        '<g class="filled"><title>100 at 11</title><circle cx="748.0" cy="33.6" r="5"/></g>' in svg
    )


def test_a_mark_without_a_price_is_a_line_over_the_whole_height() -> None:
    svg = chart(Step(0, TEN, ELEVEN), marks=(Mark(0, "received", "received by the firm"),))

    assert (
        '<g class="received"><title>received by the firm</title>'
        '<line x1="64.0" x2="64.0" y1="14" y2="210"/></g>'
    ) in svg


def test_a_label_cannot_become_markup() -> None:
    svg = chart(Step(0, TEN, ELEVEN), marks=(Mark(0, "received", "<b>&"),))

    assert "<title>&lt;b&gt;&amp;</title>" in svg


def test_a_flat_market_has_a_cent_of_room_above_and_below() -> None:
    svg = chart(Step(0, TEN, TEN))

    assert [price for price in ("9.990", "10.000", "10.010") if f">{price}</text>" in svg] == [
        *("9.990", "10.000", "10.010")
    ]
    assert '<path class="bid" d="M64.0 112.0H748.0"/>' in svg


def test_a_chart_without_a_price_runs_from_zero_to_one() -> None:
    svg = chart(Step(0, None, None))

    assert ">-0.125</text>" in svg
    assert ">1.125</text>" in svg


def test_a_chart_of_one_instant_stands_at_its_left_edge() -> None:
    svg = draw(TickChart(0, 5, 5, (Step(5, TEN, ELEVEN),), ()))

    assert '<path class="bid" d="M64.0 190.4H64.0"/>' in svg


def test_the_grid_tells_times_from_receipt_and_anchors_the_outer_ones_inside() -> None:
    svg = draw(TickChart(SECOND, 0, 4 * SECOND, (Step(0, TEN, ELEVEN),), ()))

    assert svg.count('<line class="grid"') == 5
    assert 'x="64.0" y="230" text-anchor="start">\N{MINUS SIGN}1.00 s</text>' in svg
    assert 'x="235.0" y="230" text-anchor="middle">+0.0 ms</text>' in svg
    assert 'x="748.0" y="230" text-anchor="end">+3.00 s</text>' in svg


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "+0.0 ms"),
        (1_500_000, "+1.5 ms"),
        (-1_500_000, "\N{MINUS SIGN}1.5 ms"),
        (999_900_000, "+999.9 ms"),
        (SECOND, "+1.00 s"),
        (119 * SECOND, "+119.00 s"),
        (120 * SECOND, "+2.0 min"),
        (-600 * SECOND, "\N{MINUS SIGN}10.0 min"),
    ],
)
def test_a_time_from_receipt_is_in_milliseconds_seconds_or_minutes(ns: int, text: str) -> None:
    assert elapsed(ns) == text
