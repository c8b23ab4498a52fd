"""Where in a day's rows, sorted by symbol and time, an instant of a symbol falls.

Quotes and trades share this.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from routewarden.market.asof import places
from routewarden.native.asof import Integers


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
        place = places(self.at, low, high, [instants])[0]
        return np.where(place < 0, low, place + 1)

    def from_(self, symbols: pl.Series, instants: Integers) -> Integers:
        """Return the first row at or later than each instant."""
        return self.after(symbols, instants - 1)


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
