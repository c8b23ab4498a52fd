"""Where in a day's rows, sorted by symbol and time, an instant of a symbol falls.

Quotes and trades share this. The search is a binary one over all look-ups at once; it needs no
packed key, so any number of symbols fits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SymbolIndex:
    """Rows `start[code]` to `end[code]` (excluded) are those of a symbol, by time ascending."""

    codes: pl.DataFrame  # symbol, code
    start: Integers
    end: Integers
    at: Integers

    def spans(self, symbols: pl.Series) -> tuple[Integers, Integers]:
        """Return each symbol's first row and the row past its last; equal where it has none."""
        codes = (
            pl.DataFrame({"symbol": symbols})
            .join(self.codes, on="symbol", how="left", maintain_order="left")["code"]
            .fill_null(len(self.start) - 1)  # the last span is empty: a symbol without rows
            .to_numpy()
        )
        return self.start[codes], self.end[codes]

    def after(self, symbols: pl.Series, instants: Integers) -> Integers:
        """Return the first row later than each instant (the span's end if there is none)."""
        low, high = self.spans(symbols)
        return _partition(self.at, instants, low, high)

    def from_(self, symbols: pl.Series, instants: Integers) -> Integers:
        """Return the first row at or later than each instant."""
        low, high = self.spans(symbols)
        return _partition(self.at, instants - 1, low, high)


def index_symbols(rows: pl.DataFrame) -> SymbolIndex:
    """Index rows that are sorted by `symbol`, then `at`."""
    spans = (
        rows.with_row_index("row")
        .group_by("symbol", maintain_order=True)
        .agg(start=pl.col("row").min(), end=pl.col("row").max() + 1)
    )
    empty = pl.DataFrame({"start": [0], "end": [0]}, schema={"start": pl.Int64, "end": pl.Int64})
    edges = pl.concat([spans.select(pl.col("start", "end").cast(pl.Int64)), empty])
    return SymbolIndex(
        codes=spans.select("symbol", code=pl.int_range(pl.len(), dtype=pl.Int64)),
        start=edges["start"].to_numpy(),
        end=edges["end"].to_numpy(),
        at=rows["at"].to_numpy(),
    )


def _partition(at: Integers, instants: Integers, low: Integers, high: Integers) -> Integers:
    """Return, within each [low, high), the first row whose time is past the instant."""
    low, high = low.copy(), high.copy()
    open_ = low < high
    while open_.any():
        middle = (low + high) // 2
        passed = at[np.where(open_, middle, 0)] <= instants
        low = np.where(open_ & passed, middle + 1, low)
        high = np.where(open_ & ~passed, middle, high)
        open_ = low < high
    return low
