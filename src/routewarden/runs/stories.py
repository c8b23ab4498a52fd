"""The orders that cost most, each with the market it met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from routewarden.base.exact import MONEY_SCALE, PRICE_SCALE, QUANTITY_SCALE, integer, wide
from routewarden.base.schema import Kind
from routewarden.base.side import SIGN
from routewarden.base.time import TRADING_ZONE, datetime_utc, trading_date
from routewarden.evidence.document import OrderStory, anchor
from routewarden.evidence.table import Cell, Heading, Table, text_cell
from routewarden.evidence.tickchart import Mark, Step, TickChart, draw
from routewarden.measures.population import POPULATION, Population
from routewarden.measures.reference import MEASURED, OrderClass, mid
from routewarden.measures.shown import NO_VALUE
from routewarden.runs.reading import read_part
from routewarden.store.home import Home

_COST = wide(SIGN) * (pl.col("notional") - pl.col("filled_quantity") * wide(mid("at_receipt")))
_LONGEST_NS = 120 * 10**9  # of a chart: an order that rests all day is shown around its fills
_ON_PAPER = 12  # events of an order
_MOST_STEPS = 4_000  # of a chart: one with more ends where the next would be drawn


def costliest_orders(
    home: Home, days: Sequence[date], count: int, but: Sequence[str] = ()
) -> tuple[OrderStory, ...]:
    """Return the customer orders that paid most over the midpoint at receipt, worst first.

    Market and marketable limit orders only: others are not measured from the quote at receipt.
    Without those in `but`.
    """
    worst = (
        _orders(home, days)
        .filter(
            ~pl.col("order_id").is_in(list(but)),
            pl.col("reference_status").is_in(MEASURED),
            POPULATION == Population.CUSTOMER,
            pl.col("order_class").is_in([OrderClass.MARKET, OrderClass.MARKETABLE_LIMIT]),
            pl.col("filled_quantity") > integer(0),
            pl.col("cost") > integer(0),
        )
        .sort("cost", "order_id", descending=[True, False])
    )
    return _stories(home, days, worst.head(count))


def told_orders(home: Home, days: Sequence[date], asked: Sequence[str]) -> tuple[OrderStory, ...]:
    """Return the orders asked for, as far as they are held, earliest first."""
    named = _orders(home, days).filter(pl.col("order_id").is_in(list(asked)))
    return _stories(home, days, named.sort("received_at", "order_id"))


def _orders(home: Home, days: Sequence[date]) -> pl.DataFrame:
    return read_part(home, days, "orders").with_columns(cost=_COST)


def _stories(home: Home, days: Sequence[date], orders: pl.DataFrame) -> tuple[OrderStory, ...]:
    fills, routes = read_part(home, days, "fills"), read_part(home, days, "routes")
    return tuple(_story(home, order, fills, routes) for order in orders.iter_rows(named=True))


def owners(home: Home, days: Sequence[date], fills: Sequence[str]) -> Mapping[str, str]:
    """Return the order of each of some fills, of those that have one that is held."""
    held = read_part(home, days, "fills").filter(pl.col("fill_id").is_in(list(fills)), "has_order")
    return dict(held.sort("fill_id").select("fill_id", "owner").iter_rows())


def _story(
    home: Home, order: Mapping[str, Any], fills: pl.DataFrame, routes: pl.DataFrame
) -> OrderStory:
    marks = _marks(order, fills, routes)
    last = min(marks[-1].at, order["received_at"] + _LONGEST_NS)
    pad = max((last - order["received_at"]) // 12, 2_000_000)
    start, end = order["received_at"] - pad, last + pad
    steps, end = _steps(home, order, start, end)
    shown = tuple(mark for mark in marks if mark.at <= end)
    chart = TickChart(order["received_at"], start, end, steps, shown)
    return OrderStory(
        name=anchor(order["order_id"]),
        title=f"{order['order_id']}: {order['side'].replace('_', ' ')} "
        f"{_number(order['quantity'], QUANTITY_SCALE)} {order['symbol']}, "
        f"{(order['order_class'] or order['order_type'] or NO_VALUE).replace('_', ' ')}",
        facts=_facts(order),
        chart=draw(chart),
        events=_events(order, marks),
    )


def _facts(order: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    filled = _number(order["filled_quantity"], QUANTITY_SCALE)
    return (
        ("received", _clock(order["received_at"])),
        ("cost over arrival mid", _decimals(order["cost"], MONEY_SCALE, "(price x shares)")),
        ("slippage", _decimals(order["slippage_bps"], 12, "bps")),
        ("filled", f"{filled} of {_number(order['quantity'], QUANTITY_SCALE)} shares"),
        ("average price", _number(order["vwap"], 12) if order["vwap"] is not None else NO_VALUE),
        ("raw file", f"{order['file'][:12]}, line {order['line']}"),
    )


def _marks(order: Mapping[str, Any], fills: pl.DataFrame, routes: pl.DataFrame) -> tuple[Mark, ...]:
    received = Mark(order["received_at"], "received", "received by the firm")
    sent = [
        Mark(row["sent_at"], "routed", f"{row['route_id']} sent to {row['venue']}")
        for row in routes.filter(pl.col("order_id") == order["order_id"]).iter_rows(named=True)
    ]
    filled = [
        Mark(
            row["executed_at"],
            "filled",
            f"{_number(row['quantity'], QUANTITY_SCALE)} at {_number(row['price'], PRICE_SCALE)}"
            f" on {row['venue'] or row['route_venue'] or 'unknown venue'}",
            Decimal(row["price"]).scaleb(-PRICE_SCALE),
        )
        for row in fills.filter(pl.col("owner") == order["order_id"]).iter_rows(named=True)
    ]
    return (received, *sorted([*sent, *filled], key=lambda mark: (mark.at, mark.label)))


def _steps(
    home: Home, order: Mapping[str, Any], start: int, end: int
) -> tuple[tuple[Step, ...], int]:
    """Return the changes of the quote from `start`, the first moved to the edge, and the end."""
    day = pl.select(trading_date(pl.lit(order["received_at"]))).item()
    quotes = home.lake.read(Kind.QUOTES, day=day).filter(pl.col("symbol") == order["symbol"])
    ordered = quotes.sort("at", "seq", "file", "line", nulls_last=False).unique(
        "at", keep="last", maintain_order=True
    )
    before = ordered.filter(pl.col("at") <= start).tail(1).with_columns(at=pl.lit(start))
    within = ordered.filter((pl.col("at") > start) & (pl.col("at") < end))
    quotes = pl.concat([before, within]).select("at", "bid", "ask")
    sides = pl.struct("bid", "ask")
    changes = quotes.filter(sides.ne_missing(sides.shift(1)))
    end = min([end, *changes["at"][_MOST_STEPS : _MOST_STEPS + 1]])
    rows = changes.head(_MOST_STEPS).iter_rows()
    return tuple(Step(at, _price(bid), _price(ask)) for at, bid, ask in rows), end


def _events(order: Mapping[str, Any], marks: Sequence[Mark]) -> Table:
    return Table(
        name=f"events-{order['order_id']}",
        title="Events",
        caption="Every route and fill of the order.",
        headings=(Heading("Time (New York)"), Heading("Since receipt", "ms", numeric=True),
                  Heading("Event"), Heading("What"), Heading("Price", numeric=True)),
        rows=tuple(
            (
                text_cell(_clock(mark.at)),
                _since(mark.at - order["received_at"]),
                text_cell(mark.kind),
                text_cell(mark.label),
                _paid(mark.price),
            )
            for mark in marks
        ),
        paper_rows=_ON_PAPER,
    )  # fmt: skip


def _since(ns: int) -> Cell:
    """Return a time from receipt in milliseconds."""
    ms = Decimal(ns).scaleb(-6)
    return Cell(f"{ms:,.3f}".replace("-", "\N{MINUS SIGN}"), f"{ms:f}")


def _paid(price: Decimal | None) -> Cell:
    text = None if price is None else f"{price.normalize():f}"
    return text_cell(text)


def _price(scaled: int | None) -> Decimal | None:
    return None if scaled is None else Decimal(scaled).scaleb(-PRICE_SCALE)


def _decimals(scaled: int | None, scale: int, unit: str) -> str:
    if scaled is None:
        return NO_VALUE
    number = f"{Decimal(scaled).scaleb(-scale):,.2f}".replace("-", "\N{MINUS SIGN}")
    return f"{number} {unit}"


def _number(scaled: int, scale: int) -> str:
    return f"{Decimal(scaled).scaleb(-scale).normalize():,f}"


def _clock(instant: int) -> str:
    """Return an instant in New York, to the microsecond, with the zone named."""
    local = datetime_utc(pl.lit(instant)).dt.convert_time_zone(TRADING_ZONE)
    return str(pl.select(local.dt.strftime("%Y-%m-%d %H:%M:%S%.6f %Z")).item())
