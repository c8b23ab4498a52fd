"""The market's trade reports: what others traded, and the firm's own executions among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl

from routewarden.simulator.chance import draw, weighted
from routewarden.simulator.instruments import BY_SYMBOL
from routewarden.simulator.records import Fill
from routewarden.simulator.tape import Stretch, Tape
from routewarden.simulator.units import SECOND, SHARE, TICK, Integers
from routewarden.simulator.venues import EXCHANGES, WHOLESALERS

_PER_QUOTES = 3  # one trade for so many quotes, and at most one for each
_ASTRAY = 80  # trades in a stretch in which the quote stands still
_FURTHEST = 300  # how far they stray: a 300th of the price
_SHARES = np.array([1, 5, 20, 40, 75, 100, 100, 100, 200, 200, 300, 500, 1_000]) * SHARE
_VENUES = (*EXCHANGES, *WHOLESALERS)
_SCHEMA = {
    "symbol": pl.String(),
    "at": pl.Int64(),
    "price": pl.Int64(),
    "size": pl.Int64(),
    "venue": pl.String(),
    "conditions": pl.String(),
}


def background(rng: np.random.Generator, tape: Tape) -> pl.DataFrame:
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
        return _frame(tape, at, price, size, [tape.instrument.home] * count)
    venue = weighted(rng, [venue.weight for venue in _VENUES], count)
    ordinary = _frame(tape, at, price, size, [_VENUES[number].mic for number in venue])
    return pl.concat([ordinary, _closing(rng, tape)])


def astray(rng: np.random.Generator, tape: Tape, still: Stretch) -> pl.DataFrame:
    """Return what others traded while the quote stood still: dearer than it, there and back."""
    number = np.arange(_ASTRAY)
    step = (still.end - still.start) // _ASTRAY
    at = still.start + step * number + rng.integers(0, step, _ASTRAY)
    stuck = tape.known(still.end - 1)
    furthest = max(5, stuck.ask // (_FURTHEST * TICK))
    away = 1 + np.minimum(number, _ASTRAY - number) * furthest * 2 // _ASTRAY
    venue = weighted(rng, [venue.weight for venue in EXCHANGES], _ASTRAY)
    mics = [EXCHANGES[number].mic for number in venue]
    return _frame(tape, at, stuck.ask + away * TICK, _sizes(rng, tape, _ASTRAY), mics)


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


def _frame(
    tape: Tape, at: Integers, price: Integers, size: Integers, venue: list[str]
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "symbol": [tape.instrument.symbol] * len(at),
            "at": at,
            "price": price,
            "size": size,
            "venue": venue,
            "conditions": _conditions(tape, at, size),
        },
        schema=_SCHEMA,
    )


def _conditions(tape: Tape, at: Integers, size: Integers) -> list[str | None]:
    """T is a trade outside the session, I an odd lot; most trades are neither."""
    late = (at < tape.session.open) | (at > tape.session.close)
    odd = size < tape.instrument.round_lot
    words = np.array(["", "I", "T", "T I"])[late * 2 + odd]
    return [word or None for word in words.tolist()]


def _closing(rng: np.random.Generator, tape: Tape) -> pl.DataFrame:
    size = draw(rng, 2_000, 40_000) * SHARE
    row = (
        tape.instrument.symbol,
        tape.auction_at,
        tape.auction_price(),
        size,
        tape.instrument.home,
        "6",
    )
    return pl.DataFrame([row], schema=_SCHEMA, orient="row")
