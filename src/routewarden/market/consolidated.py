"""Our own best bid and offer over venues' quotes, for where no official one is held.

At an instant a venue's quote is its last of the symbol on that trading date, replaced wholly by the
next; a side that is absent takes the venue out of that side. Of several quotes of one venue at one
time the one with the highest `seq` stands, else the last of its file, as on a tape; what several
venues say at one time takes effect together. The best bid is the highest price, the best ask the
lowest, and a size is the sum of what the venues at that price show, odd lots included as they come:
null where one of them does not say. A row stands for each instant at which any of the four changed.

It is not the national best bid and offer. It has the venues whose quotes are held and no others; it
knows no protected quotation, round lot, halt or slow market; and it puts venues on one clock, so
that a quote that reached us late, or a venue that fell silent, leaves a stale price in it. Markets
that come out locked or crossed are left so and measured as such: nothing is repaired.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt
import polars as pl

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_STRETCH = 1 << 15
"""Rows worked on at a time, few enough to stay in a processor's cache."""
_ORDER = ("symbol", "at", "seq", "file", "line")
_COLUMNS = ("symbol", "at", "bid", "bid_size", "ask", "ask_size", "seq", "file", "line")
_NONE = np.iinfo(np.int64).min
"""The price of a side that is absent: below any other."""
_LIMB = 10**16
"""Sizes are summed in parts below and above this, so that 64 bits hold the sum over 900 venues."""
_UNSTATED = 2**51
"""Added to the part above by a size that is not stated: more than all that are, together."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of the market, row by row, as that of bids: an ask's price is negated.

    So the higher price is the better on either side, and an absent one is the worst. `size` is in
    two parts, or in one where the part above would be zero throughout.
    """

    price: Integers
    size: tuple[Integers, ...]

    @staticmethod
    def of(quotes: pl.DataFrame, side: str, sign: int) -> _Side:
        """Take a side of the quotes; one row more, the last, has none."""
        price, size = pl.col(side), pl.col(f"{side}_size")
        there = price.is_not_null()
        parts = quotes.select(
            price=pl.when(there).then(price * sign).otherwise(_NONE),
            below=pl.when(there).then((size % _LIMB).cast(pl.Int64)).fill_null(0),
            above=pl.when(there & size.is_null())
            .then(_UNSTATED)
            .when(there)
            .then((size // _LIMB).cast(pl.Int64))
            .otherwise(0),
        )
        above = np.append(parts["above"].to_numpy(), 0)
        below = np.append(parts["below"].to_numpy(), 0)
        return _Side(
            np.append(parts["price"].to_numpy(), _NONE), (below, above) if above.any() else (below,)
        )

    def held(self, rows: Integers, lengths: Integers) -> _Side:
        """Return what some rows say, each for so many rows on end."""
        price, *size = (np.repeat(part[rows], lengths) for part in (self.price, *self.size))
        return _Side(price, tuple(size))

    def joined(self, other: _Side) -> _Side:
        """Return the better of two, row by row; at one price, their sizes together."""
        price = np.maximum(self.price, other.price)
        ours, theirs = self.price == price, other.price == price
        sizes = zip(self.size, other.size, strict=True)
        return _Side(price, tuple(mine * ours + its * theirs for mine, its in sizes))

    def settled(self) -> _Side:
        """Return the same with one way of writing each sum, so that equal ones are alike."""
        if len(self.size) == 1:
            return self
        below, above = self.size
        carried = above + below // _LIMB
        stated = carried < _UNSTATED
        return _Side(self.price, (below % _LIMB * stated, np.where(stated, carried, _UNSTATED)))

    def changes(self, rows: Integers) -> Flags:
        """Say of each of some rows whether it differs from the one before; the first does."""
        parts = (part[rows] for part in (self.price, *self.size))
        return reduce(np.logical_or, (np.diff(part, prepend=~part[:1]) != 0 for part in parts))

    def told(self, side: str, sign: int, rows: Integers) -> list[pl.Expr]:
        """Return the price and size of some rows as columns of records."""
        price, below, *above = (pl.lit(pl.Series(part[rows])) for part in (self.price, *self.size))
        there, stated, size = price != _NONE, pl.lit(value=True), below.cast(pl.Int128)
        for part in above:
            stated, size = part < _UNSTATED, size + part.cast(pl.Int128) * _LIMB
        return [
            pl.when(there).then(price * sign).alias(side),
            pl.when(there & stated).then(size).alias(f"{side}_size"),
        ]


def _together(parts: list[_Side]) -> _Side:
    """Return stretches of rows, one after another."""
    sizes = zip(*(part.size for part in parts), strict=True)
    return _Side(
        np.concatenate([part.price for part in parts]),
        tuple(np.concatenate(size) for size in sizes),
    )


@dataclass(frozen=True, slots=True)
class _Span:
    """One venue's quotes: from row `starts[i]` on, until the next, it says what `says[i]` does."""

    starts: Integers
    says: Integers

    def within(self, start: int, end: int) -> tuple[Integers, Integers]:
        """Return, for a stretch of rows, the rows that say its quote and for how many rows."""
        first = int(np.searchsorted(self.starts, start, side="right")) - 1
        last = int(np.searchsorted(self.starts, end))
        edges = np.maximum(self.starts[first:last], start)
        return self.says[first:last], np.diff(edges, append=end)


_SIGNS = {"bid": 1, "ask": -1}


def consolidate(venue_quotes: pl.DataFrame) -> pl.DataFrame:
    """Return the best bid and offer over the venue quotes of one trading date, one row per change.

    The quotes are records with `file` and `line`. So are the rows returned, by symbol and time:
    `file` and `line` are those of the last quote of their instant, and `seq` is null, there being
    one row for an instant. A symbol has no row before a price of it is first quoted.
    """
    if venue_quotes.is_empty():
        return venue_quotes.select(_COLUMNS)
    ranked = venue_quotes.sort(_ORDER, nulls_last=False)
    symbols = ranked["symbol"].rle_id().to_numpy()
    spans = list(_spans(ranked["venue"], np.flatnonzero(np.diff(symbols, prepend=-1))))
    best = {side: _best(_Side.of(ranked, side, sign), spans) for side, sign in _SIGNS.items()}
    rows = _changes(symbols, ranked["at"].to_numpy(), list(best.values()))
    told = [column for side, sign in _SIGNS.items() for column in best[side].told(side, sign, rows)]
    seq = pl.lit(None, dtype=pl.Int64).alias("seq")
    return ranked[rows].with_columns(*told, seq).select(_COLUMNS)


def _changes(symbols: Integers, at: Integers, sides: list[_Side]) -> Integers:
    """Return the last row of each instant after which the market is not as before it."""
    after = np.diff(symbols, append=-1) | np.diff(at, append=-1)
    ends = np.flatnonzero(after)
    begins = np.diff(symbols[ends], prepend=-1) != 0
    there = reduce(np.logical_or, (side.price[ends] != _NONE for side in sides))
    differs = reduce(np.logical_or, (side.changes(ends) for side in sides))
    return ends[np.where(begins, there, differs)]


def _spans(venues: pl.Series, begins: Integers) -> Iterator[_Span]:
    """Yield where each venue's quotes stand; `begins` are the first rows of the symbols.

    Before its first quote of a symbol a venue says what the row past the last says: nothing.
    """
    height = len(venues)
    rows = pl.DataFrame({"venue": venues}).with_row_index("row").group_by("venue").agg("row")
    for own in (quoted.to_numpy().astype(np.int64) for quoted in rows["row"]):
        silent = np.setdiff1d(begins, own, assume_unique=True)
        starts = np.concatenate((own, silent))
        says = np.concatenate((own, np.full(len(silent), height)))
        by_row = np.argsort(starts, kind="stable")
        yield _Span(starts[by_row], says[by_row])


def _best(quoted: _Side, spans: list[_Span]) -> _Side:
    """Return the best over the venues after every row, worked out a stretch of rows at a time."""
    height = len(quoted.price) - 1
    stretches = ((start, min(start + _STRETCH, height)) for start in range(0, height, _STRETCH))
    joined = (
        reduce(_Side.joined, (quoted.held(*span.within(start, end)) for span in spans))
        for start, end in stretches
    )
    return _together(list(joined)).settled()
