"""`ingest`: files in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from routewarden.base.schema import Kind
from routewarden.cli.console import byte_progress, err, print_json, print_table, row_progress
from routewarden.cli.init import Json
from routewarden.cli.status import Status
from routewarden.sources.reject import Reject
from routewarden.store.home import Home, opened
from routewarden.store.profiles import profile_text
from routewarden.store.segments import Arrival, Segment, ingest, rejects_of, repair

_SHOWN = 10  # rejects of a file shown to a person; JSON has them all


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ingest")(ingest_files)


def ingest_files(  # noqa: PLR0913 - one argument an option
    context: typer.Context,
    kind: Annotated[Kind, typer.Argument(help="What the files hold.")],
    files: Annotated[
        list[Path],
        typer.Argument(exists=True, dir_okay=False, readable=True, help="Files, packed or not."),
    ],
    profile: Annotated[
        str | None,
        typer.Option("--profile", help="Whose dialect they are in: a profile's name or file."),
    ] = None,
    delivered: Annotated[
        datetime | None,
        typer.Option("--delivered", formats=["%Y-%m-%d"], help="When the firm received them."),
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Take files in: every row or message becomes a record, a duplicate, or a reject with a reason.

    Tables are CSV or Parquet in the columns of the data model; a profile says how a vendor's file
    becomes one (`profile try FILE` proposes one). FIX logs and CAT files need none. gzip, bzip2,
    Zstandard and ZIP are unpacked. A file that holds several kinds is ingested once for each.

    The raw bytes are kept under their digest. A file already held changes nothing. Of two rows with
    one id and other content the first known stays in force, and the other is a reject (conflict).

    State the date the firm received the files where it was not today (New York): executions known
    late are found by it.

    Exit status 3 says that something was rejected; the rest is in.
    """
    home_path: Path = context.obj
    received = None if delivered is None else delivered.date()
    dialect = None if profile is None else profile_text(home_path, profile, kind)
    taken: list[_Taken] = []
    try:
        with opened(home_path) as home:
            with byte_progress("rebuilding", 0) as rebuilding:
                repair(home, rebuilding)
            for path in files:
                segment = _take(home, Arrival(kind, path, received, dialect))
                # one by one: a failure keeps them
                taken.append(_Taken(path, segment, rejects_of(home, segment)))
    finally:  # what was taken before a failure is in, and is told
        if taken and json:
            print_json({"files": [_report(each) for each in taken]})
        elif taken:
            _print(taken)
    if any(each.rejects for each in taken):
        raise typer.Exit(Status.REJECTED)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A file that was taken in, and what of it was refused."""

    path: Path
    segment: Segment
    rejects: tuple[Reject, ...]


def _take(home: Home, arrival: Arrival) -> Segment:
    name, size = arrival.path.name, arrival.path.stat().st_size
    with (
        byte_progress(f"{name}: storing", size) as copied,
        byte_progress(f"{name}: reading", size) as read,
        row_progress(f"{name}: sorting") as written,
    ):
        return ingest(home, arrival, copied, read, written)


def _report(taken: _Taken) -> dict[str, Any]:
    return {
        "file": str(taken.path),
        "digest": taken.segment.digest,
        **_counts(taken.segment),
        "rejected": [
            {"line": r.line, "reason": r.reason, "column": r.column, "detail": r.detail}
            for r in taken.rejects
        ],
    }


def _counts(segment: Segment) -> dict[str, int]:
    return {
        "records": segment.records,
        "rejects": segment.rejects,
        "duplicates": segment.duplicates,
        "others": segment.others,
    }


def _print(taken: list[_Taken]) -> None:
    counted = ("records", "duplicates", "rejects", "others")
    shown = counted if any(each.segment.others for each in taken) else counted[:-1]
    print_table(
        "Ingested",
        ("file", *(f">{name}" for name in shown)),
        (
            (each.path.name, *(f"{_counts(each.segment)[name]:,}" for name in shown))
            for each in taken
        ),
    )
    for each in taken:
        for reject in each.rejects[:_SHOWN]:
            err.print(_sentence(each.path, reject))
        if hidden := each.rejects[_SHOWN:]:
            reasons = Counter(str(reject.reason) for reject in hidden)
            counts = ", ".join(f"{n:,} {reason}" for reason, n in reasons.most_common())
            err.print(f"{each.path}: and {counts} more; --json lists every one")


def _sentence(path: Path, reject: Reject) -> str:
    return f"{path}:{reject.line}: {reject.reason}: {reject.detail}"
