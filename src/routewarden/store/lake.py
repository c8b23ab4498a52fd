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
from routewarden.base.exact import to_decimal, to_scaled
from routewarden.base.schema import NUMBERS, TABLES, Kind, Table
from routewarden.base.time import trading_date
from routewarden.sources.table import no_records
from routewarden.store import durable
from routewarden.store.blobs import file_digest

MARKER = "_segment.json"
_UNDATED = "undated"
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

    def stage(self, kind: Kind, records: pl.DataFrame) -> Path:
        """Write records where no reader looks, flushed to the disk; return the folder."""
        staging = self.root / _STAGING
        durable.make_folder(staging)
        folder = Path(tempfile.mkdtemp(dir=staging))
        table = TABLES[kind]
        files = {}
        for day, rows in _by_date(table, records.drop("start", "end")):
            path = folder / f"{day or _UNDATED}.parquet"
            _stored(table, rows).write_parquet(path, compression="lz4", statistics=True)
            durable.sync_file(path)
            files[path.name] = {"sha256": file_digest(path), "rows": rows.height}
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
        self, kind: Kind, *, day: date | None = None, digests: Collection[Digest] | None = None
    ) -> pl.DataFrame:
        """Return records with `file` and `line`: of one trading date or all, of some files or all.

        Rows come file by file in the order of the files' digests, so not in that of ingestion.
        """
        name = "*" if day is None else str(day)
        paths = sorted(self.root.glob(f"{kind}/*/{name}.parquet"))
        if digests is not None:
            paths = [path for path in paths if path.parent.name in digests]
        return read_records(TABLES[kind], paths)

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


def read_records(table: Table, paths: Iterable[Path]) -> pl.DataFrame:
    """Return the records of some lake files, with `file` and `line`."""
    empty = no_records(table).drop("start", "end").with_columns(file=pl.lit(None, dtype=pl.String))
    frames = [
        _loaded(table, pl.read_parquet(path, glob=False)).with_columns(
            file=pl.lit(path.parent.name)
        )
        for path in paths
    ]
    return pl.concat([empty, *frames], how="diagonal")


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


def _by_date(table: Table, records: pl.DataFrame) -> list[tuple[date | None, pl.DataFrame]]:
    ordered = records.sort(*table.sorted_by, *_sequence(table), "line", nulls_last=False)
    if table.dated_by is None:
        return [(None, ordered)] if ordered.height else []
    dated = ordered.with_columns(day=trading_date(pl.col(table.dated_by)))
    parts = dated.partition_by("day", as_dict=True, include_key=False, maintain_order=True)
    return sorted((day, rows) for (day,), rows in parts.items())


def _sequence(table: Table) -> tuple[str, ...]:
    return ("seq",) if "seq" in table.names else ()


def _wide_columns(table: Table) -> dict[str, int]:
    """Columns that need 128 bits, and their decimals: stored as decimals any reader knows."""
    return {
        column.name: NUMBERS[column.type].scale
        for column in table.columns
        if column.dtype == pl.Int128
    }


def _stored(table: Table, records: pl.DataFrame) -> pl.DataFrame:
    wide = _wide_columns(table)
    return records.with_columns(
        to_decimal(pl.col(name), scale).alias(name) for name, scale in wide.items()
    )


def _loaded(table: Table, stored: pl.DataFrame) -> pl.DataFrame:
    wide = _wide_columns(table)
    return stored.with_columns(
        to_scaled(pl.col(name), scale).alias(name) for name, scale in wide.items()
    )
