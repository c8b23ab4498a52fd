"""The notice of a breach of the contract: a letter to the provider, and what it rests on.

What it says comes from the case alone, as it was opened: a letter drafted later says the same.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from routewarden.cases.case import Case
from routewarden.evidence.document import Document, Form, Paragraph, Section
from routewarden.evidence.table import Cell, Heading, Table, text_cell
from routewarden.measures.behind import Behind

_ON_PAPER = 20
_NUMBERS = frozenset({"measured", "shares", "figure", "distance"})
_ORDERS = ("trading date", "order", "symbol", "measured", "shares", "figure", "distance")
_DATES = ("trading date", "held since")


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes, on which date, by when it is to be cured if sent then, and what it was made of.

    `cured_by` is None where the calendar does not reach as far.
    """

    firm: str
    written: date
    cured_by: date | None
    made_from: str


def orders_table(orders: Sequence[Behind]) -> Table:
    """Return the table of the orders behind a figure, in their order."""
    rows = tuple(
        tuple(
            text_cell(each)
            for each in (
                order.day,
                order.order_id,
                order.symbol,
                str(order.n),
                f"{order.shares:f}",
                "" if order.value is None else f"{order.value:f}",
                f"{order.distance:f}",
            )
        )
        for order in orders
    )
    return _table(_ORDERS, rows)


def dates_table(held: Sequence[tuple[date, date | None]]) -> Table:
    """Return the table of a period's measured dates, and since when each is held."""
    rows = tuple(
        (text_cell(str(day)), text_cell("" if since is None else str(since))) for day, since in held
    )
    return _table(_DATES, rows)


def read_behind(text: str) -> Table:
    """Return what was kept of a breach as CSV, a table again."""
    headings, *rows = csv.reader(text.splitlines())
    return _table(headings, tuple(tuple(map(text_cell, row)) for row in rows))


def _table(titles: Sequence[str], rows: tuple[tuple[Cell, ...], ...]) -> Table:
    headings = tuple(
        Heading(title, numeric=title in _NUMBERS, dated=title == _ORDERS[0]) for title in titles
    )
    if tuple(titles) == _DATES:
        return Table(
            "dates", "The dates behind it", "Measured dates of the period.", headings, rows
        )
    caption = (
        "The worst first. An order's distance is how far beyond the tolerance it moves the sums "
        "that the figure is divided from; the distances of all orders add up to the breach."
    )
    return Table("orders", "The orders behind it", caption, headings, rows)


def notice(case: Case, head: Letterhead, behind: Table) -> Document:
    """Return the notice of a breach: to whom, what was agreed, what was measured, until when."""
    facts = case.facts
    by = "" if head.cured_by is None else f", which is {head.cured_by} if it is sent today"
    said = Section(
        "notice",
        f"To {facts['provider']}",
        "",
        (
            Paragraph(facts["notice"]),
            _terms(case),
            Paragraph(
                f"We ask you to cure this within {facts['cure']} trading dates after the date this "
                f"notice is sent{by}, and to answer in writing what caused it and what you changed."
            ),
            Form("For the firm", "", ("Name", "Signature", "Date sent"), (facts["owner"],)),
        ),
    )
    section = Section(behind.name, behind.title, "", (_on_paper(behind),))
    return Document(
        title="Notice of breach",
        subtitle=f"Clause {facts['clause']}, {facts['window']}; case {case.id}",
        firm=head.firm,
        period=str(head.written),
        prepared=head.made_from,
        sections=(said, section) if behind.rows else (said,),
        footer="",
        status="draft until it is signed and sent",
        brief=True,
    )


def _on_paper(behind: Table) -> Table:
    """Return the first rows of what is behind a breach, their figures short enough to read."""
    rows = behind.rows[:_ON_PAPER]
    many = f"The first {len(rows)} of {len(behind.rows):,}." if len(rows) < len(behind.rows) else ""
    return replace(
        behind,
        caption=f"{behind.caption} {many}".rstrip(),
        headings=tuple(replace(each, title=each.title.capitalize()) for each in behind.headings),
        rows=tuple(
            tuple(
                _short(cell) if head.numeric else cell
                for head, cell in zip(behind.headings, row, strict=True)
            )
            for row in rows
        ),
    )


def _short(cell: Cell) -> Cell:
    if not cell.exact:
        return cell
    text = f"{Decimal(cell.exact):,.4f}".rstrip("0").rstrip(".")
    return replace(cell, text=text.replace("-", "\N{MINUS SIGN}"))


def _terms(case: Case) -> Table:
    facts = case.facts
    wanted = (
        (f"Clause {facts['clause']}", facts["text"]),
        ("Period", f"{facts['from']} to {facts['to']}"),
        ("Agreed", facts["tolerance"]),
        ("Measured" if facts["kind"] == "service" else "Held", facts["figure"]),
        ("Over", facts["sample"]),
        ("Finding", facts["because"]),
    )
    rows = tuple((text_cell(name), text_cell(value)) for name, value in wanted)
    headings = (Heading("What"), Heading("As it is"))
    return Table("terms", "What was agreed, and what was found", "", headings, rows)
