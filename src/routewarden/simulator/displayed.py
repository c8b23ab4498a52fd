"""What each exchange shows: quotes by venue whose best is the market's, at every instant.

At each change of the best bid and offer one exchange, the leader, shows just that. Any other keeps
what it last showed as leader for as long as the market does not move inside it, and then falls back
to the next round price behind. So the highest bid and the lowest offer are the leader's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from routewarden.simulator.tape import Tape
from routewarden.simulator.units import TICK, Integers
from routewarden.simulator.venues import EXCHANGES

_LEADS_ON = 2  # one change in so many brings another leader
_ROUND = 1_000  # an exchange behind the market shows prices a 1,000th apart or so
_NONE = 10**9  # an offer that is absent: above all prices
_MICS = [venue.mic for venue in EXCHANGES]


@dataclass(frozen=True, slots=True)
class Shrink:
    """A displayed size that falls at an instant: what an order of side `sign` would have met."""

    order_id: str
    symbol: str
    venue: str
    at: int
    sign: int


@dataclass(frozen=True, slots=True, eq=False)
class _Market:
    """All symbols' best bids and offers, one symbol after another; `symbol` numbers them."""

    symbol: Integers
    at: Integers
    bid: Integers
    bid_size: Integers
    ask: Integers
    ask_size: Integers
    grid: Integers

    @property
    def begins(self) -> NDArray[np.bool_]:
        """Where a symbol's quotes begin."""
        return np.append(True, np.diff(self.symbol) > 0)


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One side of the market as prices where more is better, whoever's turn it is to show it.

    `best` is what the leader shows and `most` what any other exchange may.
    """

    best: Integers
    most: Integers
    size: Integers
    leader: Integers


def displayed(
    rng: np.random.Generator, tapes: Sequence[Tape], shrinks: Iterable[Shrink] = ()
) -> tuple[pl.DataFrame, tuple[Shrink, ...]]:
    """Return the exchanges' quotes of some symbols on a date, and the shrinks to be seen in them.

    A shrink leaves one lot of what is shown; where no more was shown, there is none.
    """
    market = _market(tapes)
    bids, asks = _sides(rng, market)
    rows = [_shown(market, venue, bids, asks) for venue in range(len(EXCHANGES))]
    event = np.concatenate([row[0] for row in rows])
    venue = np.repeat(np.arange(len(rows)), [len(row[0]) for row in rows])
    order = np.lexsort((venue, event))
    event = event[order]
    columns = (np.concatenate([row[part] for row in rows])[order] for part in range(1, 5))
    frame = pl.DataFrame(
        {
            "symbol": market.symbol[event],
            "at": market.at[event],
            "venue": venue[order],
            **dict(zip(("bid", "bid_size", "ask", "ask_size"), columns, strict=True)),
        }
    )
    shrunk, done = _shrinks(frame, tapes, shrinks)
    return _named(shrunk, tapes), done


def _market(tapes: Sequence[Tape]) -> _Market:
    lengths = [len(tape.at) for tape in tapes]
    grids = [max(1, tape.instrument.price // _ROUND // TICK) * TICK for tape in tapes]
    return _Market(
        np.repeat(np.arange(len(tapes)), lengths),
        np.concatenate([tape.at for tape in tapes]),
        np.concatenate([tape.bid for tape in tapes]),
        np.concatenate([tape.bid_size for tape in tapes]),
        np.concatenate([tape.ask for tape in tapes]),
        np.concatenate([tape.ask_size for tape in tapes]),
        np.repeat(np.asarray(grids), lengths),
    )


def _sides(rng: np.random.Generator, market: _Market) -> tuple[_Side, _Side]:
    """Return both sides; of a locked or crossed market another exchange leads the offer."""
    count = len(market.at)
    bid, ask = market.bid, np.where(market.ask == 0, _NONE, market.ask)
    changes = market.begins | (rng.integers(0, _LEADS_ON, count) == 0)
    since = np.maximum.accumulate(np.where(changes, np.arange(count), 0))
    leader = rng.integers(0, len(EXCHANGES), count)[since]
    flawed = ask <= bid
    other = np.where(flawed, (leader + 1) % len(EXCHANGES), leader)
    bids = _Side(bid, np.where(flawed, ask - TICK, bid), market.bid_size, leader)
    asks = _Side(-ask, -np.where(flawed, bid + TICK, ask), market.ask_size, other)
    return bids, asks


def _shown(market: _Market, venue: int, bids: _Side, asks: _Side) -> tuple[Integers, ...]:
    """Return where a venue's quote changes, and its bid, bid size, offer and offer size there."""
    bid, bid_size = _kept(market, bids, venue)
    ask, ask_size = _kept(market, asks, venue)
    leads = (bids.leader == venue) | (asks.leader == venue) | market.begins
    moves = np.append(True, (np.diff(bid) != 0) | (np.diff(ask) != 0))
    event = np.flatnonzero(leads | moves)
    bid, ask = bid[event], -ask[event]
    absent = ask > _NONE // 2
    return (
        event,
        bid,
        np.where(bid == 0, 0, bid_size[event]),
        np.where(absent, 0, ask),
        np.where(absent, 0, ask_size[event]),
    )


def _kept(market: _Market, side: _Side, venue: int) -> tuple[Integers, Integers]:
    """Return what a venue shows on a side at each change of the market: price and size.

    Within a stretch since it last led, its price is the least there was, or behind that.
    """
    leads = side.leader == venue
    begins = leads | market.begins
    price = np.where(leads, side.best, side.most)
    since = np.maximum.accumulate(np.where(begins, np.arange(len(price)), 0))
    apart = np.cumsum(begins) * (4 * _NONE)  # a stretch is below all before it, so it begins anew
    least = np.minimum.accumulate(price - apart) + apart
    behind = least // market.grid * market.grid
    keeps = leads[since] & (least >= price[since])
    return np.where(keeps, price[since], behind), side.size[since]


def _shrinks(
    frame: pl.DataFrame, tapes: Sequence[Tape], shrinks: Iterable[Shrink]
) -> tuple[pl.DataFrame, tuple[Shrink, ...]]:
    """Add a row for each shrink of a size above a lot, once for each quote; return who got one."""
    symbols = [tape.instrument.symbol for tape in tapes]
    columns = {name: frame[name].to_numpy() for name in ("symbol", "at", "venue")}
    done: dict[int, Shrink] = {}
    added = []
    for each in shrinks:
        number, venue = symbols.index(each.symbol), _MICS.index(each.venue)
        first, end = np.searchsorted(columns["symbol"], [number, number + 1])
        end = first + np.searchsorted(columns["at"][first:end], each.at, side="right")
        place = first + int(np.flatnonzero(columns["venue"][first:end] == venue)[-1])
        shown = frame.row(place, named=True)
        size, lot = "ask_size" if each.sign > 0 else "bid_size", tapes[number].instrument.lot
        if shown[size] > lot and place not in done:
            done[place] = each
            added.append({**shown, "at": each.at, size: lot})
    more = pl.DataFrame(added, schema=frame.schema)
    return pl.concat([frame, more]).sort("symbol", "at", maintain_order=True), tuple(done.values())


def _named(frame: pl.DataFrame, tapes: Sequence[Tape]) -> pl.DataFrame:
    """Name the symbols and venues, and number each symbol's rows."""
    symbols = pl.Series([tape.instrument.symbol for tape in tapes], dtype=pl.String)
    return frame.select(
        pl.lit(symbols).gather(pl.col("symbol")).alias("symbol"),
        "at",
        pl.lit(pl.Series(_MICS)).gather(pl.col("venue")).alias("venue"),
        "bid",
        "bid_size",
        "ask",
        "ask_size",
        pl.lit(None, dtype=pl.String).alias("condition"),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("symbol").alias("seq"),
    )
