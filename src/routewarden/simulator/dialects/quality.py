"""A vendor's monthly report on the quality of its executions: a row per venue, a column per metric.

It is a spreadsheet's text: UTF-16, tabs, two lines of title, thousands grouped. The shipped profile
`example-quality` reads it.
"""

from __future__ import annotations

import polars as pl

from routewarden.simulator.dialects.cells import shifted

_ROW = ("period", "symbol", "venue", "order_class", "basis")
_TITLE = "Execution quality by venue\r\nAll figures are the router's own\r\n"
_METRICS = {
    "fill_rate": ("Fill Rate (%)", 2),
    "price_improvement": ("Price Impr. (cents/sh)", 2),
    "effective_over_quoted": ("E/Q (%)", 2),
    "fill_time_ms": ("Avg Speed (s)", -3),
}


def quality(vendor_report: pl.DataFrame) -> bytes:
    """Return a canonical vendor's report, as text, as the vendor writes it."""
    metric = pl.col("metric")
    told = [
        (pl.when(metric == name).then(shifted("value", places))).drop_nulls().first().alias(heading)
        for name, (heading, places) in _METRICS.items()
    ]
    shares = _grouped(pl.col("shares"))
    rows = (
        vendor_report.group_by(_ROW, maintain_order=True)
        .agg(
            shares.filter(metric == "fill_rate").first().alias("Ordered"),
            shares.filter(metric != "fill_rate").first().alias("Executed"),
            *told,
        )
        .rename({"period": "Month", "symbol": "Symbol", "venue": "Venue"})
        .rename({"order_class": "Order Class", "basis": "Measured From"})
        .with_columns(pl.col("Symbol", "Venue").replace("*", "ALL"))
    )
    table = rows.write_csv(separator="\t", line_terminator="\r\n")
    return (_TITLE + table).encode("utf-16")


def _grouped(number: pl.Expr) -> pl.Expr:
    """Return decimals with a comma after each thousand."""
    whole = number.str.extract("^([0-9]+)")
    fraction = number.str.extract(r"(\.[0-9]+)$").fill_null("")
    groups = whole.str.reverse().str.replace_all("([0-9]{3})", "${1},").str.reverse()
    return groups.str.strip_prefix(",") + fraction
