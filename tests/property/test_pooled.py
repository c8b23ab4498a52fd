"""Kinds of orders taken together, and the dashboards made of them: sums, whatever the order."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.benchmarks.dashboard import Bench, Cells, compact, full, of_cells
from routewarden.benchmarks.orders import CLASSES, Orders
from routewarden.benchmarks.verdict import Source
from routewarden.measures.detail import tails, times
from routewarden.measures.fills import FILL_MEASURES
from routewarden.measures.reference import OrderClass
from routewarden.measures.scorecard import METRICS, pooled, quotient
from routewarden.measures.summary import FILL_PARTS, merge, summarise
from routewarden.policy.limits import read_limits
from tests.property.test_summary import fills

DAY, LIMITS = date(2026, 3, 31), read_limits("")
KEY = ["by order_class"]
SCALES = {measure.name: measure.scale for measure in FILL_MEASURES}
MEANS = [
    metric
    for metric in METRICS
    if metric.of in SCALES.keys() - {"explicit_cost", "net_effective_spread"}  # sums of fees
    and metric.over is None
]


@st.composite
def classed(draw: st.DrawFn) -> pl.DataFrame:
    """Measured fills, each of an order of some class."""
    rows = draw(fills())
    owners = draw(st.lists(st.sampled_from("abc"), min_size=rows.height, max_size=rows.height))
    known = {owner: draw(st.sampled_from(OrderClass)).value for owner in "abc"}
    order_class = pl.Series([known[owner] for owner in owners], dtype=pl.String)
    return rows.with_columns(
        order_class.alias("order_class"), order_class.alias(KEY[0]), owner=pl.Series(owners)
    )


def cells(rows: pl.DataFrame, sums: pl.DataFrame) -> Cells:
    return {
        orders: {**pooled(sums, classes), **tails(times(rows, ["order_class"]), classes)}
        for orders, classes in CLASSES.items()
    }


def by_hand(rows: pl.DataFrame, of: str) -> tuple[int, Decimal | None]:
    known = [
        (quantity, int(value))
        for quantity, value in rows.select("quantity", of).rows()
        if value is not None
    ]
    shares = sum(quantity for quantity, _ in known)
    total = sum(quantity * value for quantity, value in known)
    return len(known), quotient(Fraction(total, shares * 10 ** SCALES[of])) if known else None


@settings(deadline=None, max_examples=20)
@given(classed())
def test_kinds_of_orders_together_have_the_mean_over_all_their_shares(rows: pl.DataFrame) -> None:
    sums = summarise(rows, FILL_PARTS, KEY)
    for classes in CLASSES.values():
        mine, found = rows.filter(pl.col("order_class").is_in(list(classes))), pooled(sums, classes)
        for metric in MEANS:
            cell = found.get(metric.name)
            assert (cell is None) == (mine.height == 0)
            if cell is not None and all(metric.applies_to(name) for name in classes):
                assert (cell.n, cell.value) == by_hand(mine, metric.of), metric.name
            assert cell is None or cell.applies == all(map(metric.applies_to, classes))


@settings(deadline=None, max_examples=20)
@given(classed(), st.data())
def test_a_dashboard_is_the_same_however_its_fills_are_cut_and_ordered(
    rows: pl.DataFrame, data: st.DataObject
) -> None:
    shuffled = rows[data.draw(st.permutations(range(rows.height)))]
    places = data.draw(st.lists(st.integers(0, 2), min_size=rows.height, max_size=rows.height))
    parts = [shuffled.filter(pl.Series(places) == place) for place in range(3)]

    whole = cells(rows, summarise(rows, FILL_PARTS, KEY))
    again = cells(shuffled, merge([summarise(part, FILL_PARTS, KEY) for part in parts], KEY))
    bench = Bench((of_cells(whole, Source.PRIOR, "2025Q4"),), LIMITS, DAY)

    assert again == whole
    assert full(again, bench) == full(whole, bench)
    assert compact(again, bench) == compact(whole, bench)
    assert set(whole) == set(Orders)
