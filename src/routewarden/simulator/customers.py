"""The orders customers send in a day.

They come at the market's busy hours, and often a few milliseconds before it moves: what moves a
price moves customers too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routewarden.simulator.chance import draw, pick, weighted
from routewarden.simulator.flow import (
    OFFSETS,
    ORDER_TYPES,
    SEGMENTS,
    TIMES_IN_FORCE,
    Segment,
    Size,
    Style,
)
from routewarden.simulator.instruments import EQUITIES, INSTRUMENTS
from routewarden.simulator.records import Order
from routewarden.simulator.session import Session, busy_instants
from routewarden.simulator.tape import Stretch, Tape, Touch
from routewarden.simulator.units import MINUTE, MS, SECOND, SHARE, TICK, Integers

ROUTER = "acme-sor"
"""The vendor's router."""
DIRECT = "direct"
"""The firm's own route."""

_LAST_ORDERS = 10 * SECOND  # before the close, so that an order has time to be handled
_EAGER_MOST = 25 * MS
_CRYPTO = len(EQUITIES)
_PLACES = {instrument.symbol: place for place, instrument in enumerate(INSTRUMENTS)}
_SIDES = ("buy",) * 10 + ("sell",) * 8 + ("sell_short",) * 2
_OPEN_ENDED = (Style.EVENING, Style.PATIENT)  # of each, one a day


_RUSHED = slice(2, 7)
"""The orders of a day that are received while a quote stands still."""
_SETTLED = MINUTE  # until it shows that it does


@dataclass(frozen=True, slots=True)
class _Wish:
    """What one customer wants, before the market is looked at."""

    at: int
    tape: Tape
    segment: Segment
    style: Style
    quantity: int
    side: str


def orders(
    rng: np.random.Generator, tapes: Mapping[str, Tape], count: int, still: Stretch | None = None
) -> list[Order]:
    """Return a day's orders in the order of their receipt, some of them in the stretch `still`."""
    listed = [tapes[instrument.symbol] for instrument in INSTRUMENTS]
    wishes = sorted(_wishes(rng, listed, count, still), key=lambda wish: wish.at)
    return [_order(rng, wish, number) for number, wish in enumerate(wishes, start=1)]


def _wishes(
    rng: np.random.Generator, listed: Sequence[Tape], count: int, still: Stretch | None
) -> list[_Wish]:
    symbol = weighted(rng, [instrument.activity for instrument in INSTRUMENTS], count)
    symbol[: len(_OPEN_ENDED)] %= _CRYPTO
    if still:
        symbol[_RUSHED] = _PLACES[still.symbol]
    segment = weighted(rng, [segment.weight for segment in SEGMENTS], count)
    segment[symbol == _CRYPTO] = 0
    size = _by_segment(rng, segment, [segment.sizes for segment in SEGMENTS])
    style = _by_segment(rng, segment, [segment.styles for segment in SEGMENTS])
    style[: len(_OPEN_ENDED)] = _OPEN_ENDED[:count]
    simple = np.where(style <= Style.MARKETABLE, style, Style.AT)
    style = np.where(symbol == _CRYPTO, simple, style)
    size = np.where((size == Size.FRACTIONAL) & (style != Style.MARKET), Size.ODD, size)
    quantity = np.where(
        symbol == _CRYPTO, rng.integers(SHARE // 1_000, SHARE * 3 // 10, count), _shares(rng, size)
    )
    at = _received(rng, listed, symbol, quantity)
    if still:
        at = _into(rng, at, still, symbol == _PLACES[still.symbol])
    return [
        _Wish(
            _moved(Style(style[i]), int(at[i]), listed[symbol[i]].session),
            listed[symbol[i]],
            SEGMENTS[segment[i]],
            Style(style[i]),
            int(quantity[i]),
            pick(rng, _SIDES),
        )
        for i in range(count)
    ]


def _by_segment(
    rng: np.random.Generator, segment: Integers, weights: Sequence[Sequence[int]]
) -> Integers:
    """Draw for each order by the weights of its segment."""
    drawn = np.zeros_like(segment)
    for number, row in enumerate(weights):
        mine = segment == number
        drawn[mine] = weighted(rng, row, int(mine.sum()))
    return drawn


def _shares(rng: np.random.Generator, size: Integers) -> Integers:
    count = len(size)
    sizes = {
        Size.ODD: rng.integers(1, 100, count) * SHARE,
        Size.FRACTIONAL: rng.integers(10_000, 20_000_000, count) * (SHARE // 1_000_000),
        Size.ROUND: rng.integers(1, 10, count) * 100 * SHARE,
        Size.LARGE: rng.integers(10, 31, count) * 100 * SHARE,
        Size.BLOCK: np.full(count, 5_000 * SHARE),
    }
    return np.select([size == name for name in sizes], list(sizes.values()))


def _received(
    rng: np.random.Generator, listed: Sequence[Tape], symbol: Integers, quantity: Integers
) -> Integers:
    """Return when each order is received: many a small one just before the market changes.

    A larger one may be split, and nothing is to follow its first part but what follows from it.
    """
    received = np.zeros_like(symbol)
    lots = np.array([instrument.lot for instrument in INSTRUMENTS])
    eager = (rng.integers(0, 2, len(symbol)) == 0) & (quantity < lots[symbol])
    for number, tape in enumerate(listed):
        mine = symbol == number
        session = tape.session
        last = session.close - _LAST_ORDERS
        at = busy_instants(rng, session, int(mine.sum()))
        at = np.where(
            at > last, session.open + at - last, at
        )  # too late today: soon after the open
        following = np.minimum(np.searchsorted(tape.at, at, side="right"), len(tape.at) - 1)
        before = tape.at[following] - rng.integers(0, _EAGER_MOST, len(at))
        usable = eager[mine] & (before >= session.edges[0]) & (before <= last)
        received[mine] = np.where(usable, before, at)
    return received


def _into(
    rng: np.random.Generator, at: Integers, still: Stretch, same: NDArray[np.bool_]
) -> Integers:
    """Move some orders into a stretch, and all in its first part to a later one."""
    at = at.copy()
    begin = still.start + _SETTLED
    at[_RUSHED] = rng.integers(begin, still.end, len(at[_RUSHED]))
    early = same & (at >= still.start) & (at < begin)
    at[early] += _SETTLED
    return at


def _moved(style: Style, at: int, session: Session) -> int:
    """Move an order to the hours in which its style makes sense."""
    through = max(0, at - session.open) * 1_000 // (session.close - session.open)  # per mille
    if style == Style.EVENING:
        return session.close + MINUTE + through * 3 * SECOND + at % SECOND
    return at - 10 * MINUTE if style == Style.CLOSE and through > 900 else at


def _order(rng: np.random.Generator, wish: _Wish, number: int) -> Order:
    instrument, segment, style = wish.tape.instrument, wish.segment, wish.style
    sign = 1 if wish.side == "buy" else -1
    price = _price(rng, style, wish.tape.known(wish.at), sign)
    customer = draw(rng, 1, 400)
    direct = instrument.is_crypto or draw(rng, 0, 100) < segment.direct_pct
    return Order(
        order_id=f"O{wish.tape.session.day:%Y%m%d}-{number:05d}",
        received_at=wish.at,
        symbol=instrument.symbol,
        side=wish.side,
        quantity=wish.quantity,
        order_type=ORDER_TYPES.get(style, "limit"),
        limit_price=0 if style == Style.STOP else price,
        stop_price=price if style == Style.STOP else 0,
        time_in_force=TIMES_IN_FORCE.get(style, "day"),
        held=segment.held,
        directed=segment.directed,
        account_type=segment.account_type,
        capacity=segment.capacity,
        asset_class=instrument.asset_class,
        router=DIRECT if direct else ROUTER,
        strategy=pick(rng, segment.strategies),
        desk=segment.desk,
        account_id=f"{customer * 7:06d}",
        customer_id=f"C{customer:05d}",
    )


def _price(rng: np.random.Generator, style: Style, touch: Touch, sign: int) -> int:
    """Return the price an order states; 0 where its style states none."""
    offset = OFFSETS.get(style)
    if offset is None:
        return 0
    base = touch.far(sign) if offset.far else touch.near(sign)
    steps = draw(rng, offset.least, offset.end)
    ticks = base * steps // (10_000 * TICK) if offset.bps else steps
    if style == Style.INSIDE:  # where there is no room inside, at the quote
        ticks = min(ticks, max(0, (touch.ask - touch.bid) // TICK - 1))
    return base + sign * ticks * TICK
