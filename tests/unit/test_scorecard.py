from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from routewarden.measures.fills import FILL_MEASURES
from routewarden.measures.measure import Measure
from routewarden.measures.scorecard import METRICS, Cell, Left, scorecard
from routewarden.measures.summary import (
    FILL_PARTS,
    ORDER_PARTS,
    ROUTE_PARTS,
    Part,
    SumTooWideError,
    merge,
    summarise,
)

BY = ["order_class"]
KEY = "by order_class"
UNIT = 10**8
VALUES = {measure.name: measure for measure in FILL_MEASURES}


# -- Summaries -------------------------------------------------------------------------------------

POINTS = Part("points", 8, pl.col("quantity"), pl.col("quantity") * pl.col("points"), pl.col("why"))
ROWS = pl.DataFrame(
    {
        KEY: ["market", "market", "market", "other"],
        "quantity": [2, 3, 5, 7],
        "points": [10, 20, None, 40],
        "why": ["measured", "measured", "none", "measured"],
    },
    schema_overrides={"quantity": pl.Int128()},
)
COLUMNS = (KEY, "status", "n", "shares", "total")


def test_a_summary_counts_weighs_and_totals_each_status_of_each_group() -> None:
    summary = summarise(ROWS, [POINTS], [KEY])

    assert summary.select(COLUMNS).rows() == [
        ("market", "measured", 2, 5, 80),
        ("market", "none", 1, 5, None),
        ("other", "measured", 1, 7, 280),
    ]


def test_a_summary_may_be_of_everything() -> None:
    assert summarise(ROWS, [POINTS], []).rows() == [
        ("points", "measured", 3, 12, 360),
        ("points", "none", 1, 5, None),
    ]


def test_a_summary_of_no_rows_has_none() -> None:
    assert summarise(ROWS.clear(), [POINTS], [KEY]).is_empty()


def test_summaries_of_parts_add_up() -> None:
    parts = [summarise(ROWS[:2], [POINTS], [KEY]), summarise(ROWS[2:], [POINTS], [KEY])]

    assert merge(parts, [KEY]).rows() == summarise(ROWS, [POINTS], [KEY]).rows()


def test_a_group_without_a_name_comes_last() -> None:
    unnamed = ROWS.with_columns(pl.lit(None, dtype=pl.String).alias(KEY))
    both = pl.concat([unnamed, ROWS])

    assert summarise(both, [POINTS], [KEY])[KEY].to_list()[-1] is None


@pytest.mark.parametrize("column", ["quantity", "points"])
def test_a_sum_too_wide_to_be_exact_is_refused(column: str) -> None:
    most = 17 * 10**37
    wide = (
        ROWS[:1]
        .with_columns(
            pl.lit(1, dtype=pl.Int128).alias("quantity"), pl.lit(1, dtype=pl.Int128).alias("points")
        )
        .with_columns(pl.lit(most, dtype=pl.Int128).alias(column))
    )

    with pytest.raises(SumTooWideError, match=r"^points: .* Narrow the period or add a dimension"):
        summarise(wide, [POINTS], [KEY])


def test_parts_that_add_up_to_more_than_is_exact_are_refused() -> None:
    part = summarise(ROWS, [POINTS], [KEY]).filter(pl.col("total").is_not_null())
    wide = part.with_columns(total=pl.lit(10**38, dtype=pl.Int128))

    with pytest.raises(SumTooWideError, match=r"^points: "):
        merge([wide, wide], [KEY])


# -- What fills, orders and routes contribute ------------------------------------------------------

NULLS: dict[str, object] = dict.fromkeys(VALUES)
INSTANTS = ("at_execution", *(f"after_{label}" for label in ("50ms", "1s", "15s", "1m", "5m")))
FILL = {
    **NULLS,
    **dict.fromkeys(f"{side}_{when}" for side in ("bid", "ask") for when in INSTANTS),
    **dict.fromkeys(("has_order", "has_route", "in_session_at_execution"), True),
    **dict.fromkeys(("reference_status", "route_reference_status"), "ok"),
    "quantity": 3 * UNIT,
    "fee": 10**12,
    "sent_at": 0,
    "effective_spread": 20_000_000,
    "price_improvement": 10_000_000,
    "at_or_better": True,
    "explicit_cost": 333_333_333_333,
    "net_effective_spread": 686_666_666_667,
}


def contribution(metric: str, **changes: object) -> tuple[object, ...]:
    """Status, shares and total that one fill adds to a metric."""
    row = {**FILL, **changes}
    text = dict.fromkeys(("reference_status", "route_reference_status"), pl.String())
    flags = [name for name, value in FILL.items() if isinstance(value, bool)]
    dtypes = {name: pl.Int128() for name in FILL} | dict.fromkeys(flags, pl.Boolean()) | text
    part = next(part for part in FILL_PARTS if part.metric == metric)
    summary = summarise(pl.DataFrame([row], schema_overrides=dtypes), [part], [])
    return summary.select("status", "shares", "total").row(0)


@pytest.mark.parametrize(
    ("metric", "total"),
    [
        ("effective_spread", 3 * UNIT * 20_000_000),
        ("at_or_better", 3 * UNIT),
        ("price_improved_pct", 3 * UNIT),
        ("executed_at_quote_pct", 0),
        ("outside_quote_pct", 0),
    ],
)
def test_a_fill_adds_its_shares_times_its_value(metric: str, total: int) -> None:
    assert contribution(metric) == ("measured", 3 * UNIT, total)


def test_a_fee_is_added_whole_not_rounded_by_share() -> None:
    assert contribution("explicit_cost")[2] == 10**12 * UNIT
    assert contribution("net_effective_spread")[2] == (
        3 * UNIT * 20_000_000 * 1_000 + 2 * 10**12 * UNIT
    )


def test_a_fill_too_large_to_be_multiplied_exactly_is_refused_not_wrapped_around() -> None:
    """The most shares at the widest spread that inputs allow."""
    largest = {"quantity": 10**20, "effective_spread": 2 * 10**15}

    with pytest.raises(SumTooWideError):
        contribution("net_effective_spread", **largest)


@pytest.mark.parametrize(
    ("improvement", "metric"),
    [(1, "price_improved_pct"), (0, "executed_at_quote_pct"), (-1, "outside_quote_pct")],
)
def test_shares_are_improved_at_the_quote_or_outside(improvement: int, metric: str) -> None:
    shares = {
        name: contribution(name, price_improvement=improvement)[2]
        for name in ("price_improved_pct", "executed_at_quote_pct", "outside_quote_pct")
    }

    assert {name for name, total in shares.items() if total} == {metric}


def test_a_fill_without_a_value_adds_its_shares_under_the_reason() -> None:
    crossed = {"reference_status": "crossed", "price_improvement": None}

    assert contribution("price_improved_pct", **crossed) == ("crossed", 3 * UNIT, None)


ORDER = {
    "side": "buy",
    "quantity": 5 * UNIT,
    "filled_quantity": 3 * UNIT,
    "size_improvement_shares": 2 * UNIT,
    "reference_status": "ok",
    "ex_quantity": 2 * UNIT,
    "ex_notional": 2 * UNIT * 10_050_000_000,
    "ex_waited": 2 * UNIT * 1_000_000,
    "bid_when_executable": 10 * UNIT,
    "ask_when_executable": 1_004_000_000,
    **{f"ex_mid_after_{h}": 2 * UNIT * 10_040_000_000 for h in ("50ms", "1s", "15s", "1m")},
    "ex_mid_after_5m": None,
}


def of_order(metric: str, **changes: object) -> dict[str, tuple[int, int | None]]:
    """The shares and the total that one order adds to a metric, by status."""
    row = {**ORDER, **changes}
    text = dict.fromkeys(("side", "reference_status"), pl.String())
    dtypes = {name: pl.Int128() for name in ORDER} | text
    parts = [part for part in ORDER_PARTS if part.metric == metric]
    summary = summarise(pl.DataFrame([row], schema_overrides=dtypes), parts, [])
    rows = summary.select("status", "shares", "total").rows()
    return {status: (shares, total) for status, shares, total in rows}


@pytest.mark.parametrize(
    ("metric", "status", "shares", "total"),
    [
        ("fill_rate", "measured", 5 * UNIT, 3 * UNIT),
        ("size_improvement_shares", "measured", 3 * UNIT, 2 * UNIT),
        ("effective_spread_when_executable", "measured", 2 * UNIT, 2 * UNIT * 60_000_000),
        ("realized_spread_1s_when_executable", "measured", 2 * UNIT, 2 * UNIT * 20_000_000),
        ("realized_spread_5m_when_executable", "no_mid_at_horizon", 2 * UNIT, None),
        ("fill_time_ms_when_executable", "measured", 2 * UNIT, 2 * UNIT * 1_000_000),
    ],
)
def test_an_order_adds_its_sums(metric: str, status: str, shares: int, total: int | None) -> None:
    assert of_order(metric)[status] == (shares, total)


def test_an_order_never_executable_adds_what_it_filled_under_the_reason() -> None:
    never = dict.fromkeys(("ex_quantity", "ex_notional", "ex_waited"))

    added = of_order("fill_time_ms_when_executable", **never)

    assert added == {"not_executable": (3 * UNIT, None)}


def test_shares_filled_before_executability_are_left_out_not_forgotten() -> None:
    """Three were filled, two of them from executability on."""
    added = of_order("fill_time_ms_when_executable")

    assert added.get("not_executable") == (UNIT, None)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("ok", "no_displayed_size"),
        ("locked", "no_displayed_size"),
        ("crossed", "crossed"),
        ("outside_session", "outside_session"),
    ],
)
def test_a_size_improvement_is_missing_for_want_of_a_size_or_a_market(
    status: str, why: str
) -> None:
    unknown = {"size_improvement_shares": None, "reference_status": status}

    assert of_order("size_improvement_shares", **unknown) == {why: (3 * UNIT, None)}


def test_a_route_adds_what_it_filled_to_what_was_routed() -> None:
    route = pl.DataFrame({"quantity": [5], "route_filled_quantity": [3]})

    assert summarise(route, ROUTE_PARTS, []).rows() == [("fill_rate", "measured", 1, 5, 3)]


# -- Scorecards ------------------------------------------------------------------------------------


def card(*lines: tuple[str, str, int, int, int | None], group: str = "market") -> dict[str, Cell]:
    """The cells of one group's sums: metric, status, count, shares and total of each."""
    names = {KEY: pl.String(), "metric": pl.String(), "status": pl.String(), "n": pl.Int64()}
    summary = pl.DataFrame(
        [(group, *line) for line in lines],
        schema={**names, "shares": pl.Int128(), "total": pl.Int128()},
        orient="row",
    )
    (row,) = scorecard(summary, BY)
    assert row.group == {"order_class": group}
    return {cell.metric.name: cell for cell in row.cells}


EFFECTIVE = ("effective_spread", "measured", 2, 300 * UNIT, 12 * 10**17)
QUOTED = ("quoted_spread", "measured", 2, 300 * UNIT, 16 * 10**17)


def test_a_mean_is_the_total_over_its_shares() -> None:
    """12 currency units over 300 shares."""
    cell = card(EFFECTIVE, QUOTED)["effective_spread"]

    assert (cell.value, cell.n, cell.shares) == (Decimal("0.04"), 2, Decimal(300))


def test_effective_over_quoted_is_a_quotient_of_totals_and_capture_its_complement() -> None:
    cells = card(EFFECTIVE, QUOTED)

    assert cells["effective_over_quoted"].value == Decimal("0.75")
    assert cells["spread_capture"].value == Decimal("0.25")


def test_over_a_quoted_spread_of_zero_there_is_no_quotient() -> None:
    cells = card(EFFECTIVE, ("quoted_spread", "measured", 2, 300 * UNIT, 0))

    assert cells["effective_over_quoted"].value is None


def test_a_third_is_rounded_at_the_twelfth_decimal() -> None:
    assert card(("fill_rate", "measured", 1, 3, 2))["fill_rate"].value == Decimal("0.666666666667")


def test_zero_is_a_value() -> None:
    assert card(("fill_rate", "measured", 1, 3, 0))["fill_rate"].value == Decimal(0)


def test_a_negative_mean_keeps_its_sign() -> None:
    below = ("net_price_improvement", "price_improvement", -(3 * 10**17))

    cells = card((below[1], "measured", 1, 300 * UNIT, below[2]))

    assert cells[below[0]].value == Decimal("-0.01")


def test_coverage_is_the_measured_share_and_the_rest_is_told_by_reason() -> None:
    cell = card(
        ("slippage", "measured", 1, 100 * UNIT, 10**17),
        ("slippage", "crossed", 2, 50 * UNIT, None),
        ("slippage", "none", 1, 250 * UNIT, None),
    )["slippage"]

    assert cell.coverage == Decimal("0.25")
    assert cell.excluded == {"crossed": Left(2, Decimal(50)), "none": Left(1, Decimal(250))}


def test_a_metric_that_nothing_measured_is_null_and_covers_nothing() -> None:
    cell = card(("slippage", "crossed", 2, 50 * UNIT, None))["slippage"]

    assert (cell.value, cell.n, cell.shares, cell.coverage) == (None, 0, Decimal(0), Decimal(0))


def test_over_no_shares_there_is_neither_value_nor_coverage() -> None:
    cell = card(("slippage", "measured", 1, 0, 0))["slippage"]

    assert (cell.value, cell.coverage) == (None, None)


def test_size_improvement_is_a_sum_of_shares() -> None:
    cells = card(("size_improvement_shares", "measured", 2, 300 * UNIT, 150 * UNIT))

    assert cells["size_improvement_shares"].value == Decimal(150)


def test_a_fee_by_share_carries_twelve_decimals() -> None:
    cells = card(("explicit_cost", "measured", 1, 3 * UNIT, 10**12 * UNIT))

    assert cells["explicit_cost"].value == Decimal("0.333333333333")


@pytest.mark.parametrize("group", ["inside_quote", "other", "unclassified"])
def test_improvement_does_not_apply_to_orders_that_are_not_marketable(group: str) -> None:
    cell = card(("price_improvement", "measured", 1, UNIT, 1), group=group)["net_price_improvement"]

    assert (cell.applies, cell.value, cell.n, cell.coverage) == (False, None, 0, None)


def test_improvement_applies_to_marketable_limits() -> None:
    cells = card(("price_improvement", "measured", 1, UNIT, 1), group="marketable_limit")

    assert cells["net_price_improvement"].applies


@pytest.mark.parametrize(
    ("group", "applies"),
    [("market", False), ("other", False), ("away", True), ("marketable_limit", True)],
)
def test_executability_applies_to_limit_orders(group: str, *, applies: bool) -> None:
    name = "fill_time_ms_when_executable"

    assert card((name, "measured", 1, UNIT, 1), group=group)[name].applies is applies


def test_an_absent_class_has_no_improvement() -> None:
    fill_rate = next(metric for metric in METRICS if metric.name == "fill_rate")
    improved = next(metric for metric in METRICS if metric.name == "price_improved_pct")

    assert fill_rate.applies_to(None)
    assert not improved.applies_to(None)


def test_groups_come_in_the_summarys_order() -> None:
    rows = [(name, "fill_rate", "measured", 1, 2, 1) for name in ("b", "a", None)]
    columns = [KEY, "metric", "status", "n", "shares", "total"]
    summary = pl.DataFrame(rows, schema=columns, orient="row")

    assert [row.group["order_class"] for row in scorecard(summary, BY)] == ["b", "a", None]


def test_every_metric_is_of_something_summarised() -> None:
    summarised = {part.metric for part in (*FILL_PARTS, *ORDER_PARTS, *ROUTE_PARTS)}

    assert {metric.of for metric in METRICS} <= summarised
    assert {metric.over for metric in METRICS if metric.over} <= summarised


def test_every_fill_measure_is_summarised_once() -> None:
    measures: list[Measure] = list(FILL_MEASURES)

    assert [part.metric for part in FILL_PARTS[: len(measures)]] == [m.name for m in measures]
