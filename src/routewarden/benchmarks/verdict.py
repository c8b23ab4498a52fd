"""Whether a number is better than, in line with or worse than its benchmark.

Better and worse are the customer's, and only beyond a tolerance that the firm sets by date. Too few
orders on either side, or nothing to compare with, is *insufficient*: unknown is not in line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from routewarden.measures.measure import Better, Unit
from routewarden.measures.scorecard import Cell, Metric
from routewarden.policy.limits import Limits


class Verdict(StrEnum):
    """What a comparison says."""

    BETTER = "better"
    IN_LINE = "in line"
    WORSE = "worse"
    NOT_APPLICABLE = "not applicable"
    INSUFFICIENT = "insufficient"


class Source(StrEnum):
    """Where a benchmark comes from."""

    INDUSTRY = "industry table"
    PRIOR = "prior period"
    DIRECT = "direct route"
    ALL = "all securities"


@dataclass(frozen=True, slots=True)
class Figure:
    """A benchmark's value; `n` counts what it is over, None where its source does not say."""

    value: Decimal
    n: int | None
    source: Source
    says: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A cell, what it is compared with, and what the comparison says."""

    cell: Cell
    benchmark: Figure | None
    verdict: Verdict


def judge(cell: Cell, benchmark: Figure | None, limits: Limits, day: date) -> Judged:
    """Compare a cell with its benchmark by the tolerances in force on a date."""
    return Judged(cell, benchmark, _verdict(cell, benchmark, limits, day))


def _verdict(cell: Cell, benchmark: Figure | None, limits: Limits, day: date) -> Verdict:
    metric = cell.metric
    if not cell.applies or metric.better is Better.NEITHER or metric.summed:
        return Verdict.NOT_APPLICABLE
    least = limits.at("verdict_orders_least", day).value
    if cell.value is None or cell.n < least or benchmark is None:
        return Verdict.INSUFFICIENT
    if benchmark.n is not None and benchmark.n < least:
        return Verdict.INSUFFICIENT
    gain = cell.value - benchmark.value
    if metric.better is Better.LOWER:
        gain = -gain
    if abs(gain) <= tolerance(metric, benchmark.value, limits, day):
        return Verdict.IN_LINE
    return Verdict.BETTER if gain > 0 else Verdict.WORSE


def tolerance(metric: Metric, benchmark: Decimal, limits: Limits, day: date) -> Decimal:
    """Return how far from its benchmark a metric still is in line, in the metric's unit."""
    if metric.unit is Unit.MS:
        share = limits.at("tolerance_fill_time", day).value
        return max(limits.at("tolerance_fill_time_ms", day).value, share * abs(benchmark))
    return limits.at(_tolerance_name(metric), day).value


def _tolerance_name(metric: Metric) -> str:
    if metric.unit is Unit.FRACTION:
        about_spread = metric.over is not None
        return "tolerance_spread_capture" if about_spread else "tolerance_fill_rate"
    if "price_improvement" in metric.name:
        return "tolerance_price_improvement"
    return "tolerance_reversion" if metric.name.startswith("reversion") else "tolerance_spread"
