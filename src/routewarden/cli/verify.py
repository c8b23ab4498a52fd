"""`verify`: whether a home, or a review's package, is still what it was."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from routewarden.cli.console import byte_progress, err, out, print_json
from routewarden.cli.init import Json
from routewarden.cli.status import Status
from routewarden.ledger.archive import LOCAL
from routewarden.ledger.checkpoint import read_checkpoint
from routewarden.ledger.note import parse_key
from routewarden.ledger.outside import INTERNAL, Outside
from routewarden.ledger.pack import check_pack
from routewarden.ledger.proof import read_proof
from routewarden.ledger.tree import Head
from routewarden.runs.package import check_package
from routewarden.store.fault import Fault
from routewarden.store.home import opened
from routewarden.store.unavailable import UnreadableLogError
from routewarden.store.verify import Verification, verify

_REMEDY = "Write the package again with `review`, or take it from whoever has it whole."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify")(verify_what)


def verify_what(  # noqa: PLR0913 - each is an option of the command
    context: typer.Context,
    package: Annotated[
        Path | None,
        typer.Argument(exists=True, help="A review's folder, a proof, a pack; else the home."),
    ] = None,
    *,
    key: Annotated[
        list[str] | None,
        typer.Option(help="A key of the log, as known from elsewhere; else as the log names it."),
    ] = None,
    witness: Annotated[
        list[str] | None,
        typer.Option(help="A witness's key, as known from elsewhere; else as the home names it."),
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="A checkpoint kept elsewhere."),
    ] = None,
    json: Json = False,
) -> None:
    """Check every stored byte of the home, a review's package, or a file written as evidence.

    Of a home the log is checked too: table, published files and every head ever signed. Exit
    status 1 says that something is not as it was acknowledged; each fault names the file.
    """
    home_path: Path = context.obj
    outside = Outside(
        tuple(map(parse_key, key or ())),
        tuple(map(parse_key, witness or ())),
        tuple(_head_in(path) for path in checkpoint or ()),
    )
    if package is not None and package.is_file():
        _file(package, outside, as_json=json)
        return
    result = _home(home_path, outside) if package is None else _package(package)
    if json:
        _print(result, of_home=package is None)
    else:
        _say(result, of_home=package is None)
    if result.faults:
        raise typer.Exit(Status.NO)


def _counts(result: Verification) -> dict[str, int]:
    return {
        "entries": result.entries,
        "blobs": result.blobs,
        "lake_folders": result.lake_folders,
        "results": result.results,
    }


def _print(result: Verification, *, of_home: bool) -> None:
    """Print what was found as JSON."""
    faults = [{"where": f.where, "what": f.what, "remedy": f.remedy} for f in result.faults]
    back = [{"entry": b.seq, "before": b.before, "at": b.at} for b in result.set_back]
    counts = {**_counts(result), "clock_set_back": back} if of_home else {}
    print_json({"ok": not faults, "assurance": result.assurance, **counts, "faults": faults})


def _say(result: Verification, *, of_home: bool) -> None:
    """Say what was found."""
    if of_home:
        counts = _counts(result).items()
        out.print(", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in counts))
    for fault in result.faults:
        where = "" if fault.what.startswith(fault.where) else f"{fault.where}: "
        err.print(f"{where}{fault.what}. {fault.remedy}")
    for back in result.set_back[:1]:
        err.print(
            f"the clock went back at {len(result.set_back):,} entries, first at event {back.seq}, "
            f"from {back.before} to {back.at}; the order of record is the log's"
        )
    verdict = "FAILED" if result.faults else "nothing is as it should not be"
    out.print(f"{verdict} ({result.assurance})")


def _head_in(path: Path) -> Head:
    return read_checkpoint(path.read_bytes())[0].head


def _home(root: Path, outside: Outside) -> Verification:
    try:
        with opened(root, only_to_read=True) as home:
            total = sum(home.blobs.path(digest).stat().st_size for digest in home.blobs.digests())
            with byte_progress("checking", total) as progress:
                return verify(home, progress, outside)
    except UnreadableLogError as error:  # a log that cannot be read proves nothing
        lost = Fault("log", str(error), "Restore routewarden.sqlite from a copy.")
        return Verification(0, 0, 0, 0, (lost,))


def _package(folder: Path) -> Verification:
    faults = (
        Fault(fault.name, f"{fault.what} {fault.detail}".strip(), _REMEDY)
        for fault in check_package(folder)
    )
    return Verification(0, 0, 0, 0, tuple(faults))


def _file(path: Path, outside: Outside, *, as_json: bool) -> None:
    """Check a file that was written as evidence: a pack, or the proof of a record."""
    data = path.read_bytes()
    if data.startswith(LOCAL[:2]) or path.suffix == ".zip":
        pack = check_pack(data, outside)
        wrong = [(each.where, each.what) for each in pack.wrong]
        shown, said = pack.about, pack.said
        told: dict[str, object] = {"members": pack.members}
    else:
        proof = read_proof(data)
        found = proof.check(outside)
        wrong, said = [(str(path), what) for what in found.faults], found.text
        record = proof.proof.record.decode("utf-8", "replace")
        shown, told = "", {"record": record}
        if not wrong:
            where = f"bytes {proof.proof.start:,} to {proof.proof.end:,} of {proof.came}"
            shown = f"{where}:\n{record.rstrip()}"
    if as_json:
        faults = [{"where": where, "what": what, "remedy": ""} for where, what in wrong]
        print_json({"ok": not faults, "assurance": said, **told, "faults": faults})
    else:
        for where, what in wrong:
            err.print(f"{where}: {what}")
        if shown:
            out.print(shown)
        verdict = "FAILED" if wrong else "nothing is as it should not be"
        out.print(f"{verdict} ({said or INTERNAL})")
    if wrong:
        raise typer.Exit(1)
