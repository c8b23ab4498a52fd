"""Who sends orders, and what kinds of order they send: the tables customers are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum


class Style(IntEnum):
    """What a customer wants of an order."""

    MARKET = 0
    MARKETABLE = 1
    IOC = 2
    INSIDE = 3
    AT = 4
    NEAR = 5
    AWAY = 6
    STOP = 7
    CLOSE = 8
    PEGGED = 9
    EVENING = 10  # good till cancelled, sent after the close with room to spare
    PATIENT = 11  # good till cancelled, a percent away


class Size(IntEnum):
    """How large an order is."""

    ODD = 0
    FRACTIONAL = 1
    ROUND = 2
    LARGE = 3
    BLOCK = 4


@dataclass(frozen=True, slots=True)
class Segment:
    """A kind of customer; `styles` and `sizes` weigh the first ten styles, and the sizes."""

    weight: int
    account_type: str
    capacity: str
    held: bool | None
    directed: bool | None
    desk: str
    strategies: tuple[str, ...]
    styles: tuple[int, ...]
    sizes: tuple[int, ...]
    direct_pct: int = 8
    """How many percent of its orders go by the firm's own route."""


_RETAIL_STYLES = (42, 17, 4, 6, 9, 9, 7, 3, 2, 1)
_RETAIL_SIZES = (45, 5, 42, 7, 1)

SEGMENTS = (
    Segment(
        weight=74,
        account_type="retail",
        capacity="agency",
        held=True,
        directed=False,
        desk="retail",
        strategies=("self-directed", "advised"),
        styles=_RETAIL_STYLES,
        sizes=_RETAIL_SIZES,
    ),
    Segment(
        weight=14,
        account_type="institutional",
        capacity="agency",
        held=False,
        directed=False,
        desk="institutional",
        strategies=("vwap", "twap", "pov", "sweep"),
        styles=(18, 20, 10, 10, 12, 6, 2, 0, 6, 16),
        sizes=(8, 0, 34, 40, 18),
    ),
    Segment(
        weight=5,
        account_type="retail",
        capacity="agency",
        held=True,
        directed=True,
        desk="active",
        strategies=("self-directed",),
        styles=(25, 30, 10, 10, 15, 8, 2, 0, 0, 0),
        sizes=(20, 0, 60, 20, 0),
    ),
    Segment(
        weight=4,
        account_type="proprietary",
        capacity="principal",
        held=False,
        directed=False,
        desk="facilitation",
        strategies=("hedge", "unwind"),
        styles=(30, 25, 20, 5, 10, 0, 0, 0, 5, 5),
        sizes=(5, 0, 45, 40, 10),
        direct_pct=40,
    ),
    Segment(  # an older system that does not say how an order was to be handled
        weight=3,
        account_type="retail",
        capacity="agency",
        held=None,
        directed=None,
        desk="branch",
        strategies=("advised",),
        styles=_RETAIL_STYLES,
        sizes=_RETAIL_SIZES,
    ),
)


@dataclass(frozen=True, slots=True)
class Offset:
    """Where a style's price stands: `least` up to `end`, excluded, from a side of the market.

    Positive is towards the other side and beyond. The steps are ticks, or hundredths of a percent
    of the price where `bps`.
    """

    far: bool
    least: int
    end: int
    bps: bool = False


OFFSETS: Mapping[Style, Offset] = {
    Style.MARKETABLE: Offset(far=True, least=0, end=4),
    Style.IOC: Offset(far=True, least=0, end=2),
    Style.INSIDE: Offset(far=False, least=1, end=4),
    Style.AT: Offset(far=False, least=0, end=1),
    Style.NEAR: Offset(far=False, least=-10, end=0),
    Style.AWAY: Offset(far=False, least=-120, end=-10),
    Style.STOP: Offset(far=True, least=5, end=41),
    # Two days differ by far less than 5 %, so the next opening is sure to reach it.
    Style.EVENING: Offset(far=True, least=500, end=501, bps=True),
    Style.PATIENT: Offset(far=False, least=-110, end=-69, bps=True),
}

ORDER_TYPES: Mapping[Style, str] = {
    Style.MARKET: "market",
    Style.STOP: "stop",
    Style.CLOSE: "market_on_close",
    Style.PEGGED: "pegged",
}
"""The order type of each style that is not a limit order."""

TIMES_IN_FORCE: Mapping[Style, str] = {
    Style.IOC: "ioc",
    Style.CLOSE: "closing",
    Style.EVENING: "gtc",
    Style.PATIENT: "gtc",
}
"""The time in force of each style that is not for the day."""
