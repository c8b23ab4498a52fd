"""The review's view of the provider: exceptions, its own claims, its conflicts."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from routewarden.base.exact import FEE_SCALE, QUANTITY_SCALE, plain, to_decimal
from routewarden.base.time import render_instant
from routewarden.evidence.document import Notice, NoticeKind, Section, Stories, anchor
from routewarden.evidence.table import Cell, Heading, Table, Tone, count_cell, text_cell
from routewarden.measures.shown import NO_VALUE
from routewarden.rules.book import RULES
from routewarden.rules.rule import Severity
from routewarden.runs.bench import DIRECT
from routewarden.runs.review.areas import claimed_cell
from routewarden.runs.review.gathered import Gathered

_TONES = {Severity.HIGH: Tone.BAD, Severity.MEDIUM: Tone.BAD, Severity.LOW: Tone.NEUTRAL}


def exceptions(gathered: Gathered, stories: Stories) -> Section:
    """Return the findings by rule, then one by one, most severe first."""
    told = {story.name for story in stories.stories}
    lead = (
        "What the rules found, or could not know. Each rule's limits are dated; see the method. "
        "`routewarden findings` lists every one with the line of the raw file it came from."
    )
    return Section(
        "exceptions", "Exceptions", lead, (_by_rule(gathered), _each(gathered, told), stories)
    )


def _by_rule(gathered: Gathered) -> Table:
    rules = {rule.id: rule for rule in RULES}
    counts = (
        gathered.found.group_by("rule", "severity", "verdict")
        .agg(pl.len(), pl.col("trading_date").n_unique().alias("days"), pl.col("because").first())
        .with_columns(
            rank=pl.col("severity").replace_strict(
                {s.value: s.rank for s in Severity}, return_dtype=pl.Int64
            )
        )
        .sort("rank", "rule", "verdict", descending=[True, False, True])
    )
    return Table(
        name="exceptions-by-rule",
        title="Findings by rule",
        caption="Yes is a finding; unknown is a question that could not be answered.",
        headings=(
            Heading("Severity"), Heading("Rule"), Heading("Verdict"),
            Heading("Findings", numeric=True), Heading("Trading dates", numeric=True),
            Heading("For example"), Heading("What to do"),
        ),
        rows=tuple(
            (
                Cell(row["severity"], row["severity"], tone=_TONES[Severity(row["severity"])]),
                text_cell(rules[row["rule"]].title),
                text_cell(row["verdict"]),
                count_cell(row["len"]),
                count_cell(row["days"]),
                text_cell(row["because"]),
                text_cell(rules[row["rule"]].remedy),
            )
            for row in counts.iter_rows(named=True)
        ),
    )  # fmt: skip


def _each(gathered: Gathered, told: set[str]) -> Table:
    rank = pl.col("severity").replace_strict(
        {severity.value: -severity.rank for severity in Severity}, return_dtype=pl.Int64
    )
    listed = gathered.found.filter(pl.col("severity") != Severity.LOW).sort(
        rank, "trading_date", "rule", "id"
    )
    return Table(
        name="exceptions",
        title="Findings one by one",
        caption="High, then medium. Low ones are counted above; `findings` lists them all.",
        headings=(
            Heading("Trading date", dated=True), Heading("Severity"), Heading("Rule"),
            Heading("Subject"), Heading("Record"), Heading("Because"), Heading("Raw file"),
        ),
        rows=tuple(
            (
                Cell(str(row["trading_date"]), str(row["trading_date"])),
                text_cell(row["severity"]),
                text_cell(row["rule"]),
                text_cell(row["subject"]),
                Cell(row["id"] or NO_VALUE, row["id"] or "", link=_link(row["id"], told)),
                text_cell(row["because"]),
                text_cell(_place(row["file"], row["line"])),
            )
            for row in listed.iter_rows(named=True)
        ),
        folded=True,
        paper_rows=80,
    )  # fmt: skip


def _link(record: str | None, told: set[str]) -> str:
    name = anchor(record or "")
    return name if name in told else ""


def _place(file: str | None, line: int | None) -> str | None:
    return None if file is None else f"{file[:12]}:{line}" if line is not None else file[:12]


def claims(gathered: Gathered) -> Section:
    """Return what the vendor says of itself beside the same recomputed."""
    beyond = gathered.found.filter(pl.col("rule") == "vendor-claim", pl.col("verdict") == "yes")
    named = set(beyond["id"].to_list())
    table = Table(
        name="claims",
        title="The vendor's numbers and ours",
        caption="Each row of the vendor's report, recomputed over every order its router handled.",
        headings=(
            Heading("Period"), Heading("Venue"), Heading("Order class"), Heading("Metric"),
            Heading("Unit"), Heading("Theirs", numeric=True), Heading("Ours", numeric=True),
            Heading("Gap", numeric=True), Heading("Shares", numeric=True), Heading("Verdict"),
        ),
        rows=tuple(_claim_row(row, named) for row in gathered.claims.iter_rows(named=True)),
        folded=True,
        paper_rows=40,
    )  # fmt: skip
    if not gathered.claims.height:
        notice = Notice(NoticeKind.WARNING, "The vendor's report is not held.",
                        "Nothing of what the vendor claims could be compared.")  # fmt: skip
        return Section("claims", "The vendor's claims", "", (notice,))
    kind = NoticeKind.BAD if beyond.height else NoticeKind.GOOD
    said = f"{beyond.height} of {gathered.claims.height} claims differ from ours beyond tolerance."
    lead = "A claim is compared with the same metric over the same orders, from the same instant."
    return Section("claims", "The vendor's claims", lead, (Notice(kind, said), table))


def _claim_row(row: Mapping[str, Any], beyond: set[str]) -> tuple[Cell, ...]:
    names = ("period", "symbol", "venue", "order_class", "metric")
    unit = row["unit"]
    is_beyond = " ".join(str(row[name]) for name in names) in beyond
    return (
        text_cell(str(row["period"])),
        text_cell(str(row["venue"])),
        text_cell(str(row["order_class"])),
        text_cell(row["metric"]),
        text_cell(unit),
        *(claimed_cell(row[name], unit) for name in ("theirs", "ours", "gap")),
        count_cell(_scaled(row["shares"], QUANTITY_SCALE)),
        Cell("beyond tolerance", "yes", tone=Tone.BAD) if is_beyond else text_cell(
            "unknown" if row["ours"] is None else "within tolerance"
        ),
    )  # fmt: skip


def _scaled(value: object, scale: int) -> Decimal:
    return Decimal(value).scaleb(-scale) if isinstance(value, int) else Decimal(0)


def provider(gathered: Gathered) -> Section:
    """Return what is known of the router's provider: its share of the flow, and who pays whom."""
    routers = Table(
        name="routers",
        title="Who routed the orders",
        caption="Every order received, of every population.",
        headings=(Heading("Router"), Heading("Orders", numeric=True)),
        rows=tuple(
            (
                text_cell("the firm's direct route" if router in DIRECT else router),
                count_cell(gathered.whole.only({"router": (router,)}).count()),
            )
            for router in gathered.whole.values("router")
        ),
    )
    lead = (
        "Payment is disclosed beside the results, never inside them: no measure, verdict or "
        "ranking in this review takes it into account."
    )
    return Section("provider", "The provider", lead, (routers, _payments(gathered.payments)))


def _payments(payments: pl.DataFrame) -> Table:
    written = payments.select(
        "payer", "payee", "venue", "order_class", "basis",
        amount=plain(to_decimal(pl.col("amount"), FEE_SCALE)),
        unit="unit",
        start=render_instant(pl.col("from")).str.slice(0, 10),
        end=render_instant(pl.col("to")).str.slice(0, 10),
    )  # fmt: skip
    return Table(
        name="payments",
        title="Payment arrangements",
        caption="As stated to the firm, in force at some time in the quarter.",
        headings=(
            Heading("Payer"), Heading("Payee"), Heading("Venue"), Heading("Order class"),
            Heading("Basis"), Heading("Amount", numeric=True), Heading("Unit"),
            Heading("From", dated=True), Heading("To", dated=True),
        ),
        rows=tuple(
            tuple(text_cell(value) for value in row) for row in written.iter_rows()
        ),
    )  # fmt: skip
