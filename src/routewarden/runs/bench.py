"""What a period is compared with: the industry's figures, the quarter before, the direct route."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from routewarden.base.period import Quarter, Span
from routewarden.benchmarks.dashboard import Bench, Figures, of_cells, of_published
from routewarden.benchmarks.verdict import Source
from routewarden.measures.population import Population
from routewarden.policy.limits import Limits
from routewarden.policy.published import in_force
from routewarden.runs.period import Group, Period, read_period
from routewarden.runs.reading import NothingMeasuredError
from routewarden.runs.summaries import Where
from routewarden.store.home import Home

DIRECT = ("direct", None)
"""What the column `router` says of an order the firm sent itself."""


@dataclass(frozen=True, slots=True)
class Comparators:
    """What there is to compare the orders of a period with.

    `narrowed` where only some of them are asked about.
    """

    industry: Figures
    prior: Figures
    before: Period | None
    limits: Limits
    day: date
    narrowed: bool = False

    def bench(self, group: Group) -> Bench:
        """Return what a group of orders is compared with, best source first.

        Figures from tables are of customers' orders in equities, and so only those' benchmark; a
        narrower group is told that they are wider. Where the quarter before was measured here, it
        goes before a table of it.
        """
        tables = self.prior, self.industry
        prior, industry = tables if _is_customers_equities(group) else ({}, {})
        if self.narrowed or set(group) - {"population", "asset_class"}:
            prior, industry = _of_all(prior), _of_all(industry)
        if self.before is not None:
            says = f"{self.before.span.name}, measured here"
            prior = of_cells(self.before.only(group).cells(), Source.PRIOR, says)
        return Bench((industry, prior), self.limits, self.day)


def _of_all(figures: Figures) -> Figures:
    """Return figures that say they are over more orders than they stand beside."""
    return {
        key: replace(figure, says=f"{figure.says}, over all customers' orders")
        for key, figure in figures.items()
    }


def _is_customers_equities(group: Group) -> bool:
    asked = {"population": (Population.CUSTOMER,), "asset_class": ("equity",)}
    return all(tuple(group.get(name, ())) == values for name, values in asked.items())


def comparators(home: Home, span: Span, by: tuple[str, ...], where: Where) -> Comparators:
    """Return what the orders of a span are compared with."""
    policy = home.policy()
    return Comparators(
        industry=of_published(in_force(policy.industry, span.last), Source.INDUSTRY),
        prior=of_published(in_force(policy.prior, span.last), Source.PRIOR),
        before=_before(home, span, by, where),
        limits=policy.limits,
        day=span.last,
        narrowed=bool(set(where) - {"population", "asset_class"}),
    )


def _before(home: Home, span: Span, by: tuple[str, ...], where: Where) -> Period | None:
    """Return the quarter before, if the span is a quarter and that one is measured."""
    quarter = Quarter(span.last.year, (span.last.month + 2) // 3)
    if quarter.span != span:
        return None
    try:
        return read_period(home, quarter.before.span, by, where)
    except NothingMeasuredError:
        return None


def by_router(period: Period, *, direct: bool) -> Period:
    """Return the orders of a period (by `router`) that went direct, or those that did not."""
    routers = period.values("router")
    return period.only({"router": [name for name in routers if (name in DIRECT) == direct]})
