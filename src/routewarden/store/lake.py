"""The lake: records as Parquet, one folder a file ingested, one file a trading date.

    lake/<kind>/<digest of the raw file>/<trading date>.parquet    (`undated` for reference data)

Prices and instants are 64-bit integers (10**-8, UTC ns), quantities and fees exact decimals; rows
are sorted by symbol, time and sequence. A folder appears whole, by one rename, or not at all, and
can be rebuilt from the raw file, so the lake is a convenience and never the evidence.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from routewarden.base.canonical import Digest, canonical_json
from routewarden.base.exact import to_scaled
from routewarden.base.schema import TABLES, Kind, Table
from routewarden.sources.table import no_records
from routewarden.store import durable
from routewarden.store.blobs import file_digest
from routewarden.store.staging import wide_columns, write_dates

MARKER = "_segment.json"
_STAGING = ".staging"


@dataclass(frozen=True, slots=True)
class Lake:
    """The lake under a folder."""

    root: Path

    def folder(self, kind: Kind, digest: Digest) -> Path:
        """Return where the records of a raw file are, or would be."""
        return self.root / kind / digest

    def has(self, kind: Kind, digest: Digest) -> bool:
        """Return whether the records of a raw file are published, every file of them."""
        folder = self.folder(kind, digest)
        files = _marked(folder)
        return files is not None and all((folder / name).is_file() for name in files)

    def scratch(self) -> Path:
        """Return a folder for what lasts no longer than a command."""
        staging = self.root / _STAGING
        durable.make_folder(staging)
        return staging

    def stage(self, kind: Kind, frames: Iterable[pl.DataFrame]) -> Path:
        """Write records where no reader looks, flushed to the disk; return the folder."""
        folder = Path(tempfile.mkdtemp(dir=self.scratch()))
        files = {}
        for path, rows in write_dates(TABLES[kind], frames, folder):
            durable.sync_file(path)
            files[path.name] = {"sha256": file_digest(path), "rows": rows}
        durable.write_file(folder / MARKER, canonical_json({"v": 1, "files": files}))
        return folder

    def publish(self, staged: Path, kind: Kind, digest: Digest) -> None:
        """Give staged records their place."""
        target = self.folder(kind, digest)
        durable.make_folder(target.parent)
        os.rename(staged, target)  # noqa: PTH104 - one atomic step, never onto what exists
        durable.sync_folder(target.parent)

    def sweep(self, known: Collection[Path]) -> None:
        """Remove what an interrupted command left behind, and folders the log knows nothing of."""
        shutil.rmtree(self.root / _STAGING, ignore_errors=True)
        for folder in self.folders():
            if folder not in known:
                shutil.rmtree(folder)

    def folders(self) -> list[Path]:
        """Return every published folder; what is being staged, or was when cut short, is none."""
        published = (path for path in self.root.glob("*/*") if path.parent.name != _STAGING)
        return sorted(path for path in published if path.is_dir())

    def discard(self, kind: Kind, digest: Digest) -> None:
        """Remove what is left of a folder, so that it can be published anew."""
        shutil.rmtree(self.folder(kind, digest), ignore_errors=True)

    def dates(self, kind: Kind) -> Mapping[date, tuple[Digest, ...]]:
        """Return, for each trading date with records of a kind, the raw files they came from."""
        found: dict[date, list[Digest]] = {}
        for path in sorted(self.root.glob(f"{kind}/*/????-??-??.parquet")):
            found.setdefault(date.fromisoformat(path.stem), []).append(Digest(path.parent.name))
        return {day: tuple(digests) for day, digests in found.items()}

    def read(
        self, kind: Kind, *, day: date | None = None, symbols: Collection[str] | None = None
    ) -> pl.DataFrame:
        """Return records with `file` and `line`: of one date or all, of some symbols or all.

        Rows come file by file in the order of the files' digests, so not in that of ingestion.
        """
        name = "*" if day is None else str(day)
        return read_records(
            TABLES[kind], sorted(self.root.glob(f"{kind}/*/{name}.parquet")), symbols
        )

    def read_sharing(
        self, kind: Kind, key: str, ids: pl.Series, digests: Collection[Digest]
    ) -> pl.DataFrame:
        """Return the records of some files that have one of the ids."""
        table, wanted = TABLES[kind], pl.DataFrame({key: ids.unique()})
        paths = [
            p for p in sorted(self.root.glob(f"{kind}/*/*.parquet")) if p.parent.name in digests
        ]
        shared = _sharing(paths, key, wanted)
        return read_records(table, shared).join(wanted, on=key, how="semi", maintain_order="left")


def _sharing(paths: list[Path], key: str, wanted: pl.DataFrame) -> list[Path]:
    """Return the files that have one of the ids; most are passed over by their least and most."""
    if not paths or not wanted.height:
        return []
    least, most = wanted.select(pl.col(key).min().alias("least"), pl.col(key).max()).row(0)
    ids = pl.scan_parquet(
        paths, glob=False, include_file_paths="path", missing_columns="insert",
        extra_columns="ignore",
    ).filter(pl.col(key).is_between(pl.lit(least), pl.lit(most)))  # fmt: skip
    found = ids.select(key, "path").join(wanted.lazy(), on=key, how="semi").select("path").unique()
    names = set(found.collect()["path"])
    return [path for path in paths if str(path) in names]


def read_records(
    table: Table, paths: Iterable[Path], symbols: Collection[str] | None = None
) -> pl.DataFrame:
    """Return the records of some lake files, with `file` and `line`: all, or of some symbols."""
    empty = no_records(table).drop("start", "end").with_columns(file=pl.lit(None, dtype=pl.String))
    frames = [
        _loaded(table, _rows(path, symbols)).with_columns(file=pl.lit(path.parent.name))
        for path in paths
    ]
    return pl.concat([empty, *frames], how="diagonal")


def _rows(path: Path, symbols: Collection[str] | None) -> pl.DataFrame:
    if symbols is None:
        return pl.read_parquet(path, glob=False)
    wanted = pl.col("symbol").is_in(sorted(symbols))
    return pl.scan_parquet(path, glob=False).filter(wanted).collect()


def damaged_files(folder: Path) -> list[str]:
    """Return what is wrong with a published folder, against its own marker."""
    files = _marked(folder)
    if files is None:
        return [f"{folder / MARKER}: missing or unreadable"]
    names = {path.name for path in folder.iterdir()} - {MARKER}
    wrong = [f"{folder / name}: not part of the segment" for name in sorted(names - set(files))]
    for name, facts in files.items():
        path = folder / name
        if not path.is_file():
            wrong.append(f"{path}: missing")
        elif file_digest(path) != facts["sha256"]:
            wrong.append(f"{path}: the bytes changed")
    return wrong


def _marked(folder: Path) -> dict[str, dict[str, Any]] | None:
    """Return what a folder's marker says it holds; None if it cannot be read."""
    try:
        files: dict[str, dict[str, Any]] = json.loads((folder / MARKER).read_bytes())["files"]
        return files if all("sha256" in facts for facts in files.values()) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _loaded(table: Table, stored: pl.DataFrame) -> pl.DataFrame:
    wide = wide_columns(table)
    return stored.with_columns(
        to_scaled(pl.col(name), scale).alias(name) for name, scale in wide.items()
    )
