"""A profile: how a vendor's files say what the canonical tables say.

Everything a file's reader needs to know is in these values, checked when the profile is read, so
that reading a file raises nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from routewarden.base.schema import Column, Kind
from routewarden.sources.csv_text import PLAIN, Form


class Ambiguous(StrEnum):
    """What a local time means in the hour that clocks show twice."""

    REJECT = "reject"
    EARLIER = "earlier"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class DayOf:
    """Where a file states the date of its times of day: in its `name`, or on a `line` of it.

    `match` finds it, as its first group or as a whole; `form` reads it. A negative line counts
    from the file's last. Where it finds none, `otherwise` says where else to look.
    """

    match: str
    form: str
    line: int | None = None
    otherwise: DayOf | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """How instants are written: `form`, in the `zone` whose clocks show them.

    Without a zone, a form is UTC, and RFC 3339 must state its offset.
    """

    form: str = "rfc3339"
    zone: str | None = None
    ambiguous: Ambiguous = Ambiguous.REJECT
    day: DayOf | None = None


@dataclass(frozen=True, slots=True)
class Digits:
    """How numbers are written: the decimal mark, and what stands between groups of three.

    `currency` is a sign that may stand before them, after their own.
    """

    decimal: str = "."
    grouping: str = ""
    currency: str = ""

    @property
    def are_plain(self) -> bool:
        """Whether numbers are written as the canonical tables write them."""
        return self == Digits()


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a canonical column comes from: the file's columns `sources`, or a constant `value`.

    Several sources are joined: an instant's only whole, another's as far as they are stated.
    `words` translates texts; `other` is what any other text becomes. `times` is an exact factor,
    the last trading date of which may be `times_until`, and `times_column` the column of one.
    `alias` names a list of aliases. An `optional` cell may have no column in the file.
    """

    column: Column
    sources: tuple[str, ...] = ()
    join: str = ""
    value: str | None = None
    words: Mapping[str, str] | None = None
    other: str | None = None
    alias: str | None = None
    times: str | None = None
    times_column: str | None = None
    times_until: date | None = None
    optional: bool = False
    clock: Clock = Clock()
    digits: Digits = Digits()

    @property
    def is_plain(self) -> bool:
        """Whether a number is its text."""
        return self.times is None and self.times_column is None and self.digits.are_plain

    @property
    def columns(self) -> tuple[str, ...]:
        """The file's columns it reads."""
        return self.sources if self.times_column is None else (*self.sources, self.times_column)


@dataclass(frozen=True, slots=True)
class TableMap:
    """A record of a kind made of each row whose columns have one of the texts of `where`.

    The row must have a text in each of the columns `stated`. The ids `per_day` repeat from day to
    day: the record's trading date is put before them.
    """

    kind: Kind
    cells: tuple[Cell, ...]
    where: Mapping[str, tuple[str, ...]]
    stated: tuple[str, ...] = ()
    per_day: tuple[str, ...] = ()

    @property
    def needs(self) -> frozenset[str]:
        """The columns a file must have."""
        read = (name for cell in self.cells if not cell.optional for name in cell.columns)
        return frozenset((*read, *self.where, *self.stated))

    @property
    def columns(self) -> frozenset[str]:
        """The columns it reads of those a file has."""
        read = (name for cell in self.cells for name in cell.columns)
        return frozenset((*read, *self.where, *self.stated))

    @property
    def constants(self) -> frozenset[tuple[str, str]]:
        """What its records say whatever the file says: canonical column and text."""
        return frozenset((c.column.name, c.value) for c in self.cells if c.value is not None)


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name, `told`, for what is `meant`, of a list, from a date to another (included)."""

    of: str
    told: str
    meant: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is cut into fields.

    `fields` of a fixed width: first character, from 0, and how many; a line of another length than
    `record` is refused (None: it may go on after the last field). Texts in `empty` mean no value.
    """

    format: str = "csv"
    encoding: str = "utf-8"
    form: Form = PLAIN
    fields: Mapping[str, tuple[int, int]] | None = None
    record: int | None = None
    empty: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True)
class Profile:
    """A vendor's dialect. `fix` is how its FIX sessions differ, as the text has it."""

    name: str
    title: str
    source: str
    layout: Layout
    tables: tuple[TableMap, ...]
    aliases: tuple[Alias, ...]
    fix: Mapping[str, object] | None

    @property
    def columns(self) -> frozenset[str]:
        """The file's columns that some table reads."""
        return frozenset(name for table in self.tables for name in table.columns)
