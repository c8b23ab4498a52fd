"""`findings`: what the rules found, or could not know."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from routewarden.cli.console import out, print_json, print_table
from routewarden.cli.init import Json
from routewarden.cli.results import Fail, KnownAt, day_of, fail_if, reading
from routewarden.rules.book import RULES
from routewarden.runs.queue import findings_in
from routewarden.runs.reading import Question, findings_of, measured_dates
from routewarden.store.cases import docket
from routewarden.store.home import Home


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("findings")(show_findings)


def show_findings(  # noqa: PLR0913 - one argument an option
    context: typer.Context,
    date: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="One trading date.")
    ] = None,
    fail_on: Fail = None,
    *,
    waiting: Annotated[
        bool, typer.Option("--open", help="Only those in a case that nobody has settled.")
    ] = False,
    known_at: KnownAt = None,
    json: Json = False,
) -> None:
    """List what the rules found, or could not know: what, where, why, what to do.

    Each finding names the rule, the record, and the line of the raw file (by digest) it came from.
    """
    day = day_of(date)
    home_path: Path = context.obj
    with reading(home_path, known_at) as home:
        found = _waiting(home, day) if waiting else _found(home, day)
    if json:
        print_json({"findings": [row_json(row) for row in found.iter_rows(named=True)]})
    else:
        _print_findings(found)
    fail_if(found, fail_on)


def _found(home: Home, day: date | None) -> pl.DataFrame:
    return findings_of(home, measured_dates(home, Question(day, day)))


def _waiting(home: Home, day: date | None) -> pl.DataFrame:
    """Return the findings in the queue whose case is open: `case collect` puts them there."""
    cases = [case for case in docket(home).cases.values() if case.is_open]
    found = findings_in(home, cases)
    return found if day is None else found.filter(pl.col("trading_date") == day)


def row_json(row: dict[str, Any]) -> dict[str, Any]:
    """Return a finding as a JSON value, with what to do about it."""
    rule = next(rule for rule in RULES if rule.id == row["rule"])
    return {**row, "trading_date": str(row["trading_date"]), "remedy": rule.remedy}


def _print_findings(found: pl.DataFrame) -> None:
    counts = found.group_by("rule", "severity", "verdict").len().sort("rule", "verdict")
    titles = {rule.id: rule.title for rule in RULES}
    print_table(
        "Findings",
        ("severity", "rule", "what", "verdict", ">count"),
        ((s, rule, titles[rule], verdict, f"{n:,}") for rule, s, verdict, n in counts.iter_rows()),
    )
    for row in found.iter_rows(named=True):
        out.print(sentence(row))


def sentence(row: dict[str, Any]) -> str:
    """Say a finding in a line."""
    place = "" if row["file"] is None else f" ({row['file'][:12]}:{row['line']})"
    said = f"{row['severity']} {row['rule']} {row['subject']} {row['id']}: {row['because']}"
    return f"{row['trading_date']} {said}{place}"
