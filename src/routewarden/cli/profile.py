"""`profile`: how a vendor's file says what the canonical tables say."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from routewarden.base.schema import CANONICAL, TABLES, Kind
from routewarden.base.time import start_of_date
from routewarden.cli.console import err, out, print_json, print_table
from routewarden.cli.init import Json
from routewarden.policy.calendar import us_equity_calendar
from routewarden.sources.csv_text import Buffer
from routewarden.sources.profile.guess import Guess, guess
from routewarden.sources.profile.parse import read_profile
from routewarden.sources.profile.reading import Given
from routewarden.sources.profile.trial import Trial, try_profile
from routewarden.sources.reject import Reject
from routewarden.sources.typed import Bounds
from routewarden.store.durable import write_file
from routewarden.store.expanded import expanded
from routewarden.store.profiles import profile_names, profile_text

_REJECTED = 3
_WIDTH = 40

_Out = Annotated[
    Path | None, typer.Option("--out", help="Where to write the profile; a file there goes.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(help="Profiles: how a vendor's files say things.", no_args_is_help=True)
    commands.command("try")(try_file)
    commands.command("list")(list_profiles)
    commands.command("show")(show_profile)
    app.add_typer(commands, name="profile")


def list_profiles(context: typer.Context, *, json: Json = False) -> None:
    """List the profiles there are: the home's own, and those that come with the program."""
    home_path: Path = context.obj
    names = profile_names(home_path)
    titles = {name: read_profile(profile_text(home_path, name)).title for name in names}
    if json:
        print_json({"profiles": [{"name": n, "title": t} for n, t in titles.items()]})
    else:
        print_table("Profiles", ("name", "title"), titles.items())


def show_profile(
    context: typer.Context, name: Annotated[str, typer.Argument(help="Its name, or a file.")]
) -> None:
    """Print a profile's text."""
    home_path: Path = context.obj
    out.print(profile_text(home_path, name), end="")


def try_file(  # noqa: PLR0913, PLR0917 - one argument an option
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    kind: Annotated[Kind | None, typer.Option("--kind", help="What the file holds.")] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="A profile's name or file; else one is guessed.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option("--zone", help="Of local times, such as America/New_York.")
    ] = None,
    target: _Out = None,
    *,
    json: Json = False,
) -> None:
    """Show what a profile makes of a file, before anything is taken in.

    Without a profile one is guessed from the columns' names and texts. What cannot be told is left
    out and said: correct the profile (`--out`) and try it again.

    Exit status 3 says that something would be rejected.
    """
    with expanded(file, Path(tempfile.gettempdir())) as opened:
        proposed = _proposed(context.obj, opened.data, (kind, zone), profile)
        text, found = proposed.profile_text, proposed.kind
        notes = [*proposed.notes, *([opened.fault] if opened.fault else [])]
        if target is not None and text:
            write_file(target.absolute(), text.encode())
        tried = _tried(proposed, opened.data, file.name)
    if json:
        told = {"notes": notes, "unsaid": proposed.unsaid, **_report(found, tried)}
        print_json({"file": str(file), "profile": text, **told})
    else:
        _print(proposed if profile is None else replace(proposed, profile_text=""), notes, tried)
    if tried is None or tried.refused or opened.fault:
        raise typer.Exit(_REJECTED)


def _proposed(
    home: Path, data: Buffer, known: tuple[Kind | None, str | None], name: str | None
) -> Guess:
    """Return a profile's text, the kind of file and what is in doubt."""
    kind, zone = known
    if name is None:
        return guess(data, kind, zone)
    text = profile_text(home, name)
    kinds = sorted({table.kind for table in read_profile(text).tables})
    if kind is None and len(kinds) != 1:
        raise _ManyKindsError(kinds)
    return Guess(kind or kinds[0], text, ())


class _ManyKindsError(typer.BadParameter):
    """A profile is about several kinds."""

    def __init__(self, kinds: list[Kind]) -> None:
        super().__init__(f"the profile is about {', '.join(kinds) or 'nothing'}; say --kind")


def _tried(proposed: Guess, data: Buffer, name: str) -> Trial | None:
    if proposed.kind not in CANONICAL:
        return None
    calendar = us_equity_calendar()
    edges = pl.DataFrame({"day": [calendar.first, calendar.last + timedelta(days=1)]})
    first, end = edges.select(start_of_date(pl.col("day"))).to_series()
    profile, given = read_profile(proposed.as_far_as_it_goes), Given(Bounds(first, end), name)
    return try_profile(TABLES[proposed.kind], data, profile, given, proposed.unsaid)


def _report(kind: Kind | None, tried: Trial | None) -> dict[str, Any]:
    if tried is None:
        return {"kind": kind, "records": None}
    return {
        "kind": kind,
        "records": tried.records,
        "others": tried.others,
        "columns": [
            {"column": c.column, "from": c.source, "before": c.before, "after": c.after}
            for c in tried.columns
        ],
        "kept_as_they_are": tried.extras,
        "rejected": [
            {"reason": r.reason, "count": r.count, "first": [_told(e) for e in r.examples]}
            for r in tried.refused
        ],
    }


def _told(reject: Reject) -> dict[str, Any]:
    return {"line": reject.line, "column": reject.column, "detail": reject.detail}


def _first(texts: tuple[str, ...]) -> str:
    """Return the first texts that fit in a column."""
    line = " | ".join(text for text in texts if text)
    return line if len(line) <= _WIDTH else line[:_WIDTH] + "…"


def _print(proposed: Guess, notes: list[str], tried: Trial | None) -> None:
    kind = proposed.kind
    if proposed.profile_text:
        out.print(proposed.profile_text)
    if tried is not None:
        print_table(
            f"{kind}: {tried.records:,} records",
            ("column", "from", "first", "becomes"),
            (
                (each.column, each.source, _first(each.before), _first(each.after))
                for each in tried.columns
            ),
        )
        if tried.extras:
            out.print(f"kept as they are: {', '.join(tried.extras)}")
        if tried.others:
            out.print(f"{tried.others:,} rows are no {kind}")
        for refused in tried.refused:
            err.print(f"{refused.count:,} would be rejected: {refused.reason}")
            for reject in refused.examples:
                err.print(f"  line {reject.line}: {reject.detail}")
    for note in notes:
        err.print(f"note: {note}")
