"""`due` and `notify`: what is due for whom, shown, as a calendar, and told."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from routewarden.base.canonical import sha256
from routewarden.cli.console import err, out, print_json, print_table
from routewarden.cli.init import Json
from routewarden.cli.listing import write_list
from routewarden.cli.results import day_of
from routewarden.cli.status import Status
from routewarden.runs.calendar import Due, calendar, due_json, listed
from routewarden.runs.feed import feed
from routewarden.runs.notices import notify
from routewarden.store.acts import Export, enter_export
from routewarden.store.durable import write_file
from routewarden.store.home import BEGUN, Home, opened

_AHEAD = timedelta(days=30)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("due")(show_due)
    app.command("notify")(send_notices)


def show_due(
    context: typer.Context,
    whom: Annotated[str, typer.Option("--for", help="A user or a role; `me` for oneself.")] = "",
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Due by then; else in 30 days."),
    ] = None,
    target: Annotated[
        Path | None, typer.Option("--out", help="Write it, as .csv, .xlsx or .ics.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """List what is due, for whom and since when: cases, what was taken on in them, reviews, users.

    As .ics it is a calendar (RFC 5545) to subscribe to: a matter keeps its id however often the
    file is written.
    """
    with opened(context.obj) as home:
        today = home.today()
        asked = home.actor.name if whom == "me" else whom
        found = calendar(home, day_of(until) or today + _AHEAD, asked)
        if target is not None:
            enter_export(home, _write(home, found, target))
    if json:
        print_json({"today": str(today), "due": [due_json(each, today) for each in found]})
    elif target is None:
        table = listed(found, today)
        headings = [heading.title for heading in table.headings]
        print_table(table.title, headings, ([cell.text for cell in row] for row in table.rows))
    else:
        out.print(f"{target}: {len(found):,} matters")


def _write(home: Home, found: Sequence[Due], target: Path) -> Export:
    if target.suffix != ".ics":
        return write_list(home, listed(found, home.today()), target)
    begun = home.log.find(BEGUN)
    origin = "" if begun is None else str(begun.content["payload"]["origin"])
    data = feed(found, origin, home.now())
    write_file(target.absolute(), data)
    return Export("due", sha256(data))


def send_notices(context: typer.Context, *, json: Json = False) -> None:
    """Tell people what is due, as policy/notices.toml says: each matter once a day.

    Run it as often as you like, from a timer. Exit status 1 says that a message was not taken.
    """
    with opened(context.obj) as home:
        done = notify(home, os.environ)
    failed = [each for each in done if each.why]
    if json:
        told = [
            {"for": d.whom, "to": d.where, "matters": d.matters, "why": d.why or None} for d in done
        ]
        print_json({"notices": told})
    else:
        for each in failed:
            err.print(f"{each.where}: not told, {each.why}")
        out.print(f"{len(done) - len(failed)} notices sent")
    if failed:
        raise typer.Exit(Status.NO)
