"""`verify`: whether a home, or a review's package, is still what it was."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from routewarden.cli.console import byte_progress, err, out, print_json
from routewarden.cli.init import Json
from routewarden.runs.package import check_package
from routewarden.store.database import LogUnavailableError
from routewarden.store.home import opened
from routewarden.store.verify import ASSURANCE, Fault, Verification, verify

_REMEDY = "Write the package again with `review`, or take it from whoever has it whole."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify")(verify_what)


def verify_what(
    context: typer.Context,
    package: Annotated[
        Path | None,
        typer.Argument(exists=True, file_okay=False, help="A review's folder; else the home."),
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Check every stored byte of the home, or every file of a review's package, by its digest.

    Of a home the order of the log is checked too, against its hashes. Exit status 1 says that
    something is not as it was acknowledged; each fault names the file.
    """
    home_path: Path = context.obj
    result = _home(home_path) if package is None else _package(package)
    counts = {
        "entries": result.entries,
        "blobs": result.blobs,
        "lake_folders": result.lake_folders,
        "results": result.results,
    }
    if json:
        faults = [{"where": f.where, "what": f.what, "remedy": f.remedy} for f in result.faults]
        home_counts = counts if package is None else {}
        print_json({"ok": not faults, "assurance": ASSURANCE, **home_counts, "faults": faults})
    else:
        if package is None:
            out.print(", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in counts.items()))
        for fault in result.faults:
            where = "" if fault.what.startswith(fault.where) else f"{fault.where}: "
            err.print(f"{where}{fault.what}. {fault.remedy}")
        verdict = "nothing is as it should not be" if not result.faults else "FAILED"
        out.print(f"{verdict} ({ASSURANCE})")
    if result.faults:
        raise typer.Exit(1)


def _home(root: Path) -> Verification:
    try:
        with opened(root, only_to_read=True) as home:
            total = sum(home.blobs.path(digest).stat().st_size for digest in home.blobs.digests())
            with byte_progress("checking", total) as progress:
                return verify(home, progress)
    except LogUnavailableError as error:  # a log that cannot be read proves nothing
        lost = Fault("log", str(error), "Restore routewarden.sqlite from a copy.")
        return Verification(0, 0, 0, 0, (lost,))


def _package(folder: Path) -> Verification:
    faults = (
        Fault(fault.name, f"{fault.what} {fault.detail}".strip(), _REMEDY)
        for fault in check_package(folder)
    )
    return Verification(0, 0, 0, 0, tuple(faults))
