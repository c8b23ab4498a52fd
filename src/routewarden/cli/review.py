"""`review`: the quarterly package a best-execution committee sits with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from routewarden.base.period import Quarter, parse_quarter
from routewarden.benchmarks.analysis import verdict_words
from routewarden.cli.console import out, print_json, step_progress
from routewarden.cli.init import Json
from routewarden.cli.results import Fail, fail_if, ready
from routewarden.runs.review.areas import areas
from routewarden.runs.review.document import Review, write_review
from routewarden.store.home import Home, opened


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("review")(make_review)


def make_review(
    context: typer.Context,
    quarter: Annotated[str, typer.Argument(help="A quarter, such as 2026Q3.")],
    folder: Annotated[
        Path | None, typer.Option("--out", help="Where to; HOME/reviews/QUARTER if not given.")
    ] = None,
    fail_on: Fail = None,
    *,
    json: Json = False,
) -> None:
    """Write a quarter's review: PDF, Excel, one HTML page, Parquet tables and a manifest.

    The same records, settings and version give the same bytes. `verify FOLDER` checks a package.
    """
    asked = parse_quarter(quarter)
    home_path: Path = context.obj
    with opened(home_path) as home, step_progress("review") as step:
        ready(home)
        step(quarter, 0, 1)
        review = write_review(home, asked, folder or review_folder(home, asked))
    if json:
        print_json(review_json(review))
    else:
        tell(review)
    fail_if(review.gathered.found, fail_on)


def review_folder(home: Home, quarter: Quarter) -> Path:
    """Return where a quarter's review goes."""
    return home.root.absolute() / "reviews" / str(quarter)


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
    for name in ("review.pdf", "review.xlsx", "review.html", "manifest.json"):
        out.print(str(review.folder / name))
