"""What routers were to do beside what they did, over a period: every use, wrong or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import polars as pl

from routewarden.evidence.table import Cell, Heading, Table, Tone, count_cell, text_cell
from routewarden.measures.shown import NO_VALUE
from routewarden.policy.router import Version
from routewarden.rules.facts.configuration import STRATEGY, UNSTATED, VENUE
from routewarden.runs.configured import expectations, uses
from routewarden.runs.reading import Question, measured_dates
from routewarden.store.home import Home

_SAID = {True: "as expected", False: "not expected", None: "unknown"}
_UNSEEN = "not seen"
_LONGEST = 40  # of what a screen shows; a file has all of it
_ORDER = {"not expected": 0, "unknown": 1, "as expected": 2, _UNSEEN: 3}

DRIFT = {
    "router": pl.String(),
    "version": pl.String(),
    "aspect": pl.String(),
    "expected": pl.String(),
    "observed": pl.String(),
    "count": pl.Int64(),
    "share": pl.Float64(),
    "said": pl.String(),
}
"""`count` is of routes, orders or executions, `share` what missed of them where that is asked."""


def drift(home: Home, question: Question) -> pl.DataFrame:
    """Return what was expected of routers and what was observed, as DRIFT.

    Raises:
        NothingMeasuredError: There is nothing in the period.
    """
    days = measured_dates(home, question)
    used = uses(home, days).group_by("router", "version", "aspect", "expected", "use", "allowed")
    seen = used.agg(pl.col("count").sum()).select(
        pl.col("router").fill_null(UNSTATED),
        pl.col("version").fill_null(""),
        "aspect",
        "expected",
        observed="use",
        count="count",
        share=pl.lit(None, pl.Float64),
        said=pl.col("allowed").replace_strict(
            list(_SAID), list(_SAID.values()), return_dtype=pl.String
        ),
    )
    unseen = pl.DataFrame(list(_unseen(home, days, seen)), schema=DRIFT)
    return pl.concat([seen, unseen, _fell_short(home, days)]).sort(
        "router", "version", "aspect", pl.col("said").replace_strict(_ORDER, default=9), "observed"
    )


def _unseen(home: Home, days: Sequence[date], seen: pl.DataFrame) -> Iterator[dict[str, object]]:
    """Yield the venues and strategies that versions in force name and no route or order had."""
    routers = home.policy().routers
    observed = {row[:3] for row in seen.select("router", "aspect", "observed").iter_rows()}
    versions = {(each.router, each.since): each for day in days for each in routers.on(day)}
    for version in versions.values():
        for aspect, names in _named(version):
            for name in names:
                if (version.router, aspect, name) not in observed:
                    yield {
                        "router": version.router,
                        "version": version.version,
                        "aspect": aspect,
                        "expected": " ".join(names),
                        "observed": name,
                        "count": 0,
                        "share": None,
                        "said": _UNSEEN,
                    }


def _named(version: Version) -> tuple[tuple[str, Sequence[str]], ...]:
    return ((VENUE, version.venues), (STRATEGY, version.strategies))


def _fell_short(home: Home, days: Sequence[date]) -> pl.DataFrame:
    """Return what was expected of orders and executions, and how much of it was missed."""
    return expectations(home, days).select(
        "router",
        "version",
        aspect=pl.lit("expectation"),
        expected="expected",
        observed=pl.format("{} missed of {} in {}", "missed", "known", "period"),
        count="asked",
        share="rate",
        said=pl.when(pl.col("known") == pl.col("asked"))
        .then(pl.lit(""))
        .otherwise(pl.format("{} unknown", pl.col("asked") - pl.col("known"))),
    )


_HEADINGS = (
    Heading("router"),
    Heading("version"),
    Heading("aspect"),
    Heading("observed"),
    Heading("count", "routes, orders or executions", numeric=True),
    Heading("missed", numeric=True),
    Heading("said"),
    Heading("expected"),
)


def tabled(found: pl.DataFrame) -> Table:
    """Return the table of DRIFT."""
    rows = tuple(_row(row) for row in found.iter_rows(named=True))
    return Table("drift", "Routers, expected and observed", "", _HEADINGS, rows)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _row(row: dict[str, Any]) -> tuple[Cell, ...]:
    share = row["share"]
    return (
        *(text_cell(row[name]) for name in ("router", "version", "aspect", "observed")),
        count_cell(row["count"]),
        Cell(NO_VALUE, "") if share is None else Cell(f"{100 * share:.1f} %", repr(share)),
        Cell(
            row["said"], row["said"], tone=Tone.BAD if row["said"] == _SAID[False] else Tone.NEUTRAL
        ),
        Cell(_short(row["expected"]), row["expected"]),
    )
