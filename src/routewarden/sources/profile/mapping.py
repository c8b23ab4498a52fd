"""From the rows of a file to records of a kind: columns found, texts translated, each refusal said.

A cell is refused in the words of the file: its own column, and its text as it stands there. What is
left is canonical text, which goes through the checks every file goes through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from routewarden.base.schema import INSTANTS, NUMBERS, Table
from routewarden.base.time import trading_date
from routewarden.native.numbers import parse_instant
from routewarden.sources.csv_text import PLACE, escaped, unescaped
from routewarden.sources.profile.decimals import number_form, plain_number, product
from routewarden.sources.profile.instants import instants
from routewarden.sources.profile.model import Alias, Cell, DayOf, Profile, TableMap
from routewarden.sources.reject import Reason, Reject
from routewarden.sources.typed import EXTRA_PREFIX, Bounds, conform

_FACTOR = "\0times "
_HALF = "\0half "
_TOLD = "\0told "
_SHOWN = 40  # characters of a refused text worth repeating


@dataclass(frozen=True, slots=True)
class Mapper:
    """How the rows of one file become records of one table.

    `tables` are the profile's that find their columns in the file, `present` its columns, `days`
    the date of each place a date is stated.
    """

    table: Table
    profile: Profile
    tables: tuple[TableMap, ...]
    present: frozenset[str]
    days: Mapping[DayOf, date]
    bounds: Bounds

    def map(self, rows: pl.DataFrame) -> tuple[list[pl.DataFrame], list[Reject], int]:
        """Return the records each table makes of some rows, the rejects, and the rows of neither.

        The rows are text, and `line`, `start` and `end`.
        """
        clean = rows.with_columns(_clean(self.profile, rows.columns))
        takes = clean.select(_takes(each).alias(f"{n}") for n, each in enumerate(self.tables))
        records: list[pl.DataFrame] = []
        rejects: list[Reject] = []
        for table, mask in zip(self.tables, takes.get_columns(), strict=True):
            known, refused = self._records(table, rows.filter(mask), clean.filter(mask))
            records.append(known)
            rejects += refused
        taken = takes.select(pl.any_horizontal(pl.all()).sum()).item()
        return records, rejects, rows.height - taken

    def _records(
        self, table: TableMap, raw: pl.DataFrame, clean: pl.DataFrame
    ) -> tuple[pl.DataFrame, list[Reject]]:
        texts = clean.select(
            *self._extras(clean),
            *PLACE,
            *(expr for cell in table.cells for expr in self._text(cell)),
        )
        told, reasons = self._told(texts, table)
        lacks = [
            (pl.col(name).is_not_null() & pl.col(_TOLD + name).is_null()) for name in reasons
        ] + [pl.col(name) for name in told.columns if name.startswith(_HALF)]
        none = pl.repeat(value=False, n=pl.len(), dtype=pl.Boolean)
        wrong = told.select(pl.any_horizontal(none, *lacks)).to_series()
        # what is wrong is asked only of the rows that fail
        why = told.filter(wrong).select(each.alias(name) for name, each in reasons.items())
        rejects = [*_refusals(table, raw.filter(wrong), why)]
        raw, told = raw.filter(~wrong), told.filter(~wrong)
        told = told.with_columns(pl.col(_TOLD + name).alias(name) for name in reasons)
        kept = [name for name in told.columns if not name.startswith("\0")]
        known = self._dated(table, told.select(kept))
        records, refused = conform(self.table, known, self.bounds)
        return records, [*rejects, *_in_its_words(table, raw, refused)]

    def _extras(self, rows: pl.DataFrame) -> Iterator[pl.Expr]:
        """Yield the columns no table of the profile reads."""
        read = {escaped(name) for name in self.profile.columns}
        for name in rows.columns:
            if name not in read and name not in PLACE:
                yield pl.col(name).alias(EXTRA_PREFIX + unescaped(name))

    def _text(self, cell: Cell) -> Iterator[pl.Expr]:
        """Yield a cell's text under its canonical name, and what else its value depends on."""
        name = cell.column.name
        if cell.value is not None:
            yield pl.lit(cell.value or None, dtype=pl.String).alias(name)
            return
        if not self.present.issuperset(cell.columns):
            yield pl.lit(None, dtype=pl.String).alias(name)
            return
        sources = [pl.col(escaped(source)) for source in cell.sources]
        text = sources[0]
        if len(sources) > 1:
            text = pl.concat_str(sources, separator=cell.join, ignore_nulls=True).replace("", None)
        if len(sources) > 1 and cell.column.type in INSTANTS:
            some = [source.is_not_null() for source in sources]
            yield (pl.any_horizontal(some) & ~pl.all_horizontal(some)).alias(_HALF + name)
        yield _translated(text, cell).alias(name)
        if cell.times_column is not None:
            yield pl.col(escaped(cell.times_column)).alias(_FACTOR + name)

    def _told(
        self, texts: pl.DataFrame, table: TableMap
    ) -> tuple[pl.DataFrame, dict[str, pl.Expr]]:
        """Return texts beside what they tell, and for each cell that tells, why it would not."""
        times: list[pl.Expr] = []
        numbers: list[pl.Expr] = []
        reasons: dict[str, pl.Expr] = {}
        for cell in table.cells:
            name = cell.column.name
            if cell.value is not None or not self.present.issuperset(cell.columns):
                continue
            if cell.column.type in INSTANTS:
                value, reasons[name] = self._instant(cell)
                times.append(value.alias(_TOLD + name))
            elif cell.column.type in NUMBERS and not cell.is_plain:
                reasons[name] = _no_number(cell)
                numbers.append(_number(cell, self._day(table)).alias(_TOLD + name))
        # lazily, so that what parts of a value share is worked out once
        return texts.lazy().with_columns(times).with_columns(numbers).collect(), reasons

    def _day(self, table: TableMap) -> pl.Expr:
        """Return each record's trading date, once its instants are told."""
        for cell in table.cells:
            if cell.column.name == self.table.dated_by and self.present.issuperset(cell.sources):
                told = cell.column.name if cell.value is not None else _TOLD + cell.column.name
                return trading_date(parse_instant(pl.col(told)))
        return pl.lit(None, dtype=pl.Date)  # and the record, which lacks its instant, is refused

    def _instant(self, cell: Cell) -> tuple[pl.Expr, pl.Expr]:
        day = None if cell.clock.day is None else self.days[cell.clock.day]
        told = instants(pl.col(cell.column.name), cell.clock, cell.column.type, day)
        if len(cell.sources) == 1:
            return told.text, told.reason
        half = pl.col(_HALF + cell.column.name)  # a date without a time is no instant
        return told.text, pl.when(half).then(pl.lit(Reason.MISSING.value)).otherwise(told.reason)

    def _dated(self, table: TableMap, told: pl.DataFrame) -> pl.DataFrame:
        """Put aliases and dates in, as of each record's trading date."""
        names = {cell.column.name: cell.alias for cell in table.cells if cell.alias is not None}
        day = pl.lit(None, dtype=pl.Date)
        if self.table.dated_by is not None:
            day = trading_date(parse_instant(pl.col(self.table.dated_by)))
        aliased = told.with_columns(
            _meant(pl.col(name), day, [a for a in self.profile.aliases if a.of == of]).alias(name)
            for name, of in names.items()
        )
        prefix = day.dt.strftime("%Y%m%d-")
        return aliased.with_columns(
            pl.coalesce(prefix + pl.col(name), pl.col(name)).alias(name) for name in table.per_day
        )


def _clean(profile: Profile, names: Iterable[str]) -> Iterator[pl.Expr]:
    """Yield the columns with texts that mean no value as null."""
    empty = [text for text in profile.layout.empty if text]
    for name in names:
        if name in PLACE:
            continue
        value = pl.col(name)
        if profile.layout.form.strip:
            value = value.str.strip_chars().replace("", None)
        if empty:
            value = pl.when(~value.is_in(empty)).then(value)
        if empty or profile.layout.form.strip:
            yield value.alias(name)


def _takes(table: TableMap) -> pl.Expr:
    """Return whether a table makes a record of a row."""
    whole = pl.repeat(value=True, n=pl.len(), dtype=pl.Boolean)
    return whole & pl.all_horizontal(
        pl.lit(value=True),
        *(
            pl.col(escaped(name)).fill_null("").is_in(list(texts))
            for name, texts in table.where.items()
        ),
        *(pl.col(escaped(name)).is_not_null() for name in table.stated),
    )


def _translated(text: pl.Expr, cell: Cell) -> pl.Expr:
    if cell.words is None:
        return text
    default = text if cell.other is None else pl.lit(cell.other)
    meant = [word or None for word in cell.words.values()]
    new = pl.Series(meant, dtype=pl.String)
    told = text.replace_strict(
        pl.Series(list(cell.words), dtype=pl.String), new, default=default, return_dtype=pl.String
    )
    return pl.when(text.is_not_null()).then(told)


def _number(cell: Cell, day: pl.Expr) -> pl.Expr:
    """Return a number as a plain decimal."""
    value = plain_number(pl.col(cell.column.name), cell.digits)
    if cell.times is not None:
        factor = pl.lit(cell.times)
        if cell.times_until is not None:
            factor = pl.when(day <= cell.times_until).then(factor).otherwise(pl.lit("1"))
        value = product(value, pl.when(value.is_not_null()).then(factor))
    if cell.times_column is not None:
        value = product(value, plain_number(pl.col(_FACTOR + cell.column.name), cell.digits))
    return value


def _no_number(cell: Cell) -> pl.Expr:
    """Return why a text gave no number."""
    raw = pl.col(cell.column.name)
    form = number_form(cell.digits)
    wrong = [(~raw.str.contains(form), Reason.NOT_A_DECIMAL)]
    if cell.times_column is not None:
        times = pl.col(_FACTOR + cell.column.name)
        wrong.append((times.is_null(), Reason.MISSING))
        wrong.append((~times.str.contains(form), Reason.NOT_A_DECIMAL))
    which = (pl.when(each).then(pl.lit(reason.value)) for each, reason in wrong)
    none = raw.is_not_null() & pl.col(_TOLD + cell.column.name).is_null()
    return pl.when(none).then(pl.coalesce(*which, pl.lit(Reason.OUT_OF_RANGE.value)))


def _meant(text: pl.Expr, day: pl.Expr, aliases: Sequence[Alias]) -> pl.Expr:
    """Return what texts are aliases of on a day; other texts as they are."""
    always = {a.told: a.meant for a in aliases if a.since is None and a.until is None}
    meant = text.replace(list(always), list(always.values())) if always else text
    for alias in aliases:
        if alias.told in always:
            continue
        since = day >= alias.since if alias.since is not None else day.is_not_null()
        until = day <= alias.until if alias.until is not None else day.is_not_null()
        here = (text == alias.told) & since & until
        meant = pl.when(here).then(pl.lit(alias.meant)).otherwise(meant)
    return meant


def _refusals(table: TableMap, raw: pl.DataFrame, why: pl.DataFrame) -> Iterator[Reject]:
    """Yield the reject of each row: its first cell that is refused, in the data model's order."""
    for row, reasons in zip(raw.iter_rows(named=True), why.iter_rows(named=True), strict=True):
        cell = next(c for c in table.cells if reasons.get(c.column.name) is not None)
        reason = Reason(reasons[cell.column.name])
        yield _reject(row, cell, reason, f"{_shown(row, cell)} {_sentence(cell, reason)}")


def _in_its_words(
    table: TableMap, raw: pl.DataFrame, rejects: tuple[Reject, ...]
) -> Iterator[Reject]:
    """Yield the rejects of canonical text with the file's column and its text."""
    cells = {cell.column.name: cell for cell in table.cells}
    lines = [reject.line for reject in rejects]
    rows = {
        row["line"]: row for row in raw.filter(pl.col("line").is_in(lines)).iter_rows(named=True)
    }
    for reject in rejects:
        cell = cells.get(str(reject.column))
        if cell is None or cell.value is not None:
            yield reject
            continue
        row = rows[reject.line]
        yield _reject(row, cell, reject.reason, f"{reject.detail}: {_shown(row, cell)}")


def _reject(row: Mapping[str, object], cell: Cell, reason: Reason, detail: str) -> Reject:
    line, start, end = (int(str(row[name])) for name in PLACE)
    return Reject(line, reason, detail, " + ".join(cell.columns), start, end)


def _shown(row: Mapping[str, object], cell: Cell) -> str:
    """Return a cell's columns with their texts as the file has them."""
    texts = [(name, row.get(escaped(name))) for name in cell.columns]
    return ", ".join(f"{name} '{_short(text)}'" for name, text in texts)


def _short(text: object) -> str:
    shown = "" if text is None else str(text)
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"


def _sentence(cell: Cell, reason: Reason) -> str:
    zone = cell.clock.zone
    digits = f"decimal mark '{cell.digits.decimal}'"
    if cell.digits.grouping:
        digits += f", groups of three by '{cell.digits.grouping}'"
    return {
        Reason.MISSING: "is stated in part",
        Reason.NOT_A_DECIMAL: f"is no number ({digits})",
        Reason.OUT_OF_RANGE: "has too many digits to be multiplied exactly",
        Reason.NOT_AN_INSTANT: f"is not of the form {cell.clock.form}",
        Reason.TOO_PRECISE: "is finer than a nanosecond",
        Reason.NO_SUCH_TIME: f"is a time no clock in {zone} shows",
        Reason.AMBIGUOUS_TIME: f"is a time clocks in {zone} show twice",
    }[reason]
