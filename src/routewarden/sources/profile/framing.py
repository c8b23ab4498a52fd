"""From a file's bytes to rows of text, by the format its profile names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date

import polars as pl

from routewarden.sources import csv_text
from routewarden.sources.csv_text import Block, Buffer, read_csv
from routewarden.sources.dbn import read_dbn
from routewarden.sources.encoding import Encoding
from routewarden.sources.profile.fixed import read_fixed
from routewarden.sources.profile.model import DayOf, Layout

Framing = Callable[[Buffer, Layout], Iterator[Block]]
"""Yields a file's rows as text, a block at a time; `layout.form` knows the file's encoding."""


def _delimited(data: Buffer, layout: Layout) -> Iterator[Block]:
    return read_csv(data, layout.form)


def _dbn(data: Buffer, _: Layout) -> Iterator[Block]:
    return read_dbn(data)


FRAMINGS: Mapping[str, Framing] = {"csv": _delimited, "fixed": read_fixed, "dbn": _dbn}
"""How each format is read, by what a profile calls it."""


def day_of(data: Buffer, day: DayOf, encoding: Encoding, name: str) -> date | str:
    """Return the date a file's name or one of its lines states, or what is wrong with each."""
    stated = _stated(data, day, encoding, name)
    if isinstance(stated, date) or day.otherwise is None:
        return stated
    other = day_of(data, day.otherwise, encoding, name)
    return other if isinstance(other, date) else f"{stated}; {other}"


def _stated(data: Buffer, day: DayOf, encoding: Encoding, name: str) -> date | str:
    if day.line is None:
        where, text = f"the file's name '{name}'", name
    else:
        where, text = f"line {day.line} of the file", line_of(data, day.line, encoding)
    found = re.search(day.match, text)
    if found is None:
        return f"{where} states no date: nothing in it is like {day.match}"
    stated = found[found.re.groups and 1] or ""
    read: date | None = pl.Series([stated]).str.to_date(day.form, strict=False).item()
    return read or f"{where} states no date: '{stated}' is not of the form {day.form}"


def line_of(data: Buffer, number: int, encoding: Encoding) -> str:
    """Return a line's text: from 1, or from -1 for the last that is not blank."""
    start = encoding.begin(data)
    if number < 0:
        start = max(start, (len(data) - csv_text.RECORD_BYTES) // encoding.unit * encoding.unit)
        text = encoding.utf8(bytes(data[start:])).decode(errors="replace")
        lines = [line for line in text.split("\n") if line.strip()]
        return lines[number].rstrip("\r") if len(lines) >= -number else ""
    for _ in range(number - 1):
        start = encoding.line_end(data, start)
    raw = bytes(data[start : encoding.line_end(data, start)][: csv_text.RECORD_BYTES])
    return encoding.utf8(raw).decode(errors="replace").rstrip("\r\n")
