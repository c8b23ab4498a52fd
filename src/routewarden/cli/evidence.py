"""`evidence`: what a review rests on, as one file that somebody outside can check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from routewarden.base.period import parse_quarter
from routewarden.cli.console import out, print_json
from routewarden.cli.init import Json, Target
from routewarden.runs.pack import write_pack
from routewarden.runs.verifier import verifier
from routewarden.store.durable import write_file
from routewarden.store.home import opened

app = typer.Typer(no_args_is_help=True, help="Evidence for somebody outside.")


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="evidence")


@app.command("pack")
def pack(
    context: typer.Context,
    quarter: Annotated[str, typer.Argument(help="A quarter that was reviewed, such as 2026Q3.")],
    target: Target,
    *,
    with_records: Annotated[
        bool, typer.Option("--with-records", help="The raw files too, not their digests alone.")
    ] = False,
    json: Json = False,
) -> None:
    """Write a quarter's evidence into one file: review, entries, proofs, signatures, a verifier.

    Whoever gets it needs only Python to check every byte. That it was written is entered in the
    log.
    """
    home_path: Path = context.obj
    with opened(home_path) as home:
        asked = parse_quarter(quarter)
        packed = write_pack(home, asked, target.absolute(), with_records=with_records)
    if json:
        members = dict(packed.members)
        print_json(
            {"out": str(target), "digest": packed.digest, "size": packed.size, "members": members}
        )
    else:
        out.print(f"{target}: {len(packed.members)} members, log of {packed.size:,} entries")
        out.print(f"sha256 {packed.digest}")


@app.command("verifier")
def write_verifier(target: Target) -> None:
    """Write the verifier that packs bring along: one file for Python, nothing else needed."""
    write_file(target.absolute(), verifier().encode())
    out.print(str(target))
