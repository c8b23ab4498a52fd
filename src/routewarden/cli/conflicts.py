"""`conflicts`: records told of twice with other content, and which a person says is right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from routewarden.base.canonical import sha256
from routewarden.base.schema import Kind
from routewarden.cli.console import out, print_json, print_table
from routewarden.cli.init import Json, Target
from routewarden.store.acts import Export, enter_export
from routewarden.store.conflicts import (
    Conflict,
    Decision,
    Keep,
    Row,
    conflict,
    conflicts,
    held_row,
    held_rows,
    other_row,
    settle,
)
from routewarden.store.durable import write_file
from routewarden.store.home import Home, opened

_SHORT = 12

OfKind = Annotated[Kind | None, typer.Option("--kind", help="Of one kind of record.")]
All = Annotated[bool, typer.Option("--all", help="Those that were settled, too.")]
Id = Annotated[str, typer.Argument(help="The record's id.")]
OneKind = Annotated[Kind, typer.Argument(help="The kind of record.")]
At = Annotated[
    str,
    typer.Option("--at", help="Which, if an id has several: the other file's digest:line."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(help="Records told of twice with other content, and which is right.")
    commands.callback(invoke_without_command=True)(list_open)
    commands.command("show")(show_one)
    commands.command("export")(export_all)
    commands.command("settle")(settle_one)
    app.add_typer(commands, name="conflicts")


def list_open(
    context: typer.Context,
    kind: OfKind = None,
    *,
    every: All = False,
    json: Json = False,
) -> None:
    """List the open conflicts: the record in force, the other, and since when it is known.

    The first known stays in force until `conflicts settle` says otherwise.
    """
    if context.invoked_subcommand is not None:
        return
    with opened(context.obj) as home:
        rows = _rows(home, kind, every=every)
    if json:
        print_json({"conflicts": rows})
        return
    print_table(
        "Conflicts",
        ("kind", "id", "in force", "other", "since", "settled"),
        (
            (
                row["kind"],
                row["id"],
                _place(row["held_file"], row["held_line"]),
                _place(row["file"], row["line"]),
                row["since"][:19],
                f"{row['keep']} by {row['settled_by']}" if row["keep"] else "",
            )
            for row in rows
        ),
    )


def show_one(
    context: typer.Context, kind: OneKind, identifier: Id, at: At = "", *, json: Json = False
) -> None:
    """Show in which columns the record in force and the other differ."""
    with opened(context.obj) as home:
        meant = conflict(home, kind, identifier, at)
        pair = held_row(home, kind, identifier), other_row(home, meant)
    told = _differing(*pair)
    if json:
        print_json({"kind": kind, "id": identifier, "differing": told})
        return
    columns = ("column", "held", "other")
    rows = ([str(each[name]) for name in columns] for each in told)
    print_table(f"{kind} {identifier}", columns, rows)


def export_all(
    context: typer.Context, target: Target, kind: OfKind = None, *, every: All = False
) -> None:
    """Write the conflicts as CSV."""
    with opened(context.obj) as home:
        frame = pl.DataFrame(_rows(home, kind, every=every), schema=_COLUMNS)
        data = frame.write_csv().encode()
        enter_export(home, Export("conflicts", sha256(data), frame.columns, frame.height))
    write_file(target.absolute(), data)
    out.print(f"{target}: {frame.height:,} conflicts")


def settle_one(  # noqa: PLR0913, PLR0917 - one argument an option
    context: typer.Context,
    kind: OneKind,
    identifier: Id,
    keep: Annotated[Keep, typer.Option(help="Which record is right.")],
    by: Annotated[str, typer.Option(help="Who says so: a registered person.")],
    reason: Annotated[str, typer.Option(help="Why, for the log.")],
    key: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="That person's private key.")
    ],
    at: At = "",
    *,
    json: Json = False,
) -> None:
    """Say which of two records is right; `other` is in force from then on, and neither goes.

    `run` measures the dates anew that this touches. What was known before is as it was known.
    """
    with opened(context.obj) as home:
        meant = conflict(home, kind, identifier, at)
        settlement = settle(home, meant, Decision(keep, by, reason, key))
    told = {"kind": kind, "id": identifier, "keep": settlement.keep, "by": settlement.by}
    if json:
        print_json({**told, "held": settlement.held, "other": settlement.other})
        return
    out.print(f"{kind} {identifier}: {settlement.keep} is right, says {settlement.by}")


_COLUMNS = {
    "kind": pl.String(),
    "id": pl.String(),
    "held_file": pl.String(),
    "held_line": pl.Int64(),
    "file": pl.String(),
    "source": pl.String(),
    "line": pl.Int64(),
    "since": pl.String(),
    "keep": pl.String(),
    "settled_by": pl.String(),
    "reason": pl.String(),
}


def _rows(home: Home, kind: Kind | None, *, every: bool) -> list[dict[str, Any]]:
    """Return the conflicts asked for, one by one."""
    asked = [
        each
        for each in conflicts(home)
        if (kind is None or each.kind == kind) and (every or each.settlement is None)
    ]
    held = held_rows(home, asked)
    return [_row(each, held.get((each.kind, each.id), (None, None))) for each in asked]


def _row(one: Conflict, held: Row) -> dict[str, Any]:
    said = one.settlement
    return {
        "kind": str(one.kind),
        "id": one.id,
        "held_file": held[0],
        "held_line": held[1],
        "file": one.file,
        "source": one.source,
        "line": one.line,
        "since": one.since,
        "keep": None if said is None else str(said.keep),
        "settled_by": None if said is None else said.by,
        "reason": None if said is None else said.reason,
    }


def _differing(held: pl.DataFrame, other: pl.DataFrame) -> list[dict[str, Any]]:
    (one,), (two,) = held.rows(named=True), other.rows(named=True)
    names = [name for name in {**one, **two} if one.get(name) != two.get(name)]
    return [{"column": n, "held": _text(one.get(n)), "other": _text(two.get(n))} for n in names]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _place(file: str | None, line: int | None) -> str:
    return "" if file is None else f"{file[:_SHORT]}:{line}"
