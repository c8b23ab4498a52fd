"""A package: the document in four renderings, and the manifest that names every byte of them.

The same document and the same date make the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path, PurePosixPath

from routewarden.base.canonical import Digest, sha256
from routewarden.evidence.document import Document, tables_of
from routewarden.evidence.manifest import (
    MalformedManifestError,
    Manifest,
    Output,
    Provenance,
    manifest_bytes,
    outputs_of,
    read_manifest,
)
from routewarden.evidence.sheet import snake_names
from routewarden.runs.drawing import draw_figures
from routewarden.runs.html import make_html
from routewarden.runs.paper import make_pdf
from routewarden.runs.tables import parquet
from routewarden.runs.workbook import make_workbook
from routewarden.store.durable import PART, make_folder, write_file

MANIFEST = "manifest.json"


class What(StrEnum):
    """What is wrong with a file of a package."""

    MISSING = "missing"
    ALTERED = "altered"
    STRANGE = "not in the manifest"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Fault:
    """A file of a package that is not as its manifest says."""

    name: str
    what: What
    detail: str = ""


def make_package(document: Document, provenance: Provenance, made: datetime) -> Mapping[str, bytes]:
    """Return the files of a package by name, made at `made` (UTC)."""
    charts = draw_figures(document)
    tables = tables_of(document)
    names = snake_names(table.name for table in tables)
    data = {
        f"tables/{name}.parquet": parquet(table) for name, table in zip(names, tables, strict=True)
    }
    inside = {MANIFEST: _manifest(document, provenance, data), **data}
    files = {
        "review.pdf": make_pdf(document, charts, inside, made),
        "review.xlsx": make_workbook(document, made),
        "review.html": make_html(document, charts).encode(),
        **data,
    }
    return {**files, MANIFEST: _manifest(document, provenance, files)}


def write_package(
    document: Document, provenance: Provenance, made: datetime, folder: Path
) -> Digest:
    """Make a package and write it into a folder; return the digest of its manifest."""
    files = make_package(document, provenance, made)
    place_package(files, folder)
    return sha256(files[MANIFEST])


def place_package(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files of a package into a folder.

    The manifest goes first and comes last, so a folder that has one has the rest. Files of a
    package written there before and not in this one are removed, and what a killed command left
    unfinished; files of others are left alone.
    """
    make_folder(folder / "tables")
    before = _listed(folder)
    (folder / MANIFEST).unlink(missing_ok=True)
    for name in sorted({output.name for output in before} - files.keys()):
        (folder / name).unlink(missing_ok=True)
    for part in (*folder.glob(f"{PART}*"), *(folder / "tables").glob(f"{PART}*")):
        part.unlink()
    for name, data in files.items():
        write_file(folder / name, data)


def check_package(folder: Path) -> tuple[Fault, ...]:
    """Return what in a folder is not as its manifest says: missing, altered or strange files."""
    path = folder / MANIFEST
    if not path.is_file():
        return (Fault(MANIFEST, What.MISSING),)
    try:
        manifest = read_manifest(path.read_bytes())
    except MalformedManifestError as error:
        return (Fault(MANIFEST, What.UNREADABLE, str(error)),)
    listed = {output.name: output for output in manifest.outputs if _inside(output.name)}
    present = {str(p.relative_to(folder).as_posix()) for p in folder.rglob("*") if not p.is_dir()}
    outside = [
        Fault(output.name, What.UNREADABLE, "its name leads out of the package")
        for output in manifest.outputs
        if not _inside(output.name)
    ]
    missing = [Fault(name, What.MISSING) for name in sorted(listed.keys() - present)]
    altered = [
        fault
        for name in sorted(listed.keys() & present)
        for fault in _altered(folder, listed[name])
    ]
    strange = [Fault(name, What.STRANGE) for name in sorted(present - listed.keys() - {MANIFEST})]
    return (*outside, *missing, *altered, *strange)


def _manifest(document: Document, provenance: Provenance, files: Mapping[str, bytes]) -> bytes:
    return manifest_bytes(
        Manifest(document.title, document.firm, document.period, provenance, outputs_of(files))
    )


def _altered(folder: Path, output: Output) -> list[Fault]:
    path = folder / output.name
    if not path.is_file():
        return [Fault(output.name, What.UNREADABLE, "it is not a file")]
    found = sha256(path.read_bytes())
    if found == output.sha256:
        return []
    return [Fault(output.name, What.ALTERED, f"sha256 is {found}, was {output.sha256}")]


def _listed(folder: Path) -> tuple[Output, ...]:
    """Return the files of the package that a folder holds already."""
    try:
        outputs = read_manifest((folder / MANIFEST).read_bytes()).outputs
    except (FileNotFoundError, MalformedManifestError):
        return ()
    return tuple(output for output in outputs if _inside(output.name))


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts
