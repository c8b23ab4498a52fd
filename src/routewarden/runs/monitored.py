"""A monitoring on paper: what the sequential test says, and each date it was taken over."""

from __future__ import annotations

from routewarden.benchmarks.sequential import Decision
from routewarden.cases.case import Case
from routewarden.evidence.document import Document, Fact, Facts, Paragraph, Section
from routewarden.evidence.sequential import by_date, by_week, fine, hypotheses, path, told
from routewarden.measures.measure import Unit
from routewarden.measures.shown import unit_shown
from routewarden.runs.monitoring import Monitored
from routewarden.store.home import Home

WORDS = {
    Decision.CONTINUE: "continue heightened monitoring",
    Decision.RELEASE: "release: the test concludes that it is mended",
    Decision.RETURN: "return to the investigation: the test concludes that it is not mended",
}
_BY_DATES = (
    "The metric is no matter of single orders here, so trading dates are counted by their sign "
    "against the median date of the failure. That needs no assumption about how the metric is "
    "spread; that half of the dates are no better if nothing changed holds as far as the median "
    "of {n:,} dates tells it."
)
_BY_ORDERS = (
    "In the failure's period {bad:,} of {n:,} orders were bad. An order of which it is not known "
    "is in neither number, and is listed under its date."
)


def monitored_document(home: Home, case: Case, found: Monitored) -> Document:
    """Return what a monitoring says so far."""
    metric = found.matter.metric
    things = "orders" if found.counts_orders else "trading dates"
    weighed, design = hypotheses(found.test, found.bad, things)
    method = (_BY_ORDERS if found.counts_orders else _BY_DATES).format(
        n=found.before.n, bad=found.before.bad
    )
    figure = path(found.test, found.looks, found.least)
    days = [(each.day, each.cell, each.n, each.bad, each.unknown) for each in found.days]
    last = found.days[-1].day
    return Document(
        title="Heightened monitoring",
        subtitle=f"{case.id}: {case.title}",
        firm=home.policy().firm,
        period=f"{found.since} to {last}",
        prepared=f"Made from {home.log.size:,} entries of the log at {home.now()}",
        sections=(
            Section(
                "conclusion",
                "Conclusion",
                f"Orders: {found.matter.words}.",
                (told(found.decision), _values(found), weighed, Paragraph(method), design),
            ),
            Section("path", "The test", "", (figure,)),
            Section(
                "reviews",
                "Each date and week",
                f"{metric.title}, {unit_shown(metric.unit)}.",
                (by_week(metric, found.weeks, "monitored-weeks"), by_date(metric, days)),
            ),
        ),
        footer=case.id,
        brief=True,
    )


def _values(found: Monitored) -> Facts:
    """Return what was counted, and the metric of the failure."""
    cell = found.before.value
    looks = found.looks[-1:]
    n, bad = (looks[0].n, looks[0].bad) if looks else (0, 0)
    share = f"{100 * bad / n:.1f} %" if n else "none"
    before = f"{100 * found.test.before:.1f} % in the failure's period"
    return Facts(
        "test-so-far",
        (
            Fact("Dates monitored", f"{len(found.days)}", "trading dates", f"since {found.since}"),
            Fact("Bad", f"{bad:,} of {n:,}", share, before),
            Fact(
                f"{cell.metric.title}, failing",
                fine(cell).text,
                "" if cell.metric.unit is Unit.FRACTION else cell.metric.unit.value,
                f"{found.matter.span.first} to {found.matter.span.last}",
                "" if cell.value is None else f"{cell.value:f}",
            ),
        ),
    )
