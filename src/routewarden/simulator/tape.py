"""One symbol's quotes on one date, and what can be done against them at an instant."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from routewarden.simulator.instruments import Instrument
from routewarden.simulator.session import Session
from routewarden.simulator.units import SECOND, TICK, Integers


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch without matching, `end` excluded, and without quotes; empty where there is none.

    Both stop a second early, so that nothing under way ends inside.
    """

    start: int
    end: int
    kind: str

    @property
    def quiet(self) -> int:
        """When venues and quotes stop."""
        return self.start - SECOND

    def after(self, at: int) -> int:
        """Return the first instant from `at` on that is not paused."""
        return self.end if self.quiet <= at < self.end else at


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time, `end` excluded, in which a symbol's quote stands still while its trades go on."""

    symbol: str
    start: int
    end: int

    def holds(self, symbol: str, at: int) -> bool:
        """Return whether a symbol stands still at an instant."""
        return symbol == self.symbol and self.start <= at < self.end


NO_PAUSE = Pause(0, 0, "")
"""The pause of a symbol that is not halted."""


@dataclass(frozen=True, slots=True)
class Touch:
    """The best bid and offer, as seen by one side: +1 for a buy, -1 for a sell."""

    bid: int
    bid_size: int
    ask: int
    ask_size: int

    def far(self, sign: int) -> int:
        """Return the price that crossing the market pays."""
        return self.ask if sign > 0 else self.bid

    def near(self, sign: int) -> int:
        """Return the price on one's own side."""
        return self.bid if sign > 0 else self.ask

    def far_size(self, sign: int) -> int:
        """Return how much is shown at the far price."""
        return self.ask_size if sign > 0 else self.bid_size


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant and the quote that can be traded against then."""

    at: int
    position: int


@dataclass(frozen=True, slots=True, eq=False)
class Tape:
    """A symbol's quotes in order; a price of 0 is an absent side.

    A quote *stands* where no later one has the same instant; it is *sound* where it also has both
    sides and is not crossed, as the first and the last do. `sound_from[i]` is the first sound quote
    from `i` on, `sound_until[i]` the last one up to `i`.
    """

    instrument: Instrument
    session: Session
    pause: Pause
    auction_at: int
    at: Integers
    bid: Integers
    bid_size: Integers
    ask: Integers
    ask_size: Integers
    stands: NDArray[np.bool_] = field(init=False)
    sound: NDArray[np.bool_] = field(init=False)
    sound_from: Integers = field(init=False)
    sound_until: Integers = field(init=False)

    def __post_init__(self) -> None:
        """Find the sound quotes."""
        count = len(self.at)
        stands = np.append(np.diff(self.at) > 0, values=True)
        sound = stands & (self.bid > 0) & (self.ask >= self.bid)
        place = np.arange(count)
        later = np.where(sound, place, count - 1)
        object.__setattr__(self, "stands", stands)
        object.__setattr__(self, "sound", sound)
        object.__setattr__(self, "sound_from", np.minimum.accumulate(later[::-1])[::-1])
        object.__setattr__(self, "sound_until", np.maximum.accumulate(np.where(sound, place, 0)))

    def position(self, at: int) -> int:
        """Return the position of the quote in force; -1 before the first."""
        return int(np.searchsorted(self.at, at, side="right")) - 1

    def touch(self, position: int) -> Touch:
        """Return the prices and sizes of a quote."""
        columns = (self.bid, self.bid_size, self.ask, self.ask_size)
        return Touch(*(int(column[position]) for column in columns))

    def known(self, at: int) -> Touch:
        """Return the last sound prices seen by `at`."""
        return self.touch(int(self.sound_until[self.position(at)]))

    def tradable(self, at: int) -> Moment | None:
        """Return the first moment from `at` on with something to trade against, in the session."""
        at = self.pause.after(max(at, self.session.open))
        position = int(self.sound_from[self.position(at)])
        at = max(at, int(self.at[position]))
        return None if at > self.session.close else Moment(at, position)

    def auction_price(self) -> int:
        """Return the price of the closing auction: the middle at the close, in ticks."""
        last = self.known(self.session.close)
        return (last.bid + last.ask) // (2 * TICK) * TICK
