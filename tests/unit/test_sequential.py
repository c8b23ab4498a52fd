"""The sequential test: published boundaries, numbers worked by hand, and its error rates."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from routewarden.benchmarks.sequential import (
    Decision,
    Design,
    DesignError,
    Rates,
    Tally,
    conclusion,
    design,
    middle,
    no_better,
    share_before,
    walk,
)
from routewarden.measures.measure import Better

DAY = date(2026, 7, 1)
NIST = Design(before=0.10, after=0.01, rates=Rates(alpha=0.10, beta=0.05))
"""NIST/SEMATECH e-Handbook, 6.2.6: p1 .01, p2 .10, alpha .05, beta .10.

Its alpha, to reject what is good, is our beta.
"""
WALD = Design(before=0.30, after=0.10, rates=Rates(alpha=0.03, beta=0.02))
"""Wald's acceptance example: p0 .1, p1 .3, alpha .02, beta .03; his alpha is our beta."""


def dates(*counts: tuple[int, int]) -> list[Tally]:
    return [Tally(DAY + timedelta(days=k), n, bad) for k, (n, bad) in enumerate(counts)]


def test_the_lines_are_those_of_the_nist_handbook() -> None:
    lines = NIST.lines

    assert round(lines.release, 3) == -0.939
    assert round(lines.back, 3) == 1.205
    assert round(lines.slope, 4) == 0.0397


def test_the_lines_are_those_worked_from_wald() -> None:
    width = math.log(3) + math.log(0.9 / 0.7)

    assert WALD.lines.slope == pytest.approx(math.log(0.9 / 0.7) / width)
    assert WALD.lines.slope == pytest.approx(0.18617, abs=1e-5)
    assert WALD.lines.release == pytest.approx(math.log(0.03 / 0.98) / width)
    assert WALD.lines.release == pytest.approx(-2.5826, abs=1e-4)
    assert WALD.lines.back == pytest.approx(2.8754, abs=1e-4)


def test_the_expected_numbers_are_walds() -> None:
    upper, lower = math.log(0.98 / 0.03), math.log(0.02 / 0.97)
    bad, good = math.log(1 / 3), math.log(0.9 / 0.7)

    mended = (0.98 * upper + 0.02 * lower) / (0.1 * bad + 0.9 * good)
    unmended = (0.03 * upper + 0.97 * lower) / (0.3 * bad + 0.7 * good)
    assert WALD.expected(mended=True) == pytest.approx(mended)
    assert WALD.expected(mended=False) == pytest.approx(unmended)
    assert (round(mended), round(unmended)) == (29, 24)


def test_the_counts_at_the_lines_are_at_the_boundaries() -> None:
    lines = NIST.lines
    on_release = NIST.ratio(100, 0) - (lines.release + 100 * lines.slope) * (
        NIST.steps[1] - NIST.steps[0]
    )

    assert on_release == pytest.approx(NIST.upper)


@pytest.mark.parametrize(
    ("n", "bad", "said"),
    [
        (23, 0, Decision.CONTINUE),  # 0 <= -0.939 + 0.0397 x 23 = -0.026 is not so
        (24, 0, Decision.RELEASE),  # 0 <= 0.014
        (2, 2, Decision.RETURN),  # 2 >= 1.205 + 0.079
        (1, 1, Decision.CONTINUE),
    ],
)
def test_it_decides_as_the_handbooks_table(n: int, bad: int, said: Decision) -> None:
    assert NIST.decide(NIST.ratio(n, bad)) is said


def test_what_is_concluded_first_stands() -> None:
    looks = walk(NIST, dates((2, 2), (500, 0)), least=1)

    assert [look.decision for look in looks] == [Decision.RETURN, Decision.RETURN]
    assert looks[-1].ratio > NIST.upper
    assert (looks[-1].n, looks[-1].bad) == (502, 2)


def test_nothing_is_concluded_before_its_dates() -> None:
    looks = walk(NIST, dates((100, 0), (1, 0), (1, 0)), least=3)

    assert [look.decision.value for look in looks] == ["continue", "continue", "release"]


def test_without_a_date_it_continues() -> None:
    assert conclusion(walk(NIST, [], 1)) is Decision.CONTINUE


def test_the_share_before_is_never_all() -> None:
    assert share_before(9, 9) == 0.95
    assert share_before(99, 19) == 0.195


def test_where_none_was_bad_there_is_no_test() -> None:
    with pytest.raises(DesignError, match="none of 1,000 was bad"):
        share_before(1000, 0)


def test_an_effect_is_a_part_of_the_share() -> None:
    made = design(0.2, 0.25, Rates(0.05, 0.1))

    assert made.before == 0.2
    assert made.after == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("before", "effect", "rates"),
    [
        (0.0, 0.5, Rates(0.05, 0.1)),
        (1.0, 0.5, Rates(0.05, 0.1)),
        (0.5, 0.0, Rates(0.05, 0.1)),
        (0.5, 1.0, Rates(0.05, 0.1)),
        (0.5, 0.5, Rates(0.0, 0.1)),
        (0.5, 0.5, Rates(0.05, 0.0)),
        (0.5, 0.5, Rates(0.5, 0.5)),
    ],
)
def test_of_such_numbers_there_is_no_test(before: float, effect: float, rates: Rates) -> None:
    with pytest.raises(DesignError, match="no sequential test"):
        design(before, effect, rates)


def test_a_date_at_the_median_is_no_better() -> None:
    values = [(DAY, Decimal(1)), (DAY, Decimal(2)), (DAY, None), (DAY, Decimal(3))]

    higher = no_better(values, Decimal(2), Better.HIGHER)
    lower = no_better(values, Decimal(2), Better.LOWER)
    assert [each.bad for each in higher] == [1, 1, 0]
    assert [each.bad for each in lower] == [0, 1, 1]


def test_the_median_is_of_what_is_known() -> None:
    assert middle([Decimal(3), None, Decimal(1), Decimal(8)]) == Decimal(3)
    assert middle([Decimal(1), Decimal(2)]) == Decimal("1.5")
    assert middle([None]) is None


# -- Error rates, by simulation --------------------------------------------------------------------

RUNS = 1500


def concluded(test: Design, share: float, a_date: int, seed: int) -> list[Decision]:
    """Return what the test concludes of many monitorings in which a share is bad."""
    chance = random.Random(seed)
    found: list[Decision] = []
    for _ in range(RUNS):
        said, n, bad = Decision.CONTINUE, 0, 0
        while said is Decision.CONTINUE:
            n, bad = n + a_date, bad + sum(chance.random() < share for _ in range(a_date))
            said = test.decide(test.ratio(n, bad))
        found.append(said)
    return found


@pytest.mark.parametrize("a_date", [1, 20])
@pytest.mark.parametrize(("before", "effect"), [(0.3, 0.5), (0.5, 0.5)])
def test_both_error_rates_hold(before: float, effect: float, a_date: int) -> None:
    test = design(before, effect, Rates(alpha=0.05, beta=0.1))

    unmended = concluded(test, test.before, a_date, seed=7)
    mended = concluded(test, test.after, a_date, seed=8)
    sampling = 3 * math.sqrt(0.1 * 0.9 / RUNS)
    assert unmended.count(Decision.RELEASE) / RUNS <= 0.05 + sampling / 1.3
    assert mended.count(Decision.RETURN) / RUNS <= 0.10 + sampling


def test_what_is_worse_than_before_is_released_less_often() -> None:
    test = design(0.3, 0.5, Rates(alpha=0.05, beta=0.1))

    assert concluded(test, 0.4, 20, seed=9).count(Decision.RELEASE) / RUNS < 0.01
