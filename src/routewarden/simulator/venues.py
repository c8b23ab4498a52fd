"""Where orders are executed: eight exchanges, three wholesalers and one crypto venue.

Fees and speeds are invented, in the range such venues publish.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from routewarden.simulator.units import DOLLAR


class Trade(StrEnum):
    """A venue's trade."""

    EXCHANGE = "exchange"
    WHOLESALER = "wholesaler"
    CRYPTO = "crypto"


@dataclass(frozen=True, slots=True)
class Venue:
    """Somewhere orders are executed.

    `take` and `make` are what removing and adding a share costs (a rebate is negative). An order is
    acknowledged after `latency_us` and executed `match_us` later, each up to half as long again.
    `improves` are the percentages of the spread, each as likely, given back to who crosses it.
    `reach` is how many times the displayed size can be had at one price.
    """

    mic: str
    trade: Trade
    weight: int
    take: int
    make: int
    latency_us: int
    match_us: int
    improves: tuple[int, ...]
    reach: int = 1


def _exchange(mic: str, weight: int, take: int, make: int, latency_us: int) -> Venue:
    hidden = (0,) * 11 + (50,)  # now and then someone waits unseen at the middle
    return Venue(mic, Trade.EXCHANGE, weight, take, make, latency_us, 40, hidden)


def _wholesaler(mic: str, weight: int, latency_us: int, improves: tuple[int, ...]) -> Venue:
    return Venue(mic, Trade.WHOLESALER, weight, 0, 0, latency_us, latency_us * 2, improves, reach=5)


MIDPOINT = Venue("IEXG", Trade.EXCHANGE, 8, 9, 0, 780, 60, (0, 50, 50))
"""The exchange that orders for the middle go to."""

EXCHANGES = (
    _exchange("XNYS", 14, 30, -18, 240),
    _exchange("ARCX", 16, 30, -21, 260),
    _exchange("XNAS", 22, 30, -20, 210),
    _exchange("BATS", 14, 30, -22, 230),
    _exchange("EDGX", 16, 30, -20, 225),
    MIDPOINT,
    _exchange("MEMX", 6, 28, -24, 180),
    _exchange("EPRL", 4, 29, -23, 170),
)
WHOLESALERS = (
    _wholesaler("WHSA", 45, 2_400, (0, 5, 10, 20, 30)),
    _wholesaler("WHSB", 35, 3_500, (0, 0, 5, 10, 15)),
    _wholesaler("WHSC", 20, 5_200, (0, 10, 20, 40, 50)),
)
CRYPTO_VENUE = Venue("CRYX", Trade.CRYPTO, 1, 60 * DOLLAR, 20 * DOLLAR, 9_000, 4_000, (0,))

AUCTION_FEE = 10

BY_MIC = {venue.mic: venue for venue in (*EXCHANGES, *WHOLESALERS, CRYPTO_VENUE)}
