"""`init`: make a home."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from routewarden.cli.console import out, print_json
from routewarden.store.home import make_home, opened
from routewarden.store.moving import move_log
from routewarden.store.rotation import name_log

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def _writable(target: Path) -> Path:
    if target.is_dir():
        message = f"{target} is a folder; name a file"
        raise typer.BadParameter(message)
    if not target.absolute().parent.is_dir():
        message = f"there is no folder {target.absolute().parent}; make it first"
        raise typer.BadParameter(message)
    return target


Target = Annotated[
    Path, typer.Option("--out", callback=_writable, help="The file to write; one there goes.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


def init(
    context: typer.Context,
    storage: Annotated[
        str | None,
        typer.Option(help="Where the lake and the results go: s3://bucket/prefix, or a folder."),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(help="Where the log goes: postgresql://user@host:5432/name, no password."),
    ] = None,
    origin: Annotated[
        str | None,
        typer.Option(help="The log's name, such as firm.example/oversight; else one is drawn."),
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Make the firm's data directory: files and an embedded database, no server of any kind.

    The raw bytes are always in it; the log is too, unless a team's PostgreSQL server is to have it.
    A directory that is a home already is left as it is, but for its log: that moves to the database
    named, if it is elsewhere.
    """
    home: Path = context.obj
    made = make_home(home, storage, database)
    if origin is not None:
        name_log(home, origin)
    with opened(home):
        pass  # opening makes the event table
    moved = None if database is None else move_log(home, database)
    if json:
        print_json({"home": str(home), "made": made, "moved": moved})
        return
    changed = "made" if made else "is a home already; nothing changed"
    out.print(f"{home}: {changed if moved is None else f'{moved:,} entries of its log moved'}")
    if made:
        out.print("Next: routewarden --home DIR ingest orders FILE…   (then routes, fills, quotes)")
