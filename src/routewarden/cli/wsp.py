"""`wsp`: the written procedures, what shows that they are kept, and where they fall short."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from routewarden.base.period import quarter_of
from routewarden.cli.console import out, print_json, print_table
from routewarden.cli.init import Json, Target
from routewarden.cli.listing import write_list
from routewarden.cli.results import First, Last, day_of
from routewarden.cli.status import Status
from routewarden.evidence.document import Document, tables_of
from routewarden.evidence.framework import Standing, assessed, assessment, book_of, playbook
from routewarden.policy.wsp_text import TEMPLATE
from routewarden.runs.controls import State, ran
from routewarden.runs.framework import frame_of, procedures, standings
from routewarden.runs.letter import make_letter
from routewarden.store.acts import enter_export
from routewarden.store.durable import write_file
from routewarden.store.home import Home, opened

app = typer.Typer(no_args_is_help=True, help="Written procedures, and what shows they are kept.")

Paper = Annotated[Path | None, typer.Option("--out", help="Write it, as .pdf, .csv or .xlsx.")]


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="wsp")


@app.command("template")
def print_template() -> None:
    """Print a template of written procedures, to be made the firm's own and approved.

    Save it, fill in what is in brackets, and have it approved: `policy propose wsp.md`, then
    `policy approve`.
    """
    out.print(TEMPLATE, end="")


@app.command("book")
def write_book(
    context: typer.Context, target: Target, first: First = None, last: Last = None
) -> None:
    """Write the procedures in force as a PDF to sign: each with what its controls' record shows."""
    with opened(context.obj) as home:
        period = _period(home, day_of(first), day_of(last))
        book, status = procedures(home)
        document = book_of(book, standings(home, *period), frame_of(home, *period), status)
        data = make_letter(document, home.now())
    write_file(target.absolute(), data)
    out.print(f"{target}: {len(book.procedures)} procedures, {status}")


@app.command("controls")
def show_controls(
    context: typer.Context,
    first: First = None,
    last: Last = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Those that ran in time, too.")] = False,
    json: Json = False,
) -> None:
    """List the dates and quarters a control did not run for, or late; with --all, every one.

    Exit status 1 says that one was missed.
    """
    with opened(context.obj) as home:
        found = ran(home, *_period(home, day_of(first), day_of(last)))
    shown = [each for each in found if every or each.state in {State.LATE, State.MISSED}]
    rows = [
        {
            "control": each.control.name,
            "what": each.what,
            "due": None if each.due is None else str(each.due),
            "at": None if each.at is None else str(each.at),
            "state": each.state,
            "proof": each.proof,
        }
        for each in shown
    ]
    if json:
        print_json({"controls": rows})
    else:
        names = ("control", "what", "due", "at", "state", "proof")
        print_table("Controls", names, ([row[name] or "" for name in names] for row in rows))
    if any(each.state is State.MISSED for each in found):
        raise typer.Exit(Status.NO)


@app.command("playbook")
def show_playbook(
    context: typer.Context,
    first: First = None,
    last: Last = None,
    target: Paper = None,
    *,
    json: Json = False,
) -> None:
    """Show each step of the oversight: its state, its last proof, when it is due next."""
    with opened(context.obj) as home:
        period = _period(home, day_of(first), day_of(last))
        found = standings(home, *period)
        document = playbook(found, frame_of(home, *period))
        _write(home, document, target)
    if json:
        steps = [{"control": name, **_standing_json(each)} for name, each in found.items()]
        print_json({"steps": steps})
    elif target is None:
        _print(document)


@app.command("assess")
def assess(
    context: typer.Context,
    first: First = None,
    last: Last = None,
    target: Paper = None,
    *,
    json: Json = False,
) -> None:
    """Say how the framework measures up: each duty, its controls, their record, and the gap.

    Exit status 1 says that there is a gap.
    """
    with opened(context.obj) as home:
        period = _period(home, day_of(first), day_of(last))
        found = assessed(procedures(home)[0], standings(home, *period))
        document = assessment(found, frame_of(home, *period))
        _write(home, document, target)
    if json:
        print_json(
            {
                "duties": [
                    {
                        "duty": each.duty.name,
                        "asks": each.duty.asks,
                        "source": each.duty.source,
                        "controls": list(each.duty.controls),
                        "evidence": each.evidence,
                        "gap": each.gap or None,
                    }
                    for each in found
                ]
            }
        )
    elif target is None:
        _print(document)
    if any(each.gap for each in found):
        raise typer.Exit(Status.NO)


def _period(home: Home, first: date | None, last: date | None) -> tuple[date, date]:
    """Return the period asked for; else the quarter that today is in, up to today."""
    end = last or home.today()
    return first or quarter_of(end).span.first, end


def _write(home: Home, document: Document, target: Path | None) -> None:
    if target is None:
        return
    if target.suffix == ".pdf":
        write_file(target.absolute(), make_letter(document, home.now()))
    else:
        enter_export(home, write_list(home, tables_of(document)[0], target))
    out.print(str(target))


def _print(document: Document) -> None:
    for table in tables_of(document):
        headings = [heading.title for heading in table.headings]
        print_table(document.title, headings, ([cell.text for cell in row] for row in table.rows))


def _standing_json(standing: Standing) -> dict[str, Any]:
    return {
        "done": standing.done,
        "late": standing.late,
        "missed": list(standing.missed),
        "waiting": standing.waiting,
        "last": standing.last or None,
        "proof": standing.proof or None,
        "next_due": standing.next_due or None,
    }
