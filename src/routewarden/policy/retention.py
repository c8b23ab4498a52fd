"""How long the firm keeps which records, and what is on hold: what may go, and when.

Nothing may go by itself. A raw file may go when every kind it was read as is in a class, the
class's years since its delivery are over, and no hold touches it. What is in no class is kept.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from routewarden.base.canonical import Digest
from routewarden.base.errors import RoutewardenError
from routewarden.base.schema import Kind

RETENTION = "retention.toml"
RETENTION_TEXT = """\
# How long records are kept before two persons may purge them. Without a class nothing ever may go.
# The periods are the firm's own decision and obligation: read the rules themselves first.
#
# As secondary sources state it (none of it was read in the rules' own text):
#   SEC Rule 17a-4(a)  six years, the first two easily accessible
#   SEC Rule 17a-4(b)  three years, the first two easily accessible
#   FINRA Rule 4511    six years where no other period is set
#
# [[class]]
# name = "orders and executions"
# kinds = ["orders", "routes", "fills", "fix", "cat"]
# years = 6
# source = "written supervisory procedures, 7.2, which follow FINRA Rule 4511"
# read = 2026-11-02
"""

_KEYS = {"name", "kinds", "years", "source", "read"}
_MOST_YEARS = 100


class RetentionError(RoutewardenError):
    """The firm's `retention.toml` cannot be used."""

    def __init__(self, *, entry: str, value: object) -> None:
        super().__init__(
            f"policy/{RETENTION}: {entry}: {value}. Write each as [[class]] with name, kinds, "
            'years, source = "what says so" and read = 2026-11-02, the date it was read; a kind '
            "is in one class."
        )


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """Kinds of record, how many years they are kept, and what says so, read when."""

    name: str
    kinds: tuple[Kind, ...]
    years: int
    source: str
    read: date


@dataclass(frozen=True, slots=True)
class Held:
    """A raw file: the kinds it was read as, and when the firm received it as each."""

    digest: Digest
    delivered: Mapping[Kind, date]


@dataclass(frozen=True, slots=True)
class Hold:
    """What must not go, whatever its age, and why; None is any."""

    name: str
    reason: str
    kind: Kind | None = None
    first: date | None = None
    last: date | None = None
    digest: Digest | None = None

    def touches(self, file: Held) -> bool:
        """Return whether a raw file is on hold by this."""
        if self.digest is not None and self.digest != file.digest:
            return False
        days = [day for kind, day in file.delivered.items() if self.kind in {None, kind}]
        return any(
            (self.first is None or self.first <= day) and (self.last is None or day <= self.last)
            for day in days
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """Until when a raw file is kept (None: for ever), and by which holds besides."""

    file: Held
    until: date | None
    holds: tuple[str, ...]

    def may_go(self, today: date) -> bool:
        """Return whether it may be purged: its time is over, and nothing holds it."""
        return self.until is not None and self.until < today and not self.holds


def judge(
    files: Iterable[Held], classes: Collection[RetentionClass], holds: Collection[Hold]
) -> tuple[Judged, ...]:
    """Return until when each raw file is kept, and by which holds."""
    years = {kind: each.years for each in classes for kind in each.kinds}
    found = []
    for file in files:
        ends = [_later(day, years[kind]) for kind, day in file.delivered.items() if kind in years]
        known = bool(ends) and len(ends) == len(file.delivered)
        until = max(ends) if known else None
        names = tuple(sorted(hold.name for hold in holds if hold.touches(file)))
        found.append(Judged(file, until, names))
    return tuple(found)


def _later(day: date, years: int) -> date:
    """Return the last day of a period that begins on a day."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)


def read_retention(text: str) -> tuple[RetentionClass, ...]:
    """Return the classes of a `retention.toml`.

    Raises:
        RetentionError: It is not that.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RetentionError(entry="the file", value=str(error)) from error
    if extra := set(table) - {"class"}:
        raise RetentionError(entry=min(extra), value="no such entry")
    rows = table.get("class", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RetentionError(entry="class", value=rows)
    classes = tuple(map(_class, rows))
    kinds = [kind for each in classes for kind in each.kinds]
    if len(kinds) > len(set(kinds)):
        raise RetentionError(
            entry="kinds", value=f"{max(kinds, key=kinds.count)} is in two classes"
        )
    return classes


def _class(row: Mapping[str, object]) -> RetentionClass:
    if odd := set(row) ^ _KEYS:
        raise RetentionError(entry=min(odd), value="missing" if min(odd) in _KEYS else "no entry")
    kinds, years, read = row["kinds"], row["years"], row["read"]
    for key in ("name", "source"):
        if not isinstance(row[key], str) or not row[key]:
            raise RetentionError(entry=key, value=row[key])
    known = {str(kind) for kind in Kind}
    if not isinstance(kinds, list) or not kinds or not all(kind in known for kind in kinds):
        raise RetentionError(entry="kinds", value=kinds)
    if type(years) is not int or not 0 < years <= _MOST_YEARS:
        raise RetentionError(entry="years", value=years)
    if type(read) is not date:
        raise RetentionError(entry="read", value=read)
    return RetentionClass(
        str(row["name"]), tuple(map(Kind, kinds)), years, str(row["source"]), read
    )
