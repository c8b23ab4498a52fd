"""From text to typed values, exactly, or a reason why not.

Every column arrives as text, whatever file it came from, so that a value means the same in CSV and
in Parquet. One pass of column expressions gives the values and another says which are right; only
rows that fail are looked at again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from routewarden.base.schema import INSTANTS, LIMIT_TYPES, NUMBERS, Column, Kind, Table, Type
from routewarden.base.time import REPRESENTABLE, start_of_date
from routewarden.native.numbers import parse_instant, states_instant
from routewarden.sources.csv_text import PLACE
from routewarden.sources.reject import Reason, Reject

EXTRA_PREFIX = "x_"
"""What the name of a column outside the data model is prefixed with."""

_DECIMAL_FORM = r"^-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$"
_DATE_FORM = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_SHOWN = 40  # characters of a refused value worth repeating


@dataclass(frozen=True, slots=True)
class Bounds:
    """The instants (UTC ns) a calendar covers: the first, and the first past the last."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class _Check:
    """What becomes of a column's cells.

    `right` and `reason` are of cells that are filled. They and `kept`, what the record holds, may
    refer to `value`, which is worked out first, by the name `_value` gives it.
    """

    column: Column
    kept: pl.Expr
    right: pl.Expr
    reason: pl.Expr
    value: pl.Expr | None = None

    @property
    def holds(self) -> pl.Expr:
        """Whether a cell is right, or is empty and may be."""
        filled = pl.col(self.column.name).is_not_null()
        return self.right & filled if self.column.required else self.right | ~filled

    @property
    def fault(self) -> pl.Expr:
        """The reason where it does not hold."""
        filled = pl.col(self.column.name).is_not_null()
        missing = pl.lit(self.column.required)
        return (
            pl.when(filled & ~self.right)
            .then(self.reason)
            .when(~filled & missing)
            .then(pl.lit(Reason.MISSING.value))
        )


@dataclass(frozen=True, slots=True)
class _Need:
    """A requirement across columns: `met`, else `column` is missing with `detail`."""

    column: str
    met: pl.Expr
    detail: str


_NEEDS: Mapping[Kind, tuple[_Need, ...]] = {
    Kind.ORDERS: (
        _Need(
            "limit_price",
            pl.col("limit_price").is_not_null() | ~pl.col("order_type").is_in(LIMIT_TYPES),
            "a limit order states its limit_price",
        ),
    ),
    Kind.FILLS: (
        _Need(
            "order_id",
            pl.col("order_id").is_not_null() | pl.col("route_id").is_not_null(),
            "a fill names its order_id or its route_id",
        ),
    ),
}


def conform(
    table: Table, text: pl.DataFrame, bounds: Bounds
) -> tuple[pl.DataFrame, tuple[Reject, ...]]:
    """Return the records of a frame of text, typed, and the rejects of the rest.

    The frame has the file's columns and `line`, `start` and `end`. They are text, but for columns
    all of whose cells are known to be right, which may be typed. The records have every column of
    the table, then the others as `x_name`, then its place.
    """
    extras = [name for name in text.columns if name.startswith(EXTRA_PREFIX)]
    absent = [name for name in table.names if name not in text.columns]
    full = text.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in absent)
    typed = (name for name in table.names if text.schema.get(name, pl.String) != pl.String)
    checks = _checks(table, bounds, frozenset(typed))
    valued = full.with_columns(
        check.value.alias(_value(check.column)) for check in checks if check.value is not None
    )
    needs = (need.met for need in _NEEDS.get(table.kind, ()))
    right = valued.select(pl.all_horizontal(*(check.holds for check in checks), *needs)).to_series()
    kept = [check.kept.alias(check.column.name) for check in checks]
    if right.all():
        return valued.select(*kept, *extras, *PLACE), ()
    records = valued.filter(right).select(*kept, *extras, *PLACE)
    return records, tuple(_explain(table, valued.filter(~right), checks, frozenset(absent)))


@lru_cache(maxsize=1 << 6)
def _checks(table: Table, bounds: Bounds, typed: frozenset[str]) -> tuple[_Check, ...]:
    """Return the checks of a table's columns: to make them takes longer than a block's rows do."""
    return tuple(
        _typed(column) if column.name in typed else _check(column, bounds)
        for column in table.columns
    )


def _typed(column: Column) -> _Check:
    """A column that is right wherever it is filled."""
    kept = pl.col(column.name).cast(column.dtype)
    return _Check(column, _side(column, kept), pl.lit(value=True), pl.lit(None, dtype=pl.String))


def _side(column: Column, number: pl.Expr) -> pl.Expr:
    """A price of 0 or less says that a quote has no such side."""
    return pl.when(number > 0).then(number) if column.type is Type.QUOTE else number


def _value(column: Column) -> str:
    return f"\0value {column.name}"  # no file's column is called so


def _check(column: Column, bounds: Bounds) -> _Check:
    raw = pl.col(column.name)
    if column.type in NUMBERS:
        return _number(column, raw)
    if column.type in INSTANTS:
        return _instant(column, raw, bounds)
    if column.type is Type.FLAG:
        flags = raw.is_in(["true", "false"])
        return _Check(column, raw == "true", flags, pl.lit(Reason.NOT_A_FLAG.value))
    if column.type is Type.WORD:
        return _Check(column, raw, raw.is_in(column.words), pl.lit(Reason.UNKNOWN_WORD.value))
    return _Check(column, raw, pl.lit(value=True), pl.lit(None, dtype=pl.String))


def _number(column: Column, raw: pl.Expr) -> _Check:
    """A plain decimal; zeros past the last allowed decimal change nothing and are let pass."""
    numbers, exact = NUMBERS[column.type], pl.col(_value(column))
    fits = rf"^-?(?:[0-9]+\.?[0-9]{{0,{numbers.scale}}}0*|\.[0-9]{{1,{numbers.scale}}}0*)$"
    if numbers.scale == 0:
        fits = r"^-?[0-9]+$"
    in_range = exact.is_between(
        pl.lit(numbers.least, dtype=pl.Int128), pl.lit(numbers.most, dtype=pl.Int128)
    )
    not_a_number = Reason.NOT_A_DECIMAL if numbers.scale else Reason.NOT_AN_INTEGER
    reason = (
        pl.when(~raw.str.contains(_DECIMAL_FORM))
        .then(pl.lit(not_a_number.value))
        .when(~raw.str.contains(fits))
        .then(pl.lit(Reason.TOO_PRECISE.value if numbers.scale else not_a_number.value))
        .otherwise(pl.lit(Reason.OUT_OF_RANGE.value))
    )
    kept = exact.cast(numbers.dtype, strict=False)
    return _Check(
        column,
        kept=_side(column, kept),
        right=raw.str.contains(fits) & in_range.fill_null(value=False),
        reason=reason,
        value=raw.cast(pl.Decimal(38, numbers.scale), strict=False).to_physical(),
    )


def _instant(column: Column, raw: pl.Expr, bounds: Bounds) -> _Check:
    read, stated = parse_instant(raw), states_instant(raw)
    if column.type is not Type.INSTANT:  # a date stands for all of its day
        date = pl.when(raw.str.contains(_DATE_FORM)).then(raw.str.to_date("%Y-%m-%d", strict=False))
        day = date + pl.duration(days=1) if column.type is Type.END else date
        whole = pl.when(raw.str.contains(REPRESENTABLE)).then(day)
        read = pl.coalesce(start_of_date(whole), read)
        stated = stated | date.is_not_null()
    value = pl.col(_value(column))
    inside = (value >= bounds.first) & (value < bounds.end)
    if column.type is Type.END:
        inside = value.is_not_null()
    reason = (
        pl.when(stated)
        .then(pl.lit(Reason.OUTSIDE_CALENDAR.value))
        .otherwise(pl.lit(Reason.NOT_AN_INSTANT.value))
    )
    return _Check(column, value, inside.fill_null(value=False), reason, read)


def _explain(
    table: Table, wrong: pl.DataFrame, checks: tuple[_Check, ...], absent: frozenset[str]
) -> Iterator[Reject]:
    """Yield the reject of each wrong row: its first column that fails, in the table's order."""
    needs = _NEEDS.get(table.kind, ())
    faults = [check.fault for check in checks]
    faults += [pl.when(~need.met).then(pl.lit(need.detail)) for need in needs]
    every = [pl.col(str(at)) for at in range(len(faults))]
    first = wrong.select(fault.alias(str(at)) for at, fault in enumerate(faults)).select(
        at=pl.coalesce(pl.when(why.is_not_null()).then(at) for at, why in enumerate(every)),
        why=pl.coalesce(every),
    )
    stated = pl.coalesce(
        pl.when(first["at"] == at).then(pl.col(check.column.name).cast(pl.String))
        for at, check in enumerate(checks)
    )
    told = wrong.select(*PLACE, stated.alias(_value(checks[0].column)))
    for (line, start, end, value), (at, why) in zip(
        told.iter_rows(), first.iter_rows(), strict=True
    ):
        if at < len(checks):
            column, reason = checks[at].column, Reason(why)
            detail = _detail(column, reason, value, absent=column.name in absent)
        else:
            column, reason, detail = needs[at - len(checks)].column, Reason.MISSING, why
        name = column if isinstance(column, str) else column.name
        yield Reject(line, reason, detail, name, start, end)


def _detail(column: Column, reason: Reason, value: str | None, *, absent: bool) -> str:
    """Say what is wrong with a value and what would be right."""
    if value is None:
        return f"the file has no column {column.name}" if absent else f"{column.name} is empty"
    shown = value if len(value) <= _SHOWN else value[:_SHOWN] + "…"
    return f"{column.name} '{shown}' {_wanted(column, reason)}"


@lru_cache(maxsize=1 << 8)
def _wanted(column: Column, reason: Reason) -> str:
    scale = NUMBERS[column.type].scale if column.type in NUMBERS else 0
    return {
        Reason.NOT_A_DECIMAL: "is not a plain decimal",
        Reason.NOT_AN_INTEGER: "is not an integer",
        Reason.TOO_PRECISE: f"has more than {scale} decimals",
        Reason.OUT_OF_RANGE: f"is outside the range of a {column.type}",
        Reason.NOT_AN_INSTANT: "is not RFC 3339 in UTC, such as 2026-07-01T13:30:00.123456789Z",
        Reason.OUTSIDE_CALENDAR: "is outside the dates the trading calendar covers",
        Reason.UNKNOWN_WORD: "is none of " + ", ".join(column.words),
        Reason.NOT_A_FLAG: "is neither true nor false",
    }.get(reason, "cannot be read")
