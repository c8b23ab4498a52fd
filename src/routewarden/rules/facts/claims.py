"""The vendor's own numbers beside the same numbers recomputed from the firm's records.

A claim is a row of the vendor's report. It is recomputed over every order a router handled (not the
firm's own direct route), of every population: fills by the date of execution, orders by that of
receipt, each metric from the instant the report says it counts from. What has no one clear meaning
is not guessed at: ours is null.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import polars as pl

from routewarden.base.exact import FEE_SCALE, QUANTITY_SCALE
from routewarden.measures.cube import FILLS, ORDERS, ROUTES, Source, cells, summary_of_cells
from routewarden.measures.measure import Unit
from routewarden.measures.population import Population
from routewarden.measures.reference import MEASURED, OrderClass
from routewarden.measures.scorecard import METRICS, Cell, Metric, cell_of

CLAIMS = {
    "period": pl.String(),
    "symbol": pl.String(),
    "venue": pl.String(),
    "order_class": pl.String(),
    "metric": pl.String(),
    "basis": pl.String(),
    "unit": pl.String(),
    "trading_date": pl.Date(),
    "theirs": pl.Int128(),
    "ours": pl.Int128(),
    "gap": pl.Int128(),
    "n": pl.Int64(),
    "shares": pl.Int128(),
    "stated_shares": pl.Int128(),
    "file": pl.String(),
    "line": pl.Int64(),
}
"""The columns of compared claims.

`theirs`, `ours` and `gap` (theirs less ours) count 10**-12 of `unit`, the metric's own unit (null
where the claim's metric, unit or basis is not known); `shares` and `stated_shares`, how many the
claim says it is about, 10**-8; `n` fills or orders.
"""

SUMS = {
    "by symbol": pl.String(),
    "by venue": pl.String(),
    "by order_class": pl.String(),
    "metric": pl.String(),
    "status": pl.String(),
    "n": pl.Int64(),
    "shares": pl.Int128(),
    "total": pl.Int128(),
    "source": pl.String(),
}
"""The columns of what claims are recomputed from."""

_KEYS = ("symbol", "venue", "order_class")
_LOOKED_AT = ("router", "population", "reference_status")
_SOURCES = (FILLS, ORDERS, ROUTES)
_OTHER_BASES = ("route", "execution")
_QUOTED = pl.col("by reference_status").is_in(MEASURED)
_ROUTER = pl.col("by router")
_ROUTED = _ROUTER.is_not_null() & (_ROUTER != "direct") & _QUOTED
ANY = "*"


class Counted(StrEnum):
    """Which orders count in a number, and how; a claim is about what a router handled.

    All are orders that met a quote in the session.
    """

    ROUTED = "what a router handled"
    DIRECT_TOO = "the firm's own direct orders are counted too"
    CUSTOMERS_ONLY = "only customers' held orders, not directed, are counted"
    EACH_ALIKE = "each execution counts alike, whatever its shares"


_COUNTED = {
    Counted.ROUTED: _ROUTED,
    Counted.DIRECT_TOO: _QUOTED,
    Counted.CUSTOMERS_ONLY: _ROUTED & pl.col("by population").eq(Population.CUSTOMER.value),
    Counted.EACH_ALIKE: _ROUTED,
}

_ONE_SHARE = pl.lit(10**QUANTITY_SCALE, dtype=pl.Int128)
_BY_NAME = {metric.name: metric for metric in METRICS}
_ALIASES = {"price_improvement": "net_price_improvement", "at_or_better": "at_or_better_pct"}
_OWN_INSTANT = frozenset(
    {"fill_rate", "explicit_cost", "route_time_ms", "decision_time_ms"}
    | {name for name in _BY_NAME if name.endswith(("_at_route", "_at_execution"))}
)
"""Metrics whose name alone says which instant they count from."""
_AT_ROUTE = {
    "net_price_improvement": "price_improvement_at_route",
    "quoted_spread": "quoted_spread_at_route",
    "effective_spread": "effective_spread_at_route",
    "effective_over_quoted": "effective_over_quoted_at_route",
    "fill_time_ms": "route_time_ms",
}
_AT_EXECUTION = {"effective_spread": "effective_spread_at_execution"}

_UNITS: Mapping[Unit, Mapping[str, Decimal]] = {
    Unit.PER_SHARE: {
        **dict.fromkeys(
            ("price/share", "currency/share", "USD/share", "USD", "USD_per_share"), Decimal(1)
        ),
        **dict.fromkeys(("cents", "cents/share", "cents_per_share"), Decimal("0.01")),
        "USD_per_100": Decimal("0.01"),
    },
    Unit.MS: {"ms": Decimal(1), "s": Decimal(1000), "us": Decimal("0.001")},
    Unit.FRACTION: {
        **dict.fromkeys(("fraction", "ratio"), Decimal(1)),
        **dict.fromkeys(("%", "pct", "percent"), Decimal("0.01")),
    },
    Unit.SHARES: {"shares": Decimal(1)},
}
"""What one of a claim's unit is in the metric's; an empty unit is the metric's own."""


def period_of(name: str | None) -> tuple[date, date] | None:
    """Return the first and last date of a period written 2026-07 or 2026Q3; None if it is not."""
    written = re.fullmatch(r"([12]\d{3})(?:-(0[1-9]|1[0-2])|Q([1-4]))", name or "")
    if written is None:
        return None
    year, last = int(written[1]), int(written[2] or int(written[3]) * 3)
    first = last if written[2] else last - 2
    after = date(year + last // 12, last % 12 + 1, 1)
    return date(year, first, 1), after - timedelta(days=1)


def sources_of(metrics: Collection[str]) -> Sequence[Source]:
    """Return the fills, orders and routes that metrics of some names are made of, and only that."""
    meant = [meant_by(name, basis) for name in metrics for basis in ("receipt", *_OTHER_BASES)]
    needed = {name for metric in meant if metric is not None for name in (metric.of, metric.over)}
    narrowed = (
        replace(source, parts=tuple(part for part in source.parts if part.metric in needed))
        for source in _SOURCES
    )
    return [source for source in narrowed if source.parts]


def dimensions_of(source: Source, *, symbols: bool) -> tuple[str, ...]:
    """Return what claims are told apart by, in fills, orders or routes; by symbol if any is."""
    keys = [name for name in _KEYS if name in source.dimensions and (symbols or name != "symbol")]
    return (*keys, *_LOOKED_AT)


def columns_of(source: Source) -> Sequence[str]:
    """Return the columns of measured rows that each_alike reads."""
    exprs = [
        *(source.dimensions[name] for name in dimensions_of(source, symbols=True)),
        *(
            expr
            for part in source.parts
            for expr in (part.shares, part.total, part.status, part.size, part.rows)
            if expr is not None
        ),
    ]
    return sorted({name for expr in exprs for name in expr.meta.root_names()})


def each_alike(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Return the cells of measured rows as if each were of one share."""
    names = dimensions_of(source, symbols=True)
    return cells(rows.with_columns(quantity=_ONE_SHARE), source, names)


def claim_sums(
    held: Mapping[Source, pl.DataFrame], counted: Counted = Counted.ROUTED
) -> pl.DataFrame:
    """Return the exact sums that metrics can be recomputed from, of some dates.

    `held` has the cells of each source by its dimensions_of. Of the sums, `source` is its name; `by
    symbol`, `by venue` (null for orders) and `by order_class` are the groups; the rest is a
    summary's. Only what `counted` says is in it: by default what a router handled, and of that the
    orders that met a quote to judge by in the session, since an execution-quality report is about
    no others.
    """
    nowhere = pl.lit(None, dtype=pl.String)
    by = [f"by {name}" for name in _KEYS]
    frames = [
        summary_of_cells(
            frame.filter(_COUNTED[counted]).with_columns(
                nowhere.alias(name) for name in by if name not in frame.columns
            ),
            source.parts,
            by,
        ).select(*(name for name in SUMS if name != "source"), source=pl.lit(source.name))
        for source, frame in held.items()
    ]
    return pl.concat([pl.DataFrame(schema=SUMS), *frames])


def claim_facts(report: pl.DataFrame, sums: pl.DataFrame, dates: Sequence[date]) -> pl.DataFrame:
    """Return the claims of a vendor's report with ours beside them, as CLAIMS, in their order.

    Args:
        report: Records of the vendor's report, with `file` and `line`.
        sums: claim_sums of every month of every period, with its `month` (2026-07).
        dates: The trading dates measured; a claim is dated by the last in its period, or by the
            period's last where none is. One whose period cannot be read is dated by the last.
    """
    rows = []
    for claim in report.iter_rows(named=True):
        span = period_of(claim["period"])
        inside = [day for day in dates if span is not None and span[0] <= day <= span[1]]
        ends = inside[-1] if inside else span[1] if span else max(dates, default=None)
        within = within_period(sums, claim["period"])
        rows.append({**claim, **_compared(claim, within), "trading_date": ends})
    return pl.DataFrame(rows, schema=CLAIMS)


def within_period(sums: pl.DataFrame, period: str | None) -> pl.DataFrame:
    """Return the sums of a period's months."""
    span = period_of(period)
    first, last = ("", "") if span is None else (f"{day:%Y-%m}" for day in span)
    return sums.filter(pl.col("month").is_between(pl.lit(first), pl.lit(last)))


def _compared(claim: Mapping[str, Any], sums: pl.DataFrame) -> dict[str, object]:
    stars = {name: claim[name] or ANY for name in _KEYS}
    metric_name, basis = claim["metric"] or "none", claim["basis"] or "receipt"
    named = {**stars, "metric": metric_name, "basis": basis, "stated_shares": claim["shares"]}
    stated = {"unit": claim["unit"], "theirs": claim["value"], "ours": None, "gap": None}
    metric = meant_by(metric_name, basis)
    factor = metric and _UNITS[metric.unit].get(claim["unit"] or metric.unit)
    if metric is None or factor is None:
        return {**named, **stated, "n": 0, "shares": 0}
    theirs = None if claim["value"] is None else int(claim["value"] * factor)
    cell = claimed(metric, sums, stars)
    ours = None if cell.value is None else int(cell.value.scaleb(FEE_SCALE))
    return {
        **named,
        "unit": metric.unit.value,
        "theirs": theirs,
        "ours": ours,
        "gap": None if ours is None or theirs is None else theirs - ours,
        "n": cell.n,
        "shares": int(cell.shares.scaleb(QUANTITY_SCALE)),
    }


def claimed(metric: Metric, sums: pl.DataFrame, claim: Mapping[str, str]) -> Cell:
    """Return a metric over what a claim is about: its symbol, venue and order class, `*` for any.

    Only classes the metric applies to count. Fills tell most; fill rates are those of orders, or,
    by venue, of routes.
    """
    source = ["fills", "routes"] if claim["venue"] != ANY else ["fills", "orders"]
    classes = [name.value for name in OrderClass if metric.applies_to(name)]
    chosen = sums.filter(pl.col("source").is_in(source), pl.col("by order_class").is_in(classes))
    for name in _KEYS:
        if claim[name] != ANY:
            chosen = chosen.filter(pl.col(f"by {name}") == claim[name])
    return cell_of(metric, chosen)


def meant_by(name: str, basis: str) -> Metric | None:
    """Return the metric a claim means by its basis; None where that is not clear."""
    name = _ALIASES.get(name, name)
    if basis == "receipt" or name in _OWN_INSTANT:
        return _BY_NAME.get(name)
    return _BY_NAME.get((_AT_ROUTE if basis == "route" else _AT_EXECUTION).get(name, ""))
