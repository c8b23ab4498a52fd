"""Cells at the ends of what can be held."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from routewarden.measures.cube import FILLS, TOO_WIDE, Source, added, cells, summary_of_cells
from routewarden.measures.grid import grid
from routewarden.measures.scorecard import scorecard
from routewarden.measures.summary import Part

POINTS = Part(
    "slippage", 17, pl.col("quantity"), pl.col("quantity") * pl.col("points"), pl.col("why"),
    kin="slippage",
)  # fmt: skip
SOURCE = Source(
    "fills", {name: pl.col(name) for name in ("order_class", "symbol")}, (POINTS,), ("symbol",)
)
UNIT = 10**8


def rows(*points: tuple[str, int, int | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [(symbol, "market", quantity, value, "measured" if value is not None else "none")
         for symbol, quantity, value in points],
        schema={"symbol": pl.String(), "order_class": pl.String(), "quantity": pl.Int128(),
                "points": pl.Int128(), "why": pl.String()},
        orient="row",
    )  # fmt: skip


def told(frame: pl.DataFrame, *by: str) -> list[tuple[object, ...]]:
    summary = summary_of_cells(frame, [POINTS], [f"by {name}" for name in by])
    return summary.drop("metric").rows()


def test_a_cell_too_wide_to_be_exact_is_refused_alone_and_so_is_what_it_is_part_of() -> None:
    made = cells(rows(("A", UNIT, 3), ("B", 10**20, 10**18)), SOURCE, ["symbol"])

    assert told(made, "symbol") == [
        ("A", "measured", 1, UNIT, 3 * UNIT), ("B", TOO_WIDE, 1, 10**20, None),
    ]  # fmt: skip
    assert told(made) == [(TOO_WIDE, 2, 10**20 + UNIT, None)]


def test_cells_that_are_too_wide_together_have_no_sum() -> None:
    most = 6 * 10**37
    made = cells(rows(("A", 1, most), ("B", 1, most), ("C", 1, None)), SOURCE, ["symbol"])

    assert told(made, "symbol") == [
        ("A", "measured", 1, 1, most), ("B", "measured", 1, 1, most), ("C", "none", 1, 1, None),
    ]  # fmt: skip
    assert told(made) == [("none", 1, 1, None), (TOO_WIDE, 2, 2, None)]
    again = added(made, ["missing"])
    assert added(again, ["missing"]).equals(again)
    assert told(again) == told(made)


def test_numbers_of_both_signs_may_be_large_and_their_sum_small() -> None:
    made = cells(rows(("A", 1, 6 * 10**37), ("B", 1, -6 * 10**37)), SOURCE, ["symbol"])

    assert told(made) == [(TOO_WIDE, 2, 2, None)]


def test_a_value_too_wide_is_unknown_in_the_grid_as_in_the_scorecard() -> None:
    made = cells(rows(("A", 10**20, 10**18), ("B", UNIT, 10**9)), SOURCE, ["symbol", "order_class"])
    by = ["by symbol", "by order_class"]

    table = grid({SOURCE: made}, by)
    cards = scorecard(summary_of_cells(made, [POINTS], by), ["symbol", "order_class"])

    assert table["slippage"].to_list() == [None, Decimal(1)]
    assert [row.cells[0].value for row in cards] == [None, Decimal(1)]


def test_a_metric_that_does_not_apply_is_null_in_all_its_columns() -> None:
    made = cells(rows(("A", UNIT, 3)), SOURCE, ["order_class"])
    resting = made.with_columns(pl.lit("at_quote").alias("by order_class"))

    assert grid({SOURCE: resting}, ["by order_class"]).row(0) == ("at_quote", *[None] * 4)


def test_cells_of_nothing_have_no_sum() -> None:
    made = cells(rows(), SOURCE, ["symbol"])

    assert told(made) == []
    assert FILLS.kept[0] == "symbol"
