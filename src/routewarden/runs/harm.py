"""The customer-harm estimate of a confirmed failure, and whom to make whole."""

from __future__ import annotations

import polars as pl

from routewarden.cases.case import Case
from routewarden.cases.remediation import FAULTS
from routewarden.evidence.document import Document, Fact, Facts, Paragraph, Section
from routewarden.evidence.harm import by_account, by_order, counts, total
from routewarden.measures.dimensions import ON_FILLS, chosen
from routewarden.measures.harm import Harm, harm
from routewarden.measures.measure import Unit
from routewarden.measures.shown import shown
from routewarden.runs.matter import Matter, MatterError, matter_of
from routewarden.runs.reading import Question, measured_dates, read_part
from routewarden.store.home import Home

_ON_PAPER = 60
_METHOD = (
    "Examined is every order of these that has an execution. Each execution is compared with the "
    "far side of the best quote in force when the firm received the order: shares executed worse "
    "count with how much worse they were, and what other executions gained is not set against "
    "them. An order is harmed if any of its shares was worse, unknown if none was and some could "
    "not be judged for want of a quote, else not harmed. Shares that were not executed are not "
    "priced here."
)


def confirmed(case: Case) -> Matter:
    """Return what a remediation is about whose failure is confirmed.

    Raises:
        MatterError: It is not, or the case is no remediation.
    """
    found = matter_of(case)
    said = [act.choice for act in case.of("conclude")]
    if not said or said[-1] not in FAULTS:
        is_open = "nothing is concluded yet" if not said else f"it was concluded to be {said[-1]}"
        why = f"no confirmed failure: {is_open}; one is {', '.join(sorted(FAULTS))}"
        raise MatterError(case.id, why)
    return found


def harmed(home: Home, matter: Matter) -> pl.DataFrame:
    """Return every order of a matter that has an execution in its period, and what it lost.

    Raises:
        NothingMeasuredError: Nothing of the period is measured.
    """
    days = measured_dates(home, Question(matter.span.first, matter.span.last))
    fills = read_part(home, days, "fills").filter("has_order")
    return harm(chosen(fills, ON_FILLS, matter.where))


def harm_document(home: Home, case: Case, matter: Matter, orders: pl.DataFrame) -> Document:
    """Return the estimate as paper."""
    found, span = counts(orders), matter.span
    over = f"of {orders.height:,} examined"
    facts = (
        Fact("To make whole", shown(total(orders), Unit.MONEY), "currency", "all orders harmed",
             f"{total(orders):f}"),
        *(
            Fact(f"Orders {each.value}", f"{n:,}", "orders", over, str(n))
            for each, n in found.items()
        ),
    )  # fmt: skip
    listed = orders.filter(pl.col("found") != Harm.NOT_HARMED.value)
    return Document(
        title="Customer harm",
        subtitle=f"{case.id}: {case.title}",
        firm=home.policy().firm,
        period=f"{span.first} to {span.last}",
        prepared=f"Made from {home.log.size:,} entries of the log at {home.now()}",
        sections=(
            Section(
                "harm",
                "Estimate",
                f"Orders: {matter.words}.",
                (Facts("harm-totals", facts), Paragraph(_METHOD), by_account(orders)),
            ),
            Section(
                "orders",
                "Orders harmed or unknown",
                "Those that lost most first; the file of `remedy harm` has every order examined.",
                (by_order(listed, paper_rows=_ON_PAPER),),
            ),
        ),
        footer=case.id,
        brief=True,
    )
