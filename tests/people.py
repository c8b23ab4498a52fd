"""Users for tests: each with a token, at a clock that the test sets."""

from __future__ import annotations

import contextlib
import io
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from routewarden.cli.app import main
from tests.command import Outcome

NOBODY = ""


@dataclass(slots=True)
class People:
    """A home and its users; `at` is the instant every command takes it to be."""

    home: Path
    at: datetime = datetime(2026, 7, 10, 14, 0, tzinfo=UTC)
    tokens: dict[str, str] = field(default_factory=dict)

    def founded(self, **roles: str) -> People:
        """Make the first user, root, an administrator, and others: a name and its role each."""
        self.add("root", "administrator", by=NOBODY)
        for name, role in roles.items():
            self.add(name, role)
        return self

    def add(self, name: str, *roles: str, by: str = "root", more: tuple[str, ...] = ()) -> None:
        """Make a user."""
        given = [part for role in roles for part in ("--role", role)]
        added = self.must(by, "user", "add", name, *given, *more)
        self.tokens[name] = added.out.strip()

    def run(self, name: str, *arguments: str | Path) -> Outcome:
        """Run a command as somebody."""
        out, err, status = io.StringIO(), io.StringIO(), 0
        shown = {"ROUTEWARDEN_TOKEN": self.tokens.get(name, name)}
        with (
            patch.dict(os.environ, shown),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main(["--home", str(self.home), *map(str, arguments)], lambda: self.at)
            except SystemExit as ending:
                status = ending.code if isinstance(ending.code, int) else 0
        return Outcome(status, out.getvalue(), err.getvalue())

    def must(self, name: str, *arguments: str | Path) -> Outcome:
        """Run a command that has to succeed."""
        outcome = self.run(name, *arguments)
        assert outcome.status == 0, (name, arguments, outcome)
        return outcome
