"""Whether a clause was broken: its terms and what is known of a window, to yes, no or unknown.

Unknown is not no. A figure over too few orders or fills, or of a window of which dates are not
measured, is unknown. So is a delivery of a period in which nothing was measured, for which nobody
can tell what it should have had.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from routewarden.measures.dimensions import ON_ORDERS
from routewarden.measures.measure import Unit
from routewarden.measures.scorecard import METRICS
from routewarden.measures.summary import FILL_PARTS
from routewarden.policy.contract import Breach, Clause, Comparison, Delivery, Duty, Service

METRIC = {metric.name: metric for metric in METRICS}
OF_FILLS = frozenset(part.metric for part in FILL_PARTS)
"""The sums that fills give; orders give the others, or by venue their routes."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure of a window: over how many orders or fills, of `measured` of its trading dates."""

    value: Decimal | None
    sample: int
    measured: int
    dates: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of a period's file: of `dates` that were measured, how many it has.

    `in_time` by the date it was `due` by, `by_now` until `today`; `complete` is when it had enough.
    """

    due: date
    today: date
    dates: int
    in_time: int
    by_now: int
    complete: date | None


@dataclass(frozen=True, slots=True)
class Attested:
    """When an attestation was given, if by `today`, and when it was due."""

    due: date
    today: date
    on: date | None


Facts = Measured | Delivered | Attested


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer, the sentence that says why, and the figure and tolerance in words."""

    breach: Breach
    because: str
    figure: str
    tolerance: str


def amount(value: Decimal | None, unit: str) -> str:
    """Return a number with its unit: to four places of a percentage, six of anything else."""
    if value is None:
        return "nothing measured"
    if unit == Unit.FRACTION:
        return f"{_plain(value * 100, 4)} %"
    return f"{_plain(value, 6)} {unit}"


def _plain(value: Decimal, places: int) -> str:
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def counted(terms: Service) -> str:
    """Return what the sample of a service is a number of."""
    if METRIC[terms.metric].of in OF_FILLS:
        return "fills"
    return "orders" if set(terms.where) <= set(ON_ORDERS) else "routes"


def judge_service(terms: Service, facts: Measured) -> Judgement:
    """Return whether a service level was kept over a window."""
    tolerance = f"{terms.comparison} {amount(terms.tolerance, terms.unit)}"
    figure = amount(facts.value, terms.unit)
    said = f"{METRIC[terms.metric].title} is {figure} over {facts.sample:,} {counted(terms)}"
    if facts.measured < terms.least_dates * facts.dates or not facts.measured:
        why = f"{facts.measured} of {facts.dates} trading dates are measured"
        return Judgement(Breach.UNKNOWN, why, figure, tolerance)
    if facts.sample < terms.least:
        why = f"{facts.sample:,} {counted(terms)} are measured, and it takes {terms.least:,}"
        return Judgement(Breach.UNKNOWN, why, figure, tolerance)
    if facts.value is None:
        return Judgement(Breach.UNKNOWN, "it has no value: nothing to divide by", figure, tolerance)
    kept = (
        facts.value >= terms.tolerance
        if terms.comparison is Comparison.AT_LEAST
        else facts.value <= terms.tolerance
    )
    breach = Breach.NO if kept else Breach.YES
    return Judgement(breach, f"{said}, and {tolerance} was agreed", figure, tolerance)


def enough(terms: Delivery, covered: int, dates: int) -> bool:
    """Return whether a delivery has as many of the dates as it must."""
    return Fraction(covered) >= Fraction(terms.least_share) * dates and covered > 0


def judge_delivery(terms: Delivery, facts: Delivered) -> Judgement:
    """Return whether what was due of a period came in time, and whole."""
    tolerance = f"at least {amount(terms.least_share, Unit.FRACTION)} by {facts.due}"
    figure = f"{facts.by_now} of {facts.dates} measured dates"
    if not facts.dates:
        why = "nothing is measured of the period, so nobody can tell what it should have"
        return Judgement(Breach.UNKNOWN, why, "nothing measured", tolerance)
    if enough(terms, facts.in_time, facts.dates):
        why = f"{terms.what} has {figure}, held by {facts.complete}"
        return Judgement(Breach.NO, why, figure, tolerance)
    if facts.today <= facts.due:
        why = f"{terms.what} has {figure} so far, and is due by {facts.due}"
        return Judgement(Breach.UNKNOWN, why, figure, tolerance)
    if facts.complete is not None:
        why = f"{terms.what} was held on {facts.complete}, and was due by {facts.due}"
        return Judgement(Breach.YES, f"late: {why}", f"held on {facts.complete}", tolerance)
    why = f"{terms.what} has {figure}, and was due by {facts.due}"
    word = "incomplete" if facts.by_now else "missing"
    return Judgement(Breach.YES, f"{word}: {why}", figure, tolerance)


def judge_duty(terms: Duty, facts: Attested) -> Judgement:
    """Return whether a duty was attested by the date it was due."""
    tolerance = f"by {facts.due}"
    if facts.on is None:
        why = f"no {terms.evidence} is attested, due by {facts.due}"
        breach = Breach.UNKNOWN if facts.today <= facts.due else Breach.YES
        return Judgement(breach, why, "not attested", tolerance)
    breach = Breach.NO if facts.on <= facts.due else Breach.YES
    why = f"attested on {facts.on}, due by {facts.due}"
    return Judgement(breach, why, f"attested on {facts.on}", tolerance)


def judge(clause: Clause, facts: Facts) -> Judgement:
    """Return whether a clause was broken.

    Raises:
        TypeError: The facts are of another kind of clause.
    """
    match clause.terms, facts:
        case Service() as terms, Measured():
            return judge_service(terms, facts)
        case Delivery() as terms, Delivered():
            return judge_delivery(terms, facts)
        case Duty() as terms, Attested():
            return judge_duty(terms, facts)
        case _:
            raise TypeError(clause.kind, type(facts))
