"""How much of the customers' flow goes to venues that pay for it, and what they give for it.

The flow is executed customer market and marketable limit orders. A venue pays in a month where a
payment arrangement that names it is in force at some instant of the month.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from routewarden.base.exact import FEE_SCALE, quotient, to_decimal, wide
from routewarden.base.time import start_of_date
from routewarden.measures.population import POPULATION, Population
from routewarden.measures.reference import OrderClass
from routewarden.rules.facts.trailing import two_proportion_z

_FLOW = (POPULATION == Population.CUSTOMER) & pl.col("order_class").is_in(
    [OrderClass.MARKET, OrderClass.MARKETABLE_LIMIT]
)
_SHARE = to_decimal(quotient(pl.col("shares"), pl.col("all_shares")), FEE_SCALE).cast(pl.Float64)
_IMPROVED = wide(pl.col("quantity")) * wide(pl.col("price_improvement"))
_COVERED = pl.when(pl.col("price_improvement").is_not_null()).then(wide(pl.col("quantity")))
_TO_QUOTIENT = 3  # from 10**-9 of a price to 10**-12

DRIFTS = {
    "venue": pl.String(),
    "period": pl.String(),
    "trading_date": pl.Date(),
    "fills": pl.Int64(),
    "first_share": pl.Float64(),
    "last_share": pl.Float64(),
    "rise": pl.Float64(),
    "z": pl.Float64(),
    "improvement": pl.Int128(),
    "others_improvement": pl.Int128(),
    "history": pl.String(),
}


def venue_months(fills: pl.DataFrame, payments: pl.DataFrame) -> pl.DataFrame:
    """Return each venue's part of the flow in each month.

    Fills come with `trading_date` (of execution), what tells their population, and
    `price_improvement`. Columns: `month` (2026-07), `venue`, `trading_date` (the month's last with
    flow), `fills`, `shares` (10**-8), `all_fills`, `all_shares`, `share` (float), `improvement` and
    `others_improvement` (10**-12 a share, by shares, null where none is measured), `payers` (null
    where nobody pays for flow to the venue in that month).
    """
    flow = fills.filter(_FLOW).with_columns(
        month=pl.col("trading_date").dt.strftime("%Y-%m"),
        venue=pl.coalesce("venue", "route_venue"),
    )
    sums = {
        "fills": pl.len().cast(pl.Int64),
        "shares": wide(pl.col("quantity")).sum(),
        "improved": _IMPROVED.sum(),
        "covered": _COVERED.sum(),
    }
    whole = flow.group_by("month").agg(
        pl.col("trading_date").max(), **{f"all_{name}": sums[name] for name in sums}
    )
    venues = flow.group_by("month", "venue").agg(**sums).join(whole, on="month")
    rest = [pl.col(f"all_{name}") - pl.col(name) for name in ("improved", "covered")]
    return (
        venues.with_columns(
            share=_SHARE,
            improvement=quotient(pl.col("improved"), pl.col("covered"), _TO_QUOTIENT),
            others_improvement=quotient(rest[0], rest[1], _TO_QUOTIENT),
        )
        .join(_payers(payments, whole["month"].to_list()), on=["month", "venue"], how="left")
        .drop("improved", "covered", "all_improved", "all_covered")
        .sort("month", "venue", nulls_last=True)
    )


def _payers(payments: pl.DataFrame, months: Sequence[str]) -> pl.DataFrame:
    """Return `month`, `venue` and `payers` of every arrangement in force in one of the months."""
    dated = pl.DataFrame({"month": months}, schema={"month": pl.String()}).with_columns(
        first=(pl.col("month") + "-01").str.to_date()
    )
    spans = dated.select(
        "month",
        begins=start_of_date(pl.col("first")),
        ends=start_of_date(pl.col("first").dt.offset_by("1mo")),
    )
    in_force = payments.filter(pl.col("venue").is_not_null()).join(spans, how="cross")
    return (
        in_force.filter(
            (pl.col("from") < pl.col("ends")).fill_null(value=True),
            (pl.col("to") > pl.col("begins")).fill_null(value=True),
        )
        .group_by("month", "venue")
        .agg(payers=pl.coalesce("payer", "venue").unique().sort().str.join(" "))
    )


def drift_facts(months: pl.DataFrame) -> pl.DataFrame:
    """Return how each paying venue's part changed from the first month to the last, as DRIFTS.

    `months` are venue_months of the whole period; a venue pays if somebody does in its last month.
    `fills` counts the flow's fills in the smaller of the two months, `z` standard errors of the
    rise in fills; the improvements are those of the last month. One month alone has no drift.
    """
    names = sorted(months["month"].unique())
    if len(names) < 2:
        return pl.DataFrame(schema=DRIFTS)
    by_month = {
        name: {row["venue"]: row for row in part.iter_rows(named=True)}
        for (name,), part in months.group_by("month")
    }
    begun = next(iter(by_month[names[0]].values()))["all_fills"]
    rows = [
        _drift(row, {name: by_month[name].get(venue) for name in names}, begun)
        for venue, row in by_month[names[-1]].items()
        if row["payers"] is not None
    ]
    return pl.DataFrame(rows, schema=DRIFTS).sort("venue")


def _drift(
    last: Mapping[str, Any], path: Mapping[str, Mapping[str, Any] | None], begun: int
) -> dict[str, object]:
    """Return the drift of a venue: its last month, every month, the first month's fills in all."""
    names = list(path)
    first = path[names[0]] or {"share": 0.0, "fills": 0}
    return {
        "venue": last["venue"],
        "period": f"{names[0]}..{names[-1]}",
        "trading_date": last["trading_date"],
        "fills": min(begun, last["all_fills"]),
        "first_share": first["share"],
        "last_share": last["share"],
        "rise": last["share"] - first["share"],
        "z": two_proportion_z((last["fills"], last["all_fills"]), (first["fills"], begun)),
        "improvement": last["improvement"],
        "others_improvement": last["others_improvement"],
        "history": " ".join(_told(name, row) for name, row in path.items()),
    }


def _told(month: str, row: Mapping[str, Any] | None) -> str:
    if row is None:
        return f"{month}=0"
    improved = row["improvement"]
    return f"{month}={row['share']:.4f}/{'none' if improved is None else f'{improved / 1e12:.6f}'}"
