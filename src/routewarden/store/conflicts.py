"""Records told of twice with other content: which wait, how they were settled, what that changes.

The first known stays in force. A named person may settle that the other is right: from that size
of the log on it stands in the first one's place wherever records are read. Neither goes: the lake
holds the first as it was, the raw file the other, and both rows are kept under their digests.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl

from routewarden.base.canonical import Digest, canonical_json
from routewarden.base.errors import RoutewardenError
from routewarden.base.schema import TABLES, Kind
from routewarden.base.time import trading_date
from routewarden.events.identity import conflicting_id
from routewarden.events.told import INTERPRETED
from routewarden.ledger.approval import read_approval
from routewarden.ledger.entry import StoredEntry, content_of
from routewarden.ledger.strict import MalformedError
from routewarden.sources.reject import Reason
from routewarden.store.home import Home
from routewarden.store.lake import no_rows
from routewarden.store.persons import (
    ADDED,
    APPROVAL,
    REMOVED,
    STATEMENT,
    ApprovalError,
    approve,
    check,
)
from routewarden.store.segments import records_again, rejects_of, told_segments

SETTLED = "conflict:settled"
"""The type of the entry by which a named person settles a conflict."""


Row = tuple[str | None, int | None]
"""The raw file and the line a record is from."""


class Keep(StrEnum):
    """Which of two records is in force from a settlement on."""

    HELD = "held"
    OTHER = "other"


class NoConflictError(RoutewardenError):
    """No open conflict is meant, or more than one."""

    def __init__(self, kind: Kind, identifier: str, why: str = "no open conflict") -> None:
        super().__init__(
            f"{kind} '{identifier}': {why}. `routewarden conflicts` lists the open ones."
        )


class NotThatPersonError(RoutewardenError):
    """The key is another person's than is named."""

    def __init__(self, named: str, holder: str) -> None:
        super().__init__(f"the key is {holder}'s, and --by names {named}. Use your own key.")


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a conflict was settled: by the entry `seq`; the rows' digests are of blobs."""

    seq: int
    keep: Keep
    held: Digest
    other: Digest
    by: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row with the id of a record held and other content: where it is, and since when known."""

    kind: Kind
    id: str
    file: Digest
    source: str
    line: int
    since: str
    seq: int
    detail: str
    settlement: Settlement | None = None

    @property
    def place(self) -> tuple[Kind, Digest, int]:
        """What it is known by: an id may be in conflict more than once."""
        return self.kind, self.file, self.line


@dataclass(frozen=True, slots=True)
class Settled:
    """The records that stand in the place of others, by kind, and the dates that changes."""

    rows: Mapping[Kind, pl.DataFrame] = field(default_factory=dict)
    touched: Mapping[Kind, Mapping[date, Sequence[str]]] = field(default_factory=dict)

    def on(
        self, kind: Kind, day: date, records: pl.DataFrame, names: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """Return the records of a trading date with those settled in place of theirs.

        `names` are the columns there are, where these are not all of them.
        """
        return self._over(kind, records, trading_date(pl.col(_dated_by(kind))) == day, names)

    def found(
        self, kind: Kind, records: pl.DataFrame, ids: Mapping[str, Collection[str]]
    ) -> pl.DataFrame:
        """Return the records one of whose identifiers is among some, by column, so."""
        asked = [pl.col(name).is_in(sorted(each)) for name, each in ids.items() if each]
        return self._over(kind, records, pl.any_horizontal(pl.lit(value=False), *asked), None)

    def _over(
        self, kind: Kind, records: pl.DataFrame, due: pl.Expr, names: Sequence[str] | None
    ) -> pl.DataFrame:
        if (rows := self.rows.get(kind)) is None:
            return records
        key = _key(kind)
        stays = records.filter(~pl.col(key).is_in(rows[key].implode()))
        meant = rows.filter(due)
        if meant.is_empty():  # nor are there its extra columns
            return stays
        return pl.concat([stays, meant if names is None else meant.select(names)], how="diagonal")

    def files(self, kind: Kind) -> Mapping[date, Sequence[str]]:
        """Return what names what was settled about each trading date it changes."""
        return self.touched.get(kind, {})


def conflicts(home: Home) -> list[Conflict]:
    """Return every row that was refused for the id of a record with other content, as known."""
    done = dict(_settlements(home))
    return [
        Conflict(
            kind=segment.kind,
            id=conflicting_id(reject),
            file=segment.digest,
            source=content["payload"]["source"]["name"],
            line=reject.line,
            since=content["at"],
            seq=content["seq"],
            detail=reject.detail,
            settlement=done.get((segment.kind, segment.digest, reject.line)),
        )
        for segment, content in told_segments(home)
        if segment.kind in INTERPRETED
        for reject in rejects_of(home, segment)
        if reject.reason is Reason.CONFLICT
    ]


def conflict(home: Home, kind: Kind, identifier: str, at: str = "") -> Conflict:
    """Return the open conflict about a record; `at` is its file's digest, or a beginning, and line.

    Raises:
        NoConflictError: There is none, or more than one.
    """
    file, _, line = at.partition(":")
    found = [
        each
        for each in conflicts(home)
        if (each.kind, each.id) == (kind, identifier) and each.settlement is None
        if each.file.startswith(file) and line in {"", str(each.line)}
    ]
    if not found:
        raise NoConflictError(kind, identifier)
    if len(found) > 1:
        places = ", ".join(f"{each.file[:8]}:{each.line}" for each in found)
        raise NoConflictError(kind, identifier, f"in conflict at {places}; say --at one")
    return found[0]


def held_row(home: Home, kind: Kind, identifier: str) -> pl.DataFrame:
    """Return the record in force under an id, settlements among what decides it."""
    first = home.lake.find(kind, {_key(kind): [identifier]})
    return settled(home).found(kind, first, {_key(kind): [identifier]})


def held_rows(home: Home, about: Iterable[Conflict]) -> dict[tuple[Kind, str], Row]:
    """Return the file and line of the record in force that each conflict is about."""
    ids: dict[Kind, set[str]] = {}
    for each in about:
        ids.setdefault(each.kind, set()).add(each.id)
    standing = settled(home)
    found: dict[tuple[Kind, str], Row] = {}
    for kind, names in ids.items():
        asked = {_key(kind): names}
        rows = standing.found(kind, home.lake.find(kind, asked), asked)
        for name, file, line in rows.select(_key(kind), "file", "line").iter_rows():
            found[kind, name] = file, line
    return found


def other_row(home: Home, meant: Conflict) -> pl.DataFrame:
    """Return the record that a conflict is about, read again from its raw file."""
    contents = (content for _, content in told_segments(home) if content["seq"] == meant.seq)
    for content in contents:
        for records in records_again(home, content):
            rows = records.filter(pl.col("line") == meant.line)
            if rows.height:
                return rows.drop("start", "end").with_columns(file=pl.lit(str(meant.file)))
    raise NoConflictError(meant.kind, meant.id, "its row cannot be read again")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a named person decides of a conflict, and why; with whose key they sign it."""

    keep: Keep
    by: str
    reason: str
    key_file: Path


def settle(home: Home, meant: Conflict, decision: Decision) -> Settlement:
    """Settle a conflict: both rows are kept, and from now on the one that is right is in force.

    Raises:
        NotThatPersonError: The key is another's than the person named.
        ApprovalError: The key is nobody's.
    """
    digests = {
        "held": home.blobs.put_bytes(_row_bytes(held_row(home, meant.kind, meant.id))),
        "other": home.blobs.put_bytes(_row_bytes(other_row(home, meant))),
    }
    decided = {"keep": decision.keep, "by": decision.by, "reason": decision.reason}
    place = {"kind": meant.kind, "id": meant.id, "file": meant.file, "line": meant.line}
    statement = {"act": SETTLED, **place, **decided, **digests}
    approval = approve(home, statement, decision.key_file)
    if approval.name != decision.by:
        raise NotThatPersonError(decision.by, approval.name)
    signed = {STATEMENT: statement, APPROVAL: approval.payload}
    identity = f"{SETTLED}:{meant.kind}:{meant.file}:{meant.line}"
    home.record(SETTLED, identity, f"{meant.kind}/{meant.id}", {"v": 1, **digests, **signed})
    return next(each for place, each in _settlements(home) if place == meant.place)


def settled(home: Home) -> Settled:
    """Return the records that settlements put in the place of others."""
    last: dict[tuple[Kind, str], tuple[Mapping[str, Any], list[date]]] = {}
    for content in _signed(home):
        statement = content["payload"][STATEMENT]
        name = Kind(statement["kind"]), str(statement["id"])
        if statement["keep"] == Keep.OTHER:
            before = last[name][1] if name in last else []
            row = _row(home, name[0], statement["held"])
            last[name] = statement, [*before, *_days(name[0], row)]
    rows: dict[Kind, list[pl.DataFrame]] = {}
    touched: dict[Kind, dict[date, list[str]]] = {}
    for (kind, _), (statement, before) in last.items():
        row = _row(home, kind, statement["other"])
        rows.setdefault(kind, []).append(row)
        for day in {*before, *_days(kind, row)}:
            touched.setdefault(kind, {}).setdefault(day, []).append(f"settled {statement['other']}")
    return Settled(
        {kind: pl.concat(each, how="diagonal") for kind, each in rows.items()},
        {kind: {d: sorted(names) for d, names in each.items()} for kind, each in touched.items()},
    )


def _days(kind: Kind, row: pl.DataFrame) -> list[date]:
    return row.select(trading_date(pl.col(_dated_by(kind)))).to_series().drop_nulls().to_list()


def _settlements(home: Home) -> Iterator[tuple[tuple[Kind, Digest, int], Settlement]]:
    """Yield how each conflict was settled, by its place."""
    for content in _signed(home):
        said = content["payload"][STATEMENT]
        place = Kind(said["kind"]), Digest(said["file"]), int(said["line"])
        rows = Digest(said["held"]), Digest(said["other"])
        yield (
            place,
            Settlement(content["seq"], Keep(said["keep"]), *rows, said["by"], said["reason"],
                       content["at"]),
        )  # fmt: skip


def _signed(home: Home) -> Iterator[Mapping[str, Any]]:
    """Yield the entries of settlements that the person named has signed; others do not count."""
    entries = home.log.entries(SETTLED)
    if not entries:
        return
    persons = [*home.log.entries(ADDED), *home.log.entries(REMOVED)]
    for stored in entries:
        content = content_of(stored.entry) or {}
        payload = content.get("payload", {})
        statement = payload.get(STATEMENT, {})
        if statement.get("act") == SETTLED and _is_by(persons, stored, statement, payload):
            yield content


def _is_by(
    persons: Sequence[StoredEntry],
    stored: StoredEntry,
    statement: Mapping[str, Any],
    payload: Mapping[str, Any],
) -> bool:
    before = sorted((p for p in persons if p.seq < stored.seq), key=lambda entry: entry.seq)
    try:
        found = check(before, statement, read_approval(payload.get(APPROVAL)))
    except (ApprovalError, MalformedError):
        return False
    return found.name == statement.get("by")


def _key(kind: Kind) -> str:
    return str(TABLES[kind].key)


def _dated_by(kind: Kind) -> str:
    return str(TABLES[kind].dated_by)


def _row_bytes(row: pl.DataFrame) -> bytes:
    """Return a record as bytes to keep: each column's value, integers as text."""
    (values,) = row.rows(named=True)
    told = [[n, str(v) if type(v) is int else v] for n, v in sorted(values.items())]
    return canonical_json({"v": 1, "values": told})


def _row(home: Home, kind: Kind, digest: str) -> pl.DataFrame:
    """Return a record that was kept."""
    told = json.loads(home.blobs.path(Digest(digest)).read_bytes())["values"]
    types = {name: pl.String() for name, _ in told} | no_rows(TABLES[kind]).schema
    columns = {
        name: pl.Series([int(v) if v and types[name].is_integer() else v], dtype=types[name])
        for name, v in told
    }
    return pl.concat([no_rows(TABLES[kind]), pl.DataFrame(columns)], how="diagonal")
