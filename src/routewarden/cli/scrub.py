"""`scrub`: read everything again, before it is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from routewarden.cli.console import err, out, print_json, step_progress
from routewarden.cli.init import Json
from routewarden.store.scrub import Pace, overdue, scrub

_SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("scrub")(scrub_home)


def scrub_home(
    context: typer.Context,
    rate: Annotated[
        float | None, typer.Option(min=0.001, help="At most so many megabytes a second.")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option("--for", min=0, help="Stop after so many minutes.")
    ] = None,
    *,
    due: Annotated[bool, typer.Option("--due", help="Read nothing; list what is overdue.")] = False,
    json: Json = False,
) -> None:
    """Read log, raw files, lake and results again in random order, and say what is not as it was.

    For a timer, once a day or more often: what was not read for 24 hours is overdue, comes first,
    and is listed if there was no time for it. Others may work meanwhile. Exit status 1 is a fault.
    """
    home_path: Path = context.obj
    if due:
        _tell_overdue(overdue(home_path), json=json)
        return
    pace = Pace(
        None if rate is None else int(rate * 1_000_000), None if minutes is None else minutes * 60
    )
    with step_progress("reading") as step:
        done = scrub(home_path, pace, lambda number, of: step("", number, of))
    faults = [{"where": f.where, "what": f.what, "remedy": f.remedy} for f in done.faults]
    if json:
        told = {"checked": done.checked, "bytes": done.size, "faults": faults}
        print_json({"ok": not faults, **told, "overdue": list(done.overdue)})
    else:
        for each in faults:
            err.print(f"{each['where']}: {each['what']}. {each['remedy']}")
        out.print(f"{done.checked:,} parts read, {done.size:,} bytes; {len(faults)} faults")
        if done.overdue:
            err.print(f"{len(done.overdue):,} parts were not read for 24 hours; give it more time")
    if faults:
        raise typer.Exit(1)


def _tell_overdue(parts: tuple[str, ...], *, json: bool) -> None:
    if json:
        print_json({"overdue": list(parts)})
        return
    out.print(f"{len(parts):,} parts were not read for 24 hours")
    for part in parts[:_SHOWN]:
        err.print(part)
