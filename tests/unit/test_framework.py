"""Whether an area of the quarterly framework asks for action."""

from __future__ import annotations

import pytest

from routewarden.benchmarks.framework import (
    Status,
    Threshold,
    compared,
    consistently_worse,
    found,
    together,
)
from routewarden.benchmarks.verdict import Judged, Verdict
from routewarden.measures.scorecard import METRICS, no_cell

WORSE, IN_LINE, BETTER = Verdict.WORSE, Verdict.IN_LINE, Verdict.BETTER
THIN, NONE = Verdict.INSUFFICIENT, Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("months", "status", "because"),
    [
        ((WORSE, IN_LINE, WORSE), Status.REACHED, "speed: 2 of 3 months worse"),
        ((WORSE, WORSE, THIN), Status.REACHED, "speed: 2 of 3 months worse"),
        ((WORSE, IN_LINE, BETTER), Status.QUIET, "speed: 1 of 3 months worse"),
        ((WORSE, IN_LINE, THIN), Status.UNKNOWN, "speed: 1 of 3 months not judged"),
        ((IN_LINE, BETTER, THIN), Status.QUIET, "speed: 0 of 3 months worse"),
        ((THIN, BETTER, THIN), Status.UNKNOWN, "speed: 2 of 3 months not judged"),
        ((NONE, NONE, NONE), Status.QUIET, "speed: 0 of 3 months worse"),
    ],
)
def test_a_month_that_was_not_judged_counts_where_it_could_decide(
    months: tuple[Verdict, ...], status: Status, because: str
) -> None:
    assert consistently_worse("speed", months) == Threshold(status, because)


@pytest.mark.parametrize(
    ("verdict", "status", "because"),
    [
        (WORSE, Status.REACHED, "worse than the direct route"),
        (IN_LINE, Status.QUIET, "in line against the direct route"),
        (BETTER, Status.QUIET, "better against the direct route"),
        (THIN, Status.UNKNOWN, "too little to compare with the direct route"),
        (NONE, Status.UNKNOWN, "too little to compare with the direct route"),
    ],
)
def test_what_cannot_be_compared_is_unknown(verdict: Verdict, status: Status, because: str) -> None:
    judged = Judged(no_cell(METRICS[0]), None, verdict)

    assert compared(judged, "the direct route") == Threshold(status, because)


def test_a_finding_reaches_a_threshold() -> None:
    assert found(0, "drift") == Threshold(Status.QUIET, "no finding of drift")
    assert found(1200, "drift") == Threshold(Status.REACHED, "1,200 findings of drift")


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ("", Status.QUIET),
        ("q", Status.QUIET),
        ("qu", Status.UNKNOWN),
        ("uqr", Status.REACHED),
        ("ru", Status.REACHED),
    ],
)
def test_together_they_are_quiet_only_if_each_is(parts: str, whole: Status) -> None:
    named = {"q": Status.QUIET, "u": Status.UNKNOWN, "r": Status.REACHED}
    answer = together([Threshold(named[part], part) for part in parts])

    assert answer == Threshold(whole, "; ".join(parts))
