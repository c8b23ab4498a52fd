"""The work on one trading date, wherever an engine does it.

A date is measured whole where it fits in memory, else a range of symbols at a time: every measure
and rule is about one symbol's records and quotes, so neither the cuts nor who works on them can
change a number. Where to cut depends on the date's records alone, so the bytes written do too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from routewarden.base.schema import TABLES, Kind
from routewarden.base.time import trading_date
from routewarden.events.lifecycle import resolve
from routewarden.events.linking import Records
from routewarden.market.consolidated import consolidate
from routewarden.market.reference import attach_asset_class
from routewarden.market.tape import Tape, build_tape, ties_across_files
from routewarden.measures.rollups import KEPT, merged, summaries
from routewarden.policy.limits import Limits
from routewarden.policy.venues import Venues
from routewarden.rules.facts.fades import SWEEPS, probes, sweeps, venue_tape
from routewarden.runs.day import Market, Measured, looking_elsewhere, measure_day, needed
from routewarden.runs.held import Held
from routewarden.runs.judging import Evidence, judge_day
from routewarden.runs.ranges import in_range
from routewarden.store.lake import Lake, no_rows
from routewarden.store.results import Results, Written

MOST_ROWS = 6_000_000
"""Quotes and trades of a range of symbols, with its records counted as _PER_RECORD each."""
_PER_RECORD = 10
_TAPES_HELD = 4  # a date's look-ups touch its own tape, the one before and the one after
_SEVERAL = 2
_GIVEN = ("orders", "routes", "fills", "amendments", "sent", "refused")


@dataclass(frozen=True, slots=True)
class Settings:
    """What of the firm's settings and reference data a date is measured and judged by."""

    securities: pl.DataFrame
    halts: pl.DataFrame
    sessions: pl.DataFrame
    regular_conditions: tuple[str, ...]
    limits: Limits
    venues: Venues


@dataclass(frozen=True, slots=True)
class Day:
    """A trading date to work on: from which lakes, into which results.

    `strays` are the records of other dates that belong with its own, `refused` what its messages
    tell of and nobody can use.
    """

    day: date
    inputs: str
    lake: Lake
    held: Held
    results: Results
    settings: Settings
    strays: Records
    refused: pl.DataFrame
    most_rows: int


@dataclass(frozen=True, slots=True)
class Range:
    """A range of a date's symbols: past `after`, up to and with `last`; None is without end.

    The first has what belongs to no symbol, too.
    """

    of: Day
    number: int
    after: str | None
    last: str | None

    def has(self, symbol: pl.Expr) -> pl.Expr:
        """Return whether a symbol is in the range."""
        return in_range(symbol, self.after, self.last)

    def __str__(self) -> str:
        """Say what is worked on, for people."""
        if self.after is None and self.last is None:
            return str(self.of.day)
        return f"{self.of.day}, symbols {self.after or 'first'} to {self.last or 'last'}"


@dataclass(frozen=True, slots=True)
class Given:
    """A date's records, or those of a range of symbols, ready to be measured and judged.

    `sent` are the routes sent on the date, with `has_order`; `amendments` of executions on it.
    """

    orders: pl.DataFrame
    routes: pl.DataFrame
    fills: pl.DataFrame
    amendments: pl.DataFrame
    sent: pl.DataFrame
    refused: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Prepared:
    """A date measured whole, or cut into ranges whose records are laid out for who takes them."""

    day: date
    facts: tuple[Written, ...] = ()
    ranges: tuple[Range, ...] = ()


def prepare(task: Day) -> Prepared:
    """Measure a date that fits in memory; cut one that does not, and lay out its records."""
    given = _given(task)
    ranges = _cut(task, given)
    if len(ranges) == 1:
        return Prepared(task.day, facts=_measured(ranges[0], given))
    for each in ranges:
        laid = {f"laid_{name}": frame for name, frame in _of_range(given, each).items()}
        task.results.put(task.day, task.inputs, each.number, laid)
    return Prepared(task.day, ranges=ranges)


def measure(range_: Range) -> tuple[Written, ...]:
    """Measure and judge a range of symbols whose records are laid out."""
    task = range_.of
    laid = (task.results.laid(task.day, task.inputs, n, range_.number) for n in _GIVEN)
    return _measured(range_, Given(*laid))


def finish(cut: Prepared) -> tuple[Written, ...]:
    """Add up what the ranges of a date come to."""
    task, numbers = cut.ranges[0].of, [range_.number for range_ in cut.ranges]
    sums = {
        part: merged(part, [task.results.laid(task.day, task.inputs, part, n) for n in numbers])
        for parts in KEPT.values()
        for part in parts
    }
    return task.results.put(task.day, task.inputs, 0, sums)


def _given(task: Day) -> Given:
    """Read and resolve what happened on a date, and to the orders received on it."""
    records = task.held.of(task.day).joined(task.strays)
    resolved = resolve(records.fills)
    orders = attach_asset_class(records.orders, task.settings.securities)
    mine = needed(task.day, Records(orders, records.routes, resolved.fills))
    known = orders.select("order_id", has_order=pl.lit(value=True))
    sent = _on(task.day, records.routes, "sent_at").join(
        known, on="order_id", how="left", maintain_order="left"
    )
    return Given(
        *(mine.orders, mine.routes, mine.fills),
        amendments=_on(task.day, resolved.amendments, "executed_at"),
        sent=sent.with_columns(pl.col("has_order").fill_null(value=False)),
        refused=task.refused,
    )


def _cut(task: Day, given: Given) -> tuple[Range, ...]:
    """Return the ranges of symbols that fit in memory, or are one symbol."""
    rows = [
        task.lake.symbol_rows(kind, task.day)
        for kind in (Kind.QUOTES, Kind.TRADES, Kind.VENUE_QUOTES)
    ]
    fills = given.fills.height / max(given.orders.height, 1)
    weights = (
        given.orders.group_by("symbol")
        .len("orders")
        .join(pl.concat(rows).group_by("symbol").agg(pl.col("rows").sum()), on="symbol", how="left")
        .select(
            "symbol",
            weight=pl.col("rows").fill_null(0)
            + (pl.col("orders") * _PER_RECORD * (1 + fills)).ceil().cast(pl.Int64),
        )
        .sort("symbol")
    )
    ends = [*_ends(weights.iter_rows(), task.most_rows), None]
    return tuple(
        Range(task, number, after, last)
        for number, (after, last) in enumerate(zip([None, *ends], ends, strict=False))
    )


def _ends(weights: Iterable[tuple[str, int]], most: int) -> Iterator[str]:
    """Yield the last symbol of every range but the last."""
    last, held = "", 0
    for symbol, weight in weights:
        if held and held + weight > most:
            yield last
            held = 0
        last, held = symbol, held + weight


def _of_range(given: Given, range_: Range) -> Mapping[str, pl.DataFrame]:
    """Return what of a date's records belongs to a range of symbols."""
    symbols = given.orders.select(owner="order_id", of_symbol="symbol")
    routes = given.routes.select("route_id", route_order="order_id")
    inside = range_.has(pl.col("of_symbol"))

    def owned(frame: pl.DataFrame, owner: pl.Expr) -> pl.DataFrame:
        found = frame.with_columns(owner=owner).join(
            symbols, on="owner", how="left", maintain_order="left"
        )
        return found.filter(inside).drop("owner", "of_symbol")

    def of_fills(fills: pl.DataFrame) -> pl.DataFrame:
        placed = fills.join(routes, on="route_id", how="left", maintain_order="left")
        return owned(placed, pl.coalesce("order_id", "route_order")).drop("route_order")

    fills = of_fills(given.fills)
    own = owned(given.routes, pl.col("order_id"))["route_id"]
    meant = pl.concat([own, fills["route_id"].drop_nulls()])
    return {
        "orders": given.orders.filter(range_.has(pl.col("symbol"))),
        "routes": given.routes.filter(pl.col("route_id").is_in(meant.implode())),
        "fills": fills,
        "amendments": of_fills(given.amendments),
        "sent": owned(given.sent, pl.col("order_id")),
        "refused": given.refused if range_.number == 0 else given.refused.clear(),
    }


def _measured(range_: Range, given: Given) -> tuple[Written, ...]:
    """Measure and judge, and write what comes of it."""
    task, settings = range_.of, range_.of.settings
    records = Records(given.orders, given.routes, given.fills)
    symbols, elsewhere = frozenset(given.orders["symbol"]), looking_elsewhere(task.day, records)

    @lru_cache(maxsize=_TAPES_HELD)
    def tape(day: date) -> Tape:
        return _tape(task.lake, day, symbols if day == task.day else elsewhere)

    traded = task.lake.dates(Kind.TRADES)
    trades = _trades(task, given.fills, symbols, elsewhere)
    market = Market(tape, settings.sessions, trades, settings.regular_conditions)
    result = measure_day(task.day, records, market)
    evidence = Evidence(
        tape=tape(task.day),
        routes=given.sent,
        amendments=given.amendments,
        ties=_ties(range_),
        trades=_on(task.day, trades, "at") if task.day in traded else None,
        halts=settings.halts,
        refused=given.refused,
    )
    sums = summaries(result.fills, result.orders, result.routes)
    is_whole = range_.after is None and range_.last is None
    parts = {
        "fills": result.fills,
        "orders": result.orders,
        "routes": result.routes,
        **(sums if is_whole else {}),
        "sweeps": _sweeps(task, result),
        "findings": judge_day(task.day, result, evidence, settings.limits, settings.venues),
    }
    if not is_whole:
        laid = {f"laid_{part}": frame for part, frame in sums.items()}
        task.results.put(task.day, task.inputs, range_.number, laid)
    return task.results.put(task.day, task.inputs, range_.number, parts)


def _tape(lake: Lake, day: date, symbols: frozenset[str]) -> Tape:
    """Return a date's tape; symbols without an official quote have our own consolidation."""
    official = lake.read(Kind.QUOTES, day=day, symbols=symbols)
    lacking = symbols.difference(official["symbol"].unique())
    if not lacking:
        return build_tape(official)
    own = consolidate(lake.read(Kind.VENUE_QUOTES, day=day, symbols=lacking))
    return build_tape(pl.concat([official, own], how="diagonal"), frozenset(own["symbol"]))


def _trades(
    task: Day, fills: pl.DataFrame, symbols: frozenset[str], elsewhere: frozenset[str]
) -> pl.DataFrame:
    """Return the trades of some symbols on a date, and of those filled later until the last."""
    last = fills.select(trading_date(pl.col("executed_at").max())).item() or task.day
    days = [day for day in sorted(task.lake.dates(Kind.TRADES)) if task.day <= day <= last]
    held = [
        task.lake.read(Kind.TRADES, day=day, symbols=symbols if day == task.day else elsewhere)
        for day in days
    ]
    return pl.concat([no_rows(TABLES[Kind.TRADES]), *held], how="diagonal")


def _sweeps(task: Day, result: Measured) -> pl.DataFrame:
    """Return whether size faded before the date's orders; quotes are read only where any swept."""
    routes = result.routes.with_columns(trading_date=pl.lit(task.day))
    asked = probes(routes, task.settings.sessions)
    if asked.is_empty():
        return pl.DataFrame(schema=SWEEPS)
    symbols = frozenset(asked["symbol"])
    quotes = task.lake.read(Kind.VENUE_QUOTES, day=task.day, symbols=symbols)
    return sweeps(asked, venue_tape(quotes, asked))


def _ties(range_: Range) -> pl.DataFrame:
    """Return the quotes of the range that only digests decide; one file has none."""
    task = range_.of
    if len(task.lake.dates(Kind.QUOTES).get(task.day, ())) < _SEVERAL:
        return ties_across_files(no_rows(TABLES[Kind.QUOTES]))
    meant = range_.has(pl.col("symbol"))
    return ties_across_files(task.lake.read_where(Kind.QUOTES, task.day, meant))


def _on(day: date, frame: pl.DataFrame, instant: str) -> pl.DataFrame:
    return frame.filter(trading_date(pl.col(instant)) == day)
