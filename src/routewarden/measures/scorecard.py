"""The scorecard: each metric of each group, with its unit, sign, coverage and what was left out.

A value is a quotient of exact sums, divided once, half to even at twelve decimals; over zero it is
null. Price improvement, effective over quoted and the time from receipt are for market and
marketable limit orders; for others they do not apply.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

import polars as pl

from routewarden.base.exact import FEE_SCALE, QUANTITY_SCALE
from routewarden.measures.horizon import HORIZONS
from routewarden.measures.measure import Better, Unit
from routewarden.measures.reference import OrderClass
from routewarden.measures.summary import MEASURED, SCALES, merge

_MARKETABLE = frozenset({OrderClass.MARKET, OrderClass.MARKETABLE_LIMIT})
_NOT_LIMIT = frozenset({OrderClass.MARKET, OrderClass.OTHER})


@dataclass(frozen=True, slots=True)
class Metric:
    """A number of the scorecard: the total of `of`, over its shares or over another's total.

    Or, where it is `counted`, over how many there are.
    """

    name: str
    title: str
    unit: Unit
    better: Better
    of: str
    over: str | None = None
    marketable_only: bool = False
    limit_only: bool = False
    complement: bool = False  # one less the quotient
    summed: bool = False  # the total itself, no quotient
    counted: bool = False

    def applies_to(self, order_class: str | None) -> bool:
        """Return whether the metric has a meaning for a class of orders."""
        if self.marketable_only:
            return order_class in _MARKETABLE
        return not (self.limit_only and order_class in _NOT_LIMIT)


def _mean(  # noqa: PLR0913 - one line of the table below
    name: str, title: str, better: Better, *, of: str = "",
    marketable: bool = False, unit: Unit = Unit.PER_SHARE,
) -> Metric:  # fmt: skip
    limit = name.endswith("_when_executable")
    return Metric(
        name, title, unit, better, of or name, marketable_only=marketable, limit_only=limit
    )


def _share(name: str, title: str, better: Better, of: str = "") -> Metric:
    return Metric(name, title, Unit.FRACTION, better, of or name, marketable_only=True)


_LOWER, _HIGHER, _NEITHER = Better.LOWER, Better.HIGHER, Better.NEITHER

METRICS: tuple[Metric, ...] = (
    Metric("fill_rate", "Fill rate", Unit.FRACTION, _HIGHER, "fill_rate"),
    _mean(
        "net_price_improvement", "Price improvement, net", _HIGHER, of="price_improvement",
        marketable=True,
    ),
    _share("price_improved_pct", "Shares price-improved", _HIGHER),
    Metric(
        "price_improved_orders_pct", "Orders price-improved", Unit.FRACTION, _HIGHER,
        "price_improved_orders", marketable_only=True, counted=True,
    ),
    _share("executed_at_quote_pct", "Shares at the quote", _NEITHER),
    _share("outside_quote_pct", "Shares outside the quote", _LOWER),
    _share("at_or_better_pct", "Shares at the quote or better", _HIGHER, of="at_or_better"),
    _mean("quoted_spread", "Quoted spread", _LOWER, marketable=True),
    _mean("effective_spread", "Effective spread", _LOWER, marketable=True),
    Metric(
        "effective_over_quoted", "Effective / quoted", Unit.FRACTION, _LOWER, "effective_spread",
        over="quoted_spread", marketable_only=True,
    ),
    Metric(
        "spread_capture", "Spread capture (1 - E/Q)", Unit.FRACTION, _HIGHER, "effective_spread",
        over="quoted_spread", marketable_only=True, complement=True,
    ),
    _mean("slippage", "Slippage from arrival mid", _LOWER, marketable=True),
    _mean(
        "fill_time_ms", "Fill time from receipt", _LOWER, marketable=True,
        unit=Unit.MS,
    ),
    _mean("effective_spread_at_execution", "Effective spread at execution", _LOWER),
    _mean("price_improvement_at_route", "Price improvement at route", _HIGHER),
    _mean("quoted_spread_at_route", "Quoted spread at route", _LOWER),
    _mean("effective_spread_at_route", "Effective spread at route", _LOWER),
    Metric(
        "effective_over_quoted_at_route", "Effective / quoted at route", Unit.FRACTION, _LOWER,
        "effective_spread_at_route", over="quoted_spread_at_route",
    ),
    _mean("route_time_ms", "Fill time from route", _LOWER, unit=Unit.MS),
    _mean("decision_time_ms", "Receipt to route", _LOWER, unit=Unit.MS),
    *(
        _mean(f"realized_spread_{h.label}", f"Realized spread {h.label}", _LOWER)
        for h in HORIZONS
    ),
    *(_mean(f"reversion_{h.label}", f"Reversion {h.label}", _HIGHER) for h in HORIZONS),
    _mean("explicit_cost", "Explicit cost", _LOWER),
    _mean("net_effective_spread", "Net effective spread", _LOWER, marketable=True),
    Metric(
        "size_improvement_shares", "Size improvement", Unit.SHARES, _HIGHER,
        "size_improvement_shares", summed=True,
    ),
    Metric(
        "size_improvement_pct", "Size improvement, of shares executed", Unit.FRACTION, _HIGHER,
        "size_improvement_shares",
    ),
    _mean("effective_spread_when_executable", "Effective spread when executable", _LOWER),
    *(
        _mean(
            f"realized_spread_{h.label}_when_executable",
            f"Realized spread {h.label} when executable",
            _LOWER,
        )
        for h in HORIZONS
    ),
    _mean(
        "fill_time_ms_when_executable", "Fill time from executability", _LOWER,
        unit=Unit.MS,
    ),
)  # fmt: skip
"""The metrics, in the order they are shown."""


@dataclass(frozen=True, slots=True)
class Left:
    """Fills (or orders) a metric does not cover, for one reason."""

    n: int
    shares: Decimal


@dataclass(frozen=True, slots=True)
class Cell:
    """A metric's value for a group; `applies` is False where it has no meaning there."""

    metric: Metric
    value: Decimal | None
    applies: bool
    n: int
    shares: Decimal
    coverage: Decimal | None
    excluded: Mapping[str, Left] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """The metrics of one group."""

    group: Mapping[str, str | None]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class _Sum:
    n: int
    shares: int
    total: int | None


_NOTHING = _Sum(0, 0, None)


def scorecard(summary: pl.DataFrame, by: Sequence[str]) -> tuple[Row, ...]:
    """Return the rows of a summary's groups, in the order of their keys (nulls last)."""
    groups: dict[tuple[str | None, ...], dict[str, dict[str, _Sum]]] = {}
    keys = [f"by {name}" for name in by]
    columns = [*keys, "metric", "status", "n", "shares", "total"]
    for *group, metric, status, n, shares, total in summary.select(columns).iter_rows():
        sums = groups.setdefault(tuple(group), {}).setdefault(metric, {})
        sums[status] = _Sum(n, shares or 0, total)
    return tuple(
        Row(dict(zip(by, group, strict=True)), _cells(dict(zip(by, group, strict=True)), sums))
        for group, sums in groups.items()
    )


def cell_of(metric: Metric, summary: pl.DataFrame) -> Cell:
    """Return a metric over a whole summary, its groups added up, whatever their classes."""
    return _cell(metric, {metric.of: {}, metric.over or metric.of: {}, **_added(summary)})


def _added(summary: pl.DataFrame) -> dict[str, dict[str, _Sum]]:
    """Return a summary's sums by metric and status, its groups added up."""
    sums: dict[str, dict[str, _Sum]] = {}
    for metric, status, n, shares, total in merge([summary], []).iter_rows():
        sums.setdefault(metric, {})[status] = _Sum(n, shares or 0, total)
    return sums


def _cells(
    group: Mapping[str, str | None], sums: Mapping[str, Mapping[str, _Sum]]
) -> tuple[Cell, ...]:
    return tuple(
        _cell(metric, sums) if metric.applies_to(group["order_class"]) else no_cell(metric)
        for metric in METRICS
        if metric.of in sums
    )


def pooled(summary: pl.DataFrame, classes: Collection[str]) -> Mapping[str, Cell]:
    """Return the cells of some order classes taken together, by metric.

    A metric applies to them together where it applies to each.
    """
    sums = _added(summary.filter(pl.col("by order_class").is_in(list(classes))))
    cells = {}
    for metric in METRICS:
        if metric.of in sums:
            applies = all(metric.applies_to(name) for name in classes)
            cells[metric.name] = _cell(metric, sums) if applies else no_cell(metric)
    return cells


def no_cell(metric: Metric) -> Cell:
    """Return the cell of a metric that has no meaning for a group."""
    return Cell(metric, None, applies=False, n=0, shares=Decimal(0), coverage=None)


def empty_cell(metric: Metric) -> Cell:
    """Return the cell of a metric that has a meaning for a group, of which there is nothing."""
    return replace(no_cell(metric), applies=True)


def _cell(metric: Metric, sums: Mapping[str, Mapping[str, _Sum]]) -> Cell:
    by_status = sums[metric.of]
    measured = by_status.get(MEASURED, _NOTHING)
    everything = sum(part.shares for part in by_status.values())
    return Cell(
        metric,
        _value(metric, measured, sums),
        applies=True,
        n=measured.n,
        shares=shares_of(measured.shares),
        coverage=quotient(Fraction(measured.shares, everything)) if everything else None,
        excluded={
            status: Left(part.n, shares_of(part.shares))
            for status, part in by_status.items()
            if status != MEASURED
        },
    )


def _value(
    metric: Metric, measured: _Sum, sums: Mapping[str, Mapping[str, _Sum]]
) -> Decimal | None:
    above = _total(metric.of, measured)
    if above is None or metric.summed:
        return None if above is None else quotient(above)
    below: Fraction | None
    if metric.counted:
        below = Fraction(measured.n)
    elif metric.over is None:
        below = Fraction(measured.shares, 10**QUANTITY_SCALE)
    else:
        below = _total(metric.over, sums[metric.over].get(MEASURED, _NOTHING))
    if not below:
        return None
    return quotient(1 - above / below if metric.complement else above / below)


def _total(metric: str, measured: _Sum) -> Fraction | None:
    return None if measured.total is None else Fraction(measured.total, 10 ** SCALES[metric])


def quotient(value: Fraction) -> Decimal:
    """Round once, half to even, at twelve decimals; no superfluous zeros."""
    scaled = round(value * 10**FEE_SCALE)
    sign, digits, _ = Decimal(scaled).as_tuple()
    exact = Decimal((sign, digits, -FEE_SCALE))
    return Decimal(f"{exact:f}".rstrip("0").rstrip(".")) if scaled else Decimal(0)


def shares_of(scaled: int) -> Decimal:
    """Return a quantity from its integer (10**-8)."""
    return quotient(Fraction(scaled, 10**QUANTITY_SCALE))
