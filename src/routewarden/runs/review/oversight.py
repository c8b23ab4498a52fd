"""The review's view of the provider: exceptions, its own claims, its conflicts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from routewarden.base.exact import FEE_SCALE, QUANTITY_SCALE, plain, to_decimal
from routewarden.base.time import render_instant
from routewarden.evidence.document import Notice, NoticeKind, Section, Stories
from routewarden.evidence.table import Cell, Heading, Table, Tone, count_cell, text_cell
from routewarden.measures.shown import NO_VALUE
from routewarden.rules.book import RULES
from routewarden.rules.rule import Severity
from routewarden.runs.bench import DIRECT
from routewarden.runs.review.areas import claimed_cell, unit_words
from routewarden.runs.review.gathered import Gathered

_DIGEST = re.compile("[0-9a-f]{64}")
_HYPHEN = "\u2011"  # that a line is not broken at
_ON_PAPER = 45  # findings; the high ones all the same
_TONES = {Severity.HIGH: Tone.BAD, Severity.MEDIUM: Tone.BAD, Severity.LOW: Tone.NEUTRAL}


def exceptions(gathered: Gathered, told: Mapping[str, str]) -> Section:
    """Return the findings by rule, then one by one, most severe first.

    `told` has the anchor of its order's story for each record that has one.
    """
    lead = (
        "What the rules found, or could not know. Each rule's limits are dated; see the method. "
        "The command routewarden findings lists each with the line of the raw file it came from."
    )
    return Section("exceptions", "Exceptions", lead, (_by_rule(gathered), _each(gathered, told)))


def orders_told(flagged: Stories, costliest: Stories) -> tuple[Section, Section]:
    """Return the orders told one by one: those behind high findings, and those that cost most."""
    of_findings = (
        "Each order whose executions a high finding is about, with the market it met. Paper tells "
        "the first; the web page tells all."
    )
    of_cost = (
        "Customers' market and marketable limit orders that paid most over the midpoint at "
        "receipt. Paper tells the first; the web page tells all."
    )
    return (
        Section("flagged", "Orders behind high findings", of_findings, (flagged,)),
        Section("costliest", "Costliest orders", of_cost, (costliest,)),
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
            Heading("What to do"), Heading("For example", below=True),
        ),
        rows=tuple(
            (
                Cell(row["severity"], row["severity"], tone=_TONES[Severity(row["severity"])]),
                text_cell(rules[row["rule"]].title),
                text_cell(row["verdict"]),
                count_cell(row["len"]),
                count_cell(row["days"]),
                text_cell(rules[row["rule"]].remedy),
                text_cell(f"For example: {_because(row)}."),
            )
            for row in counts.iter_rows(named=True)
        ),
    )  # fmt: skip


def _each(gathered: Gathered, told: Mapping[str, str]) -> Table:
    titles = {rule.id: rule.title for rule in RULES}
    rank = pl.col("severity").replace_strict(
        {severity.value: -severity.rank for severity in Severity}, return_dtype=pl.Int64
    )
    listed = gathered.found.filter(pl.col("severity") != Severity.LOW).sort(
        rank, "trading_date", "rule", "id"
    )
    return Table(
        name="exceptions",
        title="Findings one by one",
        caption="High, then medium; low ones are counted above. A record that is a link leads to "
        "its order's story.",
        headings=(
            Heading("Trading date", dated=True), Heading("Severity"), Heading("Rule"),
            Heading("Subject"), Heading("Record"), Heading("Raw file and line"),
            Heading("Because", below=True),
        ),
        rows=tuple(
            (
                Cell(str(row["trading_date"]), str(row["trading_date"])),
                Cell(row["severity"], row["severity"], tone=_TONES[Severity(row["severity"])]),
                text_cell(titles[row["rule"]]),
                text_cell(row["subject"]),
                _record(row["id"], told),
                text_cell(_place(row["file"], row["line"])),
                text_cell(f"{_because(row)}."),
            )
            for row in listed.iter_rows(named=True)
        ),
        folded=True,
        paper_rows=max(_ON_PAPER, listed.filter(pl.col("severity") == Severity.HIGH).height),
    )  # fmt: skip


def _record(record: str | None, told: Mapping[str, str]) -> Cell:
    """Return a finding's record, in words where it is a claim, linked where its order is told."""
    if record is None:
        return text_cell(None)
    short = record[:12] + "…" if _DIGEST.fullmatch(record) else record
    return Cell(
        _words(short.replace(" * * ", " all venues ").replace(" * ", " ")),
        record,
        link=told.get(record, ""),
    )


def _because(row: Mapping[str, Any]) -> str:
    """Return why a finding is one; the names of metrics in claims as words."""
    return _words(row["because"]) if row["rule"] == "vendor-claim" else row["because"]


def _words(name: str) -> str:
    """Return a name of the records as words: spaces where it has underscores."""
    return name.replace("_", " ")


def _place(file: str | None, line: int | None) -> str | None:
    return None if file is None else f"{file[:12]}:{line}" if line is not None else file[:12]


def claims(gathered: Gathered) -> Section:
    """Return what the vendor says of itself beside the same recomputed."""
    beyond = gathered.found.filter(pl.col("rule") == "vendor-claim", pl.col("verdict") == "yes")
    named = set(beyond["id"].to_list())
    ordered = sorted(
        gathered.claims.iter_rows(named=True),
        key=lambda row: (_claim_id(row) not in named, row["venue"] != "*"),
    )
    table = Table(
        name="claims",
        title="The vendor's numbers and ours",
        caption="Each row of the vendor's report, recomputed over every order its router handled; "
        "the gap is theirs less ours. What is beyond tolerance comes first, then claims about all "
        "venues together.",
        headings=(
            Heading("Period"), Heading("Venue"), Heading("Order class"), Heading("Metric"),
            Heading("Unit"), Heading("Theirs", numeric=True), Heading("Ours", numeric=True),
            Heading("Gap", numeric=True), Heading("Shares", numeric=True), Heading("Tolerance"),
            Heading("May come from"),
        ),
        rows=tuple(
            _claim_row(row, is_beyond=_claim_id(row) in named)
            for row in ordered
        ),
        folded=True,
        paper_rows=sum(row["venue"] == "*" or _claim_id(row) in named for row in ordered),
    )  # fmt: skip
    if not gathered.claims.height:
        notice = Notice(NoticeKind.WARNING, "The vendor's report is not held.",
                        "Nothing of what the vendor claims could be compared.")  # fmt: skip
        return Section("claims", "The vendor's claims", "", (notice,))
    kind = NoticeKind.BAD if beyond.height else NoticeKind.GOOD
    said = f"{beyond.height} of {gathered.claims.height} claims differ from ours beyond tolerance."
    lead = "A claim is compared with the same metric over the same orders, from the same instant."
    return Section("claims", "The vendor's claims", lead, (Notice(kind, said), table))


def _claim_id(row: Mapping[str, Any]) -> str:
    return " ".join(
        str(row[name]) for name in ("period", "symbol", "venue", "order_class", "metric")
    )


def _claim_row(row: Mapping[str, Any], *, is_beyond: bool) -> tuple[Cell, ...]:
    unit, venue = row["unit"], row["venue"]
    return (
        Cell(str(row["period"]).replace("-", _HYPHEN), str(row["period"])),
        text_cell("all" if venue == "*" else venue),
        text_cell(_words(row["order_class"] or NO_VALUE)),
        text_cell(_words(row["metric"])),
        text_cell(unit_words(unit)),
        *(claimed_cell(row[name], unit) for name in ("theirs", "ours", "gap")),
        count_cell(_scaled(row["shares"], QUANTITY_SCALE)),
        Cell("beyond", "beyond", tone=Tone.BAD) if is_beyond else text_cell(
            "unknown" if row["ours"] is None else "within"
        ),
        text_cell(_origin(row) if is_beyond else None),
    )  # fmt: skip


def _origin(row: Mapping[str, Any]) -> str:
    """Return what a claim's gap may come from; what comes nearest where nothing comes close."""
    nearest = f"; nearest: {row['nearest']}" if row["nearest"] else ""
    return row["candidates"] or f"nothing that comes close{nearest}"


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
                text_cell(title),
                count_cell(gathered.whole.only({"router": routers_of}).count()),
            )
            for title, routers_of in _routers(gathered)
        ),
    )
    lead = (
        "Payment is disclosed beside the results, never inside them: no measure, verdict or "
        "ranking in this review takes it into account."
    )
    return Section("provider", "The provider", lead, (routers, _payments(gathered.payments)))


def _routers(gathered: Gathered) -> list[tuple[str, tuple[str | None, ...]]]:
    """Return the routers by name, and last the firm's own route, which two values stand for."""
    others = [name for name in gathered.whole.values("router") if name and name not in DIRECT]
    return [*((name, (name,)) for name in others), ("the firm's direct route", DIRECT)]


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
            tuple(text_cell(value if value is None else _words(value)) for value in row)
            for row in written.iter_rows()
        ),
    )  # fmt: skip
