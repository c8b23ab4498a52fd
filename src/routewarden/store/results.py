"""Measured results by trading date: `measured/<date>/<inputs>/` and a pointer to it.

The folder is named after the digest of what the result was computed from. The pointer is replaced
in one step, so a reader sees the old result or the new; the old folder goes afterwards.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from routewarden.base.canonical import Digest, canonical_json
from routewarden.base.errors import RoutewardenError
from routewarden.base.exact import to_decimal, to_scaled
from routewarden.ledger.entry import StoredEntry
from routewarden.store import durable
from routewarden.store.blobs import file_digest
from routewarden.store.segments import payloads

RUN = "run:finished"
"""The type of a run's entry in the log."""

_POINTER = "result.json"
_LAST_RUN = "last_run.json"

_EARLIER = "measured by an earlier version"


class NoResultError(RoutewardenError):
    """A date's result has not what is asked of it."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}; run `routewarden run`.")


@dataclass(frozen=True, slots=True)
class Results:
    """The measured results under a folder."""

    root: Path

    def dates(self) -> set[date]:
        """Return the trading dates with a result."""
        return {
            date.fromisoformat(path.parent.name)
            for path in self.root.glob(f"????-??-??/{_POINTER}")
        }

    def inputs(self, day: date) -> str | None:
        """Return the digest of the inputs of a date's result, if there is one, whole."""
        pointer = self._pointer(day)
        if pointer is None or not all(path.is_file() for path in self._paths(day, pointer)):
            return None
        return str(pointer["inputs"])

    def write(self, day: date, inputs: str, parts: Mapping[str, pl.DataFrame]) -> None:
        """Put a date's result in place of the one before."""
        folder = self.root / str(day)
        durable.make_folder(folder)
        staged = Path(tempfile.mkdtemp(dir=folder, prefix=durable.PART))
        files = {}
        for name, frame in parts.items():
            path = staged / f"{name}.parquet"
            _as_decimals(frame).write_parquet(path, compression="lz4")
            durable.sync_file(path)
            files[path.name] = {"sha256": file_digest(path), "rows": frame.height}
        durable.sync_folder(staged)
        target = folder / inputs
        shutil.rmtree(target, ignore_errors=True)
        staged.rename(target)
        pointer = {"v": 1, "date": str(day), "inputs": inputs, "files": files}
        durable.write_file(folder / _POINTER, canonical_json(pointer))
        for old in folder.iterdir():
            if old.is_dir() and old != target:
                shutil.rmtree(old)

    def read(self, day: date, part: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Return a part (fills, orders, routes, sweeps or findings) of a date, integers as before.

        All its columns, or some of them.

        Raises:
            NoResultError: It is not there, or not as this version writes it.
        """
        pointer = self._pointer(day)
        if pointer is None:
            raise NoResultError(self.root / str(day) / _POINTER, "missing or unreadable")
        path = self.root / str(day) / pointer["inputs"] / f"{part}.parquet"
        if path.name not in pointer["files"]:
            raise NoResultError(path, _EARLIER)
        chosen = None if columns is None else list(columns)
        try:
            return _as_integers(pl.read_parquet(path, columns=chosen, glob=False))
        except pl.exceptions.ColumnNotFoundError as error:
            raise NoResultError(path, _EARLIER) from error
        except FileNotFoundError as error:
            raise NoResultError(path, "missing") from error

    def note_run(self, size: int, basis: str) -> None:
        """Remember how much of the log the last run had seen, and what it went by."""
        durable.make_folder(self.root)
        seen = {"v": 1, "size": size, "basis": basis}
        durable.write_file(self.root / _LAST_RUN, canonical_json(seen))

    def seen(self) -> tuple[int, str]:
        """Return how much of the log the last run had seen, and what it went by."""
        try:
            value = json.loads((self.root / _LAST_RUN).read_bytes())
            return int(value["size"]), str(value["basis"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0, ""

    def manifest_digest(self, day: date) -> Digest | None:
        """Return the digest of a date's pointer, which holds those of its files."""
        pointer = self.root / str(day) / _POINTER
        return file_digest(pointer) if pointer.is_file() else None

    def vouched(self, entries: Iterable[StoredEntry]) -> dict[str, str]:
        """Return the digest of each date's pointer as the log last has it."""
        found: dict[str, str] = {}
        for payload in payloads(entries, {RUN}):
            results = payload.get("results")
            found |= results if isinstance(results, dict) else {}
        return found

    def damaged_files(self, day: date) -> list[str]:
        """Return what is wrong with a date's files."""
        pointer = self._pointer(day)
        if pointer is None:
            return [f"{self.root / str(day) / _POINTER}: missing or unreadable"]
        wrong = []
        for path in self._paths(day, pointer):
            if not path.is_file():
                wrong.append(f"{path}: missing")
            elif file_digest(path) != pointer["files"][path.name]["sha256"]:
                wrong.append(f"{path}: the bytes changed")
        return wrong

    def _paths(self, day: date, pointer: dict[str, Any]) -> list[Path]:
        folder = self.root / str(day) / pointer["inputs"]
        return [folder / name for name in pointer["files"]]

    def _pointer(self, day: date) -> dict[str, Any] | None:
        try:
            value: dict[str, Any] = json.loads((self.root / str(day) / _POINTER).read_bytes())
            stated = value["inputs"], [facts["sha256"] for facts in value["files"].values()]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return value if isinstance(stated[0], str) else None


def _as_decimals(frame: pl.DataFrame) -> pl.DataFrame:
    """Store 128-bit integers as whole decimals, which every Parquet reader knows."""
    wide = [name for name, dtype in frame.schema.items() if dtype == pl.Int128]
    return frame.with_columns(to_decimal(pl.col(name), 0).alias(name) for name in wide)


def _as_integers(frame: pl.DataFrame) -> pl.DataFrame:
    wide = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Decimal)]
    return frame.with_columns(to_scaled(pl.col(name), 0).alias(name) for name in wide)
