"""Lines whose fields stand at fixed places, a block at a time, every byte accounted for.

Places count characters, not bytes. Blanks around a field are not part of it. A blank line is
framing.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from routewarden.sources import csv_text
from routewarden.sources.csv_text import (
    Block,
    Buffer,
    Form,
    block_end,
    escaped,
    skipped,
    trailer,
)
from routewarden.sources.profile.model import Layout
from routewarden.sources.reject import Reason, Reject

_BLOCK_LINES = 1 << 15


def read_fixed(data: Buffer, layout: Layout) -> Iterator[Block]:
    """Yield the blocks of a file."""
    form = layout.form
    first = skipped(data, form)
    line, position = first.line, first.start
    stop, trailers = trailer(data, form)
    records = data if stop == len(data) else memoryview(data)[:stop]
    while position < stop:
        end = block_end(records, position, form.encoding, csv_text.BLOCK_BYTES)
        raw = _first_lines(bytes(records[position:end]), form)
        end = position + len(raw)
        yield _block(raw, layout, line, position)
        line += form.encoding.newlines(raw)
        position = end
    if trailers:
        yield Block(pl.DataFrame(), (), len(data), trailers)


def _block(raw: bytes, layout: Layout, line: int, position: int) -> Block:
    starts = [int(start) for start in layout.form.encoding.line_starts(raw) if start < len(raw)]
    fields = layout.fields or {}
    text = pl.col("text")
    frame = pl.DataFrame(
        {
            "text": pl.Series(_lines(raw, layout.form), dtype=pl.String),
            "line": range(line, line + len(starts)),
            "start": [start + position for start in starts],
            "end": [start + position for start in (*starts[1:], len(raw))],
        },
        schema_overrides=dict.fromkeys(csv_text.PLACE, pl.Int64()),
    )
    frame = frame.with_columns(text.str.strip_suffix("\r"))
    frame = frame.filter((text != "") | text.is_null()).with_columns(reason=_reason(layout))
    sound = frame.filter(pl.col("reason").is_null())
    places = (
        text.str.slice(start, many).str.strip_chars(" ").replace("", None).alias(escaped(name))
        for name, (start, many) in fields.items()
    )
    refused = frame.filter(pl.col("reason").is_not_null()).iter_rows(named=True)
    rejects = tuple(_reject(row, layout) for row in refused)
    return Block(sound.select(*places, *csv_text.PLACE), rejects, position + len(raw))


def _first_lines(raw: bytes, form: Form) -> bytes:
    """Return the bytes up to the end of the last line a block may have."""
    starts = form.encoding.line_starts(raw)
    return raw[: int(starts[_BLOCK_LINES])] if len(starts) > _BLOCK_LINES else raw


def _lines(raw: bytes, form: Form) -> list[str | None]:
    """Return the text of each line; None where it is not in the file's encoding."""
    text = form.encoding.utf8(raw).removesuffix(b"\n")
    try:
        return [*text.decode().split("\n")]
    except UnicodeDecodeError:
        return [_decoded(part) for part in text.split(b"\n")]


def _decoded(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None


def _wanted(layout: Layout) -> int:
    """Return how long a line is, or at least is."""
    last = max(start + many for start, many in (layout.fields or {}).values())
    return last if layout.record is None else layout.record


def _reason(layout: Layout) -> pl.Expr:
    text, wanted = pl.col("text"), _wanted(layout)
    length = text.str.len_chars()
    wrong = length < wanted if layout.record is None else length != wanted
    long = pl.col("end") - pl.col("start") > csv_text.RECORD_BYTES
    return (
        pl.when(long)
        .then(pl.lit(Reason.TOO_LONG.value))
        .when(text.is_null())
        .then(pl.lit(Reason.ENCODING.value))
        .when(text.str.contains("\0", literal=True))
        .then(pl.lit(Reason.NUL_BYTE.value))
        .when(wrong)
        .then(pl.lit(Reason.RAGGED.value))
    )


def _reject(row: dict[str, object], layout: Layout) -> Reject:
    reason, text = Reason(str(row["reason"])), str(row["text"])
    detail = {
        Reason.TOO_LONG: f"the record is over {csv_text.RECORD_BYTES:,} bytes",
        Reason.ENCODING: f"the record is not {layout.form.encoding.name}",
        Reason.NUL_BYTE: "the record holds a NUL byte",
        Reason.RAGGED: f"{len(text)} characters where a line has {_wanted(layout)}",
    }[reason]
    line, start, end = (int(str(row[name])) for name in csv_text.PLACE)
    return Reject(line, reason, detail, start=start, end=end)
