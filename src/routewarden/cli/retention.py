"""`retention`, `hold` and `purge`: what may go and when, what must not, and what goes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from routewarden.base.canonical import Digest
from routewarden.base.schema import Kind
from routewarden.cli.console import err, out, print_json, print_table
from routewarden.cli.init import Json
from routewarden.policy.retention import Hold, Judged
from routewarden.store.home import opened
from routewarden.store.retention import (
    approve_purge,
    holds,
    judged,
    place_hold,
    propose,
    release_hold,
)

_DATE = ["%Y-%m-%d"]
hold_app = typer.Typer(no_args_is_help=True, help="What must not go, whatever its age.")
purge_app = typer.Typer(no_args_is_help=True, help="Deleting what is past its time, by two.")

Name = Annotated[str, typer.Argument(help="The hold's name, such as a matter's number.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept in the log.")]
KeyFile = Annotated[
    Path,
    typer.Option("--key", exists=True, dir_okay=False, help="Your private key (`person key`)."),
]


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.command("retention")(show_retention)
    parent.add_typer(hold_app, name="hold")
    parent.add_typer(purge_app, name="purge")


def show_retention(context: typer.Context, *, json: Json = False) -> None:
    """List the raw files: until when each is kept by policy/retention.toml, and by which holds.

    A kind in no class is kept for ever. The period begins when the firm received the file.
    """
    home_path: Path = context.obj
    with opened(home_path, only_to_read=True) as home:
        found, today = judged(home), home.today()
    if json:
        print_json({"files": [_told(each, may_go=each.may_go(today)) for each in found]})
        return
    rows = (
        (
            each.file.digest[:12],
            ", ".join(each.file.delivered),
            str(max(each.file.delivered.values())),
            "ever" if each.until is None else str(each.until),
            ", ".join(each.holds),
            "yes" if each.may_go(today) else "",
        )
        for each in found
    )
    headings = ("file", "kinds", "delivered", "kept until", "on hold by", "may go")
    print_table("Retention", headings, rows)


def _told(each: Judged, *, may_go: bool) -> dict[str, object]:
    return {
        "digest": each.file.digest,
        "delivered": {str(kind): str(day) for kind, day in each.file.delivered.items()},
        "until": None if each.until is None else str(each.until),
        "holds": list(each.holds),
        "may_go": may_go,
    }


@hold_app.command("place")
def place(  # noqa: PLR0913 - one argument an option
    context: typer.Context,
    name: Name,
    reason: Reason,
    *,
    kind: Annotated[Kind | None, typer.Option(help="Only files of this kind.")] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=_DATE, help="Delivered from then on.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=_DATE, help="Delivered up to then.")
    ] = None,
    digest: Annotated[str | None, typer.Option(help="Only the file with this digest.")] = None,
) -> None:
    """Hold files: all, or those that every option given is true of.

    Files are held whole: a symbol or an account cannot be held by itself.
    """
    home_path: Path = context.obj
    hold = Hold(
        *(name, reason, kind),
        None if first is None else first.date(),
        None if last is None else last.date(),
        None if digest is None else Digest(digest),
    )
    with opened(home_path) as home:
        place_hold(home, hold)
        touched = sum(name in each.holds for each in judged(home))
    out.print(f"{name}: {touched:,} files are on hold by it, and those to come that it is true of")


@hold_app.command("release")
def release(context: typer.Context, name: Name, reason: Reason) -> None:
    """End a hold; what is past its time may be purged again."""
    home_path: Path = context.obj
    with opened(home_path) as home:
        release_hold(home, name, reason)
    out.print(f"{name}: released")


@hold_app.command("list")
def list_holds(context: typer.Context, *, json: Json = False) -> None:
    """List the holds in force."""
    home_path: Path = context.obj
    with opened(home_path, only_to_read=True) as home:
        found = holds(home.log.entries())
    rows = [
        {
            "name": each.name,
            "kind": each.kind,
            "from": None if each.first is None else str(each.first),
            "to": None if each.last is None else str(each.last),
            "digest": each.digest,
            "reason": each.reason,
        }
        for each in found.values()
    ]
    if json:
        print_json({"holds": rows})
        return
    headings = ("name", "kind", "from", "to", "digest", "reason")
    print_table("Holds", headings, ([str(row[key] or "") for key in headings] for row in rows))


@purge_app.command("propose")
def propose_purge(
    context: typer.Context, reason: Reason, key: KeyFile, *, json: Json = False
) -> None:
    """Propose to delete the files that may go; another person has to approve it."""
    home_path: Path = context.obj
    with opened(home_path) as home:
        number, digests = propose(home, reason, key)
    if json:
        print_json({"number": number, "digests": list(digests)})
        return
    out.print(f"purge {number:}: {len(digests):,} raw files proposed")
    err.print(f"Another registered person: routewarden purge approve {number} --key FILE")


@purge_app.command("approve")
def approve_one(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="The proposal's number.")],
    key: KeyFile,
    *,
    json: Json = False,
) -> None:
    """Delete what was proposed and still may go, raw bytes and records; the log keeps its entries.

    Run `run` afterwards: results of the dates touched are measured from what is left. Backups hold
    the bytes until the next `backup` to the same folder.
    """
    home_path: Path = context.obj
    with opened(home_path) as home:
        done = approve_purge(home, number, key)
    if json:
        print_json({"gone": list(done.gone), "kept": list(done.kept)})
    else:
        out.print(f"{len(done.gone):,} raw files are purged, {len(done.kept):,} are kept")
        err.print("Next: routewarden run, and routewarden backup to each backup's folder.")
    if done.kept:
        err.print("What is kept is on hold now, or its time is not over any more.")
        raise typer.Exit(1)
