"""What a remediation is about: a router's number, of which orders, in which period.

It is kept as the facts of its case, so every figure of the case is made of the same orders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from routewarden.base.errors import RoutewardenError
from routewarden.base.period import Span
from routewarden.cases.case import Case
from routewarden.cases.remediation import KIND
from routewarden.measures.dimensions import check_dimensions
from routewarden.measures.measure import Better
from routewarden.measures.population import Population
from routewarden.measures.reference import OrderClass
from routewarden.measures.scorecard import METRICS, Metric

Where = Mapping[str, tuple[str, ...]]

JUDGEABLE: Mapping[str, Metric] = {
    metric.name: metric
    for metric in METRICS
    if metric.better is not Better.NEITHER and not metric.summed
}
"""The metrics of which one value is better than another."""

_ONE_OF = ("asset_class", "population")


class MatterError(RoutewardenError):
    """A remediation cannot be about that."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}.")


@dataclass(frozen=True, slots=True)
class Matter:
    """A provider's router, a metric, the orders it is taken over, and the period it failed in."""

    provider: str
    router: str
    metric: Metric
    where: Where
    span: Span

    @property
    def words(self) -> str:
        """The orders it is over, in words."""
        told = (
            f"{name.replace('_', ' ')} {' or '.join(each.replace('_', ' ') for each in values)}"
            for name, values in self.where.items()
        )
        return ", ".join(told)

    def facts(self) -> Mapping[str, str]:
        """Return it as the facts of a case."""
        pairs = [f"{name}={value}" for name, values in self.where.items() for value in values]
        return {
            "provider": self.provider,
            "router": self.router,
            "metric": self.metric.name,
            "where": ",".join(pairs),
            "first": str(self.span.first),
            "last": str(self.span.last),
        }


def matter(
    names: tuple[str, str], metric: str, where: Mapping[str, Sequence[str]], span: Span
) -> Matter:
    """Return what a remediation is to be about.

    Of what `where` leaves open, customers' orders in equities are taken, and of the classes of
    orders those that the metric applies to.

    Args:
        names: The provider's, and its router's as orders state it.
        metric: The metric's name.
        where: The values of dimensions.
        span: The period.

    Raises:
        MatterError: There is no such metric, or it has no meaning over these orders.
        UnknownDimensionError: A dimension is not known.
    """
    provider, router = names
    found = JUDGEABLE.get(metric)
    if found is None:
        raise MatterError(metric, f"no metric to judge by; there are {', '.join(JUDGEABLE)}")
    if span.first > span.last:
        what = f"{span.first} to {span.last}"
        raise MatterError(what, "the period ends before it begins")
    check_dimensions(list(where))
    classes = [each for each in OrderClass if found.applies_to(each)]
    whole = {} if len(classes) == len(OrderClass) else {"order_class": classes}
    chosen: dict[str, Sequence[str]] = {
        "asset_class": ["equity"],
        "population": [Population.CUSTOMER],
        **whole,
        **where,
        "router": [router],
    }
    _check(found, chosen)
    kept = {name: tuple(map(str, values)) for name, values in sorted(chosen.items())}
    return Matter(provider, router, found, kept, span)


def _check(metric: Metric, where: Mapping[str, Sequence[str]]) -> None:
    """Require that a metric has one meaning over some orders."""
    for name in _ONE_OF:
        if len(set(where[name])) != 1:
            raise MatterError(name, "give one (--where); they are never averaged together")
    without = [each for each in where.get("order_class", ()) if not metric.applies_to(each)]
    if without:
        raise MatterError(metric.name, f"has no meaning for order class {', '.join(without)}")


def matter_of(case: Case) -> Matter:
    """Return what a remediation is about.

    Raises:
        MatterError: The case is none.
    """
    if case.procedure.kind != KIND:
        raise MatterError(case.id, "no remediation; `routewarden remedy list` shows them")
    facts = case.facts
    where: dict[str, list[str]] = {}
    for pair in facts["where"].split(","):
        name, _, value = pair.partition("=")
        where.setdefault(name, []).append(value)
    first, last = (date.fromisoformat(facts[name]) for name in ("first", "last"))
    names = facts["provider"], facts["router"]
    return matter(names, facts["metric"], where, Span("", first, last))
