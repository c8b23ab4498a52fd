"""`page`: one self-contained file to read, mail or print."""

from __future__ import annotations

from pathlib import Path

import typer

from routewarden.base.canonical import sha256
from routewarden.cli.console import out, print_json
from routewarden.cli.init import Json, Target
from routewarden.cli.results import First, Last, day_of, ready
from routewarden.runs.html import make_html
from routewarden.runs.page import build_page
from routewarden.runs.reading import Question
from routewarden.store.acts import Export, enter_export
from routewarden.store.durable import write_file
from routewarden.store.home import opened


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("page")(write_page)


def write_page(
    context: typer.Context,
    target: Target,
    first: First = None,
    last: Last = None,
    *,
    json: Json = False,
) -> None:
    """Write one self-contained HTML page: scorecard, coverage, findings and the costliest orders.

    It needs no network and no server, sorts and filters, and prints.
    """
    home_path: Path = context.obj
    with opened(home_path) as home:
        ready(home)
        period = day_of(first), day_of(last)
        html = make_html(build_page(home, Question(*period)), {}).encode()
        enter_export(home, Export("page", sha256(html), first=period[0], last=period[1]))
    write_file(target.absolute(), html)
    if json:
        print_json({"out": str(target), "bytes": len(html)})
    else:
        out.print(str(target))
