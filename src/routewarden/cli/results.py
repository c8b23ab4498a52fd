"""`run` and `export`: measure what is held, and hand it out."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from routewarden.base.canonical import sha256
from routewarden.cli.console import byte_progress, err, out, print_json, step_progress
from routewarden.cli.init import Json, Target
from routewarden.cli.status import Status
from routewarden.rules.rule import Severity
from routewarden.runs.cluster import EngineName, engine_named
from routewarden.runs.export import Part, as_text
from routewarden.runs.past import Past, as_known_at, size_at
from routewarden.runs.pipeline import run
from routewarden.runs.reading import Question, exported, findings_of, is_stale
from routewarden.store.acts import Export, enter_export
from routewarden.store.durable import write_file
from routewarden.store.home import Home, opened
from routewarden.store.segments import repair

_DATE = ["%Y-%m-%d"]
First = Annotated[
    datetime | None, typer.Option("--from", formats=_DATE, help="First trading date.")
]
Last = Annotated[datetime | None, typer.Option("--to", formats=_DATE, help="Last trading date.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("run")(run_dates)
    app.command("export")(export_part)


Fail = Annotated[
    Severity | None, typer.Option("--fail-on", help="Exit 1 on findings this severe or worse.")
]


def fail_if(found: pl.DataFrame, fail_on: Severity | None) -> None:
    """End with status 1 if a finding is as severe as that."""
    worst = max((Severity(name).rank for name in found["severity"].unique()), default=-1)
    if fail_on is not None and worst >= fail_on.rank:
        raise typer.Exit(Status.NO)


def ready(home: Home) -> None:
    """Repair what a crash left, and say when results are behind the files."""
    with byte_progress("rebuilding", 0) as rebuilding:
        repair(home, rebuilding)
    if is_stale(home):
        err.print("Files or settings changed after the last run; run `routewarden run`.")


KnownAt = Annotated[
    str | None,
    typer.Option(
        "--as-known-at", help="A size of the log, or a date in New York: what was known then."
    ),
]


@contextmanager
def reading(root: Path, known_at: str | None) -> Iterator[Home]:
    """Open a home to answer from: as it is, or as it was known at some time."""
    with answering(root, known_at) as (_, read):
        yield read


@contextmanager
def answering(root: Path, known_at: str | None) -> Iterator[tuple[Home, Home]]:
    """Give a home to enter an act in, and the same to answer from, so."""
    with opened(root) as home:
        ready(home)
        if known_at is None:
            yield home, home
            return
        with as_known_at(home, size_at(home, known_at)) as past:
            tell_past(past)
            yield home, past.home


def tell_past(past: Past) -> None:
    """Say what is answered from, and where it is not, byte for byte, what was then."""
    err.print(f"As known at {past.size:,} entries of the log.")
    for day in past.differing:
        err.print(f"{day}: measured again, and not the bytes of then: the code is another.")


def day_of(value: datetime | None) -> date | None:
    """Return the date of an option."""
    return None if value is None else value.date()


def run_dates(  # noqa: PLR0913, PLR0917 - one argument an option
    context: typer.Context,
    first: First = None,
    last: Last = None,
    fail_on: Fail = None,
    engine: Annotated[
        EngineName, typer.Option(help="Where the work is done: threads here, or Ray.")
    ] = EngineName.LOCAL,
    address: Annotated[
        str | None,
        typer.Option(envvar="RAY_ADDRESS", help="The Ray cluster's; else one starts here."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="How many partitions are worked on at a time.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Measure every trading date whose inputs changed: join, measure, judge.

    Nothing is measured twice, and the order in which files came in makes no difference; nor does
    where the work is done.
    """
    home_path: Path = context.obj
    chosen = engine_named(engine, address, workers)
    with opened(home_path) as home:
        with byte_progress("rebuilding", 0) as rebuilding:
            repair(home, rebuilding)
        with step_progress("measuring") as step:
            days = day_of(first), day_of(last)
            done = run(home, *days, lambda d, n, of: step(str(d), n, of), chosen)
        found = findings_of(home, sorted({*done.measured, *done.unchanged}))
    if json:
        print_json(
            {
                "measured": [str(day) for day in done.measured],
                "unchanged": [str(day) for day in done.unchanged],
                "failed": [asdict(each) | {"day": str(each.day)} for each in done.failed],
                "findings": found.height,
            }
        )
    elif done.measured or done.unchanged or done.failed:
        dates = f"measured {len(done.measured)} trading dates; {len(done.unchanged)} were unchanged"
        out.print(f"{dates}; {found.height} findings")
    else:
        err.print("Nothing to measure: ingest orders, fills and quotes first.")
    for each in done.failed:
        err.print(f"{each.part}: not measured, its result is as it was: {each.why}")
    if done.failed:
        raise typer.Exit(Status.NO)
    fail_if(found, fail_on)


def export_part(  # noqa: PLR0913 - one argument an option
    context: typer.Context,
    part: Annotated[Part, typer.Argument(help="What to export.")],
    target: Target,
    first: First = None,
    last: Last = None,
    *,
    known_at: KnownAt = None,
    json: Json = False,
) -> None:
    """Write measured fills, orders, routes, findings or exact sums, values untouched.

    `scorecard` is every metric of every security and order class, a column each.

    CSV holds plain decimals and RFC 3339 UTC; Parquet holds decimals and UTC nanoseconds. What no
    file states, and which columns are empty for want of it, is said beside. What was taken, and by
    whom, is entered in the log.
    """
    if target.suffix not in _WRITERS:
        message = f"'{target.name}' ends in neither .csv nor .parquet"
        raise typer.BadParameter(message)
    home_path: Path = context.obj
    period = day_of(first), day_of(last)
    with answering(home_path, known_at) as (home, read):
        written = exported(read, part, Question(*period))
        data, rows = _WRITERS[target.suffix](written.frame), written.frame.height
        size = None if read is home else read.log.size
        columns = written.frame.columns
        enter_export(home, Export(f"export {part}", sha256(data), columns, rows, *period, size))
    write_file(target.absolute(), data)
    if json:
        missing = [asdict(silence) for silence in written.silences]
        print_json({"part": part, "out": str(target), "rows": rows, "missing": missing})
        return
    out.print(f"{target}: {rows:,} {part}")
    for silence in written.silences:
        empty = f"; empty: {', '.join(silence.empties)}" if silence.empties else ""
        err.print(f"{silence.fact}: {silence.why}{empty}")


def _csv(frame: pl.DataFrame) -> bytes:
    return as_text(frame).write_csv().encode()


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


_WRITERS = {".csv": _csv, ".parquet": _parquet}
