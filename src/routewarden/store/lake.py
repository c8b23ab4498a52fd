"""The lake: records as Parquet, one folder a file ingested, one file or more a trading date.

    lake/<kind>/<digest of the raw file>/<trading date>.parquet    (as `lakefile` says)

Prices and instants are 64-bit integers (10**-8, UTC ns), quantities too where they fit, fees exact
decimals; rows are sorted by symbol, time and sequence. A folder without its marker, which says what
is in it, is none; with it it is whole. It can be rebuilt from the raw file, so the lake is a
convenience and never the evidence.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from routewarden.base.canonical import Digest, canonical_json
from routewarden.base.schema import TABLES, Kind, Table
from routewarden.sources.table import no_records
from routewarden.store import durable
from routewarden.store.blobs import file_digest
from routewarden.store.columns import read_symbols
from routewarden.store.depot import Depot
from routewarden.store.lakefile import UNDATED, in_order, loaded, number_of, symbol_rows
from routewarden.store.staging import Written, write_dates

MARKER = "_segment.json"
STAGING = ".staging"
_ASKED_AT_ONCE = 8  # a bucket answers slowly, and many at a time


@dataclass(frozen=True, slots=True)
class Lake:
    """The lake in a depot, and the folder of this machine where files for it are prepared.

    `known` are the files by kind, where they are known not to change meanwhile.
    """

    depot: Depot
    staging: Path
    known: Mapping[Kind, tuple[str, ...]] | None = None

    def listed(self) -> Lake:
        """Return the lake as it is now: its files are not looked for again."""
        return replace(self, known={kind: tuple(self.files(kind)) for kind in Kind})

    def only(self, folders: Collection[str]) -> Lake:
        """Return the lake as if no other folder was in it."""
        among = {
            kind: tuple(name for name in self.files(kind) if _folder(name) in folders)
            for kind in Kind
        }
        return replace(self, known=among)

    def folder(self, kind: Kind, digest: Digest) -> str:
        """Return where in the depot the records of a raw file are, or would be."""
        return f"{kind}/{digest}"

    def whole(self) -> set[str]:
        """Return the folders that are published, every file of them."""
        names = set(self._names())
        folders = sorted({_folder(name) for name in names})
        with ThreadPoolExecutor(_ASKED_AT_ONCE) as pool:
            marked = zip(folders, pool.map(self._marked, folders), strict=True)
            return {
                folder
                for folder, files in marked
                if files is not None and names.issuperset(f"{folder}/{name}" for name in files)
            }

    def scratch(self) -> Path:
        """Return a folder for what lasts no longer than a command."""
        durable.make_folder(self.staging)
        return self.staging

    def stage(self, kind: Kind, frames: Iterable[pl.DataFrame], written: Written) -> Path:
        """Write records where no reader looks, flushed to the disk; return the folder."""
        folder, files = Path(tempfile.mkdtemp(dir=self.scratch())), {}
        try:
            for path, rows in write_dates(TABLES[kind], frames, folder, written):
                durable.sync_file(path)
                files[path.name] = {"sha256": file_digest(path), "rows": rows}
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        durable.write_file(folder / MARKER, canonical_json({"v": 1, "files": files}))
        return folder

    def publish(self, staged: Path, kind: Kind, digest: Digest) -> None:
        """Give staged records their place, and what is left of earlier ones there to nobody."""
        folder = self.folder(kind, digest)
        self.discard(folder)
        self.depot.publish(staged, folder, last=MARKER)

    def sweep(self, known: Collection[str]) -> None:
        """Remove what an interrupted command left behind, and folders the log knows nothing of."""
        shutil.rmtree(self.staging, ignore_errors=True)
        for folder in self.folders():
            if folder not in known:
                self.discard(folder)

    def folders(self) -> list[str]:
        """Return every folder; what is being staged, or was when cut short, is none."""
        return sorted({_folder(name) for name in self._names()})

    def discard(self, folder: str) -> None:
        """Remove what there is of a folder: from its first step on no reader sees it."""
        self.depot.remove(f"{folder}/{MARKER}")
        self.depot.remove(folder)

    def files(self, kind: Kind, day: date | None = None) -> list[str]:
        """Return the files with records of a kind, on one date or all, in the order of reading.

        Files of a folder without its marker are not there yet.
        """
        files = self._published(kind) if self.known is None else self.known[kind]
        return [name for name in files if day is None or number_of(name)[0] == str(day)]

    def _published(self, kind: Kind) -> list[str]:
        names = self.depot.names(kind)
        marked = {_folder(name) for name in names if name.endswith(f"/{MARKER}")}
        return in_order(
            name for name in names if name.endswith(".parquet") and _folder(name) in marked
        )

    def dates(self, kind: Kind) -> Mapping[date, tuple[Digest, ...]]:
        """Return, for each trading date with records of a kind, the raw files they came from."""
        found: dict[date, dict[Digest, None]] = {}
        for name in self.files(kind):
            if (day := number_of(name)[0]) != UNDATED:
                found.setdefault(date.fromisoformat(day), {})[_digest(name)] = None
        return {day: tuple(found[day]) for day in sorted(found)}

    def read(
        self, kind: Kind, *, day: date | None = None, symbols: Collection[str] | None = None
    ) -> pl.DataFrame:
        """Return records with `file` and `line`: of one date or all, of some symbols or all.

        Rows come file by file in the order of the files' digests, so not in that of ingestion.
        """
        if symbols is None:
            return self.read_where(kind, day, None)
        names = self.files(kind, day) if symbols else []
        at = [(name, self.depot.where(name)) for name in names]
        return _together(
            TABLES[kind],
            [(name, read_symbols(place, symbols, self.depot.options)) for name, place in at],
        )

    def read_where(self, kind: Kind, day: date | None, meant: pl.Expr | None) -> pl.DataFrame:
        """Return the records that are meant, of one date or all."""
        return self._read(TABLES[kind], self.files(kind, day), meant)

    def columns(self, kind: Kind, day: date, names: Sequence[str]) -> pl.DataFrame:
        """Return some columns of the records of a date, as they are stored."""
        frames = [self._rows(name, None, names) for name in self.files(kind, day)]
        return pl.concat([no_rows(TABLES[kind]).select(names), *frames])

    def raw_files(self, kind: Kind) -> list[Digest]:
        """Return the raw files with records of a kind."""
        return sorted({_digest(name) for name in self.files(kind)})

    def digests(self, kind: Kind, digest: Digest, day: date) -> str:
        """Return the digests of what is held of a raw file's records of a date."""
        files = sorted((self._marked(self.folder(kind, digest)) or {}).items())
        return " ".join(facts["sha256"] for name, facts in files if name.startswith(str(day)))

    def symbol_rows(self, kind: Kind, day: date) -> pl.DataFrame:
        """Return how many `rows` each `symbol` has on a date, file by file."""
        places = [self.depot.where(name) for name in self.files(kind, day)]
        counts = [symbol_rows(place, self.depot.options) for place in places]
        none = pl.DataFrame(schema={"symbol": pl.String, "rows": pl.Int64})
        return pl.concat([none, *counts])

    def identifiers(self, kind: Kind) -> pl.Series:
        """Return the identifiers of every record of a kind."""
        key = str(TABLES[kind].key)
        ids = [self._rows(name, None, [key])[key] for name in self.files(kind)]
        return pl.concat([pl.Series(key, [], dtype=pl.String), *ids])

    def find(self, kind: Kind, ids: Mapping[str, Collection[str]]) -> pl.DataFrame:
        """Return the records, of any date, one of whose identifiers is among some, by column."""
        asked = [pl.col(name).is_in(sorted(each)) for name, each in ids.items() if each]
        meant = pl.any_horizontal(pl.lit(value=False), *asked)
        return self._read(TABLES[kind], self.files(kind) if asked else [], meant)

    def shared(
        self, kind: Kind, key: str, ids: pl.Series, digests: Collection[Digest]
    ) -> pl.Series:
        """Return which of the ids records of some files have."""
        return self._sharing(self._of_files(kind, digests), ids.alias(key))[key].unique()

    def read_sharing(
        self, kind: Kind, key: str, ids: pl.Series, digests: Collection[Digest]
    ) -> pl.DataFrame:
        """Return the records of some files that have one of the ids."""
        names = self._of_files(kind, digests)
        shared = self._sharing(names, ids.alias(key))
        holding = set(shared["path"])
        holders = [name for name in names if self.depot.where(name) in holding]
        return self._read(TABLES[kind], holders, pl.col(key).is_in(shared[key].implode()))

    def damaged_files(self, folder: str) -> list[str]:
        """Return what is wrong with a folder, against its own marker."""
        files = self._marked(folder)
        if files is None:
            return [f"{self.depot.where(f'{folder}/{MARKER}')}: missing or unreadable"]
        names = {name.removeprefix(f"{folder}/") for name in self.depot.names(folder)} - {MARKER}
        strangers = sorted(names - set(files))
        wrong = [f"{self._where(folder, name)}: not part of the segment" for name in strangers]
        for name, facts in files.items():
            try:
                if self.depot.digest(f"{folder}/{name}") != facts["sha256"]:
                    wrong.append(f"{self._where(folder, name)}: the bytes changed")
            except (FileNotFoundError, IsADirectoryError):
                wrong.append(f"{self._where(folder, name)}: missing")
        return wrong

    def _where(self, folder: str, name: str) -> str:
        return self.depot.where(f"{folder}/{name}")

    def _names(self) -> list[str]:
        names = (name for name in self.depot.names() if not name.startswith(f"{STAGING}/"))
        return [name for name in names if name.count("/") > 1]

    def _of_files(self, kind: Kind, digests: Collection[Digest]) -> list[str]:
        return [name for name in self.files(kind) if _digest(name) in digests]

    def _marked(self, folder: str) -> dict[str, dict[str, Any]] | None:
        """Return what a folder's marker says it holds; None if it cannot be read."""
        try:
            files = json.loads(self.depot.read(f"{folder}/{MARKER}"))["files"]
            return files if all("sha256" in facts for facts in files.values()) else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def _read(
        self, table: Table, names: Sequence[str], meant: pl.Expr | None = None
    ) -> pl.DataFrame:
        return _together(table, [(name, self._rows(name, meant)) for name in names])

    def _rows(
        self, name: str, meant: pl.Expr | None, columns: Sequence[str] | None = None
    ) -> pl.DataFrame:
        path, options = self.depot.where(name), self.depot.options
        if meant is None:
            chosen = None if columns is None else list(columns)
            return pl.read_parquet(path, columns=chosen, glob=False, storage_options=options)
        return pl.scan_parquet(path, glob=False, storage_options=options).filter(meant).collect()

    def _sharing(self, names: Sequence[str], ids: pl.Series) -> pl.DataFrame:
        """Return the ids that files have of those given, and each one's `path`.

        Most files are passed over by their least and most, before anything is made of the ids.
        """
        key, paths = ids.name, [self.depot.where(name) for name in names]
        none = pl.DataFrame(schema={key: pl.String(), "path": pl.String()})
        if not paths or ids.is_empty():
            return none
        held = pl.scan_parquet(
            paths, glob=False, include_file_paths="path", missing_columns="insert",
            extra_columns="ignore", storage_options=self.depot.options,
        )  # fmt: skip
        between = pl.col(key).is_between(pl.lit(ids.min()), pl.lit(ids.max()))
        near = held.filter(between).select(key, "path")
        if near.head(1).collect().is_empty():
            return none
        return near.join(ids.to_frame().lazy(), on=key, how="semi").collect(engine="streaming")


def _together(table: Table, stored: Sequence[tuple[str, pl.DataFrame]]) -> pl.DataFrame:
    """Return the rows of some files, each with the raw file it came from."""
    frames = [loaded(table, rows).with_columns(file=pl.lit(_digest(name))) for name, rows in stored]
    return pl.concat([no_rows(table), *frames], how="diagonal")


@cache
def no_rows(table: Table) -> pl.DataFrame:
    """Return what the lake gives of a table when it holds nothing."""
    return no_records(table).drop("start", "end").with_columns(file=pl.lit(None, dtype=pl.String))


def _folder(name: str) -> str:
    """Return the folder of a published file."""
    return "/".join(name.split("/")[:2])


def _digest(name: str) -> Digest:
    """Return the raw file that a published file came from."""
    return Digest(name.split("/")[1])
