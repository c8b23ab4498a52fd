"""The formal notification of a provider: what was measured, the worst orders, what is asked of it.

It goes to the provider, so it names orders and no accounts.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from routewarden.base.exact import integer, to_decimal
from routewarden.base.time import MS_SCALE, render_instant
from routewarden.benchmarks.orders import Orders
from routewarden.benchmarks.verdict import Judged
from routewarden.cases.case import Case
from routewarden.evidence.document import Document, Fact, Facts, Form, Paragraph, Section
from routewarden.evidence.harm import money_cell, per_share_cell, shares_cell
from routewarden.evidence.sequential import by_week, fine
from routewarden.evidence.table import Cell, Heading, Table, metric_cell, text_cell
from routewarden.measures.dimensions import ON_ORDERS, chosen
from routewarden.measures.harm import Harm
from routewarden.measures.measure import Unit
from routewarden.measures.scorecard import Cell as MetricCell
from routewarden.measures.shown import NO_VALUE, shown, unit_shown
from routewarden.runs.dashboards import dashboards
from routewarden.runs.harm import harmed
from routewarden.runs.matter import Matter
from routewarden.runs.monitoring import whole
from routewarden.runs.reading import Question, measured_dates, read_part
from routewarden.store.home import Home

_WORST = 15
_SECONDS = 19  # letters of an instant that say the second
_ASKED = (
    "Confirm that you received this notification.",
    (
        "Give us your own findings, with the routing tables and strategies in force in the "
        "period, the venues the orders were sent to and how each executed them, and the releases "
        "and changes of configuration in the period and the month before it."
    ),
    "Say for each order listed below why it was routed as it was.",
    "Propose corrective actions, each with who does it and by when.",
)


def notification(home: Home, case: Case, matter: Matter, answer_by: date) -> Document:
    """Return the letter.

    Raises:
        NothingMeasuredError: Nothing of the period is measured.
    """
    cell, weeks = whole(home, matter)
    title = matter.metric.title.lower()
    opening = (
        f"We route customers' orders by {matter.router}. From {matter.span.first} to "
        f"{matter.span.last} we measured what follows, and ask you to account for it. The figures "
        "are taken from our own records of orders and executions and the consolidated quotes, and "
        f"are over these orders: {matter.words}."
    )
    until = f"By {answer_by} we ask you to do the following."
    asked = [Paragraph(f"{number}. {each}") for number, each in enumerate(_ASKED, 1)]
    against = _against(home, matter)
    firm = home.policy().firm
    return Document(
        title="Notification",
        subtitle=f"To {matter.provider}: {title}; our reference {case.id}",
        firm=firm,
        period=f"{matter.span.first} to {matter.span.last}",
        prepared=f"Made from {home.log.size:,} entries of the log at {home.now()}",
        sections=(
            Section("notice", "What we found", "", (Paragraph(opening), _first(cell), *against)),
            Section("asked", "What we ask of you", until, tuple(asked)),
            Section("weeks", "Week by week", "", (by_week(matter.metric, weeks, "weeks"),)),
            Section("orders", "The orders concerned most", "", _worst(home, matter)),
            Section("signed", "Signature", "", (_signature(firm),)),
        ),
        footer=case.id,
        brief=True,
    )


def _signature(firm: str) -> Form:
    return Form(f"For {firm}", "Office", ("Name", "Signature", "Date"), ("Compliance",))


def _first(cell: MetricCell) -> Facts:
    """Return the number the letter is about, with what it could be taken of."""
    metric, told = cell.metric, fine(cell)
    unit = metric.unit
    fact = Fact(
        metric.title,
        told.text,
        "" if unit is Unit.FRACTION else unit.value,
        f"{cell.n:,} measured; {told.basis}",
        told.exact,
    )
    return Facts("notified", (fact,))


def _against(home: Home, matter: Matter) -> tuple[Table, ...]:
    """Return each figure beside its benchmark; none where the orders are picked by executions."""
    if not set(matter.where) <= set(ON_ORDERS):
        return ()
    question = Question(matter.span.first, matter.span.last, (), matter.where)
    lines = [line for each in dashboards(home, matter.span, question) for line in each.full]
    lines.sort(key=lambda line: line.metric.name != matter.metric.name)
    rows = tuple(
        _judged(line.metric.title, orders, judged)
        for line in lines
        for orders, judged in line.judged.items()
        if judged.cell.applies and judged.cell.value is not None
    )
    headings = (
        Heading("Metric"),
        Heading("Unit"),
        Heading("Orders"),
        Heading("Measured", numeric=True),
        Heading("Benchmark", numeric=True),
        Heading("Source"),
        Heading("Verdict"),
    )
    caption = "Averages by shares; under each number, the shares it could be taken of."
    return (Table("against", "Against the benchmarks", caption, headings, rows),)


def _judged(title: str, orders: Orders, judged: Judged) -> tuple[Cell, ...]:
    figure, unit = judged.benchmark, judged.cell.metric.unit
    stands = (
        Cell(NO_VALUE) if figure is None else Cell(shown(figure.value, unit), f"{figure.value:f}")
    )
    source = None if figure is None else f"{figure.source}, {figure.says}"
    return (
        text_cell(title),
        text_cell(unit_shown(unit)),
        text_cell(orders.heading),
        metric_cell(judged.cell),
        stands,
        text_cell(source),
        text_cell(judged.verdict.value),
    )


def _worst(home: Home, matter: Matter) -> tuple[Table | Paragraph, ...]:
    """Return the orders a letter names: by what they lost, did not get, or waited."""
    if matter.metric.name == "fill_rate":
        table = _unfilled(home, matter)
    elif matter.metric.unit is Unit.MS:
        table = _slowest(home, matter)
    else:
        table = _disimproved(home, matter)
    return (table if table.rows else Paragraph("None of these orders stands out by itself."),)


_ORDER = (
    Heading("Order"),
    Heading("Received", "UTC"),
    Heading("Symbol"),
    Heading("Side"),
)


def _order(row: dict[str, object]) -> tuple[Cell, ...]:
    at = row["at"]
    return (
        text_cell(str(row["order_id"])),
        Cell(str(at)[:_SECONDS], str(at)),
        text_cell(str(row["symbol"])),
        text_cell(str(row["side"])),
    )


def _disimproved(home: Home, matter: Matter) -> Table:
    orders = harmed(home, matter).filter(pl.col("found") == Harm.HARMED.value).head(_WORST)
    rows = orders.with_columns(at=render_instant(pl.col("received_at"))).iter_rows(named=True)
    return Table(
        name="worst",
        title="Worst by price",
        caption="Shares executed worse than the far side of the quote at receipt.",
        headings=(
            *_ORDER,
            Heading("Quote", "far side at receipt", numeric=True),
            Heading("Worse", "shares", numeric=True),
            Heading("Worse by", "price/share", numeric=True),
            Heading("Amount", "currency", numeric=True),
        ),
        rows=tuple(
            (
                *_order(row),
                per_share_cell(row["quote"]),
                shares_cell(row["worse"]),
                per_share_cell(row["per_share"]),
                money_cell(row["amount"]),
            )
            for row in rows
        ),
    )


def _unfilled(home: Home, matter: Matter) -> Table:
    left = pl.col("quantity") - pl.col("filled_quantity")
    orders = _orders(home, matter).with_columns(left=left).filter(pl.col("left") > integer(0))
    rows = orders.sort(["left", "order_id"], descending=[True, False]).head(_WORST)
    return Table(
        name="worst",
        title="Least executed",
        caption="Shares ordered, and shares not executed by the order's end.",
        headings=(
            *_ORDER,
            Heading("Ordered", "shares", numeric=True),
            Heading("Not executed", "shares", numeric=True),
        ),
        rows=tuple(
            (*_order(row), shares_cell(row["quantity"]), shares_cell(row["left"]))
            for row in rows.iter_rows(named=True)
        ),
    )


def _slowest(home: Home, matter: Matter) -> Table:
    waited = to_decimal(pl.col("last_fill_ms"), MS_SCALE)
    orders = _orders(home, matter).with_columns(waited=waited).drop_nulls("waited")
    rows = orders.sort(["waited", "order_id"], descending=[True, False]).head(_WORST)
    return Table(
        name="worst",
        title="Slowest",
        caption="From receipt by the firm to the order's last execution.",
        headings=(
            *_ORDER,
            Heading("Executed", "shares", numeric=True),
            Heading("Last execution after", "ms", numeric=True),
        ),
        rows=tuple(
            (
                *_order(row),
                shares_cell(row["filled_quantity"]),
                Cell(shown(row["waited"], Unit.MS), f"{row['waited']:f}"),
            )
            for row in rows.iter_rows(named=True)
        ),
    )


def _orders(home: Home, matter: Matter) -> pl.DataFrame:
    """Return the orders of a matter, as far as orders have what they are picked by."""
    where = {name: values for name, values in matter.where.items() if name in ON_ORDERS}
    days = measured_dates(home, Question(matter.span.first, matter.span.last))
    orders = chosen(read_part(home, days, "orders"), ON_ORDERS, where)
    return orders.with_columns(at=render_instant(pl.col("received_at")))
