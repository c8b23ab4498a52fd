"""What may lie behind the gap between a vendor's number and ours.

Each candidate is the same number reckoned another way that firms and vendors are known to differ
in. It comes close where it leaves a twentieth of the gap or less. Several may; none need: a
candidate is a question to ask, never an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Any

import polars as pl

from routewarden.base.exact import FEE_SCALE, QUANTITY_SCALE
from routewarden.measures.measure import Unit
from routewarden.measures.scorecard import Metric
from routewarden.rules.facts.claims import (
    ANY,
    Counted,
    claimed,
    meant_by,
    within_period,
)

_CLOSE = 20  # a candidate leaves no more than this part of the gap
_BASES = ("receipt", "route", "execution")
_PER_EXECUTION = frozenset({Unit.PER_SHARE, Unit.MS})
_FACTORS: Mapping[Unit, Mapping[Fraction, str]] = {
    Unit.PER_SHARE: {
        Fraction(100): "theirs may be in cents",
        Fraction(1, 100): "theirs may be in units of 100",
    },
    Unit.MS: {
        Fraction(1000): "theirs may be in microseconds",
        Fraction(1, 1000): "theirs may be in seconds",
    },
    Unit.FRACTION: {Fraction(100): "theirs may be in percent"},
}
_OF_SPREADS = {Fraction(1, 2): "theirs may be half-spreads"}


class Candidate(StrEnum):
    """What a gap may come from."""

    CLOCK = "clock"
    REFERENCE_QUOTE = "reference quote"
    INCLUSION = "inclusion"
    UNIT = "unit"
    SIGN = "sign"
    WEIGHTING = "weighting"
    MISSING_ORDERS = "missing orders"


def with_candidates(facts: pl.DataFrame, sums: Mapping[Counted, pl.DataFrame]) -> pl.DataFrame:
    """Add what may lie behind each gap of compared claims, as words.

    `candidates` are those that come close, null where none does; `nearest` is then the one that
    leaves least of the gap, if it leaves less than all of it. Both are null where there is no gap.

    Args:
        facts: Compared claims, as CLAIMS.
        sums: claim_sums of every way of counting, with `month`.
    """
    told = [_told(claim, sums) for claim in facts.iter_rows(named=True)]
    return facts.with_columns(
        candidates=pl.Series([close for close, _ in told], dtype=pl.String),
        nearest=pl.Series([nearest for _, nearest in told], dtype=pl.String),
    )


def _told(
    claim: Mapping[str, Any], sums: Mapping[Counted, pl.DataFrame]
) -> tuple[str | None, str | None]:
    metric = meant_by(claim["metric"], claim["basis"])
    if metric is None or not claim["gap"]:
        return None, None
    ways = sorted(
        (abs(claim["theirs"] - value), f"{candidate} ({words})", value)
        for candidate, words, value in _alternatives(claim, metric, sums)
        if value is not None
    )
    close = [words for left, words, _ in ways if left * _CLOSE <= abs(claim["gap"])]
    if missing := _missing(claim):
        close.append(missing)
    if close:
        return "; ".join(close), None
    left, words, value = ways[0]
    if left >= abs(claim["gap"]):
        return None, None
    return None, f"{words}, which gives {_short(value)} and leaves {_short(left)}"


def _missing(claim: Mapping[str, Any]) -> str | None:
    stated, ours = claim["stated_shares"], claim["shares"]
    if stated is None or stated == ours:
        return None
    unit = 10**QUANTITY_SCALE
    return (
        f"{Candidate.MISSING_ORDERS} (theirs is about {stated / unit:,.0f} shares, ours about "
        f"{ours / unit:,.0f})"
    )


def _short(scaled: Fraction | int) -> str:
    """Return a number counted in 10**-12 to five decimals: it is said, not compared with."""
    return f"{float(scaled / 10**FEE_SCALE):.5f}"


_Alternative = tuple[Candidate, str, Fraction | int | None]


def _alternatives(
    claim: Mapping[str, Any], metric: Metric, sums: Mapping[Counted, pl.DataFrame]
) -> Iterator[_Alternative]:
    """Yield the claim's number reckoned in other ways (10**-12 of its unit)."""
    ours = claim["ours"]
    yield Candidate.SIGN, "the same with the sign turned", -ours
    of_spreads = _OF_SPREADS if "spread" in metric.name and metric.unit is Unit.PER_SHARE else {}
    for factor, words in {**_FACTORS.get(metric.unit, {}), **of_spreads}.items():
        yield Candidate.UNIT, words, ours * factor
    within = {counted: within_period(frame, claim["period"]) for counted, frame in sums.items()}
    yield from _by_other_instants(claim, metric, within[Counted.ROUTED])
    for counted in (Counted.DIRECT_TOO, Counted.CUSTOMERS_ONLY):
        value = _value(metric, within[counted], claim)
        yield Candidate.INCLUSION, counted, value
    if claim["order_class"] != ANY:
        value = _value(metric, within[Counted.ROUTED], {**claim, "order_class": ANY})
        yield Candidate.INCLUSION, "every order class together", value
    if metric.unit in _PER_EXECUTION and "cost" not in metric.name:
        value = _value(metric, within[Counted.EACH_ALIKE], claim)
        yield Candidate.WEIGHTING, Counted.EACH_ALIKE, value


def _by_other_instants(
    claim: Mapping[str, Any], metric: Metric, sums: pl.DataFrame
) -> Iterator[_Alternative]:
    candidate = Candidate.CLOCK if metric.unit is Unit.MS else Candidate.REFERENCE_QUOTE
    for basis in _BASES:
        other = meant_by(claim["metric"], basis)
        if other is not None and other.name != metric.name:
            yield candidate, f"counted from {basis}", _value(other, sums, claim)


def _value(metric: Metric, sums: pl.DataFrame, claim: Mapping[str, str]) -> int | None:
    value = claimed(metric, sums, claim).value
    return None if value is None else int(value.scaleb(FEE_SCALE))
