"""Homes made by earlier versions, as they were then, with what they exported."""

from __future__ import annotations

import csv
import io
import shutil
import tarfile
from pathlib import Path

from tests.integration.warm import warm

HOMES = Path(__file__).parents[1] / "fixtures" / "homes"
VERSIONS = ("96f5aa0", "3ad3046")
"""By commit, since none of them is a release: before columns were added; before the log was
published."""


def old_home(version: str, folder: Path) -> tuple[Path, str]:
    """Unpack a home; return where, and what it exported when it was made."""
    with tarfile.open(HOMES / f"{version}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder / "home", (folder / "fills-exported.csv").read_text()


def not_upgraded(version: str, folder: Path) -> str:
    """Bring a home up to date and use it; return what was not as it should be."""
    home, then = old_home(version, folder)
    out = folder / "now.csv"
    steps: tuple[tuple[str | Path, ...], ...] = (
        ("run",),
        ("verify",),
        ("export", "fills", "--out", out),
        ("key", "show"),
        ("rebuild",),
        ("verify",),
        ("backup", folder / "backup"),
    )
    for step in steps:
        outcome = warm(home, *step)
        if outcome.status != 0:
            return f"{step[0]}: {outcome}"
    shutil.rmtree(home / "lake")
    again = folder / "again.csv"
    warm(home, "run")
    warm(home, "export", "fills", "--out", again)
    if again.read_bytes() != out.read_bytes():
        return "the lake made anew exports other bytes"
    return _differences(then, out.read_text())


def _differences(then: str, now: str) -> str:
    """Return which columns of an earlier export are missing, or hold other text."""
    if then == now:
        return ""
    old, new = (list(csv.DictReader(io.StringIO(text))) for text in (then, now))
    if len(old) != len(new):
        return f"{len(new)} rows, and there were {len(old)}"
    return ", ".join(
        name for name in old[0] if [row[name] for row in old] != [row.get(name) for row in new]
    )
