"""What is traded: twelve invented shares and one crypto pair.

Some tickers look like something else (`NA`, `TRUE`, `1E5`), as real ones do, so that whoever reads
a symbol as anything but text is found out.
"""

from __future__ import annotations

from dataclasses import dataclass

from routewarden.simulator.units import DOLLAR, SHARE


@dataclass(frozen=True, slots=True)
class Instrument:
    """Something traded.

    `price` is what its price keeps coming back to, `spread` the usual number of ticks between bid
    and ask, `activity` its share of the day's quotes and orders, `depth` how many lots stand at a
    price where others have one, `home` the venue of its auctions. Displayed sizes are multiples of
    `lot`.
    """

    symbol: str
    price: int
    spread: int
    activity: int
    depth: int
    home: str
    sp500: bool
    lot: int = 100 * SHARE
    asset_class: str = "equity"

    @property
    def is_crypto(self) -> bool:
        """Whether it trades around the clock, off the exchanges."""
        return self.asset_class == "crypto"

    @property
    def round_lot(self) -> int:
        """The least quantity that is not an odd lot; 0 where there is no such thing."""
        return 0 if self.is_crypto else self.lot


# Shares above 250 dollars have round lots of 40, as in the US since November 2025.
_SMALL_LOT = 40 * SHARE

EQUITIES = (
    Instrument("QZAP", 182 * DOLLAR, 1, 150, 4, "XNAS", sp500=True),
    Instrument("TRUE", 5 * DOLLAR, 1, 120, 30, "XNAS", sp500=False),
    Instrument("VYND", 61 * DOLLAR, 1, 120, 8, "XNYS", sp500=True),
    Instrument("NA", 24 * DOLLAR, 1, 100, 12, "XNYS", sp500=True),
    Instrument("HUXO", 97 * DOLLAR, 2, 90, 4, "XNAS", sp500=True),
    Instrument("ORL.B", 412 * DOLLAR, 5, 80, 2, "XNYS", sp500=True, lot=_SMALL_LOT),
    Instrument("KROP", 38 * DOLLAR, 2, 70, 5, "XNYS", sp500=False),
    Instrument("1E5", 13 * DOLLAR, 1, 60, 10, "XNAS", sp500=False),
    Instrument("ZELM", 900 * DOLLAR, 12, 60, 1, "XNAS", sp500=True, lot=_SMALL_LOT),
    Instrument("NAN", 74 * DOLLAR, 4, 45, 2, "ARCX", sp500=False),
    Instrument("WIBL", 148 * DOLLAR, 8, 35, 2, "XNAS", sp500=False),
    Instrument("PYXU", 19 * DOLLAR, 6, 30, 2, "ARCX", sp500=False),
)
CRYPTO = Instrument(
    "BTC-USD",
    64_000 * DOLLAR,
    400,
    40,
    1,
    "CRYX",
    sp500=False,
    lot=SHARE // 20,
    asset_class="crypto",
)
INSTRUMENTS = (*EQUITIES, CRYPTO)

BY_SYMBOL = {instrument.symbol: instrument for instrument in INSTRUMENTS}
