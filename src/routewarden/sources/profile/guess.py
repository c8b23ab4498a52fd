"""A first profile for an unknown file: what its names and texts show, and what they do not.

What cannot be told is not made up: the column stays out of the profile, as a comment that says
what is missing. The text is for a person to read, correct and try again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from routewarden.base.schema import CANONICAL, INSTANTS, NUMBERS, TABLES, Column, Kind, Table, Type
from routewarden.sources.csv_text import Buffer
from routewarden.sources.profile.instants import states_day
from routewarden.sources.profile.looks import (
    Sample,
    day_forms,
    digits,
    forms,
    sample,
    zone_shown,
    zone_told,
)
from routewarden.sources.profile.model import Digits
from routewarden.sources.profile.synonyms import DATES, GUESSED, NAMES, TIMES, WORDS, bare, usual

_MOST_WORDS = 40  # distinct texts of a column that may still be codes
_DEARER = 2  # what a required column that is missing takes from those that are there
_LEAST_FIT = 2
_FIRST_BYTES = 1 << 16
_NO_PROFILE = "`ingest {} FILE` reads such messages as they are: try that first"
_TELLING: Mapping[Kind, frozenset[str]] = {
    **dict.fromkeys((Kind.QUOTES, Kind.VENUE_QUOTES), frozenset({"bid", "ask"})),
    Kind.VENDOR_REPORT: frozenset({"metric", "value"}),
}
"""Columns of a kind that need not be stated, and without any of which it tells of nothing."""
_NONE = ("NULL", "null", "N/A", "n/a", "#N/A", "NaN", "nan", "None", "-", "--")
"""Texts that mean no value where numbers and instants stand."""
_WIDE = "no column names the metric: a column per metric wants a [[table]] each, as example-quality"
_LOTS = 'column = "Lots", times = "100"'
_ZONES = {
    **dict.fromkeys(("utc", "gmt"), "UTC"),
    **dict.fromkeys(("ny", "et", "eastern"), "America/New_York"),
    "london": "Europe/London",
}
"""Zones by what a column's name calls them."""


@dataclass(frozen=True, slots=True)
class Guess:
    """The kind a file seems to be, a profile for it as TOML, and what is in doubt.

    `unsaid` are the needed columns that are left out: the profile is none before they are there.
    """

    kind: Kind | None
    profile_text: str
    notes: tuple[str, ...]
    unsaid: tuple[str, ...] = ()

    @property
    def as_far_as_it_goes(self) -> str:
        """The profile with what is left out said to be empty, for a trial."""
        return self.profile_text + "".join(f'{name} = {{ value = "" }}\n' for name in self.unsaid)


def guess(data: Buffer, kind: Kind | None = None, zone: str | None = None) -> Guess:
    """Return a profile for delimited text of a kind, or of the kind its columns are most like.

    `zone` is that of local times; no hours of the day tell it, so without it they are left out.
    """
    if messages := _messages(data, kind):
        return Guess(messages, "", (_NO_PROFILE.format(messages),))
    seen = sample(data)
    found = kind or _kind(seen)
    page = _Page(seen, found, zone)
    page.write()
    notes = [*seen.doubts, *page.notes]
    if found is None:
        notes.append("the columns are those of no kind of file; say which it is")
    if page.unsaid:
        notes.append(f"every record is rejected until the profile says {', '.join(page.unsaid)}")
    head = [f"# {note}" for note in notes]
    text = "\n".join(_printable(line) for line in (*head, *page.lines))
    return Guess(found, text + "\n", tuple(notes), tuple(page.unsaid))


def _messages(data: Buffer, kind: Kind | None) -> Kind | None:
    """Return what kind of messages a file holds, if they are what it holds."""
    if kind is not None:
        return None if kind in CANONICAL else kind
    first = bytes(data[:_FIRST_BYTES])
    if re.search(rb"8=FIXT?\.\d", first):
        return Kind.FIX
    return Kind.CAT if re.match(rb'\s*\{\s*"', first) else None


def _kind(seen: Sample) -> Kind | None:
    """Return the kind most of whose columns, and the required ones above all, are here."""

    def fit(kind: Kind) -> int:
        matched = _matched(seen, kind)
        missing = [c for c in TABLES[kind].columns if c.required and c.name not in matched]
        nothing = bool(_TELLING.get(kind)) and _TELLING[kind].isdisjoint(matched)
        return len(matched) - _DEARER * (len(missing) + nothing)

    best = max(GUESSED, key=fit)
    return best if fit(best) >= _LEAST_FIT else None


def _matched(seen: Sample, kind: Kind) -> dict[str, str]:
    """Return the file's column for each canonical one whose name it goes by."""
    names: dict[str, str] = {}
    for called in (usual, _without_brackets, bare):  # a column's own name comes before what it is
        names |= {called(name): name for name in reversed(_short(seen.columns))}
    names = {name: seen.columns[_short(seen.columns).index(told)] for name, told in names.items()}
    matched: dict[str, str] = {}
    for column in TABLES[kind].columns:
        for name in (bare(column.name), *NAMES.get(column.name, ())):
            if name in names and names[name] not in matched.values():
                matched[column.name] = names[name]
                break
    _with_dates(names, kind, matched)
    return matched


def _short(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return names without a first word that all of them have."""
    first = {re.split("[_ .]", name)[0] for name in columns}
    if len(first) > 1 or any(len(name) <= len(first) + 1 for first in first for name in columns):
        return columns
    return tuple(name[len(min(first)) + 1 :] for name in columns)


def _without_brackets(name: str) -> str:
    return bare(re.sub(r"\(.*\)", "", name))


def _with_dates(names: dict[str, str], kind: Kind, matched: dict[str, str]) -> None:
    """Give the instant a record is dated by the file's only time, if none has its name."""
    dated = TABLES[kind].dated_by
    if dated is None or dated in matched:
        return
    left = [names[name] for name in TIMES if name in names and names[name] not in matched.values()]
    if left:
        matched[dated] = left[0]


class _Page:
    """The lines of a profile as they are written."""

    def __init__(self, seen: Sample, kind: Kind | None, zone: str | None) -> None:
        self.seen = seen
        self.kind = kind
        self.zone = zone
        self.lines: list[str] = []
        self.notes: list[str] = []
        self.unsaid: list[str] = []
        self.matched = {} if kind is None else _matched(seen, kind)
        self.none = () if kind is None else self._none(TABLES[kind])

    def write(self) -> None:
        """Write all of it."""
        self.lines += ['name = "guessed"', 'title = ""', 'source = ""', "", "[file]"]
        self._write_file(self.seen)
        if self.kind is None:
            self.lines += [f"# not used: {name}" for name in self.seen.columns]
            return
        self._write_numbers(self.kind)
        self.lines += ["", "[[table]]", f"kind = {_quoted(self.kind)}", "", "[table.columns]"]
        for column in TABLES[self.kind].columns:
            self._write_column(column)
        self._doubt(self.kind)
        used = {*self.matched.values()}
        self.lines += [f"# not used: {name}" for name in self.seen.columns if name not in used]

    def _write_file(self, seen: Sample) -> None:
        self.lines += [
            f"encoding = {_quoted(seen.encoding)}",
            f"delimiter = {_quoted(seen.delimiter)}",
        ]
        if seen.skip or seen.under:
            self.lines.append(f"skip = {seen.skip + seen.under}")
        if not seen.header:
            self.lines.append("header = false")
        if not seen.header or seen.under or seen.renamed:
            self.lines.append(f"columns = [{', '.join(map(_quoted, seen.columns))}]")
        if seen.strip:
            self.lines.append("strip = true")
        if seen.end:
            self.lines.append(f"end = {_quoted(seen.end)}")
        if self.none:
            self.lines.append(f"empty = {json.dumps(['', *self.none])}")

    def _write_numbers(self, kind: Kind) -> None:
        numeric = [c.name for c in TABLES[kind].columns if c.type in NUMBERS]
        texts = [t for name in numeric if name in self.matched for t in self._texts(name)]
        written, doubt = digits(texts)
        if doubt is not None:
            self.notes.append(doubt)
        if written != Digits():
            self.lines += ["", "[numbers]", f"decimal = {_quoted(written.decimal)}"]
            self.lines += [f"grouping = {_quoted(written.grouping)}"] if written.grouping else []
            self.lines += [f"currency = {_quoted(written.currency)}"] if written.currency else []

    def _doubt(self, kind: Kind) -> None:
        """Note what of the whole table is in doubt."""
        key = TABLES[kind].key
        if key in self.matched and len(set(self._texts(key))) < len(self._texts(key)):
            why = (
                "if ids begin again each day, say per_day; else those of other content are refused"
            )
            self.notes.append(f"{self.matched[key]}: ids stand there more than once: {why}")
        if kind is Kind.VENDOR_REPORT and "metric" not in self.matched:
            self.notes.append(_WIDE)

    def _none(self, table: Table) -> tuple[str, ...]:
        """Return the texts that mean no value among numbers and instants, and nothing elsewhere."""
        exact = {c.name for c in table.columns if c.type in NUMBERS or c.type in INSTANTS}
        told = {text for name in exact & {*self.matched} for text in self._stated(name)}
        other = {text for name in {*self.matched} - exact for text in self._stated(name)}
        return tuple(text for text in _NONE if text in told - other)

    def _stated(self, name: str) -> tuple[str, ...]:
        return self.seen.of(self.matched[name])

    def _texts(self, name: str) -> tuple[str, ...]:
        return tuple(text for text in self._stated(name) if text not in self.none)

    def _write_column(self, column: Column) -> None:
        if column.name not in self.matched:
            if column.name == "quantity" and "Lots" in self.seen.columns:
                self._leave(column, "Lots", "say how many shares a lot is", _LOTS)
            elif column.required:
                self.lines.append(f'# {column.name} = "" # needed: no column has such a name')
                self.notes.append(f"{column.name} is needed, and no column goes by such a name")
                self.unsaid.append(column.name)
            return
        source = self.matched[column.name]
        if column.type in INSTANTS:
            self._write_instant(column, source)
        elif column.type in {Type.WORD, Type.FLAG}:
            self._write_words(column, source)
        else:
            self.lines.append(f"{column.name} = {_quoted(source)}")

    def _write_words(self, column: Column, source: str) -> None:
        texts = list(dict.fromkeys(self._texts(column.name)))
        own = column.words or ("true", "false")
        codes = [text for text in texts if text not in own][:_MOST_WORDS]
        known = {**{_told(word): word for word in own}, **WORDS.get(column.name, {})}
        words = {code: known[told] for code in codes if (told := _told(code)) in known}
        unknown = [code for code in codes if code not in words]
        if not words:
            self.lines.append(f"{column.name} = {_quoted(source)}")
        else:
            listed = ", ".join(f"{_quoted(code)} = {_quoted(word)}" for code, word in words.items())
            entry = f"{{ column = {_quoted(source)}, words = {{ {listed} }} }}"
            self.lines.append(f"{column.name} = {entry}")
        if unknown:
            shown = ", ".join(_quoted(code) for code in unknown)
            self.lines.append(f"#   words not known: {shown}; allowed: {', '.join(own)}")
            self.notes.append(f"{source}: what do {shown} mean? allowed: {', '.join(own)}")

    def _write_instant(self, column: Column, source: str) -> None:
        texts, sources = self._texts(column.name), [source]
        found = forms(texts)
        if found and not states_day(found[0]):
            day = self._day_column()
            stated = () if day is None else day_forms(self.seen.of(day))
            if day is None or not stated:
                self._leave(column, source, "it states no date; say where the date is")
                return
            sources, found = [day, source], tuple(f"{d} {found[0]}" for d in stated)
        if not texts or not found:
            wrong = "it is empty" if not texts else f"no form fits texts like {texts[0]!r}"
            self._leave(column, source, wrong)
        elif len({_reading(form) for form in found}) > 1:
            self._write_clock(column, sources, found[0], f"or is it {' or '.join(found[1:])}?")
        else:
            self._write_clock(column, sources, found[0])

    def _write_clock(
        self, column: Column, sources: list[str], form: str, wrong: str | None = None
    ) -> None:
        entries = [f"column = {_quoted(sources[-1])}"]
        if len(sources) > 1:
            listed = ", ".join(map(_quoted, sources))
            entries = [f"columns = [{listed}]", 'join = " "']
        entries.append(f"form = {_quoted(form)}")
        if not zone_told(self._texts(column.name), form):
            zone = zone_shown(self._texts(column.name)) or self.zone or _zone(sources[-1])
            entries += [f"zone = {_quoted(zone)}"] if zone is not None else []
            wrong = wrong if zone is not None else "the file does not say its zone: add zone ="
        if wrong is not None:
            self._leave(column, sources[-1], wrong, ", ".join(entries))
            return
        self.lines.append(f"{column.name} = {{ {', '.join(entries)} }}")

    def _day_column(self) -> str | None:
        return next((name for name in self.seen.columns if bare(name) in DATES), None)

    def _leave(self, column: Column, source: str, wrong: str, entries: str = "") -> None:
        """Leave a column out, and say why."""
        entry = f"{{ {entries} }}" if entries else _quoted(source)
        self.lines.append(f"# {column.name} = {entry} # {wrong}")
        if column.required:
            self.unsaid.append(column.name)
        if column.required or wrong != "it is empty":
            self.notes.append(f"{column.name} is left out: {source}: {wrong}")


def _told(code: str) -> str:
    """Return a code in capitals, its words parted by blanks."""
    return re.sub("[ _-]+", " ", code.strip()).upper()


def _reading(form: str) -> str:
    """Return what tells one reading of a date from another: which comes first, day or month."""
    return "day first" if form.find("%d") < form.find("%m") else "month first"


def _zone(name: str) -> str | None:
    """Return the zone a column's name states."""
    words = re.split("[^a-z]+", name.lower())
    return next((_ZONES[word] for word in words if word in _ZONES), None)


def _printable(line: str) -> str:
    """Return a line without letters that TOML bars from comments; strings have none of them."""
    return "".join(letter if letter.isprintable() else "?" for letter in line)


def _quoted(text: str) -> str:
    """Return a text as TOML has it."""
    return json.dumps(text, ensure_ascii=not text.isprintable())
