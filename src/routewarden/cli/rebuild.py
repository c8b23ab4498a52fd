"""`rebuild`: the event table from the published log, and the lake from the raw files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from routewarden.cli.console import byte_progress, err, out, print_json
from routewarden.cli.init import Json
from routewarden.ledger.checkpoint import stated
from routewarden.ledger.note import parse_key
from routewarden.store.blobs import file_digest
from routewarden.store.home import Home, opened
from routewarden.store.rebuild import Rebuilt, rebuild
from routewarden.store.segments import repair

REBUILT = "log:rebuilt"
"""The type of the entry that says a table was replaced which was not what is published."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rebuild")(rebuild_home)


def rebuild_home(
    context: typer.Context,
    key: Annotated[
        list[str] | None,
        typer.Option(help="A key of the log, as known from elsewhere; else as the log names it."),
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Throw the event table away and make it again from evidence/log; then repair the lake.

    Only if the published entries have the root that the log's key signed. The old table is kept
    aside. What it held beyond the published entries is kept as far as it follows on from them.
    """
    home_path: Path = context.obj
    done = rebuild(home_path, tuple(map(parse_key, key or ())))
    with opened(home_path) as home:
        if done.aside is not None and not done.same:
            _record(home, done, done.aside)
        with byte_progress("rebuilding", 0) as rebuilding:
            repaired = repair(home, rebuilding)
        entries = home.log.size
    if json:
        print_json(
            {
                "entries": entries,
                "checkpoint": stated(done.checkpoint),
                "signed_by": [each.text for each in done.signed_by],
                "kept": done.kept,
                "left": done.left,
                "aside": None if done.aside is None else str(done.aside),
                "same": done.same,
                "rebuilt": len(repaired),
            }
        )
        return
    _tell(done, len(repaired))


def _record(home: Home, done: Rebuilt, aside: Path) -> None:
    """Enter that the table was another than the log, and what it was."""
    digest = file_digest(aside)
    payload = {"v": 1, "aside": aside.name, "digest": digest, "kept": done.kept, "left": done.left}
    home.record(REBUILT, f"{REBUILT}:{digest}:{home.log.size}", aside.name, payload)


def _tell(done: Rebuilt, repaired: int) -> None:
    out.print(f"rebuilt from {stated(done.checkpoint)}")
    out.print(f"signed by {', '.join(each.text for each in done.signed_by)}")
    if done.kept:
        out.print(f"kept {done.kept:,} entries that were not published yet and follow on")
    if done.left:
        err.print(f"{done.left:,} more entries of the old table do not follow on: not taken over")
    if done.left is None:
        err.print(
            "There is no table to read: whether it held entries that were not published yet "
            "cannot be known. Ingest again what is in doubt; what is held already changes nothing."
        )
    if done.aside is not None:
        out.print(f"the old table is {done.aside}")
    if not done.same and done.left is not None:
        err.print("The old table was not what is published: find out who changed it.")
    if repaired:
        out.print(f"{repaired:,} files' records were made again")
    out.print("Next: routewarden run, then routewarden verify")
