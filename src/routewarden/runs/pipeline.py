"""The run: interpret, join, measure and judge every trading date whose inputs changed.

A date's inputs are the records it needs, the files its quotes and trades came from, the firm's
settings and this very code. Their digest names the result, so an unchanged date costs nothing and
the same inputs give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from routewarden.base.canonical import Digest, canonical_json, sha256
from routewarden.base.schema import TABLES, Kind
from routewarden.base.time import trading_date
from routewarden.events.lifecycle import resolve
from routewarden.market.consolidated import consolidate
from routewarden.market.reference import attach_asset_class
from routewarden.market.tape import Tape, build_tape, ties_across_files
from routewarden.measures.horizon import HORIZONS
from routewarden.rules.facts.fades import SWEEPS, probes, sweeps, venue_tape
from routewarden.runs.code import basis
from routewarden.runs.day import Market, Records, measure_day
from routewarden.runs.interpreting import interpret
from routewarden.runs.judging import Evidence, judge_day
from routewarden.store.home import Home
from routewarden.store.lake import read_records
from routewarden.store.results import RUN, Results

_TAPES_HELD = 4  # a date's look-ups touch its own tape, the one before and the one after

_DATED = (Kind.QUOTES, Kind.TRADES, Kind.VENUE_QUOTES)

_QUOTES = TABLES[Kind.QUOTES]

Held = Mapping[Kind, Mapping[date, tuple[Digest, ...]]]
"""The files that hold quotes, trades and venues' quotes of each trading date."""

Advance = Callable[[date, int, int], None]
"""Told which date is next, how many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Events:
    """What happened, over everything held: the lifecycle resolved, asset classes settled.

    `refused` is what messages tell of and nobody can use (REFUSED).
    """

    orders: pl.DataFrame
    routes: pl.DataFrame
    fills: pl.DataFrame
    amendments: pl.DataFrame
    halts: pl.DataFrame
    refused: pl.DataFrame

    def dates(self) -> set[date]:
        """Return the trading dates on which an order was received, or a fill or route made."""
        stamps = (
            (self.orders, "received_at"),
            (self.routes, "sent_at"),
            (self.fills, "executed_at"),
            (self.amendments, "executed_at"),
            (self.refused, "at"),
        )
        return {
            day
            for frame, instant in stamps
            for day in frame.select(trading_date(pl.col(instant)).unique()).to_series()
        }


@dataclass(frozen=True, slots=True)
class Run:
    """What a run did: the dates it measured anew, and those it found unchanged."""

    measured: tuple[date, ...]
    unchanged: tuple[date, ...]


def run(home: Home, first: date | None, last: date | None, advance: Advance) -> Run:
    """Measure the trading dates from `first` to `last` (open-ended if None) that changed."""
    policy, results = home.policy(), Results(home.measured)
    went_by = basis(policy.digest)
    held = {kind: home.lake.dates(kind) for kind in _DATED}
    events = read_events(home)
    symbols = frozenset(events.orders["symbol"])
    tape = lru_cache(maxsize=_TAPES_HELD)(lambda day: _tape(home, day, symbols))
    sessions = policy.calendar.sessions()
    days = sorted(
        day
        for day in events.dates() | results.dates()
        if (first is None or first <= day) and (last is None or day <= last)
    )
    vouched = results.vouched(home.log.entries(RUN))
    measured = []
    for number, day in enumerate(days):
        advance(day, number, len(days))
        records = records_of(day, events)
        inputs = _inputs(day, records, events, held, went_by)
        known = results.manifest_digest(day) == vouched.get(str(day))
        if known and results.inputs(day) == inputs:  # a result the log does not know is no result
            continue
        trades = _trades(home, _trade_dates(day, records, held))
        market = Market(tape, sessions, trades, policy.regular_conditions)
        result = measure_day(day, records, market)
        evidence = _evidence(home, day, tape(day), events, held)
        parts = {
            "fills": result.fills,
            "orders": result.orders,
            "routes": result.routes,
            "sweeps": _sweeps(home, day, result.routes, sessions),
            "findings": judge_day(day, result, evidence, policy.limits, policy.venues),
        }
        results.write(day, inputs, parts)
        measured.append(day)
    _record(home, results, measured)
    if len(days) == len(events.dates() | results.dates()):
        results.note_run(home.log.size, went_by)
    return Run(tuple(measured), tuple(day for day in days if day not in measured))


def read_events(home: Home) -> Events:
    """Read every order, route and fill held, and resolve what happened."""
    interpreted = interpret(home)
    records = interpreted.records
    fills = resolve(records[Kind.FILLS])
    return Events(
        orders=attach_asset_class(records[Kind.ORDERS], home.lake.read(Kind.SECURITIES)),
        routes=records[Kind.ROUTES],
        fills=fills.fills,
        amendments=fills.amendments,
        halts=home.lake.read(Kind.HALTS),
        refused=interpreted.refused,
    )


def records_of(day: date, events: Events) -> Records:
    """Return the records that a trading date's fills and orders need."""
    fills = events.fills.join(
        events.routes.select("route_id", route_order="order_id"),
        on="route_id",
        how="left",
        maintain_order="left",
    ).with_columns(owner=pl.coalesce("order_id", "route_order"))
    received = events.orders.filter(trading_date(pl.col("received_at")) == day)
    executed = trading_date(pl.col("executed_at")) == day
    of_orders = pl.col("owner").is_in(received["order_id"].implode()).fill_null(value=False)
    needed = fills.filter(executed | of_orders)
    owners = pl.concat([received["order_id"], needed["owner"].drop_nulls()]).unique()
    orders = events.orders.filter(pl.col("order_id").is_in(owners.implode()))
    routes = events.routes.filter(
        pl.col("order_id").is_in(owners.implode())
        | pl.col("route_id").is_in(needed["route_id"].drop_nulls().implode())
    )
    return Records(
        orders.sort("order_id"),
        routes.sort("route_id"),
        needed.drop("route_order", "owner").sort("fill_id"),
    )


def _tape(home: Home, day: date, symbols: frozenset[str]) -> Tape:
    """Return a date's tape; symbols without an official quote have our own consolidation."""
    official = home.lake.read(Kind.QUOTES, day=day)
    lacking = symbols.difference(official["symbol"].unique())
    if not lacking:
        return build_tape(official)
    own = consolidate(home.lake.read(Kind.VENUE_QUOTES, day=day, symbols=lacking))
    return build_tape(pl.concat([official, own], how="diagonal"), frozenset(own["symbol"]))


def _trades(home: Home, days: Iterable[date]) -> pl.DataFrame:
    """Return the trades of some dates."""
    held = [home.lake.read(Kind.TRADES, day=day) for day in days]
    return pl.concat([read_records(TABLES[Kind.TRADES], []), *held], how="diagonal")


def _trade_dates(day: date, records: Records, held: Held) -> list[date]:
    """Return the dates with trades from a date to the last fill of the orders received on it."""
    last: int | None = records.fills.select(pl.col("executed_at").max()).item()
    if last is None:
        return []
    until = pl.select(trading_date(pl.lit(last))).item()
    return [traded for traded in sorted(held[Kind.TRADES]) if day <= traded <= until]


def _quote_dates(records: Records) -> set[date]:
    """Return every trading date on which a quote is looked up."""
    stamps = [
        records.orders["received_at"],
        records.orders["ended_at"],
        records.routes["sent_at"],
        records.routes["acknowledged_at"],
        records.fills["executed_at"],
        records.fills["executed_at"] + HORIZONS[-1].ns,
    ]
    instants = pl.DataFrame({"at": pl.concat([stamp.rename("at") for stamp in stamps])})
    return set(instants.drop_nulls().select(trading_date(pl.col("at")).unique())["at"])


def _inputs(day: date, records: Records, events: Events, held: Held, basis_digest: str) -> str:
    """Return the digest of everything a date's result depends on."""
    looked_at = {
        Kind.QUOTES: sorted(_quote_dates(records) | {day}),
        Kind.TRADES: sorted({day, *_trade_dates(day, records, held)}),
        Kind.VENUE_QUOTES: sorted(_quote_dates(records) | {day}),
    }
    files = {
        str(kind): {str(each): list(held[kind].get(each, ())) for each in days}
        for kind, days in looked_at.items()
    }
    frames = (
        records.orders,
        records.routes,
        records.fills,
        _on(day, events.amendments, "executed_at"),
        _on(day, events.routes, "sent_at"),
        _of_date(day, events.halts),
        _on(day, events.refused, "at"),
    )
    parts = {
        "basis": basis_digest,
        "files": files,
        "records": [sha256(frame.write_csv().encode()) for frame in frames],
    }
    return sha256(canonical_json(parts))


def _sweeps(home: Home, day: date, routes: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """Return whether size faded before the date's orders; quotes are read only where any swept."""
    asked = probes(routes.with_columns(trading_date=pl.lit(day)), sessions)
    if asked.is_empty():
        return pl.DataFrame(schema=SWEEPS)
    quotes = home.lake.read(Kind.VENUE_QUOTES, day=day)
    return sweeps(asked, venue_tape(quotes, asked))


def _on(day: date, frame: pl.DataFrame, instant: str) -> pl.DataFrame:
    return frame.filter(trading_date(pl.col(instant)) == day)


def _of_date(day: date, halts: pl.DataFrame) -> pl.DataFrame:
    """Return the halts in force at some instant of a trading date."""
    begun = trading_date(pl.col("from")) <= day
    return halts.filter(begun, pl.col("to").is_null() | (trading_date(pl.col("to")) >= day))


def _ties(home: Home, day: date, held: Held) -> pl.DataFrame:
    """Return the date's quotes that only digests decide; one file has none."""
    several = len(held[Kind.QUOTES].get(day, ())) > 1
    quotes = home.lake.read(Kind.QUOTES, day=day) if several else read_records(_QUOTES, [])
    return ties_across_files(quotes)


def _evidence(home: Home, day: date, tape: Tape, events: Events, held: Held) -> Evidence:
    """Return what the date's rows are judged by."""
    orders = events.orders.select("order_id", has_order=pl.lit(value=True))
    routes = _on(day, events.routes, "sent_at").join(
        orders, on="order_id", how="left", maintain_order="left"
    )
    return Evidence(
        tape=tape,
        routes=routes.with_columns(pl.col("has_order").fill_null(value=False)),
        amendments=_on(day, events.amendments, "executed_at"),
        ties=_ties(home, day, held),
        trades=home.lake.read(Kind.TRADES, day=day),
        halts=events.halts,
        refused=_on(day, events.refused, "at"),
    )


def _record(home: Home, results: Results, measured: Sequence[date]) -> None:
    """Enter in the log what was measured anew; a run that changed nothing leaves no trace."""
    if not measured:
        return
    manifests = {str(day): results.manifest_digest(day) for day in measured}
    identity = sha256(canonical_json({"size": home.log.size, "results": manifests}))
    home.record(RUN, f"{RUN}:{identity}", "measured", {"v": 1, "results": manifests})
