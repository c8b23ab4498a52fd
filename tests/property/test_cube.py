"""Cells, roll-ups and histograms: whatever the parts, the sums are those of the rows."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.measures.cube import (
    FILLS,
    ORDERS,
    ROUTES,
    SQUARED,
    Source,
    added,
    cells,
    narrowed,
    summary_of_cells,
    widened,
)
from routewarden.measures.detail import NEAR, bucket, tails, times
from routewarden.measures.dimensions import with_dimensions
from routewarden.measures.horizon import HORIZONS
from routewarden.measures.reference import OrderClass, ReferenceStatus
from routewarden.measures.rollups import merge_parts, part_for, summaries
from routewarden.measures.summary import summarise
from tests.property.test_summary import fills

TEXT = ("order_class", "account_type", "asset_class", "router", "reference_source", "venue")
STATUS = st.sampled_from([status.value for status in ReferenceStatus])
TIMES = st.none() | st.integers(-(10**6), 10**6) | st.integers(-(2**62), 2**62)
SHARES = st.integers(0, 10**12)


@st.composite
def filled(draw: st.DrawFn) -> pl.DataFrame:
    """Measured fills with everything they are broken down by."""
    rows = draw(fills())
    told = {
        name: draw(
            st.lists(st.sampled_from(["a", "b", None]), min_size=rows.height, max_size=rows.height)
        )
        for name in (*TEXT[1:], "route_venue")
    }
    flags = {
        name: draw(st.lists(st.booleans() | st.none(), min_size=rows.height, max_size=rows.height))
        for name in ("held", "directed")
    }
    return rows.with_columns(
        *(pl.Series(name, values, dtype=pl.String) for name, values in told.items()),
        *(pl.Series(name, values, dtype=pl.Boolean) for name, values in flags.items()),
        order_quantity="quantity",
    )


def row_of(draw: st.DrawFn) -> dict[str, Any]:
    """A measured order, as far as it is summed."""
    quantity = draw(st.none() | SHARES)
    later = draw(st.none() | st.integers(0, quantity or 0)) if quantity is not None else None
    return {
        **{name: draw(st.sampled_from(["a", "b", None])) for name in ("symbol", *TEXT)},
        "account_type": draw(st.sampled_from(["retail", "proprietary", None])),
        "has_order": True,
        **{name: draw(st.booleans()) for name in ("held", "directed", "in_session_at_receipt")},
        "reference_status": draw(STATUS),
        "side": draw(st.sampled_from(["buy", "sell"])),
        "quantity": draw(st.integers(1, 10**12)),
        "order_quantity": draw(st.integers(1, 10**12)),
        "filled_quantity": quantity or 0,
        "route_filled_quantity": draw(SHARES),
        "improvement": draw(st.none() | st.integers(-5, 5)),
        "size_improvement_shares": draw(st.none() | SHARES),
        "ex_quantity": later,
        "ex_notional": None if later is None else draw(SHARES),
        "ex_waited": None if later is None else draw(SHARES),
        "bid_when_executable": draw(st.none() | st.integers(1, 10**6)),
        "ask_when_executable": draw(st.none() | st.integers(1, 10**6)),
        **{f"ex_mid_{horizon.when}": draw(st.none() | SHARES) for horizon in HORIZONS},
    }


@st.composite
def ordered(draw: st.DrawFn) -> pl.DataFrame:
    """Measured orders (or their routes) with everything they are broken down by."""
    rows = [row_of(draw) for _ in range(draw(st.integers(1, 8)))]
    flags = dict.fromkeys(("has_order", "held", "directed", "in_session_at_receipt"), pl.Boolean())
    text = dict.fromkeys(("symbol", *TEXT, "reference_status", "side"), pl.String())
    wide = {name: pl.Int128() for name in rows[0] if name not in flags | text}
    quotes = dict.fromkeys(("bid_when_executable", "ask_when_executable"), pl.Int64())
    return pl.DataFrame(rows, schema_overrides={**wide, **flags, **text, **quotes})


def cut(rows: pl.DataFrame, data: st.DataObject) -> list[pl.DataFrame]:
    places = data.draw(st.lists(st.integers(0, 2), min_size=rows.height, max_size=rows.height))
    return [rows.filter(pl.Series(places, dtype=pl.Int64) == place) for place in range(3)]


def lines(summary: pl.DataFrame, by: list[str]) -> list[tuple[Any, ...]]:
    return summary.select(*by, "metric", "status", "n", "shares", "total").rows()


def by_rows(rows: pl.DataFrame, source: Source, names: tuple[str, ...]) -> list[tuple[Any, ...]]:
    by = [f"by {name}" for name in names]
    summed = summarise(with_dimensions(rows, source.dimensions, names), source.parts, by)
    return lines(summed, by)


@settings(deadline=None, max_examples=12)
@given(filled(), ordered(), st.data())
def test_days_and_parts_of_days_come_to_the_summary_of_all_their_rows(
    executed: pl.DataFrame, placed: pl.DataFrame, data: st.DataObject
) -> None:
    rows = {FILLS: executed, ORDERS: placed, ROUTES: placed}
    parts = [
        summaries(*some)
        for some in zip(*(cut(frame, data) for frame in rows.values()), strict=True)
    ]
    whole = merge_parts(parts)

    at_once = summaries(*rows.values())
    assert list(whole) == list(at_once)
    assert all(whole[name].equals(at_once[name]) for name in whole)
    assert all(whole[name].schema == at_once[name].schema for name in whole)
    for source, names in (
        (FILLS, ("symbol", "order_class")),
        (FILLS, ("venue", "reference_status")),
        (FILLS, ("symbol", "venue", "router")),
        (ORDERS, ("population", "order_size")),
        (ORDERS, ("symbol",)),
        (ROUTES, ("venue",)),
    ):
        by = [f"by {name}" for name in names]
        kept = widened(whole[str(part_for(source.name, names))])
        summed = summary_of_cells(kept, source.parts, by)
        assert lines(summed, by) == by_rows(rows[source], source, names)


@settings(deadline=None, max_examples=12)
@given(filled())
def test_squares_are_the_sum_of_shares_times_value_squared(rows: pl.DataFrame) -> None:
    whole = added(cells(rows, FILLS, []), [])
    for measure in SQUARED:
        squares = [
            quantity * value**2
            for quantity, value in rows.select("quantity", measure.name).rows()
            if value is not None
        ]
        kept = whole[f"squares {measure.name}"].item()
        assert kept == (sum(squares) if sum(map(abs, squares)) < 2**126 else kept)
        assert kept is not None or sum(map(abs, squares)) > 10**38


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(TIMES, st.integers(1, 10**6)), min_size=1, max_size=40), st.data())
def test_a_percentile_is_at_most_so_much_above_the_exact_one_however_fills_are_cut(
    drawn: list[tuple[int | None, int]], data: st.DataObject
) -> None:
    rows = pl.DataFrame(
        drawn, schema={"fill_time_ms": pl.Int64(), "quantity": pl.Int128()}, orient="row"
    ).with_columns(order_class=pl.lit(OrderClass.MARKET.value))
    parts = [times(part, ["order_class"]) for part in cut(rows, data)]
    merged = added(pl.concat(parts), ["by order_class", "bucket"])

    assert merged.equals(times(rows, ["order_class"]))
    found = tails(merged, [OrderClass.MARKET])
    for percent in (95, 99):
        exact = exact_percentile(drawn, percent)
        value = found[f"fill_time_ms_p{percent}"].value
        assert (exact is None) == (value is None)
        if exact is not None and value is not None:
            assert 0 <= int(value * 10**6) - exact <= abs(exact) / NEAR


def exact_percentile(drawn: list[tuple[int | None, int]], percent: int) -> int | None:
    """By hand: the least time within which so many percent of the shares were filled."""
    timed = sorted((time, shares) for time, shares in drawn if time is not None)
    whole, reached = sum(shares for _, shares in timed), 0
    for time, shares in timed:
        reached += shares
        if reached * 100 >= whole * percent:
            return time
    return None


def test_every_bucket_is_at_most_so_wide() -> None:
    """From its end nearest to zero to the greatest time in it."""
    sizes = [0, 1, 127, 128, 255, 256, 257, 10**6, 10**9, 2**40 - 1, 2**40, 2**62]
    frame = pl.DataFrame({"time": [*sizes, *(-size for size in sizes)]})
    nearest = frame.select(bucket(pl.col("time"))).to_series().to_list()
    for time, near in zip(frame["time"], nearest, strict=True):
        assert abs(near) <= abs(time) <= abs(near) + max(abs(near) // NEAR, 0)
        assert near * time >= 0


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.none() | st.integers(-(10**38), 10**38), max_size=5),
    st.sampled_from([1, 10**4, 10**6, 10**8, 10**12]),
)
def test_narrowing_keeps_every_digit(numbers: list[int | None], unit: int) -> None:
    whole = [None if number is None else number // unit * unit for number in numbers]
    frame = pl.DataFrame(
        {"by x": ["x"] * len(whole), "total a": whole, "n": [1] * len(whole)},
        schema={"by x": pl.String(), "total a": pl.Int128(), "n": pl.Int64()},
    )

    assert widened(narrowed(frame)).equals(frame)


def test_the_smallest_part_with_the_dimensions_asked_for_is_read() -> None:
    assert part_for("fills", ["order_class", "venue"]) == "kinds_fills"
    assert part_for("fills", ["symbol", "router"]) == "securities_fills"
    assert part_for("fills", ["symbol", "venue"]) == "cells_fills"
    assert part_for("times", ["symbol", "venue"]) is None
    assert part_for("orders", ["side"]) is None
