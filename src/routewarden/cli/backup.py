"""`backup` and `restore`: a second copy of a home, and a home from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from routewarden.cli.console import byte_progress, err, out, print_json
from routewarden.cli.init import Json
from routewarden.ledger.checkpoint import stated
from routewarden.ledger.note import parse_key
from routewarden.store.backup import MADE, begin, complete, lock, read_backup
from routewarden.store.home import opened
from routewarden.store.restore import restore


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(make_backup)
    app.command("restore")(restore_backup)


def make_backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Where: on another disk.")],
    *,
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Take the log's private key too.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Read again what the backup has already.")
    ] = False,
    json: Json = False,
) -> None:
    """Back up what cannot be made again: raw files, published log, policy, public key.

    Others may go on with the home meanwhile. To the same folder again only what is new is copied,
    and if it is killed the backup before is still there. It ends with the checkpoint it holds.
    """
    home_path: Path = context.obj
    with lock(folder):
        with opened(home_path) as home:
            begun = begin(home, folder, with_key=with_key)
        with byte_progress("copying", 0) as progress:
            made = complete(begun, progress, check=check)
    backup = made.backup
    with opened(home_path) as home:
        said = {"v": 1, "checkpoint": stated(backup.checkpoint), "raw_files": len(backup.digests())}
        home.record(MADE, f"{MADE}:{backup.state}:{home.log.size}", str(folder.absolute()), said)
    if json:
        print_json(
            {
                "checkpoint": stated(backup.checkpoint),
                "raw_files": len(backup.digests()),
                "taken": made.taken,
                "removed": made.removed,
                "with_key": backup.with_key,
            }
        )
        return
    if made.removed:
        out.print(f"{made.removed:,} raw files that were purged are gone from the backup too")
    if not backup.with_key:
        err.print("The private key is not in it: keep a copy of keys/ where nobody else gets it.")
    out.print(f"{len(backup.digests()):,} raw files, {made.taken:,} of them new")
    out.print(stated(backup.checkpoint))


def restore_backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The backup.")],
    *,
    key: Annotated[
        list[str] | None,
        typer.Option(help="A key of the log, as known from elsewhere; else as the log names it."),
    ] = None,
    same_storage: Annotated[
        bool,
        typer.Option("--same-storage", help="The old home is gone: keep its place for the lake."),
    ] = False,
    json: Json = False,
) -> None:
    """Make a home from a backup, in an empty place: --home DIR restore BACKUP.

    Everything is compared with its digest, and the log with the checkpoint that the backup holds.
    """
    home_path: Path = context.obj
    keys = tuple(map(parse_key, key or ()))
    with lock(folder), byte_progress("restoring", 0) as progress:
        backup = read_backup(folder)
        done = restore(backup, home_path, progress, keys, same_storage=same_storage)
    faults = [f"{fault.where}: {fault.what}. {fault.remedy}" for fault in done.faults]
    if json:
        told = {"checkpoint": stated(backup.checkpoint), "raw_files": done.raw_files}
        print_json({**told, "with_key": backup.with_key, "ok": not faults, "faults": faults})
    else:
        _tell_restored(home_path, done.raw_files, moved_in=done.moved_in, key=backup.with_key)
        out.print(stated(backup.checkpoint))
    for fault in faults:
        err.print(fault)
    if faults:
        raise typer.Exit(1)


def _tell_restored(home: Path, raw_files: int, *, moved_in: bool, key: bool) -> None:
    out.print(f"{home}: restored with {raw_files:,} raw files")
    if moved_in:
        err.print("policy/storage.toml is left out: the lake is in this home, not the old one's.")
    if not key:
        err.print(f"The private key was not in the backup: put it to {home / 'keys'} from its copy")
        err.print("before the next command, or begin another with `key rotate --lost`.")
    out.print("Next: routewarden run, then routewarden verify")
