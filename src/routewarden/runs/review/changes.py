"""What later data changed in a quarter: the same review, as known at two sizes of the log.

Nothing is compared but what each review says: its figures, its findings, the results it was made
from, and the files that became known in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from routewarden import __version__
from routewarden.base.time import trading_date
from routewarden.benchmarks.analysis import SHORT
from routewarden.benchmarks.orders import Orders
from routewarden.evidence.document import Document, Fact, Facts, Section
from routewarden.evidence.table import Cell, Heading, Table, count_cell, text_cell
from routewarden.ledger.checkpoint import stated
from routewarden.measures.scorecard import Metric
from routewarden.measures.shown import shown, unit_shown
from routewarden.runs.interpreting import interpret
from routewarden.runs.review.gathered import Gathered
from routewarden.store.home import Home, checkpoint_at
from routewarden.store.results import Results
from routewarden.store.segments import Segment, segments

_DIGITS = 12  # of a digest, enough to find it by
_NAMED = ("trading_date", "rule", "subject", "id", "because")


@dataclass(frozen=True, slots=True)
class Known:
    """A quarter as known at a size of the log."""

    home: Home
    size: int
    gathered: Gathered


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure of the scorecard: whose, of which orders, by which metric."""

    whose: str
    orders: Orders
    metric: Metric


def compare(then: Known, now: Known) -> Document:
    """Return what became known of a quarter from one size of the log to a later one."""
    files = _files_since(then, now)
    figures = _figures(then, now)
    gone, came = _findings(then, now), _findings(now, then)
    dates = _dates(then, now)
    gathered = now.gathered
    facts = (
        ("Files that came in", len(files.rows), "files"),
        ("Trading dates measured anew", len(dates.rows), "dates"),
        ("Figures of the scorecard changed", len(figures.rows), "figures"),
        ("Findings that came", came.height, "findings"),
        ("Findings that are gone", gone.height, "findings"),
    )
    tiles = tuple(Fact(title, f"{n:,}", unit, "", str(n)) for title, n, unit in facts)
    return Document(
        title=f"What later data changed in {gathered.quarter}",
        subtitle=f"As known at {then.size:,} entries of the log, and at {now.size:,}",
        firm=gathered.policy.firm,
        period=f"{gathered.days[0]} to {gathered.days[-1]}",
        prepared=f"log of {then.size:,} and of {now.size:,} entries",
        sections=(
            Section("changes", "At a glance", "", (Facts("change-facts", tiles),)),
            Section(
                "figures", "Figures", "Averages by shares, as the scorecard has them.", (figures,)
            ),
            Section("files", "Files and dates", "", (files, dates)),
            Section("findings", "Findings", "", (_listed("came", came), _listed("gone", gone))),
        ),
        footer=f"Routewarden {__version__}; log then: "
        f"{stated(checkpoint_at(now.home, then.size))}; now: "
        f"{stated(checkpoint_at(now.home, now.size))}",
    )


def _figures(then: Known, now: Known) -> Table:
    """Return the figures that are not what they were."""
    before, after = _values(then.gathered), _values(now.gathered)
    changed = [
        each for each in dict.fromkeys([*after, *before]) if before.get(each) != after.get(each)
    ]
    return Table(
        name="figures-changed",
        title="Figures changed",
        caption=f"Of {len(after):,} figures; those not listed are what they were, to the digit.",
        headings=(
            Heading("Orders of"), Heading("Type"), Heading("Metric"), Heading("Unit"),
            Heading("Then", numeric=True), Heading("Now", numeric=True),
            Heading("Difference", numeric=True),
        ),
        rows=tuple(
            (
                text_cell(each.whose), text_cell(SHORT[each.orders]), text_cell(each.metric.title),
                text_cell(unit_shown(each.metric.unit)),
                *(_value(each, value) for value in (before.get(each), after.get(each))),
                _difference(each, before.get(each), after.get(each)),
            )
            for each in changed
        ),
    )  # fmt: skip


def _values(gathered: Gathered) -> Mapping[_Figure, Decimal | None]:
    """Return every figure of a review's scorecard."""
    return {
        _Figure(", ".join(str(value) for value in board.group.values()), orders, line.metric):
            judged.cell.value
        for board in gathered.dashboards
        for line in board.full
        for orders, judged in line.judged.items()
    }  # fmt: skip


def _value(of: _Figure, value: Decimal | None) -> Cell:
    return Cell(shown(value, of.metric.unit), "" if value is None else f"{value:f}")


def _difference(of: _Figure, before: Decimal | None, after: Decimal | None) -> Cell:
    return _value(of, None if before is None or after is None else after - before)


def _files_since(then: Known, now: Known) -> Table:
    """Return the files that became known in between, and what their fills are."""
    known = {(each.kind, each.digest) for each in segments(then.home)}
    new = [each for each in segments(now.home) if (each.kind, each.digest) not in known]
    told = {row["file"]: row for row in _kinds_of_fills(now.home, new).iter_rows(named=True)}
    counted = ("original", "late", "corrections", "busts")
    return Table(
        name="files-since",
        title="Files that came in",
        caption="Late are fills of a trading date before that on which their file was received. A "
        "correction stands in for the fill it names, a bust takes it out; both are kept.",
        headings=(
            Heading("Kind"), Heading("Received", dated=True), Heading("File"),
            *(Heading(name, numeric=True) for name in
              ("Records", "Original fills", "Late fills", "Corrections", "Busts")),
        ),
        rows=tuple(
            (
                text_cell(each.kind), text_cell(str(each.delivered)),
                Cell(each.digest[:_DIGITS], each.digest), count_cell(each.records),
                *(count_cell(told.get(each.digest, {}).get(name, 0)) for name in counted),
            )
            for each in new
        ),
    )  # fmt: skip


def _kinds_of_fills(home: Home, new: Sequence[Segment]) -> pl.DataFrame:
    """Return how many fills of some files are originals, late, corrections and busts."""
    received = pl.DataFrame(
        {"file": [each.digest for each in new], "received": [each.delivered for each in new]},
        schema={"file": pl.String, "received": pl.Date},
    ).unique("file", keep="first")
    held = interpret(home).held
    columns = ("executed_at", "status", "file")
    dated = [held.of(day).fills for day in sorted(held.dates())]
    none = pl.DataFrame(schema={"executed_at": pl.Int64, "status": pl.String, "file": pl.String})
    fills = pl.concat([none, *(each.select(columns) for each in dated)]).join(received, on="file")
    stated = pl.col("status").fill_null("ok")
    late = (stated == "ok") & (trading_date(pl.col("executed_at")) < pl.col("received"))
    return fills.group_by("file").agg(
        original=((stated == "ok") & ~late).sum(),
        late=late.sum(),
        corrections=(stated == "corrected").sum(),
        busts=(stated == "busted").sum(),
    )


def _dates(then: Known, now: Known) -> Table:
    """Return the dates of the quarter whose results are not what they were."""
    before, after = Results(then.home.measured), Results(now.home.measured)
    days = sorted({*then.gathered.days, *now.gathered.days})
    pairs = [(day, before.manifest_digest(day), after.manifest_digest(day)) for day in days]
    return Table(
        name="dates-changed",
        title="Trading dates measured anew",
        caption="By the digest of the date's result, as the log has it.",
        headings=(Heading("Trading date", dated=True), Heading("Then"), Heading("Now")),
        rows=tuple(
            (
                text_cell(str(day)),
                *(Cell((d or "not measured")[:_DIGITS], d or "") for d in (was, is_)),
            )
            for day, was, is_ in pairs
            if was != is_
        ),
    )


def _findings(these: Known, without: Known) -> pl.DataFrame:
    """Return the findings of one review that another has not."""
    columns = [*_NAMED, "verdict", "severity"]
    found = these.gathered.found
    return found.join(without.gathered.found, on=columns, how="anti", nulls_equal=True).sort(
        *columns, nulls_last=True
    )


def _listed(what: str, found: pl.DataFrame) -> Table:
    title = "Findings that came" if what == "came" else "Findings that are gone"
    return Table(
        name=f"findings-{what}",
        title=title,
        caption="Each as its review has it.",
        headings=(
            Heading("Trading date", dated=True), Heading("Severity"), Heading("Rule"),
            Heading("Subject"), Heading("Id"), Heading("Because", below=True),
        ),
        rows=tuple(_rows(found)),
    )  # fmt: skip


def _rows(found: pl.DataFrame) -> Iterator[tuple[Cell, ...]]:
    columns = ("trading_date", "severity", "rule", "subject", "id", "because")
    for row in found.select(columns).iter_rows():
        yield tuple(text_cell(None if value is None else str(value)) for value in row)
