"""`scorecard`: how the executions compare with the market, and with what else could be had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from routewarden.base.period import Span, parse_quarter
from routewarden.benchmarks.analysis import analysis, sources, verdict_words
from routewarden.benchmarks.dashboard import Line
from routewarden.benchmarks.verdict import Judged
from routewarden.cli.console import out, print_json, print_table
from routewarden.cli.init import Json
from routewarden.cli.results import First, KnownAt, Last, day_of, reading
from routewarden.evidence.table import ARROWS
from routewarden.measures.dimensions import ON_ORDERS
from routewarden.measures.scorecard import Cell, Row, scorecard
from routewarden.measures.shown import shown, unit_shown
from routewarden.runs.dashboards import Dashboard, dashboards
from routewarden.runs.reading import Question, measured_dates, summary_of
from routewarden.store.home import Home

By = Annotated[
    str,
    typer.Option("--by", help="Dimensions, comma-separated: symbol, venue, trading_date, …"),
]
Where = Annotated[
    list[str],
    typer.Option("--where", help="name=value, comma-separated; the same name twice means either."),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("scorecard")(show_scorecard)


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
    known_at: KnownAt = None,
    detail: Annotated[
        bool, typer.Option("--detail", help="Print every metric, with coverage, by order class.")
    ] = False,
    json: Json = False,
) -> None:
    """Show each metric by kind of order against its benchmark, with a verdict and what it means.

    Averages are weighted by shares. Populations are never mixed: customer orders that were held,
    not directed and received in the session come first; every other population has its own rows.
    Benchmarks are the firm's policy/industry.toml, then the quarter before.
    """
    whole = None if quarter is None else parse_quarter(quarter).span
    start, end = (day_of(first), day_of(last)) if whole is None else (whole.first, whole.last)
    question = Question(start, end, split_names(by), parse_where(where))
    home_path: Path = context.obj
    with reading(home_path, known_at) as home:
        rows = scorecard(summary_of(home, question), question.groups)
        days = measured_dates(home, question)
        judged = _dashboards(home, whole or Span("", start or days[0], end or days[-1]), question)
    if json:
        period = {"from": str(days[0]), "to": str(days[-1]), "trading_dates": len(days)}
        print_json(
            {
                "period": period,
                "dashboards": [dashboard_json(each) for each in judged],
                "rows": [row_json(row) for row in rows],
            }
        )
        return
    out.print(f"{days[0]} to {days[-1]}, {len(days)} trading dates; averages by shares")
    for each in judged:
        print_dashboard(each)
    for row in rows if detail or not judged else ():
        print_row(row)


def _dashboards(home: Home, span: Span, question: Question) -> tuple[Dashboard, ...]:
    """Return the dashboards; by what an execution has and an order has not, there are none."""
    return dashboards(home, span, question) if set(question.by) <= set(ON_ORDERS) else ()


def print_dashboard(dashboard: Dashboard) -> None:
    """Print a group's dashboard, and under it what its first rows say."""
    _print_lines(", ".join(f"{k} {v or 'not stated'}" for k, v in dashboard.group.items()),
                 dashboard.full)  # fmt: skip
    if not (said := sources(dashboard.full)):
        return
    for line in dashboard.compact:
        out.print(f"  {line.metric.title}: {verdict_words(line)}. {analysis(line)}")
    out.print(f"  Benchmarks: {said}.")


def _print_lines(title: str, lines: Sequence[Line]) -> None:
    columns = list(lines[0].judged) if lines else []
    print_table(
        f"\n{title}",
        ("metric", "unit", "", *(f">{orders.heading}" for orders in columns)),
        (
            (
                line.metric.title,
                unit_shown(line.metric.unit),
                ARROWS[line.metric.better],
                *(_shown(line.judged[orders]) for orders in columns),
            )
            for line in lines
        ),
    )


def _shown(judged: Judged) -> str:
    """Return a number, its benchmark and the verdict."""
    unit = judged.cell.metric.unit
    if not judged.cell.applies:
        return "n/a"
    if judged.benchmark is None:
        return shown(judged.cell.value, unit)
    against = f"{shown(judged.cell.value, unit)} vs {shown(judged.benchmark.value, unit)}"
    return f"{against} {judged.verdict}"


def dashboard_json(dashboard: Dashboard) -> dict[str, Any]:
    """Return a dashboard as JSON: its first rows, and all of them."""
    return {
        "group": dict(dashboard.group),
        "compact": [_line_json(line) for line in dashboard.compact],
        "full": [_line_json(line) for line in dashboard.full],
    }


def _line_json(line: Line) -> dict[str, Any]:
    return {
        "metric": line.metric.name,
        "title": line.metric.title,
        "orders": {orders: _judged_json(each) for orders, each in line.judged.items()},
        "verdict": verdict_words(line),
        "analysis": analysis(line),
    }


def _judged_json(judged: Judged) -> dict[str, Any]:
    figure = judged.benchmark
    stated = figure and {
        "value": _text(figure.value), "n": figure.n, "source": figure.source, "says": figure.says,
    }  # fmt: skip
    return {**_cell_json(judged.cell), "benchmark": stated, "verdict": judged.verdict}


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
