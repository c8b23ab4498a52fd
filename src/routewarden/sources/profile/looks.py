"""What the bytes of an unknown file look like: encoding, delimiter, header, numbers and times."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from routewarden.base.schema import Type
from routewarden.sources.csv_text import PLACE, Buffer, unescaped
from routewarden.sources.encoding import ENCODINGS, UTF16, UTF16_BE, UTF16_LE, told_apart
from routewarden.sources.parquet_footer import MAGIC
from routewarden.sources.parquet_table import parquet_text
from routewarden.sources.profile.framing import line_of
from routewarden.sources.profile.instants import (
    ABBREVIATED,
    EPOCHS,
    RFC3339,
    instants,
    pattern,
    states_day,
)
from routewarden.sources.profile.model import Clock, Digits

_LOOK = 1 << 20
_ROWS = 2_000
_DELIMITERS = (",", ";", "|", "\t", "^", "~", "\x01")
_FIRST_LINES = 20  # how far down a header is looked for

_DATES = (
    "%Y-%m-%d",
    "%Y%m%d",
    "%Y/%m/%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%m-%d-%Y",
    "%d%b%Y",
    "%d-%b-%Y",
    "%d %b %Y",
)
_OFFSETS = ("%z", " %z", "%:z", " %:z")
_UTC = (" UTC", " GMT", "Z")
_TIMES = (
    *("%H:%M:%S%.f", "%H:%M:%S,%3f", "%H:%M:%S,%6f", "%H:%M"),
    *("%H%M%S%9f", "%H%M%S%6f", "%H%M%S%3f", "%H%M%S%.f"),
    *("%I:%M:%S%.f %p", "%I:%M:%S%.f%p", "%I:%M %p", "%I:%M%p"),
    *(f"%H:%M:%S%.f{zone}" for zone in (*_OFFSETS, *_UTC, " %Z")),
    "%I:%M:%S%.f %p %Z",
)
_FOOTER = re.compile(
    r'"?(?:(?:grand |sub)?totals?|summary|end|eof|trailer|footer|(?:\w+ )?count|records|rows)\b',
    re.IGNORECASE,
)
_SHOWN = {
    **dict.fromkeys(("EST", "EDT"), "America/New_York"),
    **dict.fromkeys(("CST", "CDT"), "America/Chicago"),
    **dict.fromkeys(("GMT", "BST"), "Europe/London"),
    **dict.fromkeys(("CET", "CEST"), "Europe/Berlin"),
}
"""Zones by what their clocks are called."""
_SPACED = (
    r"\d([ '\u2019\u00a0\u202f])\d{3}(?!\d)"  # groups of three parted by blanks, or as the Swiss do
)
_EPOCH_DIGITS = {10: "epoch_s", 13: "epoch_ms", 16: "epoch_us", 19: "epoch_ns"}
FORMS = (
    *(
        f"{day}{between}{time}"
        for day in _DATES
        for between in (" ", "-", "T", "")
        for time in _TIMES
    ),
    *_TIMES,
)
"""Forms of local time that are tried."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a file: how it is cut, its columns and their texts, and doubts.

    `end` is how its trailer begins. `under` says that a line under the header, of units or the
    like, is none of the records; `renamed`, that the header does not give each column a name of its
    own; `strip`, that blanks stand around texts.
    """

    encoding: str
    delimiter: str
    skip: int
    header: bool
    columns: tuple[str, ...]
    texts: tuple[tuple[str, ...], ...]
    doubts: tuple[str, ...]
    end: str = ""
    under: bool = False
    strip: bool = False
    renamed: bool = False

    def of(self, column: str) -> tuple[str, ...]:
        """Return the texts of a column, empty ones left out."""
        return self.texts[self.columns.index(column)]


def sample(data: Buffer) -> Sample:
    """Return what a file of delimited text, or Parquet, looks like by its first rows."""
    if bytes(data[: len(MAGIC)]) == MAGIC:
        return _stored(data)
    encoding, doubts = _encoding(bytes(data[:_LOOK]))
    known = told_apart(encoding, data) or ENCODINGS["utf-8"]
    end = len(data) if len(data) <= _LOOK else known.line_end(data, _LOOK)
    text = known.utf8(bytes(data[known.begin(data) : end])).decode(errors="replace")
    lines = text.replace("\r\n", "\n").split("\n")[:_ROWS]
    delimiter, skip = _cut(lines)
    rows = [row for row in _rows(lines[skip:], delimiter) if row]
    strip = any(text != text.strip() for row in rows for text in row)
    rows = [[text.strip() for text in row] for row in rows]
    head, body = (rows[0], rows[1:]) if rows else ([], [])
    header = _is_header(head)
    columns = tuple(_named(head))
    if not header:
        columns, body = tuple(f"column {n}" for n in range(1, len(head) + 1)), rows
        doubts = (*doubts, "no line names the columns; name them in `columns`, in their order")
    trailer = _end(line_of(data, -1, known), delimiter, columns, body)
    body = body[:-1] if trailer else body
    under = header and _is_under(body)
    texts = _texts(columns, body[under:])
    return Sample(
        encoding,
        delimiter,
        skip,
        header,
        columns,
        texts,
        doubts,
        trailer,
        under,
        strip,
        header and columns != tuple(head),
    )


def _texts(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Return each column's texts, empty ones left out, of rows that are whole."""
    cells = zip(*(row for row in rows if len(row) == len(columns)), strict=True)
    return tuple(tuple(text for text in column if text) for column in cells) or ((),) * len(columns)


def _end(last: str, delimiter: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return how a trailer begins: a last line of such a name that states less than records do."""
    found = _FOOTER.match(last)
    (row,) = _rows([last], delimiter)[:1] or [[]]
    stated = [sum(map(bool, each)) for each in rows if each != row and len(each) == len(columns)]
    if found is None or sum(map(bool, row)) >= min(stated, default=len(columns)):
        return ""
    return found[0]


def _is_under(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row has no number at all where each row after it has one."""
    if len(rows) < 2 or any(re.search(r"\d", text) for text in rows[0]):
        return False
    return any(
        all(re.search(r"\d", text) for text in column[1:]) and column[0]
        for column in zip(*rows, strict=False)
    )


def _stored(data: Buffer) -> Sample:
    """Return the columns of a Parquet file; the rest of what is seen does not bear on it."""
    rows = next(parquet_text(data, ()).blocks).frame.head(_ROWS)
    names = tuple(name for name in rows.columns if name not in PLACE)
    texts = tuple(tuple(rows[name].drop_nulls().to_list()) for name in names)
    columns = tuple(map(unescaped, names))
    return Sample("utf-8", ",", 0, header=True, columns=columns, texts=texts, doubts=())


def _encoding(first: bytes) -> tuple[str, tuple[str, ...]]:
    if told_apart(UTF16, first) is not None:
        return UTF16, ()
    for name, encoding in (("utf-16-le", UTF16_LE), ("utf-16-be", UTF16_BE)):
        if encoding.newline in first and first[UTF16_BE is encoding :: 2].count(0) == 0:
            zeros = first[UTF16_LE is encoding :: 2].count(0)
            if zeros > len(first) // 4:
                return name, (f"no mark says so, but every other byte is 0: read as {name}",)
    whole = first if len(first) < _LOOK else first[: first.rfind(b"\n") + 1]
    try:
        whole.decode()
    except UnicodeDecodeError:
        doubt = "bytes above 127 that are not UTF-8: read as cp1252; look at accents and symbols"
        return "cp1252", (doubt,)
    return "utf-8", ()


def _rows(lines: Iterable[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return [line.split(delimiter) for line in lines]


def _cut(lines: Sequence[str]) -> tuple[str, int]:
    """Return the delimiter that cuts most lines alike, and how many lines to skip."""
    best = (0.0, _DELIMITERS[0], 0)
    stated = [line for line in lines if line]
    for delimiter in _DELIMITERS:
        widths = Counter(len(row) for row in _rows(stated, delimiter) if row)
        width, many = max(widths.items(), key=lambda each: (each[1], each[0]), default=(1, 0))
        if width < 2 or (score := many / len(stated) * min(width, 10)) <= best[0]:
            continue
        named = 0 if width < 4 else width // 2  # a title may be padded with delimiters
        wide = (
            n
            for n, row in enumerate(_each(lines, delimiter))
            if len(row) == width and sum(map(bool, row)) > named
        )
        best = (score, delimiter, next(wide, 0))
    return best[1], best[2]


def _each(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    return [row for line in lines[:_FIRST_LINES] for row in (_rows([line], delimiter) or [[]])]


def _is_header(row: Sequence[str]) -> bool:
    """Return whether a row names columns: most of them, and not one is a number."""
    named = [text for text in row if text]
    return len(named) * 2 > len(row) and not any(re.search(r"^[\d.,:+-]+$", t) for t in named)


def _named(row: Sequence[str]) -> Iterator[str]:
    """Yield names as they are; where there is none, or it stood before, one with its place."""
    for place, name in enumerate(row, 1):
        yield name if name and name not in row[: place - 1] else f"{name or 'column'} {place}"


def digits(texts: Iterable[str]) -> tuple[Digits, str | None]:
    """Return how numbers are written, and what is doubtful about it."""
    stated = [text for text in texts if re.search(r"\d", text)]
    signs = {found[1] for text in stated if (found := re.match(r"[+-]?([$€£¥])", text))}
    currency = signs.pop() if len(signs) == 1 else ""
    bare = [text.replace(currency, "", 1) for text in stated] if currency else stated
    groups = {found[1] for text in bare if (found := re.search(_SPACED, text))}
    group = groups.pop() if len(groups) == 1 else ""
    bare = [text.replace(group, "") for text in bare] if group else bare
    written, doubt = _marks([text for text in bare if re.search("[.,]", text)])
    return replace(written, grouping=group or written.grouping, currency=currency), doubt


def _marks(marked: Sequence[str]) -> tuple[Digits, str | None]:
    """Return how texts with marks in them are written."""
    for mark, group in ((",", "."), (".", ",")):
        shape = rf"^[+-]?\d{{1,3}}(\{group}\d{{3}})+\{mark}\d*$|\{group}\d{{3}}\{group}"
        if any(re.search(shape, text) for text in marked):
            return Digits(mark, group), None
    commas, points = ([t for t in marked if sign in t] for sign in ",.")
    if not commas:
        return Digits(), None
    if any(not re.search(r",\d{3}$", text) for text in commas):
        if all(re.search(r"^[+-]?\d{1,3}\.\d{3}$", text) for text in points):
            return Digits(",", "." if points else ""), None
        return Digits(), f"'{commas[0]}' and '{points[0]}': which is the decimal mark?"
    if points:
        return Digits(".", ","), None
    return Digits(), f"'{commas[0]}' may be thousands or three decimals; the file does not tell"


def forms(texts: Sequence[str], made: Sequence[str] = FORMS) -> tuple[str, ...]:
    """Return the forms that read every text; those of a day, of a time, or of both."""
    frame = pl.DataFrame({"t": list(dict.fromkeys(texts))[:_ROWS]}, schema={"t": pl.String})
    if frame.is_empty():
        return ()
    stated = Clock(RFC3339, "UTC")
    if _reads(frame, stated):
        return (RFC3339,)
    lengths = {len(text.partition(".")[0]) for text in frame["t"].to_list()}
    epoch = _EPOCH_DIGITS.get(lengths.pop()) if len(lengths) == 1 else None
    if epoch is not None and _reads(frame, Clock(epoch)):
        return (epoch,)
    likely = (form for form in made if re.search(pattern(form), frame.item(0, "t")))
    zone = zone_shown(texts)
    return tuple(form for form in likely if _reads(frame, Clock(form, zone)))


def day_forms(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the forms of a date that read every text."""
    frame = pl.DataFrame({"t": list(dict.fromkeys(texts))[:_ROWS]}, schema={"t": pl.String})
    return tuple(form for form in _DATES if len(frame) and _reads(frame, Clock(form)))


def _reads(frame: pl.DataFrame, clock: Clock) -> bool:
    noon = None
    if not states_day(clock.form):
        noon = pl.Series(["2026-07-01"]).str.to_date().item()
    told = instants(pl.col("t"), clock, Type.BEGIN, noon)
    return frame.select(told.reason.is_null().all()).item() is True


def zone_shown(texts: Sequence[str]) -> str | None:
    """Return the zone whose clocks are called what texts end with."""
    zones = {_SHOWN.get(text.rpartition(" ")[2]) for text in texts}
    return zones.pop() if len(zones) == 1 else None


def zone_told(texts: Sequence[str], form: str) -> bool:
    """Return whether texts say which instant they are, whatever the zone."""
    if form in EPOCHS or form.endswith((*_OFFSETS, *_UTC)):
        return not form.endswith(ABBREVIATED)
    return form == RFC3339 and all(re.search(r"(Z|[+-]\d\d:\d\d)$", text) for text in texts)
