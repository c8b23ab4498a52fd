"""What the quotes up to an instant were: the least favourable of them, and how old the last is.

Of the least favourable, the quote in force when the time begins counts, and every one after it up
to the instant. An absent side is passed over; each side is sought for itself.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from routewarden.market.index import index_symbols
from routewarden.market.search import NEVER, least, minima
from routewarden.market.tape import Tape, attach_quotes
from routewarden.native.asof import Integers


def attach_worst(
    frame: pl.DataFrame, instant: str, when: str, window_ns: int, tape: Tape
) -> pl.DataFrame:
    """Add `worst_bid_<when>` (least) and `worst_ask_<when>` (greatest) of the time up to `instant`.

    All instants fall on the tape's date. Null where that side was never there, or no symbol is.
    """
    asked = frame.select("symbol", pl.col(instant).alias("at"))
    end = tape.index.after(asked["symbol"], asked["at"].to_numpy())
    first, _ = tape.index.spans(asked["symbol"])
    since = tape.index.after(asked["symbol"], asked["at"].to_numpy() - window_ns) - 1
    start = np.maximum(since, first)
    bids, asks = (_least(tape, side, start, end) for side in (pl.col("bid"), -pl.col("ask")))
    return frame.with_columns(bids.alias(f"worst_bid_{when}"), (-asks).alias(f"worst_ask_{when}"))


def _least(tape: Tape, price: pl.Expr, start: Integers, end: Integers) -> pl.Series:
    values = tape.quotes.select(price.fill_null(int(NEVER))).to_series().to_numpy()
    found = pl.Series(least(minima(values), start, end))
    return pl.select(pl.when(found != int(NEVER)).then(found)).to_series()


def attach_age(
    frame: pl.DataFrame, instant: str, tape: Tape, trades: pl.DataFrame | None
) -> pl.DataFrame:
    """Add `quote_age_ns`, and `trades_through_quote` of the symbol, at each instant.

    Trades count after the quote in force and up to the instant, at a price outside it, whatever
    their venue or conditions. The age is null without a quote; the count also where no trade of the
    date is held at all (None). All instants fall on the tape's date.
    """
    at = frame[instant].to_numpy()
    first, _ = tape.index.spans(frame["symbol"])
    place = tape.index.after(frame["symbol"], at) - 1
    held = pl.select(pl.when(pl.Series(place >= first)).then(pl.Series(place))).to_series()
    quoted_at = tape.quotes["at"].gather(held)
    counted = frame.with_columns(quote_age_ns=pl.col(instant) - quoted_at)
    if trades is None:
        return counted.with_columns(trades_through_quote=pl.lit(None, dtype=pl.Int64))
    index = index_symbols(_outside(trades, tape).sort("symbol", "at"))
    symbols = frame["symbol"]
    since = index.after(symbols, quoted_at.fill_null(0).to_numpy())
    passed = pl.Series(index.after(symbols, at) - since)
    return counted.with_columns(
        trades_through_quote=pl.when(pl.col("quote_age_ns").is_not_null()).then(passed)
    )


def _outside(trades: pl.DataFrame, tape: Tape) -> pl.DataFrame:
    """Return the trades of a date at a price outside the quote in force when they printed."""
    quoted = attach_quotes(trades.select("symbol", "at", "price"), {"then": "at"}, lambda _: tape)
    below, above = pl.col("price") < pl.col("bid_then"), pl.col("price") > pl.col("ask_then")
    return quoted.filter((below | above).fill_null(value=False))
