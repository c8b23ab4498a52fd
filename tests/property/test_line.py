"""Laws of the whole line, over small random firms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from routewarden.base.schema import TABLES, Kind
from routewarden.measures.fills import FILL_MEASURES
from routewarden.measures.measure import Unit
from routewarden.runs.export import as_text
from tests.line import Firm, csv_of, measure
from tests.oracle.random_day import random_tables
from tests.oracle.reference import Row, Tables

PRICES = ("price", "bid", "ask", "limit_price", "stop_price")
QUANTITIES = ("quantity", "size", "bid_size", "ask_size")
PER_SHARE = [m.name for m in FILL_MEASURES if m.unit is Unit.PER_SHARE]
QUOTED = [name for name in PER_SHARE if name not in {"explicit_cost", "net_effective_spread"}]
TIMES = [m.name for m in FILL_MEASURES if m.unit is Unit.MS]
TURNED = [name for name in QUOTED if not name.startswith(("quoted_spread", "price_improvement"))]
Rows = Sequence[Row]
Change = Callable[[Row], Row]

seeds = st.integers(0, 10**6)
few = settings(deadline=None, max_examples=2, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def unsplit(rows: Rows) -> Sequence[Rows]:
    return [rows]


def firm(tables: Tables, split: Callable[[Rows], Sequence[Rows]] = unsplit) -> Firm:
    """The firm's files; orders, routes and fills in as many as the split makes."""
    parts = {
        Kind.ORDERS: split(tables.orders),
        Kind.ROUTES: split(tables.routes),
        Kind.FILLS: split(tables.fills),
        Kind.SECURITIES: [tables.securities],
        Kind.TRADES: [tables.trades],
        Kind.QUOTES: [rows for _, rows in tables.quotes],
    }
    return Firm(
        {
            kind: [csv_of(rows, TABLES[kind].names) for rows in files]
            for kind, files in parts.items()
        }
    )


def everywhere(tables: Tables, change: Change) -> Tables:
    """Every row of the market and of the firm, changed; quotes in one file, so that no tie
    between files is settled by digests, which change with the content."""

    def each(rows: Rows) -> Rows:
        return [change(row) for row in rows]

    return replace(
        tables,
        orders=each(tables.orders),
        routes=each(tables.routes),
        fills=each(tables.fills),
        quotes=[("", [change(row) for _, rows in tables.quotes for row in rows])],
        trades=each(tables.trades),
    )


def times(factor: int, names: Sequence[str]) -> Change:
    """A change that multiplies some columns where they are stated."""

    def change(row: Row) -> Row:
        grown = {n: f"{Decimal(row[n]) * factor:f}" for n in names if row.get(n, "")}
        return {**row, **grown}

    return change


def at_most(limit: int, names: Sequence[str]) -> Change:
    """A change that keeps some columns low enough to be multiplied."""

    def change(row: Row) -> Row:
        low = {n: f"{min(Decimal(row[n]), Decimal(limit)):f}" for n in names if row.get(n, "")}
        return {**row, **low}

    return change


def columns(frame: pl.DataFrame, names: Sequence[str]) -> Mapping[str, list[Any]]:
    return {name: frame[name].to_list() for name in names}


def scaled(values: Mapping[str, list[Any]], factor: int) -> Mapping[str, list[Any]]:
    return {
        name: [None if value is None else value * factor for value in column]
        for name, column in values.items()
    }


def of_market_orders(tables: Tables) -> Tables:
    """The same firm, but all its orders are market orders without limits."""
    plain = {"order_type": "market", "limit_price": "", "stop_price": ""}
    return replace(tables, orders=[{**order, **plain} for order in tables.orders])


# -- Files -----------------------------------------------------------------------------------------


@few
@given(seeds)
def test_splitting_and_shuffling_the_files_changes_no_byte(seed: int) -> None:
    tables, rng = random_tables(seed), Random(seed)

    def split(rows: Rows) -> Sequence[Rows]:
        shuffled = rng.sample(list(rows), len(rows))
        cut = rng.randrange(len(rows) + 1)
        return [shuffled[cut:], shuffled[:cut]]

    in_one, in_many = measure(firm(tables)), measure(firm(tables, split))

    texts = [[as_text(frame).write_csv() for frame in frames] for frames in (in_one, in_many)]
    assert texts[0] == texts[1]


# -- Sides -----------------------------------------------------------------------------------------

OTHER_SIDE = {"buy": "sell", "sell": "buy", "sell_short": "buy", "sell_short_exempt": "buy"}


@few
@given(seeds)
def test_a_market_order_on_the_other_side_has_every_sign_turned(seed: int) -> None:
    tables = of_market_orders(random_tables(seed))
    orders = [{**order, "side": OTHER_SIDE[order["side"]]} for order in tables.orders]

    fills, _ = measure(firm(tables))
    turned, _ = measure(firm(replace(tables, orders=orders)))

    spreads = ["quoted_spread", "quoted_spread_at_route"]
    assert columns(turned, spreads) == columns(fills, spreads)
    assert columns(turned, TURNED) == scaled(columns(fills, TURNED), -1)


# -- Scales ----------------------------------------------------------------------------------------


@few
@given(seeds)
def test_twice_the_prices_make_twice_the_spreads(seed: int) -> None:
    tables = everywhere(of_market_orders(random_tables(seed)), at_most(500_000, PRICES))

    fills, orders = measure(firm(tables))
    dearer, dearer_orders = measure(firm(everywhere(tables, times(2, PRICES))))

    same = ["order_class", "reference_status", "route_reference_status", *TIMES, "explicit_cost"]
    assert columns(dearer, same) == columns(fills, same)
    assert columns(dearer, QUOTED) == scaled(columns(fills, QUOTED), 2)
    ratios = ["slippage_bps", "fill_rate", "markout_1s_bps"]
    assert columns(dearer_orders, ratios) == columns(orders, ratios)


@few
@given(seeds)
def test_three_times_the_shares_cost_three_times_as_much_and_the_same_by_share(seed: int) -> None:
    tables = everywhere(random_tables(seed), at_most(10**12 // 3, QUANTITIES))
    tables = replace(tables, fills=[{**fill, "fee": "0"} for fill in tables.fills])

    fills, orders = measure(firm(tables))
    larger, larger_orders = measure(firm(everywhere(tables, times(3, QUANTITIES))))

    assert columns(larger, [*PER_SHARE, *TIMES]) == columns(fills, [*PER_SHARE, *TIMES])
    by_share = [
        "fill_rate",
        "vwap",
        "slippage_bps",
        "vwap_slippage",
        "markout_1m",
        "markout_1m_bps",
    ]
    assert columns(larger_orders, by_share) == columns(orders, by_share)
    costs = ["delay_cost", "execution_cost", "opportunity_cost", "shortfall"]
    totals = ["filled_quantity", "displayed_size", "size_improvement_shares", *costs]
    assert columns(larger_orders, totals) == scaled(columns(orders, totals), 3)
