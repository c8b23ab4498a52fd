"""`prove`: one record, shown to be in the log without showing any other file or entry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from routewarden.base.canonical import Digest
from routewarden.base.schema import Kind
from routewarden.cli.console import out, print_json
from routewarden.cli.init import Json, Target
from routewarden.cli.results import ready
from routewarden.ledger.checkpoint import read_checkpoint
from routewarden.runs.located import located
from routewarden.store.durable import write_file
from routewarden.store.home import Home, opened
from routewarden.store.proving import Lines, NoSuchRecordError, prove


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("prove")(prove_record)


def prove_record(  # noqa: PLR0913, PLR0917 - each is an option of the command
    context: typer.Context,
    target: Target,
    file: Annotated[
        str | None, typer.Argument(metavar="DIGEST", help="A raw file, by how its digest begins.")
    ] = None,
    line: Annotated[int | None, typer.Option(min=1, help="Which line, from 1.")] = None,
    last: Annotated[
        int | None, typer.Option("--to", min=1, help="The last line, where it has several.")
    ] = None,
    kind: Annotated[Kind | None, typer.Option(help="The record's kind, instead of a file.")] = None,
    identifier: Annotated[
        str | None, typer.Option("--id", help="The record's identifier, such as an order's.")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="Go on from a checkpoint somebody keeps."),
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Write the proof that a record came in: for whoever has the log's key or a checkpoint.

    The record's bytes are in it, with those beside them in blocks of 4,096, and nothing else of the
    file. `verify FILE` checks it. Name a line of a raw file, or a record by kind and identifier.
    """
    home_path: Path = context.obj
    with opened(home_path) as home:
        if file is not None and line is not None and kind is None and identifier is None:
            lines = Lines(_whole(home, file), line, last or line)
        elif kind is not None and identifier is not None and file is None and line is None:
            ready(home)
            lines = located(home, kind, identifier)
        else:
            message = "name DIGEST and --line, or --kind and --id"
            raise typer.BadParameter(message)
        heads = [read_checkpoint(path.read_bytes())[0].head for path in checkpoint or ()]
        proof = prove(home, lines, heads)
    write_file(target.absolute(), proof.data)
    told = {"file": lines.digest, "line": lines.first, "out": str(target)}
    if json:
        print_json({**told, "start": proof.proof.start, "end": proof.proof.end})
    else:
        out.print(f"{target}: line {lines.first} of {lines.digest}")


def _whole(home: Home, begins: str) -> Digest:
    """Return the digest that begins so, if one does."""
    found = [digest for digest in home.blobs.digests() if digest.startswith(begins)]
    if len(found) != 1:
        raise NoSuchRecordError(begins, "as the beginning of one digest")
    return found[0]
