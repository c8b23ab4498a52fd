"""When a limit order could first have traded.

An order is executable from the first instant in the regular session, from its receipt to the
earlier of its end and that session's close, at which a two-sided, uncrossed quote is in force whose
far side its limit reaches. Crypto has no session: from receipt to the order's end or the end of
the trading date.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from routewarden.base.side import SIGN
from routewarden.base.time import start_of_date, trading_date
from routewarden.market.search import NEVER, Minima, first_at_most, minima
from routewarden.market.tape import Tape
from routewarden.native.asof import Integers


def attach_executable(orders: pl.DataFrame, tape: Tape) -> pl.DataFrame:
    """Add `executable_at` (UTC ns) to orders received on the tape's trading date.

    Null for an order that is not a limit order, or never was executable.
    """
    limits = (pl.col("order_type") == "limit") & ~pl.col("time_in_force").is_in(
        ["opening", "closing"]
    ).fill_null(value=False)
    midnight = start_of_date(trading_date(pl.col("received_at")) + pl.duration(days=1)) - 1
    around_the_clock = pl.col("asset_class") == "crypto"
    last = pl.when(around_the_clock).then(midnight).otherwise("close_at_receipt")
    asked = orders.with_row_index("row").filter(limits)
    asked = asked.with_columns(
        since=pl.max_horizontal("received_at", "open_at_receipt"),
        until=pl.when(last.is_not_null()).then(pl.min_horizontal("ended_at", last)),
        sign=SIGN,
    ).filter(pl.col("until").is_not_null() & pl.col("sign").is_not_null())
    found = pl.concat(_first(asked, tape, sign) for sign in (1, -1))
    return (
        orders.with_row_index("row")
        .join(found, on="row", how="left", maintain_order="left")
        .drop("row")
    )


def _first(asked: pl.DataFrame, tape: Tape, sign: int) -> pl.DataFrame:
    """Return `row` and `executable_at` of the buys (1) or the sells (-1)."""
    orders = asked.filter(pl.col("sign") == sign)
    if orders.is_empty():
        return pl.DataFrame(schema={"row": pl.UInt32, "executable_at": pl.Int64})
    since, until = orders["since"].to_numpy(), orders["until"].to_numpy()
    first, end = tape.index.spans(orders["symbol"])
    in_force = tape.index.after(orders["symbol"], since) - 1
    limit = sign * orders["limit_price"].to_numpy()
    row = first_at_most(_far_sides(tape, sign), np.maximum(in_force, first), limit)
    within = (row >= 0) & (row < end)
    at = np.maximum(_at(tape, row, within), since)
    kept = within & (at <= until)
    return pl.DataFrame({"row": orders["row"], "executable_at": at}).filter(pl.Series(kept))


def _far_sides(tape: Tape, sign: int) -> Minima:
    """Return the price to cross, lower is better for the order; never where there is no mid."""
    mid_exists = pl.col("bid") <= pl.col("ask")
    price = pl.col("ask") if sign == 1 else -pl.col("bid")
    usable = pl.when(mid_exists).then(price).otherwise(int(NEVER))
    return minima(tape.quotes.select(usable).to_series().to_numpy())


def _at(tape: Tape, row: Integers, within: npt.NDArray[np.bool_]) -> Integers:
    if not len(tape.index.at):
        return np.zeros_like(row)
    return tape.index.at[np.where(within, row, 0)]
