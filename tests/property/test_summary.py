from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.measures.fills import measure_fills
from routewarden.measures.horizon import HORIZONS
from routewarden.measures.summary import FILL_PARTS, merge, summarise

BY = ["symbol", "liquidity"]
WHEN = ("at_receipt", "at_route", "at_execution", *(horizon.when for horizon in HORIZONS))
FLAGS = ("has_order", "has_route", *(f"in_session_{when}" for when in WHEN[:3]))
DTYPES: dict[str, pl.DataType] = {
    **dict.fromkeys((*BY, "side", "order_type", "time_in_force"), pl.String()),
    **dict.fromkeys(FLAGS, pl.Boolean()),
    **dict.fromkeys(("quantity", "fee"), pl.Int128()),
    **dict.fromkeys(("price", "limit_price", "received_at", "sent_at", "executed_at"), pl.Int64()),
    **dict.fromkeys((f"{side}_{when}" for side in ("bid", "ask") for when in WHEN), pl.Int64()),
}

prices = st.none() | st.integers(1, 5) | st.integers(1, 10**14)


@st.composite
def fills(draw: st.DrawFn) -> pl.DataFrame:
    """Measured fills, with and without orders, routes, fees and quotes."""
    rows = [
        {
            "symbol": draw(st.sampled_from(["A", "B", None])),
            "liquidity": draw(st.sampled_from(["added", None])),
            "side": draw(st.sampled_from(["buy", "sell"])),
            "order_type": "market",
            "quantity": draw(st.integers(1, 10**12)),
            "price": draw(st.integers(1, 10**14)),
            "fee": draw(st.none() | st.integers(-(10**24), 10**24)),
            **{flag: draw(st.booleans()) for flag in FLAGS},
            **{name: draw(st.integers(0, 9)) for name in ("received_at", "sent_at", "executed_at")},
            **{f"{side}_{when}": draw(prices) for side in ("bid", "ask") for when in WHEN},
        }
        for _ in range(draw(st.integers(1, 8)))
    ]
    return measure_fills(pl.DataFrame(rows, schema=DTYPES))


def lines(summary: pl.DataFrame) -> list[tuple[Any, ...]]:
    return summary.select(*BY, "metric", "status", "n", "shares", "total").rows()


@settings(deadline=None, max_examples=12)
@given(fills(), st.data())
def test_the_summaries_of_any_parts_merge_into_the_summary_of_the_whole(
    rows: pl.DataFrame, data: st.DataObject
) -> None:
    places = data.draw(st.lists(st.integers(0, 2), min_size=rows.height, max_size=rows.height))
    parts = [rows.filter(pl.Series(places) == place) for place in range(3)]

    merged = merge([summarise(part, FILL_PARTS, BY) for part in parts], BY)

    assert lines(merged) == lines(summarise(rows, FILL_PARTS, BY))


@settings(deadline=None, max_examples=12)
@given(fills(), st.data())
def test_the_order_of_the_rows_changes_no_digit(rows: pl.DataFrame, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(rows.height)))

    assert lines(summarise(rows[order], FILL_PARTS, BY)) == lines(summarise(rows, FILL_PARTS, BY))


@settings(deadline=None, max_examples=12)
@given(fills())
def test_every_share_is_under_one_status_of_each_metric(rows: pl.DataFrame) -> None:
    summary = summarise(rows, FILL_PARTS, [])

    told = summary.group_by("metric").agg(pl.col("n").sum(), pl.col("shares").sum())
    everything = (rows.height, rows["quantity"].sum())
    assert dict.fromkeys(told["metric"], everything) == {
        metric: (n, shares) for metric, n, shares in told.iter_rows()
    }
