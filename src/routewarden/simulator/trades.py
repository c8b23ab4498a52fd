"""The market's trade reports: what others traded, and the firm's own executions among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from routewarden.simulator.chance import draw, weighted
from routewarden.simulator.instruments import BY_SYMBOL
from routewarden.simulator.records import Fill
from routewarden.simulator.tape import Stretch, Tape
from routewarden.simulator.units import SECOND, SHARE, TICK, Integers
from routewarden.simulator.venues import CRYPTO_VENUE, EXCHANGES, WHOLESALERS

_PER_QUOTES = 3  # one trade for so many quotes, and at most one for each
_ASTRAY = 120  # trades in a stretch in which the quote stands still
_FURTHEST = 300  # how far they stray: a 300th of the price
_SHARES = np.array([1, 5, 20, 40, 75, 100, 100, 100, 200, 200, 300, 500, 1_000]) * SHARE
_VENUES = (*EXCHANGES, *WHOLESALERS, CRYPTO_VENUE)
_MICS = [venue.mic for venue in _VENUES]
_WEIGHTS = [venue.weight for venue in (*EXCHANGES, *WHOLESALERS)]
_CONDITIONS = ("", "I", "T", "T I", "6")  # odd lot, outside the session, both; closing auction
_CLOSING = len(_CONDITIONS) - 1
_SCHEMA = {
    "symbol": pl.String(),
    "at": pl.Int64(),
    "price": pl.Int64(),
    "size": pl.Int64(),
    "venue": pl.String(),
    "conditions": pl.String(),
}


@dataclass(frozen=True, slots=True, eq=False)
class Prints:
    """Trades of one symbol; `venue` and `condition` are positions in the lists above."""

    symbol: str
    at: Integers
    price: Integers
    size: Integers
    venue: Integers
    condition: Integers


def trades_frame(prints: Sequence[Prints], reported: pl.DataFrame) -> pl.DataFrame:
    """Return everyone's trades in order of time; those `reported` come first where times tie."""
    symbols = pl.Series([each.symbol for each in prints], dtype=pl.String)
    lengths = [len(each.at) for each in prints]
    others = pl.DataFrame(
        {
            "symbol": symbols.gather(np.repeat(np.arange(len(prints)), lengths)),
            "at": np.concatenate([each.at for each in prints]),
            "price": np.concatenate([each.price for each in prints]),
            "size": np.concatenate([each.size for each in prints]),
            "venue": pl.Series(_MICS).gather(np.concatenate([each.venue for each in prints])),
            "conditions": pl.Series([word or None for word in _CONDITIONS]).gather(
                np.concatenate([each.condition for each in prints])
            ),
        },
        schema=_SCHEMA,
    )
    return pl.concat([reported, others]).sort("at", maintain_order=True)


def background(rng: np.random.Generator, tape: Tape) -> Prints:
    """Return what others traded: at the bid, the ask or the middle of the quote in force."""
    sound = np.flatnonzero(tape.sound)
    position = np.sort(rng.permutation(sound)[: len(tape.at) // _PER_QUOTES])
    count = len(position)
    ends = np.append(tape.at, tape.at[-1] + 1)[position + 1]
    at = tape.at[position] + rng.integers(0, np.minimum(ends - tape.at[position], SECOND))
    bid, ask = tape.bid[position], tape.ask[position]
    price = np.choose(weighted(rng, (45, 45, 10), count), [bid, ask, (bid + ask) // 2])
    size = _sizes(rng, tape, count)
    if tape.instrument.is_crypto:
        venue = np.full(count, _MICS.index(tape.instrument.home))
        return _prints(tape, at, price, size, venue)
    ordinary = _prints(tape, at, price, size, weighted(rng, _WEIGHTS, count))
    return _with_closing(ordinary, tape, draw(rng, 2_000, 40_000) * SHARE)


def astray(rng: np.random.Generator, tape: Tape, still: Stretch) -> Prints:
    """Return what others traded while the quote stood still: dearer than it, there and back."""
    number = np.arange(_ASTRAY)
    step = (still.end - still.start) // _ASTRAY
    at = still.start + step * number + rng.integers(0, step, _ASTRAY)
    stuck = tape.known(still.end - 1)
    furthest = max(5, stuck.ask // (_FURTHEST * TICK))
    away = 1 + np.minimum(number, _ASTRAY - number) * furthest * 2 // _ASTRAY
    venue = weighted(rng, [venue.weight for venue in EXCHANGES], _ASTRAY)
    return _prints(tape, at, stuck.ask + away * TICK, _sizes(rng, tape, _ASTRAY), venue)


def own(fills: Iterable[Fill], symbols: Mapping[str, str]) -> pl.DataFrame:
    """Return the reports of the firm's executions; `symbols` says what each order trades."""
    rows = [
        (symbol, fill.executed_at, fill.price, fill.quantity, fill.venue, _own(fill, symbol))
        for fill in fills
        for symbol in (symbols[fill.order_id],)
        if fill.status == "ok"
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _own(fill: Fill, symbol: str) -> str | None:
    if fill.liquidity == "auction":
        return "6"
    return "I" if fill.quantity < BY_SYMBOL[symbol].round_lot else None


def _sizes(rng: np.random.Generator, tape: Tape, count: int) -> Integers:
    if tape.instrument.is_crypto:
        return rng.integers(SHARE // 10_000, SHARE, count)
    return _SHARES[rng.integers(0, len(_SHARES), count)]


def _prints(tape: Tape, at: Integers, price: Integers, size: Integers, venue: Integers) -> Prints:
    """Return trades with their conditions; most have none."""
    late = (at < tape.session.open) | (at > tape.session.close)
    odd = size < tape.instrument.round_lot
    return Prints(tape.instrument.symbol, at, price, size, venue, late * 2 + odd)


def _with_closing(ordinary: Prints, tape: Tape, size: int) -> Prints:
    """Add the closing auction at the symbol's home."""
    return Prints(
        ordinary.symbol,
        np.append(ordinary.at, tape.auction_at),
        np.append(ordinary.price, tape.auction_price()),
        np.append(ordinary.size, size),
        np.append(ordinary.venue, _MICS.index(tape.instrument.home)),
        np.append(ordinary.condition, _CLOSING),
    )
