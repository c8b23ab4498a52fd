"""The quarter's review as one document, with what it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from routewarden import __version__
from routewarden.base.canonical import Digest, sha256
from routewarden.base.period import Quarter
from routewarden.evidence.document import Document, Section, Stories, anchor
from routewarden.evidence.manifest import Input, Provenance
from routewarden.evidence.table import Cell, Heading, Table, count_cell, text_cell
from routewarden.ledger.checkpoint import stated
from routewarden.ledger.entry import StoredEntry
from routewarden.rules.rule import Severity
from routewarden.runs.code import code_digest
from routewarden.runs.package import MANIFEST, make_package, place_package, write_package
from routewarden.runs.past import Past
from routewarden.runs.review.areas import decision_section, framework_section
from routewarden.runs.review.changes import Known, compare
from routewarden.runs.review.front import scorecards, summary
from routewarden.runs.review.gathered import Gathered, gather
from routewarden.runs.review.markets import by_class, by_security, by_venue
from routewarden.runs.review.method import coverage, factors, method
from routewarden.runs.review.oversight import claims, exceptions, orders_told, provider
from routewarden.runs.statement import REVIEW_TYPE, STATED, Made, state
from routewarden.runs.stories import costliest_orders, owners, told_orders
from routewarden.store.acts import Export, enter_export
from routewarden.store.conflicts import SETTLED
from routewarden.store.home import Home, checkpoint_at
from routewarden.store.results import RUN
from routewarden.store.segments import REBUILT, SEGMENT, segments
from routewarden.store.settings import APPROVED, NOTED

REVIEW = "review:made"
CHANGES = "review:compared"
_COUNTED = tuple(Heading(name, numeric=True) for name in ("Records", "Duplicates", "Rejects"))
_READ = (SEGMENT, REBUILT, RUN, NOTED, APPROVED, SETTLED)
_STORIES = 8  # of costliest orders, besides those of high findings
_ON_PAPER = 3


@dataclass(frozen=True, slots=True)
class Review:
    """A review written: where, the digest of its manifest, and what it was written from."""

    folder: Path
    manifest: Digest
    gathered: Gathered


@dataclass(frozen=True, slots=True)
class Composed:
    """A review's files by name, and what they were made from."""

    files: Mapping[str, bytes]
    gathered: Gathered


def write_review(home: Home, quarter: Quarter, folder: Path, past: Past | None = None) -> Review:
    """Write a quarter's review into a folder, keep it in the home and enter it in the log.

    The same records, settings and code give the same bytes: what is read of the log ends with the
    last entry of a file or a run, so that the entry of a review changes no later one.

    Args:
        home: The home whose log the review is entered in.
        quarter: The quarter.
        folder: Where to.
        past: The home as known at an earlier time, if that is what the review is to be of.

    Raises:
        NothingMeasuredError: Nothing of the quarter is measured.
    """
    read = home if past is None else past.home
    last = [entry for entry in read.log.entries() if entry.content["type"] in _READ][-1:]
    size = last[0].seq + 1 if last else 0
    composed = review_files(read, quarter, size)
    place_package(composed.files, folder)
    manifest = sha256(composed.files[MANIFEST])
    known_at = None if past is None else past.size
    enter_export(home, Export(f"review {quarter}", manifest, known_at=known_at))
    identity = f"{REVIEW}:{quarter}:{manifest}"
    if home.log.find(identity) is None:
        parts = {name: home.blobs.put_bytes(data) for name, data in composed.files.items()}
        made = Made(REVIEW_TYPE, parts, {"quarter": str(quarter)})
        stated_by = state(home, checkpoint_at(home, size), made)
        payload = {"v": 1, "quarter": str(quarter), "manifest": manifest, STATED: stated_by}
        home.record(REVIEW, identity, str(quarter), payload)
    return Review(folder, manifest, composed.gathered)


def review_files(home: Home, quarter: Quarter, size: int) -> Composed:
    """Return a quarter's review as the home has it, made from the log up to a size.

    Raises:
        NothingMeasuredError: Nothing of the quarter is measured.
    """
    home = replace(home, log=replace(home.log, until=size))
    gathered = gather(home, quarter)
    last = home.log.entries(start=size - 1)[0]
    document = compose(home, gathered, size)
    made = datetime.fromisoformat(str(last.content["at"]))
    return Composed(make_package(document, provenance(home, last), made), gathered)


def write_changes(home: Home, quarter: Quarter, folder: Path, sizes: tuple[Known, Known]) -> Digest:
    """Write what later data changed in a quarter, and enter it in the log."""
    then, now = sizes
    last = last_read(now.home)
    made = datetime.fromisoformat(str(last.content["at"]))
    manifest = write_package(compare(then, now), provenance(now.home, last), made, folder)
    enter_export(home, Export(f"review {quarter} compared", manifest, known_at=now.size))
    identity = f"{CHANGES}:{quarter}:{manifest}"
    if home.log.find(identity) is None:
        known_at = {"then": str(then.size), "now": str(now.size)}
        payload = {"v": 1, "quarter": str(quarter), "manifest": manifest, **known_at}
        home.record(CHANGES, identity, str(quarter), payload)
    return manifest


def known(home: Home, quarter: Quarter, size: int) -> Known:
    """Return a quarter as a home knows it."""
    return Known(home, size, gather(home, quarter))


def last_read(home: Home) -> StoredEntry:
    """Return the last entry of the log that a review reads."""
    return [entry for entry in home.log.entries() if entry.content["type"] in _READ][-1]


def compose(home: Home, gathered: Gathered, log_size: int) -> Document:
    """Return a gathered quarter as a document."""
    days = gathered.days
    high = gathered.found.filter(pl.col("severity") == Severity.HIGH, pl.col("verdict") == "yes")
    orders = owners(home, days, high["id"].drop_nulls().to_list())
    flagged = Stories("flagged", told_orders(home, days, list(orders.values())), _ON_PAPER)
    costliest = Stories(
        "costliest", costliest_orders(home, days, _STORIES, list(orders.values())), _ON_PAPER
    )
    told = {story.name for story in (*flagged.stories, *costliest.stories)}
    records = {**{order: order for order in orders.values()}, **orders}
    links = {record: anchor(order) for record, order in records.items() if anchor(order) in told}
    return Document(
        title=f"Best execution review {gathered.quarter}",
        subtitle="Orders routed by a third party's smart order router, measured independently",
        firm=gathered.policy.firm,
        period=f"{days[0]} to {days[-1]}, {len(days)} trading dates",
        prepared=f"log of {log_size:,} entries",
        sections=(
            summary(gathered),
            scorecards(gathered),
            framework_section(gathered),
            decision_section(gathered),
            by_class(gathered),
            by_venue(gathered),
            by_security(gathered),
            exceptions(gathered, links),
            *orders_told(flagged, costliest),
            claims(gathered),
            provider(gathered),
            factors(gathered),
            method(gathered),
            coverage(gathered),
            _files(home),
        ),
        footer=f"Routewarden {__version__}; log as read: {stated(checkpoint_at(home, log_size))}. "
        "Built for the review of FINRA Rule 5310.09; the obligation is the firm's.",
        status="Draft for the committee",
    )


def provenance(home: Home, last: StoredEntry) -> Provenance:
    """Return what a package made of a home goes by, read up to an entry."""
    return Provenance(
        ledger_size=last.seq + 1,
        ledger_head=last.leaf,
        checkpoint=checkpoint_at(home, last.seq + 1).text,
        policy=home.policy().whole_digest,
        code=code_digest(),
        inputs=tuple(
            Input(segment.kind.value, segment.digest, segment.records) for segment in segments(home)
        ),
    )


def _files(home: Home) -> Section:
    """Return the raw files behind the numbers."""
    found = segments(home)
    kinds = sorted({segment.kind for segment in found})
    summed = Table(
        name="files-by-kind",
        title="Files by kind",
        caption="How many files of each kind were read, and what came of their lines.",
        headings=(
            Heading("Kind"), Heading("Files", numeric=True), *_COUNTED
        ),
        rows=tuple(
            (
                text_cell(kind),
                count_cell(len(of)),
                count_cell(sum(segment.records for segment in of)),
                count_cell(sum(segment.duplicates for segment in of)),
                count_cell(sum(segment.rejects for segment in of)),
            )
            for kind in kinds
            for of in [[segment for segment in found if segment.kind == kind]]
        ),
    )  # fmt: skip
    held: Sequence[tuple[Cell, ...]] = [
        (
            text_cell(segment.kind),
            count_cell(segment.records),
            count_cell(segment.duplicates),
            count_cell(segment.rejects),
            Cell(segment.digest[:16] + "…", segment.digest, segment.digest),
        )
        for segment in found
    ]
    table = Table(
        name="files",
        title="Files behind these numbers",
        caption="Raw bytes are kept under these SHA-256 digests; routewarden verify checks them.",
        headings=(
            Heading("Kind"), *_COUNTED, Heading("Digest"),
        ),
        rows=tuple(held),
        folded=True,
        paper_rows=0,
    )  # fmt: skip
    lead = (
        "Every number goes back to these bytes. The digest of every file is in the workbook, the "
        "web page, the attached table and the manifest."
    )
    return Section("files", "Files", lead, (summed, table))
