"""`demo`: a sample firm for a quarter, from raw files to its committee's review."""

from __future__ import annotations

import shutil
import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from routewarden.base.errors import RoutewardenError
from routewarden.base.period import parse_quarter
from routewarden.cli.console import out, print_json, step_progress
from routewarden.cli.init import Json
from routewarden.cli.review import review_folder, review_json, tell
from routewarden.runs.review.document import write_review
from routewarden.runs.sample import Sample, build
from routewarden.store.home import make_home, opened

SEED = 20251001
QUARTER = "2025Q4"
"""The sample quarter: two half days, two holidays and the end of daylight saving time."""
_SAMPLE = "sample"


class NotASampleError(RoutewardenError):
    """The home holds something else than a sample."""

    def __init__(self, root: Path) -> None:
        super().__init__(
            f"{root}: a home that no demo made; a sample firm does not belong in it. "
            "Name a new folder: `demo --home DIR`."
        )


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    context: typer.Context,
    home: Annotated[Path | None, typer.Option(help="Where to build it.")] = None,
    *,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Open the review in a browser.")
    ] = True,
    json: Json = False,
) -> None:
    """Build a sample firm for a quarter and review it: simulated market, router and customers.

    Everything goes the way your own files would: raw CSV in, measured executions, findings, and
    the committee's package out. Much is wrong with the sample on purpose. Running it again changes
    nothing.
    """
    given: Path = context.obj
    root = home or (given if given != Path("routewarden-data") else Path("routewarden-demo"))
    if not make_home(root) and not (root / _SAMPLE).is_dir():
        raise NotASampleError(root)
    (root / _SAMPLE).mkdir(exist_ok=True)
    quarter = parse_quarter(QUARTER)
    with step_progress("sample") as step:
        build(Sample(SEED, quarter), root, lambda what: step(what, 0, 1))
        step("writing the review", 0, 1)
        with opened(root) as firm:
            review = write_review(firm, quarter, review_folder(firm, quarter))
    if json:
        print_json({"home": str(root), "page": str(review.folder / "review.html"),
                    **review_json(review)})  # fmt: skip
    else:
        tell(review)
        _tell_next(root)
    if serve:
        webbrowser.open((review.folder / "review.html").as_uri())


def _tell_next(root: Path) -> None:
    out.print(f"\nRaw files: {root / _SAMPLE}. Measured results: {root / 'measured'}.")
    out.print("\nNext:")
    for line in (
        f"scorecard --quarter {QUARTER} --where symbol=NA",
        "findings --fail-on high",
        "export fills --out fills.csv",
        f"verify {root / 'reviews' / QUARTER}",
        f"profile try {root / _SAMPLE / 'dialects' / 'oms.csv'}",
    ):
        out.print(f"  {_program()} --home {root} {line}")


def _program() -> str:
    """Return how the program was called, shorter where the folder one is in allows."""
    called = Path(sys.argv[0])
    if called.is_relative_to(Path.cwd()):
        return str(called.relative_to(Path.cwd()))
    return called.name if shutil.which(called.name) else str(called)
