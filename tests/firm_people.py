"""A firm's people for tests: users with their tokens, who run commands at an instant."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from routewarden.cli.app import main

ROLES: Mapping[str, str] = {
    "Ada": "administrator",
    "Ann": "analyst",
    "Sue": "supervisor",
    "Carl": "compliance",
}


@dataclass(slots=True)
class Firm:
    """A home whose commands are run as somebody, by a clock of ours."""

    home: Path
    now: str
    tokens: dict[str, Path] = field(default_factory=dict)

    def run(self, *arguments: str | Path, by: str = "", status: int = 0) -> str:
        """Run a command as somebody, nobody by default; return what it printed."""
        shown = ["--token-file", str(self.tokens[by])] if by else []
        out, err, ended = io.StringIO(), io.StringIO(), 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                command = ["--home", str(self.home), *shown, *map(str, arguments)]
                main(command, lambda: datetime.fromisoformat(self.now).astimezone(UTC))
            except SystemExit as ending:
                ended = ending.code if isinstance(ending.code, int) else 0
        assert ended == status, (arguments, out.getvalue(), err.getvalue())
        return out.getvalue() if status == 0 else out.getvalue() + err.getvalue()

    def json(self, *arguments: str | Path, by: str = "") -> Any:  # noqa: ANN401 - any document
        """Run a command that prints one JSON document."""
        return json.loads(self.run(*arguments, "--json", by=by))

    def has(self, *names: str) -> None:
        """Make users of some names; the first is the administrator."""
        for name in names:
            by = "Ada" if self.tokens else ""
            token = self.run("user", "add", name, "--role", ROLES[name], by=by)
            path = self.home.parent / f"{name}.token"
            path.write_text(token)
            self.tokens[name] = path
