"""What messages amount to: orders, routes and fills, kept beside the lake in its own form.

Every message held is interpreted together, so that neither the order of files nor where one ends
makes a difference; it is done again when a file came in that it depends on. A record that a table
states stands before one of the same id that messages tell of, and FIX before CAT, which tells less.
What messages amount to is checked like any table; what cannot be used is kept as refused, and
becomes a finding on the date of its message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import polars as pl

from routewarden.base.canonical import Digest, canonical_json, sha256
from routewarden.base.schema import TABLES, Kind
from routewarden.events.cat.interpret import interpret_cat
from routewarden.events.fix.interpret import interpret_fix
from routewarden.events.told import INTERPRETED, Told
from routewarden.runs.code import code_digest
from routewarden.runs.held import Held
from routewarden.sources.fix.dialect import read_fix_dialect
from routewarden.sources.fix.names import known_by
from routewarden.sources.profile.model import Profile
from routewarden.sources.profile.parse import read_profile
from routewarden.sources.reject import Reason, Reject
from routewarden.sources.table import no_records
from routewarden.sources.typed import Bounds, conform
from routewarden.store.conflicts import settled
from routewarden.store.home import Home
from routewarden.store.intake import calendar_bounds
from routewarden.store.lake import Lake
from routewarden.store.segments import Segment, segments
from routewarden.store.staging import unwatched

_MESSAGES = (Kind.FIX, Kind.CAT)
_REFUSED_FILE = "refused.parquet"

REFUSED = {
    "at": pl.Int64(),
    "kind": pl.String(),
    "reason": pl.String(),
    "detail": pl.String(),
    "file": pl.String(),
    "line": pl.Int64(),
    "start": pl.Int64(),
}
"""The columns of what messages tell of and nobody can use.

`at` is the message's own time, `start` its first byte in the file: lines may hold several.
"""


@dataclass(frozen=True, slots=True)
class Interpreted:
    """Orders, routes and fills as they are held, and REFUSED."""

    held: Held
    refused: pl.DataFrame


def interpret(home: Home) -> Interpreted:
    """Return what is held of orders, routes and fills, its messages interpreted."""
    known = segments(home)
    if not any(segment.kind in _MESSAGES for segment in known):
        return Interpreted(Held((home.lake.listed(),), settled(home)), pl.DataFrame(schema=REFUSED))
    depot = home.told.within(_depends_on(home, known))
    lake = Lake(depot, home.lake.staging)
    try:
        refused = pl.read_parquet(BytesIO(depot.read(_REFUSED_FILE)))
    except FileNotFoundError:
        home.told.remove("")
        refused = _keep(lake, *_records(home))
    held = Held((home.lake.listed(), lake.listed()), settled(home))
    return Interpreted(held, refused)


def _depends_on(home: Home, known: Sequence[Segment]) -> Digest:
    """Return the digest of all that messages amount to depends on."""
    files = sorted(
        (segment.kind, segment.digest, segment.profile or "")
        for segment in known
        if segment.kind in (*_MESSAGES, *INTERPRETED)
    )
    bounds = calendar_bounds(home.policy().calendar)
    return sha256(
        canonical_json(
            {"code": code_digest(), "bounds": str(bounds), "files": [list(f) for f in files]}
        )
    )


def _keep(lake: Lake, records: Mapping[Kind, pl.DataFrame], refused: pl.DataFrame) -> pl.DataFrame:
    """Write what messages amount to as a lake, and last what nobody can use; return that."""
    for kind, rows in records.items():
        for (file,), part in rows.partition_by("file", as_dict=True, include_key=False).items():
            lake.publish(lake.stage(kind, [part], unwatched), kind, Digest(file))
    whole = BytesIO()
    refused.write_parquet(whole)
    lake.depot.put(_REFUSED_FILE, whole.getvalue())
    return refused


def _records(home: Home) -> tuple[Mapping[Kind, pl.DataFrame], pl.DataFrame]:
    """Return the records that messages tell of and no table states, and REFUSED."""
    stated = {kind: home.lake.identifiers(kind) for kind in INTERPRETED}
    records = {kind: list[pl.DataFrame]() for kind in INTERPRETED}
    messages, events = home.lake.read(Kind.FIX), home.lake.read(Kind.CAT)
    bounds = calendar_bounds(home.policy().calendar)
    refused = [pl.DataFrame(schema=REFUSED)]
    for told, source in _told(home, messages, events, frozenset(stated[Kind.ORDERS])):
        for kind, text in told.tables.items():
            key = str(TABLES[kind].key)
            found, rejects = _checked(kind, text, bounds)
            new = found.filter(~pl.col(key).is_in(stated[kind].implode()))
            stated[kind] = pl.concat([stated[kind], new[key]])
            records[kind].append(new)
            refused.append(_dated(kind, rejects, source))
    together = {
        kind: pl.concat(frames, how="diagonal") for kind, frames in records.items() if frames
    }
    return together, pl.concat(refused)


def _told(
    home: Home, messages: pl.DataFrame, events: pl.DataFrame, known: frozenset[str]
) -> Iterator[tuple[Told, pl.DataFrame]]:
    """Yield what messages of each kind tell, and when each message was."""
    place = ("file", "start")
    if messages.height:
        dialects = {
            file: read_fix_dialect(each.fix or {}) for file, each in _profiles(home, Kind.FIX)
        }
        yield (
            interpret_fix(messages, dialects, known),
            messages.select("sent_at", *place, said="fields"),
        )
    if events.height:
        aliases = [alias for _, each in _profiles(home, Kind.CAT) for alias in each.aliases]
        names = {alias.told: alias.meant for alias in aliases if alias.of == "venue"}
        yield (
            interpret_cat(events, names),
            events.select("event_at", *place, said=pl.lit(None, dtype=pl.String)),
        )


def _profiles(home: Home, kind: Kind) -> Iterator[tuple[str, Profile]]:
    """Yield the profile of each file of messages that came with one."""
    for segment in segments(home):
        if segment.kind is kind and segment.profile is not None:
            yield (
                segment.digest,
                read_profile(home.blobs.path(segment.profile).read_text(encoding="utf-8")),
            )


def _checked(
    kind: Kind, text: pl.DataFrame, bounds: Bounds
) -> tuple[pl.DataFrame, list[tuple[Digest, Reject]]]:
    """Return the records told, each identifier once, and the rejects with the file each is in."""
    empty = no_records(TABLES[kind])
    frames = [empty.with_columns(file=pl.lit(None, dtype=pl.String))]
    rejects: list[tuple[Digest, Reject]] = []
    for (file,), rows in text.partition_by("file", as_dict=True, maintain_order=True).items():
        records, refused = conform(TABLES[kind], rows.drop("file"), bounds)
        frames.append(records.with_columns(file=pl.lit(file)))
        rejects += [(Digest(file), reject) for reject in refused]
    whole = pl.concat(frames, how="diagonal").sort("file", "start")
    again = ~pl.col(str(TABLES[kind].key)).is_first_distinct()
    rejects += [_told_again(kind, row) for row in whole.filter(again).iter_rows(named=True)]
    return whole.filter(~again), rejects


def _told_again(kind: Kind, row: Mapping[str, Any]) -> tuple[Digest, Reject]:
    """Return the reject of a record whose identifier another message, in an earlier place, has."""
    key = str(TABLES[kind].key)
    detail = f"{key} '{row[key]}' is told of by another message too, which stands"
    place = {name: row[name] for name in ("line", "start", "end")}
    return Digest(row["file"]), Reject(reason=Reason.CONFLICT, detail=detail, column=key, **place)


def _dated(
    kind: Kind, rejects: list[tuple[Digest, Reject]], messages: pl.DataFrame
) -> pl.DataFrame:
    rows = [(kind, each.reason, each.detail, file, each.line, each.start) for file, each in rejects]
    schema = {name: dtype for name, dtype in REFUSED.items() if name != "at"}
    refused = pl.DataFrame(rows, schema=schema, orient="row")
    at = messages.rename({messages.columns[0]: "at"})
    dated = refused.join(at, on=["file", "start"], how="left", maintain_order="left")
    said = dated["said"].map_elements(known_by, return_dtype=pl.String())
    detail = pl.concat_str("detail", said, separator="; ", ignore_nulls=True)
    return dated.with_columns(detail).select(*REFUSED)
