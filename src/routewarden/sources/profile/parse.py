"""From the text of a profile to its value, with every mistake named and what would be right."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import reduce

import polars as pl

from routewarden.base.schema import CANONICAL, INSTANTS, NUMBERS, TABLES, Column, Kind, Type
from routewarden.sources.csv_text import Form
from routewarden.sources.encoding import ENCODINGS, UTF16
from routewarden.sources.profile.framing import FRAMINGS
from routewarden.sources.profile.instants import (
    ABBREVIATED,
    EPOCHS,
    PARTS,
    RFC3339,
    states_day,
    states_time,
    unknown_parts,
)
from routewarden.sources.profile.keys import Keys, ProfileError
from routewarden.sources.profile.model import (
    Alias,
    Ambiguous,
    Cell,
    Clock,
    DayOf,
    Digits,
    Layout,
    Profile,
    TableMap,
)

_TOP = ("name", "title", "source", "file", "numbers", "time", "table", "alias", "fix")
_FILE = (
    *("format", "encoding", "delimiter", "quote", "skip", "header", "columns"),
    *("fields", "record", "empty", "end", "strip"),
)
_TABLE = ("kind", "where", "stated", "per_day", "columns")
_CLOCK = ("zone", "form", "ambiguous", "date")
_CELL = (
    *("column", "columns", "join", "value", "words", "other", "alias"),
    *("times", "times_column", "times_until", "optional", *_CLOCK),
)
_ALIAS = ("of", "from", "to", "since", "until")
_MOST_FACTOR_DIGITS = 18


def read_profile(text: str) -> Profile:
    """Return the profile a TOML text states.

    Raises:
        ProfileError: An entry is unknown or wrong; the error says which, and what is allowed.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError("the text", str(error), "TOML is wanted") from error  # noqa: TRY003
    keys = Keys(raw, "", _TOP)
    if not keys.text("name"):
        raise keys.error("name", "missing", "it is what --profile calls it")
    aliases = _aliases(keys)
    defaults = _clock(Keys(keys.table("time"), "time", _CLOCK), Clock()), _digits(keys)
    tables = tuple(
        _table(Keys(table, f"table {number}", _TABLE), defaults, {each.of for each in aliases})
        for number, table in enumerate(keys.tables("table"), 1)
    )
    wanted = frozenset(name for table in tables for name in table.columns)
    return Profile(
        keys.text("name"),
        keys.text("title"),
        keys.text("source"),
        _layout(Keys(keys.table("file"), "file", _FILE), wanted),
        tables,
        aliases,
        keys.table("fix") if "fix" in keys else None,
    )


def _layout(keys: Keys, wanted: frozenset[str]) -> Layout:
    header = keys.flag("header", default=True)
    format_ = keys.word("format", tuple(FRAMINGS), "csv")
    if not header and not keys.texts("columns"):
        raise keys.error("columns", "missing", "a file without a header has its columns named here")
    if format_ == "fixed" and not keys.table("fields"):
        raise keys.error("fields", "missing", "write {name = [first character, how many]}")
    delimiters = keys.texts("delimiter") or (",",)
    for one in delimiters:
        if len(one) != 1 or not one.isascii() or one.isalnum() or one in "\n\r\0.-":
            raise keys.error("delimiter", f"{one!r} will not do", "allowed: one ASCII sign")
    if not header and len(delimiters) > 1:
        raise keys.error("delimiter", "several, and no header to choose by", "name one")
    encodings = (*ENCODINGS, UTF16)
    form = Form(
        delimiters=delimiters,
        quote=keys.letter("quote", '"') or None,
        skip=keys.whole("skip", 0),
        header=header,
        columns=_unrepeated(keys),
        end=keys.text("end"),
        strip=keys.flag("strip", default=False),
        wanted=wanted,
    )
    if form.quote in delimiters:
        raise keys.error("quote", "it is the delimiter too", "they must differ")
    fields = {name: _field(keys, name, place) for name, place in keys.table("fields").items()}
    last = max((first + many for first, many in fields.values()), default=0)
    return Layout(
        format_,
        keys.word("encoding", encodings, "utf-8"),
        form,
        fields,
        None if keys.value("record") == "longer" else keys.whole("record", last, last),
        keys.texts("empty") if "empty" in keys else ("",),
    )


def _unrepeated(keys: Keys) -> tuple[str, ...]:
    columns = keys.texts("columns")
    for name in columns:
        if columns.count(name) > 1:
            raise keys.error("columns", f"'{name}' stands twice", "give each its own name")
    return columns


def _field(keys: Keys, name: str, place: object) -> tuple[int, int]:
    match place:
        case [int(first), int(many)] if first >= 0 and many > 0:
            return first, many
    wrong = f"{place!r} is no place"
    raise keys.error(f"fields.{name}", wrong, "write [first character, from 0; how many]")


def _digits(keys: Keys) -> Digits:
    numbers = Keys(keys.table("numbers"), "numbers", ("decimal", "grouping", "currency"))
    decimal = numbers.letter("decimal", ".")
    grouping = numbers.text("grouping")
    if not decimal or decimal in "+-":
        raise numbers.error("decimal", f"'{decimal}' will not do", "allowed: . , and the like")
    if len(grouping) > 1 or grouping.isalnum() or grouping in {decimal, "+", "-"}:
        wrong = f"'{grouping}' will not do"
        raise numbers.error("grouping", wrong, "allowed: one sign other than the decimal mark")
    currency = numbers.text("currency")
    if re.search(r"[\d+.,-]", currency):
        wrong = f"'{currency}' will not do"
        raise numbers.error("currency", wrong, "allowed: a sign or letters, such as $ or USD")
    return Digits(decimal, grouping, currency)


def _clock(keys: Keys, default: Clock) -> Clock:
    """Return a clock as a section says, and else as the default."""
    zone = keys.text("zone") if "zone" in keys else default.zone
    if zone is not None and not _is_zone(zone):
        raise keys.error("zone", f"'{zone}' is no time zone", "write one like America/New_York")
    form = keys.text("form", default.form)
    if form != RFC3339 and form not in EPOCHS:
        unknown = unknown_parts(form)
        if unknown or "%" not in form:
            wrong = f"'{unknown[0] if unknown else form}' is not known"
            allowed = f"allowed: {', '.join((RFC3339, *EPOCHS))}, or a form of {' '.join(PARTS)}"
            raise keys.error("form", wrong, allowed)
    if ABBREVIATED in form and (not form.endswith(ABBREVIATED) or zone in {None, "UTC"}):
        allowed = "it ends the form, and zone says whose clocks are meant"
        raise keys.error("form", f"{ABBREVIATED} alone names no zone", allowed)
    return Clock(
        form,
        zone,
        Ambiguous(keys.word("ambiguous", tuple(Ambiguous), default.ambiguous)),
        _day_of(keys) if "date" in keys else default.day,
    )


def _is_zone(zone: str) -> bool:
    try:
        pl.Series([0]).cast(pl.Datetime("ns")).dt.replace_time_zone(zone)
    except pl.exceptions.ComputeError:
        return False
    return True


def _day_of(keys: Keys) -> DayOf:
    """Return where the date is: of several places, the first that states one."""
    places = keys.tables("date") if isinstance(keys.value("date"), list) else [keys.value("date")]
    if not places:
        raise keys.error("date", "where is it", 'write {name = "…"} or {line = 1, match = "…"}')
    *others, last = [_place_of(keys, place) for place in places]
    return reduce(lambda day, place: replace(place, otherwise=day), reversed(others), last)


def _place_of(keys: Keys, place: object) -> DayOf:
    inner = Keys(place, "time.date", ("name", "line", "match", "form"))
    if ("name" in inner) == ("line" in inner):
        raise keys.error("date", "where is it", 'write {name = "…"} or {line = 1, match = "…"}')
    match = inner.text("name" if "name" in inner else "match", "(.*)")
    form = inner.text("form", "%Y-%m-%d")
    try:
        re.compile(match)
    except re.error as error:
        raise keys.error("date", f"'{match}': {error}", "write a regular expression") from error
    if unknown_parts(form) or not states_day(form) or states_time(form):
        raise keys.error("date", f"'{form}' is no form of a date", "write one like %Y%m%d")
    line = inner.whole("line", 1, -(2**31)) if "line" in inner else None
    if line == 0:
        raise keys.error("date", "there is no line 0", "the first is 1, the last is -1")
    return DayOf(match, form, line)


def _table(keys: Keys, defaults: tuple[Clock, Digits], lists: set[str]) -> TableMap:
    kind = Kind(keys.word("kind", CANONICAL, ""))
    table = TABLES[kind]
    columns = keys.table("columns")
    at = f"columns of {kind}"
    Keys(columns, at, table.names)
    cells = tuple(
        _cell(column, columns[column.name], f"{at}.{column.name}", defaults)
        for column in table.columns
        if column.name in columns
    )
    for column in table.columns:
        if column.required and column.name not in columns:
            raise ProfileError(at, f"{column.name} is missing", "every record must state it")
    for cell in cells:
        if cell.times_until is not None and table.dated_by is None:
            raise ProfileError(
                f"{at}.{cell.column.name}.times_until", f"{kind} have no date", "leave it out"
            )
        if cell.alias is not None and cell.alias not in lists:
            known = ", ".join(sorted(lists)) or "none; add [[alias]]"
            wrong = f"no list of aliases is called '{cell.alias}'"
            raise ProfileError(f"{at}.{cell.column.name}.alias", wrong, f"there are: {known}")
    per_day = keys.texts("per_day")
    for name in per_day:
        if name not in columns or table.dated_by is None:
            raise keys.error("per_day", f"'{name}' is no id here", "name mapped columns")
    raw_where = keys.table("where")
    where = Keys(raw_where, f"where of {kind}", tuple(raw_where))
    texts = {name: where.texts(name) for name in raw_where}
    return TableMap(kind, cells, texts, keys.texts("stated"), per_day)


def _cell(column: Column, value: object, at: str, defaults: tuple[Clock, Digits]) -> Cell:
    if isinstance(value, str):
        value = {"column": value}
    keys = Keys(value, at, _CELL)
    if sum(key in keys for key in ("column", "columns", "value")) != 1:
        raise keys.error("column", "one source is needed", "allowed: column, columns or value")
    cell = Cell(
        column,
        keys.texts("column" if "column" in keys else "columns"),
        keys.text("join"),
        keys.maybe("value"),
        _words(keys),
        keys.maybe("other"),
        keys.maybe("alias"),
        _factor(keys),
        keys.maybe("times_column"),
        keys.day("times_until"),
        keys.flag("optional", default=False),
        *defaults,
    )
    _check_factors(keys, cell)
    if cell.value is None and column.type in INSTANTS:
        return replace(cell, clock=_cell_clock(keys, column, defaults[0]))
    for key in _CLOCK:
        if key in keys:
            raise keys.error(key, f"{column.name} is no instant of the file", "leave it out")
    return cell


def _check_factors(keys: Keys, cell: Cell) -> None:
    for key in ("times", "times_column"):
        if key in keys and cell.column.type not in NUMBERS:
            raise keys.error(key, f"{cell.column.name} is no number", "leave it out")
    if cell.times_until is not None and cell.times is None:
        raise keys.error("times_until", "there is no factor it ends", "state times as well")


def _cell_clock(keys: Keys, column: Column, default: Clock) -> Clock:
    clock = _clock(keys, default)
    if not states_time(clock.form) and column.type is Type.INSTANT:
        raise keys.error("form", f"'{clock.form}' states no time of day", "an instant has one")
    if states_day(clock.form):
        return replace(clock, day=None)  # what states its day needs no other
    if clock.day is None:
        allowed = "state it in the form, or say where: date = {name = …}"
        raise keys.error("form", f"'{clock.form}' states no date", allowed)
    return clock


def _words(keys: Keys) -> Mapping[str, str] | None:
    if "words" not in keys:
        return None
    raw = keys.table("words")
    words = Keys(raw, "words", tuple(raw))
    return {key: words.text(key) for key in raw}


def _factor(keys: Keys) -> str | None:
    """Return an exact factor as plain text."""
    if "times" not in keys:
        return None
    found = keys.value("times")
    text = str(found) if isinstance(found, int) and not isinstance(found, bool) else found
    try:
        factor = Decimal(text) if isinstance(text, str) else Decimal("NaN")
    except InvalidOperation:
        factor = Decimal("NaN")
    if not factor.is_finite() or len(f"{abs(factor):f}") > _MOST_FACTOR_DIGITS:
        wrong = f"{found!r} is no exact factor"
        raise keys.error("times", wrong, 'write it in quotes, as "0.0001"')
    return f"{factor:f}"


def _aliases(keys: Keys) -> tuple[Alias, ...]:
    found: list[Alias] = []
    for number, raw in enumerate(keys.tables("alias"), 1):
        one = Keys(raw, f"alias {number}", _ALIAS)
        for key in ("of", "from", "to"):
            if not one.text(key):
                raise one.error(key, "missing", "an alias has of, from and to")
        alias = Alias(
            one.text("of"), one.text("from"), one.text("to"), one.day("since"), one.day("until")
        )
        if any(_overlap(alias, other) for other in found):
            wrong = f"'{alias.told}' means two things on one date"
            raise one.error("from", wrong, "give each its since and until")
        found.append(alias)
    return tuple(found)


def _overlap(one: Alias, other: Alias) -> bool:
    if (one.of, one.told) != (other.of, other.told):
        return False
    before = one.until is not None and other.since is not None and one.until < other.since
    after = other.until is not None and one.since is not None and other.until < one.since
    return not (before or after)
