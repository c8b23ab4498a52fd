"""`demo`: a sample firm for a week, from raw files to a page."""

from __future__ import annotations

import shutil
import sys
import webbrowser
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from routewarden.base.errors import RoutewardenError
from routewarden.base.schema import Kind
from routewarden.cli.console import out, print_json, step_progress
from routewarden.cli.init import Json
from routewarden.cli.judged import print_row, row_json
from routewarden.measures.population import Population
from routewarden.measures.scorecard import Row, scorecard
from routewarden.policy.calendar import us_equity_calendar
from routewarden.runs.page import build_page, render
from routewarden.runs.pipeline import run
from routewarden.runs.reading import Question, findings_of, measured_dates, summary_of
from routewarden.simulator.faults import EVERY_FAULT, Fault
from routewarden.simulator.stage import Scale
from routewarden.simulator.world import play
from routewarden.store.durable import write_file
from routewarden.store.home import Home, make_home, opened
from routewarden.store.segments import ingest, repair

SEED = 20260629
SPAN = date(2026, 6, 29), date(2026, 7, 6)
"""The sample week: a holiday (2026-07-03) and a weekend fall within it."""
SCALE = Scale(orders_per_day=400, quotes_per_day=40_000)
FAULTS = EVERY_FAULT.difference({Fault.DUPLICATE, Fault.LATE, Fault.CONFLICT, Fault.MALFORMED})
"""What is wrong with the sample: all that does not concern its files."""

_SAMPLE = "sample"


class NotASampleError(RoutewardenError):
    """The home holds something else than a sample."""

    def __init__(self, root: Path) -> None:
        super().__init__(
            f"{root}: a home that no demo made; a sample firm does not belong in it. "
            "Name a new folder: `demo --home DIR`."
        )


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    context: typer.Context,
    home: Annotated[Path | None, typer.Option(help="Where to build it.")] = None,
    *,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Open the page in a browser.")
    ] = True,
    json: Json = False,
) -> None:
    """Build a sample firm for a week and measure it: simulated market, router and customers.

    Everything goes the way your own files would: raw CSV in, measured executions out. Running it
    again changes nothing.
    """
    given: Path = context.obj
    root = home or (given if given != Path("routewarden-data") else Path("routewarden-demo"))
    if not make_home(root) and not (root / _SAMPLE).is_dir():
        raise NotASampleError(root)
    (root / _SAMPLE).mkdir(exist_ok=True)
    with step_progress("sample") as step, opened(root) as firm:
        step("simulating the market", 0, 4)
        files = list(_write(root / _SAMPLE))
        repair(firm, _quiet)
        for number, (kind, path) in enumerate(files):
            step(f"ingesting {path.name}", number, len(files))
            ingest(firm, kind, path, _quiet, _quiet)
        run(firm, None, None, lambda day, done, of: step(f"measuring {day}", done, of))
        step("writing the page", 0, 1)
        page = root / "page.html"
        write_file(page, render(build_page(firm, Question())).encode())
        rows, found = _customer_rows(firm), findings_of(firm, measured_dates(firm, Question()))
    if json:
        print_json(
            {
                "home": str(root),
                "page": str(page),
                "findings": found.height,
                "rows": [row_json(row) for row in rows],
            }
        )
    else:
        _tell(root, page, rows, found)
    if serve:
        webbrowser.open(page.absolute().as_uri())


def _write(folder: Path) -> Iterator[tuple[Kind, Path]]:
    """Write the sample as a firm would receive it."""
    for chapter in play(SEED, us_equity_calendar(), SPAN, SCALE, FAULTS):
        for file in chapter.files:
            write_file((folder / file.name).absolute(), file.content)
            yield file.kind, folder / file.name


def _customer_rows(home: Home) -> list[Row]:
    question = Question()
    rows = scorecard(summary_of(home, question), question.groups)
    return [row for row in rows if row.group["population"] == Population.CUSTOMER]


def _tell(root: Path, page: Path, rows: list[Row], found: pl.DataFrame) -> None:
    for row in rows:
        if row.group["order_class"] in {"market", "marketable_limit"}:
            print_row(row)
    out.print(f"\n{found.height} findings about the data. The page: {page}")
    out.print(f"Raw files: {root / _SAMPLE}. Measured results: {root / 'measured'}.")
    out.print("\nNext:")
    for line in (
        "scorecard --by venue --where order_class=market",
        "findings",
        "export fills --out fills.csv",
        "verify",
    ):
        out.print(f"  {_program()} --home {root} {line}")


def _program() -> str:
    """Return how the program was called, shorter where the folder one is in allows."""
    called = Path(sys.argv[0])
    if called.is_relative_to(Path.cwd()):
        return str(called.relative_to(Path.cwd()))
    return called.name if shutil.which(called.name) else str(called)


def _quiet(_more: int) -> None:
    return
