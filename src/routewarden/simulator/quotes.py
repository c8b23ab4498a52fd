"""How a market's best bid and offer moves through a day.

The middle takes small even steps and is drawn back to its own recent mean; bid and ask stand around
it, wider outside the session and just after the open. Updates come in bursts. Now and then a side
is absent, or the market locks or crosses for a few seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from routewarden.simulator.chance import Purpose, draw, generator, pick, weighted
from routewarden.simulator.instruments import EQUITIES, INSTRUMENTS, Instrument
from routewarden.simulator.session import Session, busy_instants
from routewarden.simulator.tape import NO_PAUSE, Pause, Stretch, Tape
from routewarden.simulator.units import MINUTE, MS, SECOND, TICK, Integers

_STEP = 5_000  # the middle moves by up to a 5,000th of its price: two basis points
_DRIFT_BPS = 100  # from its usual price to where it starts a day
_WIDENED = np.array([-1, 0, 0, 0, 0, 0, 1, 1, 2])
_LOTS = np.array([2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8, 10, 15])
_PRICED = 3  # one update in so many moves a price; the others change a size alone
_FLAW_MOST = 15 * SECOND  # no flaw lasts longer
_OPENING = 5 * MINUTE

# What is wrong with a quote, per 10,000: nothing, no bid, no ask, locked, crossed.
_FLAWS = (9_960, 8, 8, 16, 8)
_NO_BID, _NO_ASK, _LOCKED, _CROSSED = range(1, 5)


def market(
    seed: int, session: Session, quotes: int, still: Stretch | None = None
) -> dict[str, Tape]:
    """Return every symbol's tape for a date, `quotes` quotes in all, but none while `still`."""
    date = session.day.toordinal()
    halted, pause = _pause(generator(seed, Purpose.HALTS, date), session, still)
    tapes = {}
    for number, (instrument, count) in enumerate(_shared(quotes)):
        rng = generator(seed, Purpose.QUOTES, date, number)
        hours = session.around_the_clock() if instrument.is_crypto else session
        stop = pause if instrument.symbol == halted else NO_PAUSE
        tape = _tape(rng, instrument, hours, stop, count)
        tapes[instrument.symbol] = (
            _stilled(tape, still) if still and still.symbol == instrument.symbol else tape
        )
    return tapes


def _shared(quotes: int) -> Sequence[tuple[Instrument, int]]:
    """Share out quotes by activity; what is left over goes to the most active."""
    total = sum(instrument.activity for instrument in INSTRUMENTS)
    counts = [max(1, quotes * instrument.activity // total) for instrument in INSTRUMENTS]
    counts[0] += max(0, quotes - sum(counts))
    return list(zip(INSTRUMENTS, counts, strict=True))


def _pause(rng: np.random.Generator, session: Session, still: Stretch | None) -> tuple[str, Pause]:
    """Choose the day's one halt, not of a symbol that stands still: a volatility pause, or news."""
    halted = pick(
        rng, [each.symbol for each in EQUITIES if not still or each.symbol != still.symbol]
    )
    start = session.open + (session.close - session.open) * draw(rng, 15, 75) // 100
    start += draw(rng, 0, SECOND)
    kind, minutes = pick(rng, (("luld", 5), ("luld", 5), ("halt", 12)))
    return halted, Pause(start, start + minutes * MINUTE, kind)


def _tape(
    rng: np.random.Generator, instrument: Instrument, session: Session, pause: Pause, count: int
) -> Tape:
    auction_at = session.close + draw(rng, 40, 900) * MS + draw(rng, 0, MS)
    at = _burst(rng, session, count)
    flaw = _flaws(rng, at, auction_at)
    at = _cut_short(rng, at, flaw)
    at = squeezed(at, pause.quiet, pause.end) if pause.kind else at
    spread = _spread(rng, instrument, session, at) * TICK
    middle = _middle(rng, instrument, count)
    held = _held(rng, session, at)
    spread, middle = spread[held], middle[held]
    bid = (middle - spread // 2) // TICK * TICK
    ask = bid + spread
    crossed = bid - rng.integers(1, 3, count) * TICK
    ask = np.select([flaw == _LOCKED, flaw == _CROSSED], [bid, crossed], ask)
    lots = instrument.depth * instrument.lot
    bid_size, ask_size = _LOTS[rng.integers(0, len(_LOTS), (2, count))] * lots
    return Tape(
        instrument,
        session,
        pause,
        auction_at,
        at,
        np.where(flaw == _NO_BID, 0, bid),
        np.where(flaw == _NO_BID, 0, bid_size),
        np.where(flaw == _NO_ASK, 0, ask),
        np.where(flaw == _NO_ASK, 0, ask_size),
    )


def _burst(rng: np.random.Generator, session: Session, count: int) -> Integers:
    """Return instants in order: a quarter follow another closely, a few share an instant.

    The last one before the open comes just before it.
    """
    at = busy_instants(rng, session, count)
    follows = rng.integers(0, 4, count) == 0
    leader = rng.integers(0, count, count)
    at = np.where(follows, at[leader] + rng.integers(0, 60 * MS, count), at)
    at = np.sort(np.minimum(at, session.edges[-1] - 1))
    same = rng.integers(0, 200, count) == 0
    same[0] = False
    at[same] = at[np.flatnonzero(same) - 1]
    at[0] = session.edges[0]
    opening = int(np.searchsorted(at, session.open))
    at[max(1, opening - 1) : opening] = session.open - draw(rng, 1, SECOND)
    return at


def _flaws(rng: np.random.Generator, at: Integers, auction_at: int) -> Integers:
    """Return what is wrong with each quote: nothing at either end of a date, nor at its auction."""
    flaw = weighted(rng, _FLAWS, len(at))
    flaw[[0, -1]] = 0
    first, last = np.searchsorted(at, [auction_at - SECOND, auction_at], side="right") - 1
    flaw[first : last + 1] = 0
    return flaw


def _cut_short(rng: np.random.Generator, at: Integers, flaw: Integers) -> Integers:
    """Bring forward the quote after a flawed one; order is kept."""
    limit = at[:-1] + rng.integers(50 * MS, _FLAW_MOST, len(at) - 1)
    cut = at.copy()
    cut[1:] = np.where(flaw[:-1] > 0, np.minimum(at[1:], limit), at[1:])
    return cut


def squeezed(at: Integers, quiet: int, end: int) -> Integers:
    """Squeeze what falls in a stretch, and as long after it, into what comes after; order stays.

    The first of what comes after comes as the stretch ends.
    """
    moved = (at >= quiet) & (at < end + end - quiet)
    later = np.where(moved, end + (at - quiet) // 2, at)
    first = int(np.searchsorted(later, end))
    later[max(1, first) : first + 1] = end
    return later


def _stilled(tape: Tape, still: Stretch) -> Tape:
    """Keep a symbol's quote as it is from its next sound one on; the market catches up after."""
    begin = int(tape.at[tape.sound_from[tape.position(still.start)]]) + 1
    return replace(tape, at=squeezed(tape.at, begin, still.end))


def _held(rng: np.random.Generator, session: Session, at: Integers) -> Integers:
    """Return, for each quote, the one whose prices it has: most change nothing but a size.

    The spread changes with the hours, so nothing is held from one of them into the next.
    """
    fresh = rng.integers(0, _PRICED, len(at)) == 0
    edges = (session.open, session.open + _OPENING, session.close + 1)
    fresh[np.searchsorted(at, edges) % len(at)] = True
    fresh[0] = True
    return np.maximum.accumulate(np.where(fresh, np.arange(len(at)), 0))


def _middle(rng: np.random.Generator, instrument: Instrument, count: int) -> Integers:
    """Walk in whole steps, less the walk's own trailing mean: it wanders, and comes back."""
    step = instrument.price // _STEP
    start = instrument.price * (10_000 + draw(rng, -_DRIFT_BPS, _DRIFT_BPS + 1)) // 10_000
    walk = np.cumsum(rng.integers(-step, step + 1, count))
    total = np.concatenate(([0], np.cumsum(walk)))
    end = np.arange(1, count + 1)
    begin = np.maximum(0, end - (count // 2 + 1))
    mean: Integers = (total[end] - total[begin]) // (end - begin)
    return start + walk - mean


def _spread(
    rng: np.random.Generator, instrument: Instrument, session: Session, at: Integers
) -> Integers:
    """Return spreads in ticks."""
    usual = instrument.spread
    noise = _WIDENED[rng.integers(0, len(_WIDENED), len(at))] * -(-usual // 4)
    spread = np.maximum(1, usual + noise)
    early = (at >= session.open) & (at < session.open + _OPENING)
    outside = (at < session.open) | (at > session.close)
    return np.select([outside, early], [spread * 5 + 3, spread * 2], spread)
