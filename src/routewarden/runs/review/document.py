"""The quarter's review as one document, with what it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from routewarden import __version__
from routewarden.base.canonical import Digest
from routewarden.base.period import Quarter
from routewarden.evidence.document import Document, Section, Stories
from routewarden.evidence.manifest import Input, Provenance
from routewarden.evidence.table import Cell, Heading, Table, count_cell, text_cell
from routewarden.ledger.entry import StoredEntry
from routewarden.runs.code import code_digest
from routewarden.runs.package import write_package
from routewarden.runs.review.areas import framework_section
from routewarden.runs.review.front import scorecards, summary
from routewarden.runs.review.gathered import Gathered, gather
from routewarden.runs.review.markets import by_class, by_security, by_venue
from routewarden.runs.review.method import coverage, factors, method
from routewarden.runs.review.oversight import claims, exceptions, provider
from routewarden.runs.stories import costliest_orders
from routewarden.store.home import Home
from routewarden.store.results import RUN
from routewarden.store.segments import REBUILT, SEGMENT, segments

REVIEW = "review:made"
_READ = (SEGMENT, REBUILT, RUN)
_STORIES = 12


@dataclass(frozen=True, slots=True)
class Review:
    """A review written: where, the digest of its manifest, and what it was written from."""

    folder: Path
    manifest: Digest
    gathered: Gathered


def write_review(home: Home, quarter: Quarter, folder: Path) -> Review:
    """Write a quarter's review into a folder and enter it in the log.

    The same records, settings and code give the same bytes: what is read of the log ends with the
    last entry of a file or a run, so that the entry of a review changes no later one.

    Raises:
        NothingMeasuredError: Nothing of the quarter is measured.
    """
    gathered = gather(home, quarter)
    last = [entry for entry in home.log.entries() if entry.content["type"] in _READ][-1]
    document = compose(home, gathered, last.seq + 1)
    made = datetime.fromisoformat(str(last.content["at"]))
    manifest = write_package(document, _provenance(home, last), made, folder)
    identity = f"{REVIEW}:{quarter}:{manifest}"
    if home.log.find(identity) is None:
        payload = {"v": 1, "quarter": str(quarter), "manifest": manifest}
        home.record(REVIEW, identity, str(quarter), payload)
    return Review(folder, manifest, gathered)


def compose(home: Home, gathered: Gathered, log_size: int) -> Document:
    """Return a gathered quarter as a document."""
    days = gathered.days
    stories = Stories("costliest", costliest_orders(home, days, _STORIES))
    return Document(
        title=f"Best execution review {gathered.quarter}",
        subtitle="Orders routed by a third party's smart order router, measured independently",
        firm=gathered.policy.firm,
        period=f"{days[0]} to {days[-1]}, {len(days)} trading dates",
        prepared=f"log size {log_size}",
        sections=(
            summary(gathered),
            scorecards(gathered),
            framework_section(gathered),
            by_class(gathered),
            by_venue(gathered),
            by_security(gathered),
            exceptions(gathered, stories),
            claims(gathered),
            provider(gathered),
            factors(gathered),
            method(gathered),
            coverage(gathered),
            _files(home),
        ),
        footer=f"Routewarden {__version__}; log size {log_size} as read; internal consistency "
        "only, no outside witness was asked. Built for the review of FINRA Rule 5310.09; the "
        "obligation is the firm's.",
        status="Draft for the committee",
    )


def _provenance(home: Home, last: StoredEntry) -> Provenance:
    return Provenance(
        ledger_size=last.seq + 1,
        ledger_head=last.leaf,
        policy=home.policy().whole_digest,
        code=code_digest(),
        inputs=tuple(
            Input(segment.kind.value, segment.digest, segment.records) for segment in segments(home)
        ),
    )


def _files(home: Home) -> Section:
    """Return the raw files behind the numbers."""
    held: Sequence[tuple[Cell, ...]] = [
        (
            text_cell(segment.kind),
            count_cell(segment.records),
            count_cell(segment.duplicates),
            count_cell(len(segment.rejects)),
            Cell(segment.digest[:16] + "…", segment.digest, segment.digest),
        )
        for segment in segments(home)
    ]
    table = Table(
        name="files",
        title="Files behind these numbers",
        caption="Raw bytes are kept under these SHA-256 digests; `routewarden verify` checks them.",
        headings=(
            Heading("Kind"), Heading("Records", numeric=True), Heading("Duplicates", numeric=True),
            Heading("Rejects", numeric=True), Heading("Digest"),
        ),
        rows=tuple(held),
        folded=True,
        paper_rows=40,
    )  # fmt: skip
    return Section("files", "Files", "Every number goes back to these bytes.", (table,))
