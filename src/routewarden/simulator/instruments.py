"""What is traded: fifty-two invented shares and one crypto pair.

Some tickers look like something else (`NA`, `TRUE`, `1E5`, `NULL`), as real ones do, so that
whoever reads a symbol as anything but text is found out.
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
    Instrument("ZELM", 790 * DOLLAR, 12, 60, 1, "XNAS", sp500=True, lot=_SMALL_LOT),
    Instrument("NAN", 74 * DOLLAR, 4, 45, 2, "ARCX", sp500=False),
    Instrument("WIBL", 148 * DOLLAR, 8, 35, 2, "XNAS", sp500=False),
    Instrument("PYXU", 19 * DOLLAR, 6, 30, 2, "ARCX", sp500=False),
    Instrument("DUVO", 228 * DOLLAR, 2, 66, 3, "XNAS", sp500=True),
    Instrument("FENQ", 45 * DOLLAR, 1, 64, 8, "XNYS", sp500=True),
    Instrument("GLYM", 316 * DOLLAR, 3, 60, 2, "XNAS", sp500=True, lot=_SMALL_LOT),
    Instrument("HEXT", 8 * DOLLAR, 1, 58, 20, "XNAS", sp500=False),
    Instrument("IXOR", 133 * DOLLAR, 2, 54, 4, "XNYS", sp500=True),
    Instrument("JUNA", 67 * DOLLAR, 1, 52, 6, "XNYS", sp500=True),
    Instrument("KVEL", 505 * DOLLAR, 6, 50, 1, "XNAS", sp500=True, lot=_SMALL_LOT),
    Instrument("LOMB", 29 * DOLLAR, 1, 48, 9, "XNYS", sp500=False),
    Instrument("MIRQ", 156 * DOLLAR, 3, 46, 3, "XNAS", sp500=True),
    Instrument("NORV", 83 * DOLLAR, 2, 44, 5, "XNYS", sp500=True),
    Instrument("OPAX", 16 * DOLLAR, 1, 42, 10, "XNAS", sp500=False),
    Instrument("PLIM", 278 * DOLLAR, 4, 40, 2, "XNYS", sp500=True, lot=_SMALL_LOT),
    Instrument("QORT", 52 * DOLLAR, 2, 38, 6, "XNYS", sp500=False),
    Instrument("RUSK", 3 * DOLLAR, 1, 38, 40, "XNAS", sp500=False),
    Instrument("SABL", 119 * DOLLAR, 2, 36, 4, "XNYS", sp500=True),
    Instrument("TENZ", 640 * DOLLAR, 8, 36, 1, "XNAS", sp500=True, lot=_SMALL_LOT),
    Instrument("UMBR", 34 * DOLLAR, 1, 34, 7, "XNYS", sp500=False),
    Instrument("VOXI", 201 * DOLLAR, 3, 34, 3, "XNAS", sp500=True),
    Instrument("WYND", 71 * DOLLAR, 2, 32, 5, "XNYS", sp500=True),
    Instrument("XELA", 22 * DOLLAR, 2, 32, 6, "XNAS", sp500=False),
    Instrument("YARN", 92 * DOLLAR, 3, 30, 4, "XNYS", sp500=False),
    Instrument("ZOOT", 11 * DOLLAR, 1, 30, 14, "XNAS", sp500=False),
    Instrument("ALDR", 355 * DOLLAR, 5, 30, 1, "XNYS", sp500=True, lot=_SMALL_LOT),
    Instrument("BRIQ", 58 * DOLLAR, 2, 28, 5, "XNAS", sp500=False),
    Instrument("CADZ", 142 * DOLLAR, 4, 28, 2, "XNAS", sp500=True),
    Instrument("DOVE", 26 * DOLLAR, 2, 26, 6, "XNYS", sp500=False),
    Instrument("EMBR", 103 * DOLLAR, 3, 26, 3, "XNYS", sp500=True),
    Instrument("FJOR", 457 * DOLLAR, 6, 26, 1, "XNAS", sp500=True, lot=_SMALL_LOT),
    Instrument("GRYF", 7 * DOLLAR, 1, 26, 18, "ARCX", sp500=False),
    Instrument("HALX", 64 * DOLLAR, 3, 24, 4, "XNYS", sp500=False),
    Instrument("INKA", 187 * DOLLAR, 5, 24, 2, "XNAS", sp500=True),
    Instrument("JOLT.A", 40 * DOLLAR, 3, 24, 4, "XNYS", sp500=False),
    Instrument("KITE", 2 * DOLLAR, 1, 24, 50, "ARCX", sp500=False),
    Instrument("LUMO", 88 * DOLLAR, 4, 24, 3, "XNAS", sp500=False),
    Instrument("MOSS", 31 * DOLLAR, 2, 24, 5, "XNYS", sp500=False),
    Instrument("NULL", 54 * DOLLAR, 3, 24, 4, "XNAS", sp500=False),
    Instrument("OAKR", 263 * DOLLAR, 6, 24, 2, "XNYS", sp500=True, lot=_SMALL_LOT),
    Instrument("PRYM", 17 * DOLLAR, 2, 24, 8, "XNAS", sp500=False),
    Instrument("1E10", 125 * DOLLAR, 5, 24, 2, "XNYS", sp500=False),
    Instrument("FALSE", 76 * DOLLAR, 4, 24, 3, "XNAS", sp500=False),
)
CRYPTO = Instrument(
    "BTC-USD",
    64_000 * DOLLAR,
    400,
    60,
    1,
    "CRYX",
    sp500=False,
    lot=SHARE // 20,
    asset_class="crypto",
)
INSTRUMENTS = (*EQUITIES, CRYPTO)

BY_SYMBOL = {instrument.symbol: instrument for instrument in INSTRUMENTS}
