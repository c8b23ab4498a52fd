"""A trading date's findings: every rule about records, asked of the date's rows.

What a rule looks at beyond the measured columns is attached here: the least favourable quotes
before an execution, how old the quote at receipt was, whether the symbol was halted, which venues
were expected. Nothing here reads or writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from routewarden.market.extremes import attach_age, attach_worst
from routewarden.market.tape import Tape
from routewarden.policy.limits import Limits
from routewarden.policy.venues import Venues
from routewarden.rules.book import RULES
from routewarden.rules.rule import FINDINGS, Subject, judge, without_place
from routewarden.runs.day import Measured

_HALTS = ["halt", "luld"]
"""The kinds of halt in which nothing trades; under `ssr` (short sale restriction) all does."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a date's rows are judged by.

    `routes` sent and `amendments` of fills executed on the date, each with `has_order`; `ties` of
    its quotes; `trades` printed on it, None where none is held; `halts` in force; `refused`, what
    its messages tell of and nobody can use.
    """

    tape: Tape
    routes: pl.DataFrame
    amendments: pl.DataFrame
    ties: pl.DataFrame
    trades: pl.DataFrame | None
    halts: pl.DataFrame
    refused: pl.DataFrame


def judge_day(
    day: date, result: Measured, evidence: Evidence, limits: Limits, venues: Venues
) -> pl.DataFrame:
    """Return the findings about a trading date's records."""
    window = limits.at("outside_nbbo_window_ms", day).value * 1_000_000
    fills = attach_worst(result.fills, "executed_at", "at_execution", int(window), evidence.tape)
    orders = attach_age(result.orders, "received_at", evidence.tape, evidence.trades)
    frames = {
        Subject.FILL: fills,
        Subject.ORDER: _with_halts(orders, evidence.halts),
        Subject.ROUTE: evidence.routes,
        Subject.AMENDMENT: evidence.amendments,
        Subject.QUOTE: without_place(evidence.ties),
        Subject.VENUE_USE: venue_uses(evidence.routes, result.fills, venues.on(day)),
        Subject.MESSAGE: evidence.refused,
    }
    found = [
        judge(rule, frames[rule.subject].with_columns(trading_date=pl.lit(day)), limits)
        for rule in RULES
        if rule.subject in frames
    ]
    return pl.concat([pl.DataFrame(schema=FINDINGS), *found])


def venue_uses(
    routes: pl.DataFrame, fills: pl.DataFrame, expected: tuple[str, ...]
) -> pl.DataFrame:
    """Return each route, and each fill at another venue than its route's, with its venue.

    `expected` tells whether the venue is on the list, null where there is no list.
    """
    columns = ("route_id", "venue", "file", "line")
    routed = routes.select(*columns, record_id="route_id", use=pl.lit("routed to"))
    elsewhere = fills.filter(
        pl.col("venue").is_not_null() & pl.col("venue").ne_missing(pl.col("route_venue"))
    )
    executed = elsewhere.select(*columns, record_id="fill_id", use=pl.lit("executed at"))
    listed = pl.lit(value=None, dtype=pl.Boolean)
    return pl.concat([routed, executed]).with_columns(
        expected=pl.col("venue").is_in(list(expected)) if expected else listed,
        listed=pl.lit(" ".join(expected)),
    )


def _with_halts(orders: pl.DataFrame, halts: pl.DataFrame) -> pl.DataFrame:
    """Add `halted`: whether the order came while its symbol was halted."""
    stopped = halts.filter(pl.col("kind").is_in(_HALTS) | pl.col("kind").is_null())
    during = (
        orders.select("order_id", "symbol", "received_at")
        .join(stopped.select("symbol", "from", "to"), on="symbol")
        .filter(
            pl.col("received_at") >= pl.col("from"),
            pl.col("to").is_null() | (pl.col("received_at") < pl.col("to")),
        )
    )
    return orders.with_columns(halted=pl.col("order_id").is_in(during["order_id"].implode()))
