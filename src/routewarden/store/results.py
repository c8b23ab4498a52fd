"""Measured results by trading date: `measured/<date>/<inputs>/` and a pointer to what is in force.

The folder is named after the digest of what the result was computed from. Parts are written there
by whoever computed them, one file or several (`fills.parquet`, or `fills-0001.parquet`, …), and
nobody reads them until the pointer names them. It is replaced in one step, so a reader sees the
old result or the new; what it does not name goes afterwards.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from routewarden.base.canonical import Digest, canonical_json, sha256
from routewarden.base.errors import RoutewardenError
from routewarden.base.exact import to_decimal, to_scaled
from routewarden.ledger.entry import StoredEntry, payloads
from routewarden.store.depot import Depot

RUN = "run:finished"
"""The type of a run's entry in the log."""

SUMMED = ("months", "quarters")
"""The spans whose dates are added up, the shorter first."""

_POINTER = "result.json"
_LAST_RUN = "last_run.json"

_EARLIER = "measured by an earlier version"
_SPAN = 65_536  # rows that are read together: fewer, and a reader looks at more of the footer


class NoResultError(RoutewardenError):
    """A date's result has not what is asked of it."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}; run `routewarden run`.")


@dataclass(frozen=True, slots=True)
class Written:
    """A file of a result, as the pointer will name it."""

    file: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Results:
    """The measured results in a depot.

    `spans` are the parts of which a few rows are looked up: they are written so that the rest need
    not be read.
    """

    depot: Depot
    spans: frozenset[str] = frozenset()

    def of(self, span: str) -> Results:
        """What the dates of each of some spans (SUMMED) come to, under the span's first day."""
        return Results(self.depot.within(span), self.spans)

    def dates(self) -> set[date]:
        """Return the trading dates with a result."""
        return {
            date.fromisoformat(day)
            for day, *rest in (name.split("/") for name in self.depot.names())
            if rest == [_POINTER]
        }

    def inputs(self, day: date) -> str | None:
        """Return the digest of the inputs of a date's result, if there is one, whole."""
        pointer = self._pointer(day)
        if pointer is None or not set(_files(day, pointer)) <= set(self.depot.names(str(day))):
            return None
        return str(pointer["inputs"])

    def put(
        self, day: date, inputs: str, number: int, parts: Mapping[str, pl.DataFrame]
    ) -> tuple[Written, ...]:
        """Write one of several files of some parts, where no reader looks before it is committed.

        The first, of number 0, has no number in its name. Workers may call it side by side, and
        again after one was lost: the same frame gives the same bytes.
        """
        files = {_file(name, number): self._bytes(name, frame) for name, frame in parts.items()}
        self.depot.put_all({f"{day}/{inputs}/{file}": data for file, data in files.items()})
        return tuple(
            Written(file, sha256(data), frame.height)
            for (file, data), frame in zip(files.items(), parts.values(), strict=True)
        )

    def laid(self, day: date, inputs: str, name: str, number: int) -> pl.DataFrame:
        """Return what was put as `laid_<name>`, which no result has: what work begins from."""
        return self._read(f"{day}/{inputs}/{_file(f'laid_{name}', number)}", None)

    def commit(
        self,
        day: date,
        inputs: str,
        written: Iterable[Written],
        fence: AbstractContextManager[None] | None = None,
    ) -> None:
        """Make the files written a date's result, in one step, in place of the one before.

        What is in force already is not written again. `fence` is held meanwhile, and refuses who
        may not commit any more.
        """
        files = {each.file: {"sha256": each.sha256, "rows": each.rows} for each in written}
        pointer = {"v": 1, "date": str(day), "inputs": inputs, "files": files}
        with fence or nullcontext():
            if self.manifest_digest(day) != sha256(canonical_json(pointer)):
                self.depot.put(_pointer_name(day), canonical_json(pointer))
            self._sweep(day, inputs, pointer)

    def _sweep(self, day: date, inputs: str, pointer: dict[str, Any]) -> None:
        """Remove what is a date's and not of its result."""
        kept, ours = {_pointer_name(day), *_files(day, pointer)}, f"{day}/{inputs}/"
        unnamed = [name for name in self.depot.names(str(day)) if name not in kept]
        for stale in {n if n.startswith(ours) else "/".join(n.split("/")[:2]) for n in unnamed}:
            self.depot.remove(stale)

    def write(self, day: date, inputs: str, parts: Mapping[str, pl.DataFrame]) -> None:
        """Put a date's result in place of the one before, each part one file."""
        self.commit(day, inputs, self.put(day, inputs, 0, parts))

    def read(self, day: date, part: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Return a part (fills, orders, routes, sweeps or findings) of a date, integers as before.

        All its columns, or some of them; the rows of its files one after another.

        Raises:
            NoResultError: It is not there, or not as this version writes it.
        """
        files = self._files_of(day, part)
        return pl.concat([self._read(name, columns) for name in files], how="diagonal")

    def read_rows(
        self,
        days: Sequence[date],
        part: str,
        where: Mapping[str, Sequence[str]],
        keys: Sequence[str],
    ) -> list[pl.DataFrame]:
        """Return the rows of a part of several dates whose columns have one of some values.

        Of the columns that they are broken down by, some. In one frame where the dates are stored
        alike, as most are: to read each by itself takes longer. Else in one for each date.

        Raises:
            NoResultError: It is not there, or not as this version writes it.
        """
        names = [name for day in days for name in self._files_of(day, part)]
        try:
            return [self._rows(names, where, keys)]
        except (pl.exceptions.ColumnNotFoundError, pl.exceptions.SchemaError):
            return [self._rows([name], where, keys) for name in names]
        except FileNotFoundError as error:
            raise NoResultError(self.depot.where(), f"a part {part} is missing") from error

    def scans(self, days: Sequence[date], part: str) -> list[pl.LazyFrame]:
        """Return the files of a part of some dates, to be read as they are stored.

        Raises:
            NoResultError: It is not there.
        """
        names = [name for day in days for name in self._files_of(day, part)]
        return [self._scan([name]) for name in names]

    def _scan(self, names: Sequence[str]) -> pl.LazyFrame:
        places = [self.depot.where(name) for name in names]
        return pl.scan_parquet(places, glob=False, storage_options=self.depot.options)

    def _rows(
        self, names: Sequence[str], where: Mapping[str, Sequence[str]], keys: Sequence[str]
    ) -> pl.DataFrame:
        keep = [pl.col(name).is_in(list(values)) for name, values in where.items()]
        chosen = [*(pl.col(key) for key in keys), pl.exclude("^by .*$", *keys)]
        return _as_integers(self._scan(names).filter(*keep).select(chosen).collect())

    def _files_of(self, day: date, part: str) -> list[str]:
        """Return the files of a part of a date, in order."""
        pointer = self._pointer(day)
        if pointer is None:
            raise NoResultError(self.depot.where(_pointer_name(day)), "missing or unreadable")
        ours = re.compile(rf"{re.escape(part)}(-\d+)?\.parquet")
        files = [name for name in _files(day, pointer) if ours.fullmatch(name.split("/")[-1])]
        if not files:
            where = self.depot.where(f"{day}/{pointer['inputs']}/{part}.parquet")
            raise NoResultError(where, _EARLIER)
        return sorted(files, key=lambda name: (len(name), name))

    def note_run(self, size: int, basis: str) -> None:
        """Remember how much of the log the last run had seen, and what it went by."""
        self.depot.sweep()
        seen = {"v": 1, "size": size, "basis": basis}
        self.depot.put(_LAST_RUN, canonical_json(seen))

    def seen(self) -> tuple[int, str]:
        """Return how much of the log the last run had seen, and what it went by."""
        try:
            value = json.loads(self.depot.read(_LAST_RUN))
            return int(value["size"]), str(value["basis"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0, ""

    def manifest_digest(self, day: date) -> Digest | None:
        """Return the digest of a date's pointer, which holds those of its files."""
        with contextlib.suppress(FileNotFoundError):
            return sha256(self.depot.read(_pointer_name(day)))
        return None

    def vouched(self, entries: Iterable[StoredEntry], of: str = "results") -> dict[str, str]:
        """Return the digest of each date's pointer as the log last has it.

        Of some spans (SUMMED), those of their sums, each named by its first day.
        """
        found: dict[str, str] = {}
        for payload in payloads(entries, {RUN}):
            results = payload.get(of)
            found |= results if isinstance(results, dict) else {}
        return found

    def damaged_files(self, day: date) -> list[str]:
        """Return what is wrong with a date's files."""
        pointer = self._pointer(day)
        if pointer is None:
            return [f"{self.depot.where(_pointer_name(day))}: missing or unreadable"]
        wrong = []
        for name in _files(day, pointer):
            try:
                if self.depot.digest(name) != pointer["files"][name.split("/")[-1]]["sha256"]:
                    wrong.append(f"{self.depot.where(name)}: the bytes changed")
            except (FileNotFoundError, IsADirectoryError):
                wrong.append(f"{self.depot.where(name)}: missing")
        return wrong

    def _bytes(self, name: str, frame: pl.DataFrame) -> bytes:
        buffer = io.BytesIO()
        span = _SPAN if name in self.spans else None
        _as_decimals(frame).write_parquet(buffer, compression="lz4", row_group_size=span)
        return buffer.getvalue()

    def _read(self, name: str, columns: Sequence[str] | None) -> pl.DataFrame:
        where, options = self.depot.where(name), self.depot.options
        chosen = None if columns is None else list(columns)
        try:
            return _as_integers(
                pl.read_parquet(where, columns=chosen, glob=False, storage_options=options)
            )
        except pl.exceptions.ColumnNotFoundError as error:
            raise NoResultError(where, _EARLIER) from error
        except FileNotFoundError as error:
            raise NoResultError(where, "missing") from error

    def _pointer(self, day: date) -> dict[str, Any] | None:
        try:
            value: dict[str, Any] = json.loads(self.depot.read(_pointer_name(day)))
            stated = value["inputs"], [facts["sha256"] for facts in value["files"].values()]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return value if isinstance(stated[0], str) else None


def _file(part: str, number: int) -> str:
    return f"{part}-{number:04}.parquet" if number else f"{part}.parquet"


def _pointer_name(day: date) -> str:
    return f"{day}/{_POINTER}"


def _files(day: date, pointer: dict[str, Any]) -> list[str]:
    """Return the names of the files a pointer names."""
    return [f"{day}/{pointer['inputs']}/{file}" for file in pointer["files"]]


def _as_decimals(frame: pl.DataFrame) -> pl.DataFrame:
    """Store 128-bit integers as whole decimals, which every Parquet reader knows."""
    wide = [name for name, dtype in frame.schema.items() if dtype == pl.Int128]
    return frame.with_columns(to_decimal(pl.col(name), 0).alias(name) for name in wide)


def _as_integers(frame: pl.DataFrame) -> pl.DataFrame:
    wide = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Decimal)]
    if not wide:  # as most sums are: hundreds of files are read for one question
        return frame
    return frame.with_columns(to_scaled(pl.col(name), 0).alias(name) for name in wide)
