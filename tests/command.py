"""The command line, run as a person would run it, in this process."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routewarden.cli.app import main


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever document the command printed
        """The one JSON document on standard output."""
        return json.loads(self.out)


def routewarden(home: Path, *arguments: str | Path) -> Outcome:
    """Run a command on a home."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(["--home", str(home), *map(str, arguments)])
        except SystemExit as ending:
            status = ending.code if isinstance(ending.code, int) else 0
    return Outcome(status, out.getvalue(), err.getvalue())


def must(home: Path, *arguments: str | Path) -> Outcome:
    """Run a command that has to succeed."""
    outcome = routewarden(home, *arguments)
    assert outcome.status == 0, (arguments, outcome)
    return outcome
