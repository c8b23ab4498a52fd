"""Where the firm's securities trade and where its orders were executed, from what a home holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import polars as pl

from routewarden.base.exact import wide
from routewarden.base.period import Quarter, Span, parse_quarter, quarter_of
from routewarden.base.schema import Kind
from routewarden.benchmarks.liquidity import FILLED, TRADED, Liquidity, sources_of
from routewarden.runs.reading import NothingMeasuredError, Question, measured_dates
from routewarden.store.home import Home
from routewarden.store.results import Results

LIMIT = "material_share_least"


def latest_quarter(home: Home) -> Quarter | None:
    """Return the quarter of the newest measured date; None if nothing is measured."""
    days = Results(home.measured).dates()
    return quarter_of(max(days)) if days else None


def span_of(home: Home, quarter: str) -> Span:
    """Return the dates of a quarter by its name, or of the newest measured one where it has none.

    Raises:
        NotAQuarterError: The name is none.
        NothingMeasuredError: None is named, and nothing is measured.
    """
    named = parse_quarter(quarter) if quarter else latest_quarter(home)
    if named is None:
        raise NothingMeasuredError(())
    return named.span


def liquidity_of(home: Home, span: Span) -> Liquidity:
    """Return a span's sources of liquidity, for the securities of its orders and fills.

    The limit is that of the span's last date; a venue is stated if the list named it on any of the
    measured dates.

    Raises:
        NothingMeasuredError: Nothing is measured in the span.
    """
    days = measured_dates(home, Question(span.first, span.last))
    policy = home.policy()
    least = policy.limits.at(LIMIT, span.last)
    stated = sorted({mic for day in days for mic in policy.venues.on(day)})
    filled, unlinked = _filled(home, days)
    symbols = _ordered(home, days) | set(filled["symbol"])
    traded = _traded(home, span, symbols)
    rows = sources_of(traded, filled, stated, least.value)
    untold = len(symbols - set(traded["symbol"]))
    return Liquidity(span, least, tuple(stated), rows, len(symbols), untold, unlinked)


def _ordered(home: Home, days: Sequence[date]) -> set[str]:
    results = Results(home.measured)
    return {
        symbol
        for day in days
        for symbol in results.read(day, "orders", ["symbol"])["symbol"].drop_nulls().unique()
    }


def _filled(home: Home, days: Sequence[date]) -> tuple[pl.DataFrame, int]:
    """Return the executed shares by security and venue, and those whose security is not known."""
    results, names = Results(home.measured), ["symbol", "venue", "route_venue", "quantity"]
    found = [
        results.read(day, "fills", names).select(
            "symbol", pl.coalesce("venue", "route_venue").alias("venue"),
            filled=wide(pl.col("quantity")),
        )
        for day in days
    ]  # fmt: skip
    sums = _summed(found, FILLED, "filled")
    unlinked = sums.filter(pl.col("symbol").is_null())["filled"].sum()
    return sums.filter(pl.col("symbol").is_not_null()), int(unlinked)


def _traded(home: Home, span: Span, symbols: Collection[str]) -> pl.DataFrame:
    """Return the consolidated volume by security and venue, a date's trades in memory at a time."""
    days = (day for day in home.lake.dates(Kind.TRADES) if span.holds(day))
    return _summed([_traded_on(home, day, symbols) for day in days], TRADED, "traded")


def _traded_on(home: Home, day: date, symbols: Collection[str]) -> pl.DataFrame:
    trades = home.lake.read(Kind.TRADES, day=day, symbols=symbols)
    rows = trades.select("symbol", "venue", traded=wide(pl.col("size")))
    return _summed([rows], TRADED, "traded")


def _summed(
    frames: Sequence[pl.DataFrame], schema: Mapping[str, pl.DataType], name: str
) -> pl.DataFrame:
    rows = pl.concat([pl.DataFrame(schema=schema), *frames])
    return rows.group_by("symbol", "venue").agg(pl.col(name).sum())
