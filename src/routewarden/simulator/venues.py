"""Where orders are executed: eight exchanges, four wholesalers and one crypto venue.

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
    _wholesaler("WHSA", 26, 2_400, (0, 5, 10, 20, 30)),
    _wholesaler("WHSB", 22, 3_500, (0, 5, 10, 15, 20)),
    _wholesaler("WHSC", 16, 5_200, (0, 10, 20, 40, 50)),
    _wholesaler("WHSD", 36, 3_000, (0, 10, 20, 30, 40)),
)
CRYPTO_VENUE = Venue("CRYX", Trade.CRYPTO, 1, 60 * DOLLAR, 20 * DOLLAR, 9_000, 4_000, (0,))
STRANGER = _exchange("XPSX", 0, 30, -20, 250)
"""An exchange that the router is not meant to use."""

AUCTION_FEE = 10

_EXPECTED = (*EXCHANGES, *WHOLESALERS, CRYPTO_VENUE)
EXPECTED_VENUES = frozenset(venue.mic for venue in _EXPECTED)
"""The MIC of every venue the router may use."""

BY_MIC = {venue.mic: venue for venue in (*_EXPECTED, STRANGER)}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a wholesaler pays for market and marketable orders: `amount` as a file states it."""

    payer: str
    payee: str
    basis: str
    amount: str
    unit: str | None


PAID_CLASSES = ("market", "marketable_limit")
"""The order classes wholesalers pay for, and the vendor reports on."""

VENDOR = "acme"
"""The vendor whose router it is, as a payee."""

PAYMENTS = (
    Terms("WHSA", "firm", "per_share", "0.12", "USD_per_100"),
    Terms("WHSB", "firm", "per_share", "0.16", "USD_per_100"),
    Terms("WHSC", "firm", "percent_of_spread", "8", None),
    Terms("WHSD", VENDOR, "per_share", "0.25", "USD_per_100"),
)
