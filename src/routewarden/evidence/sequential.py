"""A sequential test on paper: the hypotheses, the path, each date, and the conclusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from routewarden.benchmarks.sequential import Decision, Design, Look
from routewarden.evidence.chart import Axes, Limit, Point, lines
from routewarden.evidence.document import Fact, Facts, Figure, Notice, NoticeKind, Paragraph
from routewarden.evidence.table import Cell, Heading, Table, count_cell, metric_cell, text_cell
from routewarden.measures.measure import Unit
from routewarden.measures.scorecard import Cell as MetricCell
from routewarden.measures.scorecard import Metric
from routewarden.measures.shown import unit_shown

_PLACES = 3
CONCLUSIONS = {
    Decision.RELEASE: (NoticeKind.GOOD, "Release: the test concludes that it is mended."),
    Decision.RETURN: (NoticeKind.BAD, "Return: the test concludes that it is not mended."),
    Decision.CONTINUE: (NoticeKind.INFO, "Continue: neither can be concluded yet."),
}

ReviewedDay = tuple[date, MetricCell, int, int, int]
"""A trading date: the metric, and what is counted, bad, and not known to be."""


def told(decision: Decision) -> Notice:
    """Return the conclusion, for the reader to see first."""
    kind, said = CONCLUSIONS[decision]
    return Notice(kind, said)


def hypotheses(test: Design, bad: str, things: str) -> tuple[Paragraph, Facts]:
    """Return what is weighed against what, with which error rates, and how long it may take."""
    alpha, beta = test.rates.alpha, test.rates.beta
    words = (
        f"Bad is {bad}. Not mended: {_percent(test.before)} of {things} are bad, as in the "
        f"failure's period. Mended: {_percent(test.after)} are. Released though not mended: with a "
        f"probability of {_percent(alpha)}, by Wald's bound {_percent(alpha / (1 - beta))} at the "
        f"most; returned though mended: {_percent(beta)}, {_percent(beta / (1 - alpha))} at the "
        f"most. {things.capitalize()} are taken as independent of one another."
    )
    needed = (
        Fact(f"Expected, if {name}", f"{test.expected(mended=mended):,.0f}", things, "to conclude")
        for name, mended in (("mended", True), ("not mended", False))
    )
    rule = test.lines
    return Paragraph(words), Facts(
        "test-design",
        (
            *needed,
            Fact("Release", f"{rule.release:.2f} + {rule.slope:.4f} n", "bad", "or fewer, of n"),
            Fact("Return", f"{rule.back:.2f} + {rule.slope:.4f} n", "bad", "or more, of n"),
        ),
    )


def path(test: Design, looks: Sequence[Look], least: int) -> Figure:
    """Return the chart of the logarithm at the end of each date, between its boundaries."""
    points = [Point(str(look.day), look.ratio, _number(look.ratio)) for look in looks]
    limits = [Limit(test.upper, "release"), Limit(test.lower, "return to investigation")]
    headings = (
        Heading("Date", dated=True),
        Heading("Counted", "since monitoring began", numeric=True),
        Heading("Bad", "since monitoring began", numeric=True),
        Heading("Log likelihood ratio", numeric=True),
        Heading("Says"),
    )
    table = Table(
        name="test-path",
        title="The test, date by date",
        caption=f"At or above {_number(test.upper)}: release. At or below {_number(test.lower)}: "
        f"return. Nothing is concluded before {least} dates; the first conclusion stands.",
        headings=headings,
        rows=tuple(_look(look) for look in looks),
    )
    return Figure(
        name="test-path-chart",
        title="How likely mended, against not mended",
        caption="Logarithm of the likelihood ratio at the end of each trading date.",
        chart=lines(points, Axes("Trading date", "log likelihood ratio"), limits),
        table=table,
    )


def _look(look: Look) -> tuple[Cell, ...]:
    day = str(look.day)
    return (
        Cell(day, day),
        count_cell(look.n),
        count_cell(look.bad),
        Cell(_number(look.ratio), repr(look.ratio)),
        text_cell(look.decision.value),
    )


def fine(cell: MetricCell) -> Cell:
    """Return a metric's cell with the digits that a small fraction needs."""
    told, value = metric_cell(cell), cell.value
    if value is None or cell.metric.unit is not Unit.FRACTION:
        return told
    return replace(told, text=_percent(float(value)))


def by_date(metric: Metric, days: Sequence[ReviewedDay]) -> Table:
    """Return the table of the metric on each date, with what was counted on it."""
    headings = (
        Heading("Date", dated=True),
        Heading(metric.title, unit_shown(metric.unit), numeric=True),
        Heading("Counted", numeric=True),
        Heading("Bad", numeric=True),
        Heading("Not known", numeric=True),
    )
    rows = tuple(
        (Cell(str(day), str(day)), fine(cell), *map(count_cell, counts))
        for day, cell, *counts in days
    )
    caption = "Under each number, the shares it could be taken of."
    return Table("monitored-dates", "By trading date", caption, headings, rows)


def by_week(metric: Metric, weeks: Sequence[tuple[date, MetricCell]], name: str) -> Table:
    """Return the table of the metric of each week."""
    headings = (
        Heading("Week of", "its Monday", dated=True),
        Heading(metric.title, unit_shown(metric.unit), numeric=True),
        Heading("Measured", "executions or orders", numeric=True),
    )
    rows = tuple((Cell(str(day), str(day)), fine(cell), count_cell(cell.n)) for day, cell in weeks)
    caption = "Under each number, the shares it could be taken of."
    return Table(name, "By week", caption, headings, rows)


def _percent(part: float) -> str:
    return f"{100 * part:.4g} %"


def _number(value: float) -> str:
    return f"{value:+.{_PLACES}f}".replace("-", "\N{MINUS SIGN}")
