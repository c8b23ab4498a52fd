"""A past run or review made again by another process, from the evidence alone, and compared.

The process has a home of its own that holds the log as it was read, the raw bytes and the settings
of then: everything else is made anew. Where the code is not the code of then, nothing is made
again: other code may well give other bytes, and rightly.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routewarden.base.canonical import Digest, sha256
from routewarden.base.errors import RoutewardenError
from routewarden.base.period import parse_quarter
from routewarden.ledger.entry import StoredEntry
from routewarden.ledger.envelope import Envelope, subject_of
from routewarden.runs.code import code_digest
from routewarden.runs.pipeline import run
from routewarden.runs.review.document import REVIEW, review_files
from routewarden.runs.statement import REVIEW_TYPE, installed, statement_of
from routewarden.store.durable import make_folder, write_file
from routewarden.store.home import Home, opened
from routewarden.store.results import RUN, SUMMED, Results
from routewarden.store.segments import repair
from routewarden.store.terms import named_keys
from routewarden.store.view import make_view

_KEPT = ("PATH", "HOME", "PYTHONPATH", "PYTHONHASHSEED", "TZ", "LC_ALL", "LANG", "TMPDIR")


class RerunError(RoutewardenError):
    """A run or review cannot be made again."""

    def __init__(self, what: object, why: object) -> None:
        super().__init__(
            f"{what}: {why}. `routewarden verify` checks the home; what was written then is "
            "served from the evidence with `rerun --out FOLDER` where the home kept it."
        )


@dataclass(frozen=True, slots=True)
class Rerun:
    """What came of making something again: its parts then, and now if it was made again.

    `code` is the digest of the code of then where it is not today's, `installed` what of the
    packages is another version now (then, now).
    """

    seq: int
    then: Mapping[str, str]
    now: Mapping[str, str] | None
    code: str | None
    installed: Mapping[str, tuple[str, str]]

    @property
    def differing(self) -> list[str]:
        """The names of the parts that are not the same now."""
        now = self.then if self.now is None else self.now
        return sorted(name for name, digest in self.then.items() if now.get(name) != digest)


def rerun(home: Home, what: str) -> Rerun:
    """Make a review (by quarter) or a run (by the number or id of its entry) again, and compare.

    Raises:
        RerunError: There is none, its statement is not signed, or it cannot be made again.
        NoStatementError: It comes without a statement.
    """
    entry = _entry(home, what)
    envelope = statement_of(home, entry)
    if envelope.signer(named_keys(home.log.entries())) is None:
        raise RerunError(what, "no key of the log signed its statement as it is")
    statement = envelope.statement
    made_with = statement["predicate"]
    then, code = subject_of(statement), made_with["code"]["sha256"]
    now = installed()
    other = {
        name: (version, now.get(name, "none"))
        for name, version in made_with["installed"].items()
        if now.get(name) != version
    }
    if code != code_digest():
        return Rerun(entry.seq, then, None, code, other)
    return Rerun(entry.seq, then, _made_again(home, envelope), None, other)


def stored(home: Home, again: Rerun, folder: Path) -> list[str]:
    """Write what was made then into a folder, as far as the home kept it; return what it kept."""
    kept = []
    for name, digest in again.then.items():
        path = home.blobs.path(Digest(digest))
        if path.is_file() and sha256(data := path.read_bytes()) == digest:
            make_folder((folder / name).parent)
            write_file(folder / name, data)
            kept.append(name)
    return sorted(kept)


def _entry(home: Home, what: str) -> StoredEntry:
    """Return the last entry of a run or review that is so named."""
    for entry in reversed(home.log.entries()):
        content = entry.content
        named = {content["subject"]} if content["type"] == REVIEW else set[str]()
        if content["type"] in {RUN, REVIEW} and what in {str(entry.seq), content["id"], *named}:
            return entry
    raise RerunError(what, "no run or review in this log is named so")


def _made_again(home: Home, envelope: Envelope) -> dict[str, str]:
    """Return the parts that another process makes of the evidence of then."""
    statement = envelope.statement
    predicate = statement["predicate"]
    with tempfile.TemporaryDirectory(prefix="routewarden-rerun-") as folder:
        view = Path(folder) / "home"
        size = int(predicate["log"]["size"])
        make_view(home, size, predicate["settings"], view)
        of = {"type": statement["predicateType"], "size": size}
        task = json.dumps({**predicate["parameters"], **of})
        asked = subprocess.run(  # noqa: S603 - this very program
            [sys.executable, "-m", "routewarden.runs.rerun", str(view), task],
            capture_output=True,
            check=False,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
        )
    if asked.returncode:
        why = asked.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise RerunError(statement["predicateType"], why)
    made: dict[str, str] = json.loads(asked.stdout)
    return made


def make(view: Path, task: Mapping[str, Any]) -> dict[str, str]:
    """Return the parts of a run or review by name and digest, made in a view of a home."""
    with opened(view) as home:
        repair(home, lambda _: None)
        done = run(home, None, None, lambda *_: None)
        if done.failed:
            raise RerunError(view, done.failed[0].why)
        if task["type"] == REVIEW_TYPE:
            files = review_files(home, parse_quarter(task["quarter"]), task["size"]).files
            return {name: sha256(data) for name, data in files.items()}
        results = Results(home.measured)
        parts = {str(day): str(results.manifest_digest(day)) for day in results.dates()}
        for span in SUMMED:
            of = results.of(span)
            parts |= {f"{span}/{day}": str(of.manifest_digest(day)) for day in of.dates()}
        return parts


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]), json.loads(sys.argv[2]))))  # noqa: T201 - its answer
