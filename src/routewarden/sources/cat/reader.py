"""CAT events of a broker-dealer, from a file's bytes to records and rejects.

    lines that are not blank = records + rejects

A file is JSON, one object a line, or positional CSV; its first byte tells which. Every event is a
record, those of types unknown to us too. The events of an order's life are checked: required
fields, types, lengths, choice values. A record keeps all its fields as one JSON text, alike for
both forms, and is known by that text's digest.

A deletion (`DEL`) has neither type nor time: its type is `DEL`, its instant the first of the date
that its firmROEID begins with. One that gives only the number CAT knows the event by is refused,
for nothing held can be found by it.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from routewarden.base.canonical import canonical_json, sha256
from routewarden.base.schema import TABLES, Kind
from routewarden.sources.cat.checks import Value, checked
from routewarden.sources.cat.forms import Fault, read_json, read_positions
from routewarden.sources.cat.lines import RECORD_BYTES, Line, line_blocks
from routewarden.sources.cat.times import first_of_date, instant_of
from routewarden.sources.csv_text import PLACE, Buffer
from routewarden.sources.reject import Reason, Reject
from routewarden.sources.table import Batch
from routewarden.sources.typed import Bounds

_TABLE = TABLES[Kind.CAT]
_SCHEMA = {**_TABLE.schema, **dict.fromkeys(PLACE, pl.Int64())}
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DELETED = "DEL"

_Cell = str | int | None


def read_cat(data: Buffer, bounds: Bounds) -> Iterator[Batch]:
    """Yield the records and rejects of a file of CAT events, some thousand lines at a time."""
    if bytes(data[:2]) in _WIDE_MARKS:
        detail = "the file is UTF-16; save it as UTF-8"
        whole = Reject(1, Reason.ENCODING, detail, start=0, end=len(data))
        yield Batch(pl.DataFrame(schema=_SCHEMA), (whole,), len(data))
        return
    json_form = _is_json(data)
    for lines in line_blocks(data):
        yield _batch(lines, bounds, json_form=json_form)


def _is_json(data: Buffer) -> bool:
    """Return whether the first byte that is neither blank nor a mark begins a JSON value."""
    return bytes(data[:RECORD_BYTES]).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def _batch(lines: list[Line], bounds: Bounds, *, json_form: bool) -> Batch:
    rows: list[tuple[_Cell, ...]] = []
    rejects: list[Reject] = []
    for line in lines:
        if line.content is not None and not line.content.strip():
            continue  # a blank line is framing
        found = _record(line.content, bounds, json_form=json_form)
        if isinstance(found, Fault):
            rejects.append(
                Reject(line.number, found.reason, found.detail, found.column, line.start, line.end)
            )
        else:
            rows.append((*found, line.number, line.start, line.end))
    records = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    return Batch(records, tuple(rejects), lines[-1].end)


def _record(content: bytes | None, bounds: Bounds, *, json_form: bool) -> tuple[_Cell, ...] | Fault:
    """Return the cells of a line's record, in the table's order."""
    if content is None:
        return Fault(Reason.TOO_LONG, f"the record is over {RECORD_BYTES:,} bytes")
    if b"\0" in content:
        return Fault(Reason.NUL_BYTE, "the record holds a NUL byte")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return Fault(Reason.ENCODING, "the record is not UTF-8")
    raw = read_json(text) if json_form else read_positions(text)
    fields = raw if isinstance(raw, Fault) else checked(raw)
    return fields if isinstance(fields, Fault) else _cells(fields, bounds)


def _cells(fields: dict[str, Value], bounds: Bounds) -> tuple[_Cell, ...] | Fault:
    at = _instant(fields)
    if isinstance(at, Fault):
        return at
    if not bounds.first <= at < bounds.end:
        detail = "the event is outside the dates the trading calendar covers"
        return Fault(Reason.OUTSIDE_CALENDAR, detail, "eventTimestamp")
    try:
        text = canonical_json(fields)
    except TypeError as error:
        return Fault(Reason.ENCODING, str(error))
    symbol = fields.get("symbol") or fields.get("optionID") or fields.get("underlying")
    stated = (
        fields.get("type") or _DELETED,
        *(fields.get(name) for name in ("actionType", "firmROEID", "CATReporterIMID")),
        *(fields.get(name) for name in ("orderID", "orderKeyDate")),
        symbol,
    )
    texts = (each if isinstance(each, str) else None for each in stated)
    return (sha256(text), at, *texts, text.decode())


def _instant(fields: dict[str, Value]) -> int | Fault:
    if fields["actionType"] != _DELETED:
        return int(instant_of(str(fields["eventTimestamp"])))
    roe = str(fields["firmROEID"])
    found = first_of_date(roe.partition("_")[0])
    if isinstance(found, Reason):
        detail = f"firmROEID '{roe[:40]}' does not begin with the date of its event"
        return Fault(found, detail, "firmROEID")
    return found
