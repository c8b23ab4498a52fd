"""What a sequential test says on paper: its numbers are those of the test."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from routewarden.benchmarks.sequential import Decision, Design, Rates, Tally, walk
from routewarden.evidence.document import NoticeKind
from routewarden.evidence.sequential import by_date, by_week, fine, hypotheses, path, told
from routewarden.measures.scorecard import METRICS, Cell, empty_cell

DAY = date(2026, 7, 6)
TEST = Design(0.10, 0.01, Rates(alpha=0.10, beta=0.05))
BY_NAME = {metric.name: metric for metric in METRICS}


def cell(name: str, value: str) -> Cell:
    metric = replace(empty_cell(BY_NAME[name]), value=Decimal(value), n=3, shares=Decimal(300))
    return replace(metric, coverage=Decimal(1))


@pytest.mark.parametrize(
    ("decision", "kind"),
    [
        (Decision.RELEASE, NoticeKind.GOOD),
        (Decision.RETURN, NoticeKind.BAD),
        (Decision.CONTINUE, NoticeKind.INFO),
    ],
)
def test_the_conclusion_says_its_own_word(decision: Decision, kind: NoticeKind) -> None:
    notice = told(decision)

    assert notice.kind is kind
    assert notice.title.lower().startswith(decision.value)


def test_both_hypotheses_and_all_rates_are_stated() -> None:
    words, facts = hypotheses(TEST, "an order not filled", "orders")

    assert "Not mended: 10 % of orders are bad" in words.text
    assert "Mended: 1 % are" in words.text
    assert "10 %, by Wald's bound 10.53 % at the most" in words.text
    assert "5 %, 5.556 % at the most" in words.text
    assert facts.facts[2].value == "-0.94 + 0.0397 n"


def test_the_path_has_a_row_for_each_date() -> None:
    looks = walk(TEST, [Tally(DAY, 24, 0)], 1)
    rows = path(TEST, looks, 1).table.rows

    assert [each.text for each in rows[0]] == ["2026-07-06", "24", "0", "+2.287", "release"]


def test_a_small_fraction_keeps_its_digits() -> None:
    assert fine(cell("outside_quote_pct", "0.00041")).text == "0.041 %"
    assert fine(cell("slippage", "0.00041")).text == "0.00041"
    assert fine(empty_cell(BY_NAME["outside_quote_pct"])).exact == ""


def test_dates_and_weeks_are_listed_with_what_was_counted() -> None:
    value = cell("outside_quote_pct", "0.25")
    day = by_date(value.metric, [(DAY, value, 4, 1, 2)]).rows[0]
    week = by_week(value.metric, [(DAY, value)], "weeks").rows[0]

    assert [each.exact for each in day] == ["2026-07-06", "0.25", "4", "1", "2"]
    assert [each.text for each in week] == ["2026-07-06", "25 %", "3"]
