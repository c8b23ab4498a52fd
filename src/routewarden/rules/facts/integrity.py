"""When executions became known, and which rows contradict a record held."""

from __future__ import annotations

import polars as pl

from routewarden.base.time import trading_date
from routewarden.policy.limits import Limits
from routewarden.rules.rule import with_limits

_NAMED = 20  # late executions a finding names


def lateness(
    fills: pl.DataFrame, delivered: pl.DataFrame, sessions: pl.DataFrame, limits: Limits
) -> pl.DataFrame:
    """Return, for each file and trading date, how late its executions became known.

    Args:
        fills: Executions in effect: `fill_id`, `executed_at`, `status`, `file`. Corrections are
            left out: they are late by nature.
        delivered: `file` and `delivered`, the date the firm received it.
        sessions: `trading_date` of every session there is.
        limits: `late_days_most` says from when on an execution is late.

    Columns: `trading_date` of the executions, `file`, `line` of the first, `executions`, `ids` (the
    first twenty), `delivered`, `days_late` (sessions after the date up to the delivery, null where
    the calendar ends before), and `file_on_time`, the file's executions that were not late.
    """
    known = pl.col("status").fill_null("ok") == "ok"
    dated = fills.filter(known).with_columns(trading_date=trading_date(pl.col("executed_at")))
    ids = pl.col("fill_id").sort_by("line")
    facts = (
        dated.group_by("trading_date", "file")
        .agg(
            executions=pl.len().cast(pl.Int64),
            line=pl.col("line").min(),
            ids=ids.head(_NAMED).str.join(" "),
        )
        .join(delivered, on="file")
        .sort("trading_date", "file")
    )
    days = sessions["trading_date"].sort()
    passed = [
        pl.Series(days.search_sorted(facts[name], side="right"), dtype=pl.Int64)
        for name in ("delivered", "trading_date")
    ]
    last = pl.lit(days.max(), dtype=pl.Date)
    counted = facts.with_columns(
        days_late=pl.when(pl.col("delivered") <= last).then(passed[0] - passed[1])
    )
    on_time = pl.col("days_late") <= pl.col("limit_late_days_most")
    return with_limits(counted, ("late_days_most",), limits).with_columns(
        file_on_time=pl.col("executions").filter(on_time).sum().over("file")
    )


def conflicts(rows: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Return each row that contradicts a record held, on that record's trading date.

    `rows` has `kind`, `record_id`, `file`, `line`, `detail`; `held` has `kind`, `record_id`, `at`.
    """
    dated = held.select("kind", "record_id", trading_date=trading_date(pl.col("at")))
    found = rows.join(dated, on=["kind", "record_id"], maintain_order="left")
    return found.sort("trading_date", "file", "line")


def worst_offsets(clocks: pl.DataFrame) -> pl.DataFrame:
    """Return the worst measurement of each clock on each date it was compared.

    Args:
        clocks: Records of that kind with `file` and `line`.

    Columns: theirs, `trading_date` of the measurement and `measurements`, how many there were.
    """
    by = {"trading_date": False, "clock": False, "away": True, "at": False, "file": False}
    return (
        clocks.with_columns(trading_date=trading_date(pl.col("at")), away=pl.col("offset_ms").abs())
        .with_columns(measurements=pl.len().over("clock", "trading_date"))
        .sort(*by, "line", descending=[*by.values(), False])
        .drop("away")
        .unique(("trading_date", "clock"), keep="first", maintain_order=True)
    )
