"""Whether a failure is mended: Wald's sequential probability ratio test, looked at date by date.

Each thing counted, an order or a trading date, is bad or not. Two hypotheses are weighed:

    not mended   the share that is bad is as it was (`before`)
    mended       it is down to `after`

The ratio of the likelihood of *mended* to that of *not mended*, as a logarithm, grows with all that
is good and falls with all that is bad. At or above `upper` the conclusion is to release, at or
below `lower` to return to the investigation; in between, to continue. What is concluded first
stands.

Error rates: what is not mended is released with a probability of at most alpha / (1 - beta), what
is mended is returned with at most beta / (1 - alpha). That holds however often one looks, and so
for looking at the end of each date, and for not looking in the first dates. It takes what is
counted as independent: orders of one moment are not, which is why a number of dates has to pass as
well.

A mean, such as price improvement, is tested by the sign of its dates: bad is a date no better than
the median date of the failure. Half of such dates are bad if nothing has changed, whatever the
mean's distribution. A test of normal means would need a variance that is known, and daily means
have none: they depend on each date's volume and volatility.

Source: A. Wald, Sequential Analysis (1947), chapters 3 and 5.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from statistics import median

from routewarden.base.errors import RoutewardenError
from routewarden.measures.measure import Better

HALF = 0.5


class DesignError(RoutewardenError):
    """A sequential test cannot be made of some numbers."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"no sequential test: {why}. See release_alpha, release_beta and release_effect in "
            "policy/limits.toml."
        )


class Decision(StrEnum):
    """What the test says."""

    CONTINUE = "continue"
    RELEASE = "release"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Rates:
    """The error rates a test is made for: `alpha` to release the unmended, `beta` to return."""

    alpha: float
    beta: float


@dataclass(frozen=True, slots=True)
class Lines:
    """The boundaries as counts: after n, release at `release` + slope x n bad ones or fewer.

    And return at `back` + slope x n or more.
    """

    release: float
    back: float
    slope: float


@dataclass(frozen=True, slots=True)
class Design:
    """A test: the share of bad ones `before` and `after` it is mended, and the error rates."""

    before: float
    after: float
    rates: Rates

    @property
    def upper(self) -> float:
        """The logarithm from which on it is to be released."""
        return math.log((1 - self.rates.beta) / self.rates.alpha)

    @property
    def lower(self) -> float:
        """The logarithm from which down it is to be returned."""
        return math.log(self.rates.beta / (1 - self.rates.alpha))

    @property
    def steps(self) -> tuple[float, float]:
        """What one bad one adds to the logarithm, and what a good one adds."""
        return math.log(self.after / self.before), math.log((1 - self.after) / (1 - self.before))

    @property
    def lines(self) -> Lines:
        """The boundaries as counts of bad ones."""
        bad, good = self.steps
        width = good - bad
        return Lines(-self.upper / width, -self.lower / width, good / width)

    def ratio(self, n: int, bad: int) -> float:
        """Return the logarithm of the likelihood ratio after n, of which some were bad."""
        for_bad, for_good = self.steps
        return bad * for_bad + (n - bad) * for_good

    def decide(self, ratio: float) -> Decision:
        """Return what a logarithm says."""
        if ratio >= self.upper:
            return Decision.RELEASE
        return Decision.RETURN if ratio <= self.lower else Decision.CONTINUE

    def expected(self, *, mended: bool) -> float:
        """Return about how many it takes to conclude, the excess over a boundary neglected."""
        alpha, beta = self.rates.alpha, self.rates.beta
        share = self.after if mended else self.before
        released = 1 - beta if mended else alpha
        bad, good = self.steps
        end = released * self.upper + (1 - released) * self.lower
        return end / (share * bad + (1 - share) * good)


def design(before: float, effect: float, rates: Rates) -> Design:
    """Return the test for a part of a share of bad ones that has to be gone.

    Raises:
        DesignError: Of such numbers there is none.
    """
    sound = rates.alpha > 0 and rates.beta > 0 and rates.alpha + rates.beta < 1
    for fits, why in (
        (0 < before < 1, f"a share of {before:g} before, where all or none was bad"),
        (0 < effect < 1, f"release_effect is {effect:g}, and has to be between 0 and 1"),
        (sound, f"error rates of {rates.alpha:g} and {rates.beta:g}"),
    ):
        if not fits:
            raise DesignError(why)
    return Design(before, before * (1 - effect), rates)


def share_before(n: int, bad: int) -> float:
    """Return the share of bad ones that is taken as that of the failure.

    Half of one is added on either side, so that where all were bad a single good one proves
    nothing yet.

    Raises:
        DesignError: None was bad.
    """
    if not bad:
        why = f"none of {n:,} was bad in the period of the failure"
        raise DesignError(why)
    return (bad + HALF) / (n + 1)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a trading date counts: how many, how many of them bad."""

    day: date
    n: int
    bad: int


@dataclass(frozen=True, slots=True)
class Look:
    """The test at the end of a date: all counted so far, the logarithm, what it says by then."""

    day: date
    n: int
    bad: int
    ratio: float
    decision: Decision


def walk(test: Design, tallies: Iterable[Tally], least: int) -> tuple[Look, ...]:
    """Return the test at the end of each date; it concludes nothing before `least` of them.

    What it concludes first, it says from then on.
    """
    looks: list[Look] = []
    n = bad = 0
    said = Decision.CONTINUE
    for tally in tallies:
        n, bad = n + tally.n, bad + tally.bad
        ratio = test.ratio(n, bad)
        if said is Decision.CONTINUE and len(looks) + 1 >= least:
            said = test.decide(ratio)
        looks.append(Look(tally.day, n, bad, ratio, said))
    return tuple(looks)


def conclusion(looks: Sequence[Look]) -> Decision:
    """Return what a test says by its last date."""
    return looks[-1].decision if looks else Decision.CONTINUE


def no_better(
    values: Iterable[tuple[date, Decimal | None]], than: Decimal, better: Better
) -> tuple[Tally, ...]:
    """Return for each date that has a value whether it is no better than some number."""
    sign = -1 if better is Better.LOWER else 1
    return tuple(
        Tally(day, 1, int(sign * (value - than) <= 0)) for day, value in values if value is not None
    )


def middle(values: Iterable[Decimal | None]) -> Decimal | None:
    """Return the median of the values there are."""
    known = [value for value in values if value is not None]
    return median(known) if known else None
