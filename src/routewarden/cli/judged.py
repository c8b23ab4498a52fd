"""`scorecard` and `findings`: how the executions compare, and what is wrong with the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from routewarden.cli.console import out, print_json, print_table
from routewarden.cli.init import Json
from routewarden.cli.results import Fail, First, Last, dates_of, day_of, fail_if, ready
from routewarden.evidence.table import ARROWS
from routewarden.measures.scorecard import Cell, Row, scorecard
from routewarden.rules.book import RULES
from routewarden.runs.reading import (
    Question,
    findings_of,
    measured_dates,
    summary_of,
)
from routewarden.store.home import opened

By = Annotated[
    str,
    typer.Option("--by", help="Dimensions, comma-separated: symbol, venue, trading_date, …"),
]
Where = Annotated[
    list[str],
    typer.Option("--where", help="name=value, comma-separated; the same name twice means either."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("scorecard")(show_scorecard)
    app.command("findings")(show_findings)


def parse_where(conditions: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return the values asked for by dimension."""
    asked: dict[str, list[str]] = {}
    for condition in (part for text in conditions for part in text.split(",")):
        name, equals, value = condition.partition("=")
        if not equals:
            message = f"--where '{condition}' is not name=value"
            raise typer.BadParameter(message)
        asked.setdefault(name, []).append(value)
    return asked


def split_names(by: str) -> tuple[str, ...]:
    """Return the dimensions of a comma-separated list."""
    return tuple(dict.fromkeys(name for name in by.split(",") if name))


def show_scorecard(  # noqa: PLR0913, PLR0917 - one argument an option
    context: typer.Context,
    by: By = "",
    where: Where = [],  # noqa: B006 - typer reads it as the default and never changes it
    quarter: Annotated[
        str | None, typer.Option("--quarter", help="A quarter, such as 2026Q3.")
    ] = None,
    first: First = None,
    last: Last = None,
    *,
    json: Json = False,
) -> None:
    """Show each metric by order class, with its unit, its better direction and its coverage.

    Averages are weighted by shares. Populations are never mixed: customer orders that were held,
    not directed and received in the session come first; every other population has its own rows.
    """
    start, end = (day_of(first), day_of(last)) if quarter is None else dates_of(quarter)
    question = Question(start, end, split_names(by), parse_where(where))
    home_path: Path = context.obj
    with opened(home_path) as home:
        ready(home)
        rows = scorecard(summary_of(home, question), question.groups)
        days = measured_dates(home, question)
    if json:
        period = {"from": str(days[0]), "to": str(days[-1]), "trading_dates": len(days)}
        print_json({"period": period, "rows": [row_json(row) for row in rows]})
    else:
        out.print(f"{days[0]} to {days[-1]}, {len(days)} trading dates; averages by shares")
        for row in rows:
            print_row(row)


def row_json(row: Row) -> dict[str, Any]:
    """Return a row as JSON: every number a decimal text, null where there is none."""
    return {"group": dict(row.group), "metrics": {c.metric.name: _cell_json(c) for c in row.cells}}


def _cell_json(cell: Cell) -> dict[str, Any]:
    return {
        "value": _text(cell.value),
        "unit": cell.metric.unit,
        "better": cell.metric.better,
        "applies": cell.applies,
        "n": cell.n,
        "shares": _text(cell.shares),
        "coverage": _text(cell.coverage),
        "excluded": {
            reason: {"n": left.n, "shares": _text(left.shares)}
            for reason, left in cell.excluded.items()
        },
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


_PLACES = {"price/share": 6, "fraction": 4, "ms": 3, "shares": 0}


def print_row(row: Row) -> None:
    """Print a row's metrics as a table."""
    title = ", ".join(f"{name} {value or 'not stated'}" for name, value in row.group.items())
    print_table(
        f"\n{title}",
        ("metric", ">value", "unit", "better", ">shares", ">coverage", "left out"),
        (
            (
                cell.metric.title,
                "n/a" if cell.value is None else f"{cell.value:.{_PLACES[cell.metric.unit]}f}",
                cell.metric.unit,
                ARROWS[cell.metric.better],
                f"{cell.shares:,f}",
                "" if cell.coverage is None else f"{cell.coverage:.1%}",
                ", ".join(f"{why} {left.shares:,f}" for why, left in cell.excluded.items()),
            )
            for cell in row.cells
            if cell.applies
        ),
    )


def show_findings(
    context: typer.Context,
    date: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="One trading date.")
    ] = None,
    fail_on: Fail = None,
    *,
    json: Json = False,
) -> None:
    """List what is wrong, or cannot be known, about the data: what, where, why, what to do.

    Each finding names the rule, the record, and the line of the raw file (by digest) it came from.
    """
    day = day_of(date)
    home_path: Path = context.obj
    with opened(home_path) as home:
        ready(home)
        found = findings_of(home, measured_dates(home, Question(day, day)))
    if json:
        print_json({"findings": [_finding_json(row) for row in found.iter_rows(named=True)]})
    else:
        _print_findings(found)
    fail_if(found, fail_on)


def _finding_json(row: dict[str, Any]) -> dict[str, Any]:
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
        place = "" if row["file"] is None else f" ({row['file'][:12]}:{row['line']})"
        out.print(
            f"{row['trading_date']} {row['severity']} {row['rule']} {row['subject']} "
            f"{row['id']}: {row['because']}{place}",
        )
