"""The outputs whose every byte is to come again: 25 of a small firm, in all formats.

As a program it makes them in a view of a home, with so many workers, as if some days later, and
prints their digests: `python -m tests.matrix.golden_outputs VIEW SIZE WORKERS DAYS`.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from routewarden.base.canonical import sha256
from routewarden.base.period import parse_quarter
from routewarden.runs.engine import Threads
from routewarden.runs.export import Part
from routewarden.runs.pipeline import run
from routewarden.runs.review.document import review_files
from routewarden.store.home import opened
from routewarden.store.segments import repair
from routewarden.store.session import Session, using
from tests.command import must

QUARTER = "2026Q3"
REVIEW = (
    *("review.pdf", "review.xlsx", "review.html", "manifest.json"),
    *("tables/scorecard.parquet", "tables/securities.parquet", "tables/serious.parquet"),
    *("tables/venue_share.parquet", "tables/files.parquet"),
)
PRINTED = (
    ("findings", "--json"),
    ("scorecard", "--by", "symbol", "--json"),
    ("scorecard", "--by", "venue", "--json"),
    ("scorecard", "--quarter", QUARTER, "--json"),
)
FORMATS = (".csv", ".parquet")
COUNT = len(REVIEW) + len(PRINTED) + len(Part) * len(FORMATS)


def outputs(home: Path, review: dict[str, bytes]) -> dict[str, str]:
    """Return the digests of what a home that has been measured gives, beside a review's."""
    found: dict[str, str] = {name: sha256(review[name]) for name in REVIEW}
    for command in PRINTED:
        found[" ".join(command)] = sha256(must(home, *command).out.encode())
    for part in Part:
        for suffix in FORMATS:
            target = home.parent / f"{home.name}-{part}{suffix}"
            must(home, "export", part, "--out", target)
            found[target.name.removeprefix(f"{home.name}-")] = sha256(target.read_bytes())
    return found


def _made(view: Path, size: int, workers: int, days: int) -> dict[str, str]:
    """Measure a view of a home, and return its outputs."""

    later = Session(lambda: datetime.now(UTC) + timedelta(days=days))
    with using(later), opened(view) as home:
        repair(home, lambda _: None)
        run(home, None, None, lambda *_: None, Threads(workers))
        files = dict(review_files(home, parse_quarter(QUARTER), size).files)
    return outputs(view, files)


if __name__ == "__main__":
    numbers = map(int, sys.argv[2:])
    print(json.dumps(_made(Path(sys.argv[1]), *numbers)))
