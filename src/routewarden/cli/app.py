"""The command line: `routewarden --home DIR COMMAND`.

What its exit status means: `status.py`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from routewarden import __version__
from routewarden.base.errors import RoutewardenError
from routewarden.cli import (
    backup,
    case,
    committee,
    conflicts,
    data,
    demo,
    due,
    evidence,
    init,
    judged,
    key,
    page,
    person,
    policy,
    profile,
    prove,
    rebuild,
    remedy,
    rerun,
    results,
    retention,
    review,
    router,
    scorecard,
    scrub,
    sla,
    stamp,
    user,
    vendor,
    verify,
    witness,
    wsp,
)
from routewarden.cli.console import err
from routewarden.cli.rights import guard
from routewarden.cli.status import Status, status_of
from routewarden.store.durable import no_space
from routewarden.store.session import Clock, Session, show, system_clock, using
from routewarden.store.unavailable import NoSpaceError

_HELP = """\
Oversee a smart order router that somebody else runs.

Routewarden turns a firm's orders, routes and fills, and the market's quotes, into evidence of
execution quality: exact, traceable to the line of the file each number came from.

Start with `routewarden demo`. With your own files:

  routewarden --home firm init

  routewarden --home firm ingest orders orders-2026-07-01.csv

  routewarden --home firm run

  routewarden --home firm scorecard --by symbol
"""

app = typer.Typer(
    name="routewarden",
    help=_HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _tell_version(asked: bool) -> None:  # noqa: FBT001 - the shape typer calls
    if asked:
        typer.echo(f"routewarden {__version__}")
        raise typer.Exit


@app.callback()
def _globals(
    context: typer.Context,
    home: Annotated[
        Path, typer.Option(envvar="ROUTEWARDEN_HOME", help="The firm's data directory.")
    ] = Path("routewarden-data"),
    token_file: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="The file of your token; else ROUTEWARDEN_TOKEN in the environment has it.",
        ),
    ] = None,
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    context.obj = home
    given = os.environ.get("ROUTEWARDEN_TOKEN", "")
    show((given if token_file is None else token_file.read_text()).strip())


init.register(app)
data.register(app)
profile.register(app)
verify.register(app)
prove.register(app)
witness.register(app)
key.register(app)
person.register(app)
user.register(app)
rebuild.register(app)
backup.register(app)
scrub.register(app)
retention.register(app)
stamp.register(app)
results.register(app)
scorecard.register(app)
judged.register(app)
review.register(app)
rerun.register(app)
evidence.register(app)
page.register(app)
policy.register(app)
conflicts.register(app)
case.register(app)
wsp.register(app)
router.register(app)
due.register(app)
vendor.register(app)
sla.register(app)
committee.register(app)
remedy.register(app)
demo.register(app)
guard(app)


def main(arguments: Sequence[str] | None = None, clock: Clock = system_clock) -> None:
    """Run the command line; every failure a person can act on is one sentence, not a trace.

    Args:
        arguments: What follows the program's name; the process's own if None.
        clock: The clock that acts are dated by.
    """
    try:
        with using(Session(clock)):
            app(arguments)
    except Exception as error:  # noqa: BLE001 - the last resort: a sentence, never status 1
        _tell(error)
        sys.exit(status_of(error))
    except SystemExit as ending:
        if ending.code == Status.INTERRUPTED:
            err.print("interrupted: nothing is half in, and the next command goes on from here")
            leave(Status.INTERRUPTED)
        raise


def _tell(error: Exception) -> None:
    """Say in one sentence why a command failed."""
    if isinstance(error, RoutewardenError):
        err.print(f"error: {error}", style="red")
    elif no_space(error):
        err.print(f"error: {NoSpaceError(error)}", style="red")
    elif isinstance(error, OSError):
        err.print(f"error: {error}", style="red")
    else:
        kind = f"{type(error).__module__}.{type(error).__name__}"
        err.print(f"error: {kind}: {error}", style="red")
        err.print("This should have been said better. `routewarden verify` checks the home.")


def leave(status: int) -> NoReturn:
    """End the process now: an interrupt may have left a thread waiting for what never comes.

    Whatever is in the home is whole at any moment, so nothing needs to be put in order.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
