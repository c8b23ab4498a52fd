"""From text to typed values, exactly, or a reason why not.

Every column arrives as text, whatever file it came from, so that a value means the same in CSV and
in Parquet. The check is one pass of column expressions; only rows that fail are looked at again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from routewarden.base.schema import INSTANTS, LIMIT_TYPES, NUMBERS, Column, Kind, Table, Type
from routewarden.base.time import INSTANT_FORM, REPRESENTABLE, parse_instant, start_of_date
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
    """A column's value, whether it is right, and the reason and detail where it is not."""

    column: str
    value: pl.Expr
    right: pl.Expr
    reason: pl.Expr


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

    The frame has the file's columns, all text, and `line`, `start` and `end`. The records have
    every column of the table, then the others as `x_name`, then its place.
    """
    extras = [name for name in text.columns if name.startswith(EXTRA_PREFIX)]
    absent = [name for name in table.names if name not in text.columns]
    full = text.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in absent)
    checks = [_check(column, bounds) for column in table.columns]
    right = pl.all_horizontal(
        *(check.right for check in checks), *(need.met for need in _NEEDS.get(table.kind, ()))
    )
    judged = full.with_columns(right.alias("right"))
    wrong = judged.filter(~pl.col("right"))
    records = judged.filter(pl.col("right")).select(
        *(check.value.alias(check.column) for check in checks), *extras, *PLACE
    )
    return records, tuple(_explain(table, wrong, checks, frozenset(absent)))


def _check(column: Column, bounds: Bounds) -> _Check:
    raw = pl.col(column.name)
    value, right, reason = _kind_of_check(column, raw, bounds)
    filled = raw.is_not_null()
    missing = pl.lit(column.required)
    return _Check(
        column.name,
        value=value,
        right=pl.when(filled).then(right).otherwise(~missing),
        reason=pl.when(filled & ~right)
        .then(reason)
        .when(~filled & missing)
        .then(pl.lit(Reason.MISSING.value)),
    )


def _kind_of_check(
    column: Column, raw: pl.Expr, bounds: Bounds
) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Return the value of a filled cell, whether it is right, and the reason if it is not."""
    if column.type in NUMBERS:
        return _number(column, raw)
    if column.type in INSTANTS:
        return _instant(column, raw, bounds)
    if column.type is Type.FLAG:
        return raw == "true", raw.is_in(["true", "false"]), pl.lit(Reason.NOT_A_FLAG.value)
    if column.type is Type.WORD:
        return raw, raw.is_in(column.words), pl.lit(Reason.UNKNOWN_WORD.value)
    return raw, pl.lit(value=True), pl.lit(None, dtype=pl.String)


def _number(column: Column, raw: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """A plain decimal; zeros past the last allowed decimal change nothing and are let pass."""
    numbers = NUMBERS[column.type]
    fits = rf"^-?(?:[0-9]+\.?[0-9]{{0,{numbers.scale}}}0*|\.[0-9]{{1,{numbers.scale}}}0*)$"
    if numbers.scale == 0:
        fits = r"^-?[0-9]+$"
    exact = raw.cast(pl.Decimal(38, numbers.scale), strict=False).to_physical()
    value = exact.cast(numbers.dtype, strict=False)
    in_range = exact.is_between(
        pl.lit(numbers.least, dtype=pl.Int128), pl.lit(numbers.most, dtype=pl.Int128)
    )
    right = raw.str.contains(fits) & in_range.fill_null(value=False)
    not_a_number = Reason.NOT_A_DECIMAL if numbers.scale else Reason.NOT_AN_INTEGER
    reason = (
        pl.when(~raw.str.contains(_DECIMAL_FORM))
        .then(pl.lit(not_a_number.value))
        .when(~raw.str.contains(fits))
        .then(pl.lit(Reason.TOO_PRECISE.value if numbers.scale else not_a_number.value))
        .otherwise(pl.lit(Reason.OUT_OF_RANGE.value))
    )
    if column.type is Type.QUOTE:
        value = pl.when(value > 0).then(value)
    return value, right, reason


def _instant(column: Column, raw: pl.Expr, bounds: Bounds) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    value = parse_instant(raw)
    form = INSTANT_FORM
    if column.type is not Type.INSTANT:  # a date stands for all of its day
        date = raw.str.to_date("%Y-%m-%d", strict=False)
        day = date + pl.duration(days=1) if column.type is Type.END else date
        whole = pl.when(raw.str.contains(_DATE_FORM) & raw.str.contains(REPRESENTABLE)).then(day)
        value = pl.coalesce(start_of_date(whole), value)
        form = f"(?:{INSTANT_FORM})|(?:{_DATE_FORM})"
    inside = (value >= bounds.first) & (value < bounds.end)
    if column.type is Type.END:
        inside = value.is_not_null()
    real_date = raw.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).is_not_null()
    reason = (
        pl.when(raw.str.contains(form) & real_date)
        .then(pl.lit(Reason.OUTSIDE_CALENDAR.value))
        .otherwise(pl.lit(Reason.NOT_AN_INSTANT.value))
    )
    return value, inside.fill_null(value=False), reason


def _explain(
    table: Table, wrong: pl.DataFrame, checks: list[_Check], absent: frozenset[str]
) -> Iterator[Reject]:
    """Yield the reject of each wrong row: its first column that fails, in the table's order."""
    if wrong.is_empty():
        return
    needs = _NEEDS.get(table.kind, ())
    reasons = wrong.select(
        *(check.reason.alias(check.column) for check in checks),
        *(
            pl.when(~need.met).then(pl.lit(need.detail)).alias(f"need {need.column}")
            for need in needs
        ),
    )
    for row, answers in zip(
        wrong.iter_rows(named=True), reasons.iter_rows(named=True), strict=True
    ):
        place = {name: row[name] for name in PLACE}
        failed = next((c.column for c in checks if answers[c.column] is not None), None)
        if failed is not None:
            reason = Reason(answers[failed])
            detail = _detail(table, failed, reason, row[failed], absent=failed in absent)
            yield Reject(reason=reason, detail=detail, column=failed, **place)
            continue
        need = next(need for need in needs if answers[f"need {need.column}"] is not None)
        yield Reject(reason=Reason.MISSING, detail=need.detail, column=need.column, **place)


def _detail(table: Table, name: str, reason: Reason, value: str | None, *, absent: bool) -> str:
    """Say what is wrong with a value and what would be right."""
    if value is None:
        return f"the file has no column {name}" if absent else f"{name} is empty"
    column = next(column for column in table.columns if column.name == name)
    shown = value if len(value) <= _SHOWN else value[:_SHOWN] + "…"
    return f"{name} '{shown}' {_wanted(column, reason)}"


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
