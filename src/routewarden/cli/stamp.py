"""`stamp`: have an authority outside say that the log existed by now."""

from __future__ import annotations

from pathlib import Path

import typer

from routewarden.cli.console import err, out, print_json
from routewarden.cli.init import Json
from routewarden.policy.witnesses import WITNESSES
from routewarden.store.anchors import stamp
from routewarden.store.home import opened


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("stamp")(stamp_log)


def stamp_log(context: typer.Context, *, json: Json = False) -> None:
    """Have the newest checkpoint stamped by the time-stamping authority of the firm (RFC 3161).

    The stamp is kept under evidence/anchors and checked offline by `verify`. Exit status 1 says
    that there is none, and why.
    """
    home_path: Path = context.obj
    with opened(home_path) as home:
        asked = stamp(home)
    held = None if asked is None else asked.stamp
    why = f"policy/{WITNESSES} names no [time_stamp]" if asked is None else asked.why
    if json:
        at = held and {"size": held.size, "at": str(held.at), "authority": held.authority}
        print_json({"stamp": at, "why": why})
    elif held is not None:
        out.print(held.text)
    else:
        err.print(f"no time stamp: {why}")
    if held is None:
        raise typer.Exit(1)
