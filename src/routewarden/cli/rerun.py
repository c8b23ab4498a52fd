"""`rerun`: a past run or review made again from the evidence, and compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from routewarden.cli.console import err, out, print_json
from routewarden.cli.init import Json
from routewarden.runs.rerun import rerun, stored
from routewarden.store.home import opened


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rerun")(rerun_what)


def rerun_what(
    context: typer.Context,
    what: Annotated[
        str, typer.Argument(help="A quarter (its last review), or the number of a run's entry.")
    ],
    folder: Annotated[
        Path | None, typer.Option("--out", help="Write what was made then, as it is kept.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Make a past run or review again, in another process and from the evidence alone.

    The log as it was read, the raw bytes and the settings of then are all it is given. Exit status
    1 says that a part came out otherwise, and names it; or that this is not the code of then, with
    which nothing can be compared: `--out` serves what was made then.
    """
    home_path: Path = context.obj
    with opened(home_path) as home:
        again = rerun(home, what)
        kept = [] if folder is None else stored(home, again, folder)
    if json:
        print_json(
            {
                "event": again.seq,
                "code_then": again.code,
                "installed_otherwise": {name: list(v) for name, v in again.installed.items()},
                "compared": again.now is not None,
                "parts": dict(again.then),
                "differing": again.differing,
                "kept": kept,
            }
        )
    else:
        if again.code is not None:
            err.print(f"Made by other code ({again.code}), so it was not made again.")
        for name, (then, now) in again.installed.items():
            err.print(f"{name}: was {then}, is {now}")
        for name in again.differing:
            err.print(f"{name}: came out otherwise")
        same = len(again.then) - len(again.differing)
        if again.now is not None:
            out.print(f"{same} of {len(again.then)} parts of event {again.seq} are the same")
        if folder is not None:
            out.print(f"{folder}: {len(kept)} of {len(again.then)} parts as they were made then")
    if again.code is not None or again.differing:
        raise typer.Exit(1)
