"""Row 25: what the program is built from, and what must not be in it.

Each package of the locks is a trial: pinned, with hashes, and installed in just that version. So is
each file of the program that a check of known bad habits looks at, and each file of the repository
that is searched for secrets. Advisories are not fetched: a snapshot of OSV records is given by path
(`ROUTEWARDEN_ADVISORIES`, a folder or a zip), and without one the row says so.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tests.matrix.row import Outcome, Volume, tell

TITLE = "code and supply chain"
LEAST = 400

ROOT = Path(__file__).parents[2]
LOCKS = ("run.txt", "dev.txt")
_ITS_OWN = {"routewarden", "pip", "setuptools", "wheel"}
_HABITS = "S,BLE"
_GRAVE = ("CRITICAL", "HIGH")
_SECRETS = {
    "a private key": re.compile(rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{32}"),
    "an AWS key": re.compile(rb"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a token": re.compile(rb"\b(?:ghp|gho|ghs|glpat|xox[abp])[-_][A-Za-z0-9]{20,}"),
    "a password in an address": re.compile(
        rb"\b[a-z]+://[^\s:/@'\"{}]+:(?!secret|hunter2)[^\s:/@'\"{}$<]{6,}@"
    ),
}


@dataclass(frozen=True, slots=True)
class Pinned:
    """A package of a lock: its version, how many hashes, and whether it is for this machine."""

    name: str
    version: str
    hashes: int
    here: bool


def trials(volume: Volume) -> Outcome:
    """Check the locks, what is installed, the code and the repository."""
    pinned = {each.name: each for lock in LOCKS for each in read_lock(ROOT / "requirements" / lock)}
    installed: dict[str, str] = {
        canonicalize_name(str(each.metadata["Name"])): each.version for each in distributions()
    }
    files = tracked()
    known, snapshot = advisories(pinned.values())
    wrong = {
        **dict(_lock_faults(pinned, installed)),
        **{f"{name} (advisory)": why for name, why in known.items()},
        **dict(_habits()),
        **{str(path): f"holds {what}" for path, what in secrets_in(files)},
    }
    for case, why in wrong.items():
        tell(25, volume, case, why)
    count = len(pinned) + len(files)
    figure = (
        f"{len(pinned)} packages pinned by hash, the installed set the same; {len(files)} files "
        f"without a secret, 0 of {_HABITS} in src; {snapshot}"
    )
    return Outcome(count, count - len(wrong), figure)


def read_lock(path: Path) -> Iterator[Pinned]:
    """Yield the packages of a lock."""
    whole = path.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in whole.splitlines():
        stated, *hashes = line.split("--hash=")
        if not stated.strip() or stated.startswith("#"):
            continue
        asked = Requirement(stated)
        (only,) = asked.specifier
        here = asked.marker is None or asked.marker.evaluate()
        exact = only.version if only.operator == "==" else ""
        yield Pinned(canonicalize_name(asked.name), exact, len(hashes), here)


def _lock_faults(
    pinned: Mapping[str, Pinned], installed: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield what is not pinned by version and hash, or not installed so, or installed besides."""
    for name, each in pinned.items():
        if not each.version or not each.hashes:
            yield name, "is not pinned to a version with hashes"
        elif each.here and installed.get(name) != each.version:
            yield name, f"locked at {each.version}, installed {installed.get(name)}"
    for name in sorted(installed.keys() - pinned.keys() - _ITS_OWN):
        yield name, f"installed ({installed[name]}) and in no lock"


def _habits() -> Iterator[tuple[str, str]]:
    """Yield what ruff says of insecure and blind code in the program."""
    asked = subprocess.run(  # noqa: S603 - our own checker
        [sys.executable, "-m", "ruff", "check", "--select", _HABITS, "--output-format", "json",
         str(ROOT / "src")],
        capture_output=True, check=False,
    )  # fmt: skip
    for found in json.loads(asked.stdout):
        yield f"{found['filename']}:{found['location']['row']}", found["message"]


def tracked() -> list[Path]:
    """Return the files of the repository."""
    asked = subprocess.run(  # noqa: S603 - git, on our own folder
        ["git", "-C", str(ROOT), "ls-files", "-z"],  # noqa: S607 - whichever git there is
        capture_output=True,
        check=True,
    )
    paths = (ROOT / os.fsdecode(name) for name in asked.stdout.split(b"\0") if name)
    return [path for path in paths if path.is_file()]


def secrets_in(files: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Yield the files that hold something like a secret."""
    for path in files:
        data = path.read_bytes()
        for what, pattern in _SECRETS.items():
            if pattern.search(data):
                yield path, what


def advisories(pinned: Iterable[Pinned]) -> tuple[dict[str, str], str]:
    """Return the grave advisories against some packages, and what was looked at."""
    place = os.environ.get("ROUTEWARDEN_ADVISORIES")
    if place is None:
        return {}, "no advisory snapshot was given (ROUTEWARDEN_ADVISORIES)"
    records, newest = list(_records(Path(place))), ""
    found: dict[str, str] = {}
    held = {each.name: each.version for each in pinned}
    for record in records:
        newest = max(newest, str(record.get("modified", "")))
        for affected in record.get("affected", ()):
            name = canonicalize_name(str(affected.get("package", {}).get("name", "")))
            if name in held and is_affected(held[name], affected) and _is_grave(record):
                found[name] = str(record.get("id"))
    return found, f"{len(records)} advisories up to {newest[:10] or 'no date'}"


def _records(place: Path) -> Iterator[dict[str, Any]]:
    if place.is_dir():
        for path in sorted(place.rglob("*.json")):
            yield json.loads(path.read_bytes())
        return
    with zipfile.ZipFile(place) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".json"):
                yield json.loads(archive.read(name))


def _is_grave(record: Mapping[str, Any]) -> bool:
    """Return whether an advisory is high or critical; one that does not say is taken for grave."""
    said = record.get("database_specific", {}).get("severity")
    return said is None or str(said).upper() in _GRAVE


def is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    """Return whether a version is among those an OSV record names, by list or by range."""
    if version in affected.get("versions", ()):
        return True
    return any(
        _in_range(Version(version), each.get("events", ()))
        for each in affected.get("ranges", ())
        if each.get("type") == "ECOSYSTEM"
    )


def _in_range(version: Version, events: Iterable[Mapping[str, str]]) -> bool:
    inside = False
    for event in events:
        for kind, stated in event.items():
            try:
                at = Version("0" if stated == "0" else stated)
            except InvalidVersion:
                continue
            if kind == "introduced" and version >= at:
                inside = True
            elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
                inside = False
    return inside
