"""`review`: the quarterly package a best-execution committee sits with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from routewarden.base.period import Quarter, parse_quarter
from routewarden.benchmarks.analysis import verdict_words
from routewarden.cli.console import err, out, print_json, step_progress
from routewarden.cli.init import Json
from routewarden.cli.results import Fail, KnownAt, fail_if, ready, tell_past
from routewarden.evidence.document import tables_of
from routewarden.runs.past import Past, as_known_at, size_at
from routewarden.runs.review.areas import areas
from routewarden.runs.review.changes import compare
from routewarden.runs.review.document import Review, known, write_changes, write_review
from routewarden.store.anchors import stamp
from routewarden.store.home import Home, opened

_FILES = ("review.pdf", "review.xlsx", "review.html", "manifest.json")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("review")(make_review)


def make_review(  # noqa: PLR0913 - one argument an option
    context: typer.Context,
    quarter: Annotated[str, typer.Argument(help="A quarter, such as 2026Q3.")],
    folder: Annotated[
        Path | None, typer.Option("--out", help="Where to; HOME/reviews/QUARTER if not given.")
    ] = None,
    fail_on: Fail = None,
    *,
    known_at: KnownAt = None,
    diff: Annotated[
        str | None,
        typer.Option("--diff", help="A size of the log, or a date: what changed since it."),
    ] = None,
    json: Json = False,
) -> None:
    """Write a quarter's review: PDF, Excel, one HTML page, Parquet tables and a manifest.

    The same records, settings and version give the same bytes. `verify FOLDER` checks a package.
    With --diff the package says what became known since: files, figures, findings.
    """
    asked = parse_quarter(quarter)
    home_path: Path = context.obj
    with opened(home_path) as home, step_progress("review") as step:
        ready(home)
        step(quarter, 0, 1)
        with _known(home, known_at) as past:
            if diff is not None:
                _write_changes(home, asked, folder, (diff, past), json=json)
                return
            place = folder or review_folder(home, asked, past)
            review = write_review(home, asked, place, past)
        stamped = stamp(home)
    if stamped is not None and stamped.stamp is None:
        err.print(f"The log is not stamped; `routewarden stamp` asks again: {stamped.why}")
    if json:
        print_json(review_json(review))
    else:
        tell(review)
    fail_if(review.gathered.found, fail_on)


@contextmanager
def _known(home: Home, known_at: str | None) -> Iterator[Past | None]:
    """Give a home as known at some time, if one is asked for."""
    if known_at is None:
        yield None
        return
    with as_known_at(home, size_at(home, known_at)) as past:
        tell_past(past)
        yield past


def _write_changes(
    home: Home, quarter: Quarter, folder: Path | None, ends: tuple[str, Past | None], *, json: bool
) -> None:
    """Write and tell what changed from a size of the log to now, or to another."""
    since, past = ends
    with as_known_at(home, size_at(home, since)) as then:
        tell_past(then)
        now = (home, home.log.size) if past is None else (past.home, past.size)
        both = known(then.home, quarter, then.size), known(now[0], quarter, now[1])
        where = review_folder(home, quarter, past)
        place = folder or where.with_name(f"{where.name}-since-{then.size}")
        manifest = write_changes(home, quarter, place, both)
        document = compare(*both)
    changed = {table.name: len(table.rows) for table in tables_of(document)}
    changed.pop("change-facts")
    if json:
        sizes = {"then": both[0].size, "now": both[1].size}
        print_json(
            {"quarter": str(quarter), "out": str(place), "manifest": manifest, **sizes, **changed}
        )
        return
    for name, number in changed.items():
        out.print(f"{name.replace('-', ' ')}: {number:,}")
    for name in _FILES:
        out.print(str(place / name))


def review_folder(home: Home, quarter: Quarter, past: Past | None = None) -> Path:
    """Return where a quarter's review goes."""
    name = str(quarter) if past is None else f"{quarter}-as-known-at-{past.size}"
    return home.root.absolute() / "reviews" / name


def review_json(review: Review) -> dict[str, Any]:
    """Return what was found, and where the files are."""
    return {
        "quarter": str(review.gathered.quarter),
        "out": str(review.folder),
        "manifest": review.manifest,
        "findings": _counts(review.gathered.found),
        "areas": [
            {"area": each.title, "status": each.threshold.status,
             "because": each.threshold.because}
            for each in areas(review.gathered)
        ],
        "scorecard": {
            line.metric.name: verdict_words(line)
            for line in review.gathered.dashboards[0].compact
        },
    }  # fmt: skip


def _counts(found: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Return the number of findings by severity and rule."""
    counts: dict[str, dict[str, int]] = {}
    told = found.group_by("severity", "rule").len().sort("severity", "rule")
    for severity, rule, number in told.iter_rows():
        counts.setdefault(severity, {})[rule] = number
    return counts


def tell(review: Review) -> None:
    """Print what the review says first, and where it is."""
    for line in review.gathered.dashboards[0].compact:
        out.print(f"{line.metric.title}: {verdict_words(line)}")
    for area in areas(review.gathered):
        out.print(f"{area.title}: threshold {area.threshold.status}: {area.threshold.because}")
    for severity, rules in sorted(_counts(review.gathered.found).items()):
        said = ", ".join(f"{rule} {number:,}" for rule, number in rules.items())
        out.print(f"{severity} findings: {said}")
    for name in _FILES:
        out.print(str(review.folder / name))
