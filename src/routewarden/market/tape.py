"""The quotes of one trading date, and which of them was in force at an instant.

The quote in force at t is the last of the symbol on t's own trading date with a time at or before
t. Of several at one time the highest `seq` stands, a quote without one ranking below any; without
`seq`, the last row of its file; across files, the row of the file with the greater digest. Neither
a condition nor a size of zero takes a quote out of force, and none carries over to another date.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from routewarden.base.time import trading_date
from routewarden.market.index import SymbolIndex, index_symbols

QUOTE = ("bid", "ask", "bid_size", "ask_size")
"""What a quote in force tells: prices (10**-8) and sizes (10**-8 shares), null where absent."""


@dataclass(frozen=True, slots=True)
class Tape:
    """The quotes in force on a trading date: one per symbol and time."""

    index: SymbolIndex
    quotes: pl.DataFrame  # symbol, at, bid, ask, bid_size, ask_size
    own: frozenset[str] = frozenset()  # symbols whose quotes are our own consolidation


class Source(StrEnum):
    """Whose the quotes of a symbol on a date are."""

    OFFICIAL = "official"
    CONSOLIDATED = "consolidated"


Tapes = Callable[[date], Tape]
"""How to come by the tape of a trading date (an empty tape where there are no quotes)."""


def build_tape(quotes: pl.DataFrame, own: frozenset[str] = frozenset()) -> Tape:
    """Return the tape of one date's quote records (with `file` and `line`).

    `own` are the symbols whose quotes no official source gave.
    """
    ranked = quotes.sort("symbol", "at", "seq", "file", "line", nulls_last=False)
    standing = ranked.unique(["symbol", "at"], keep="last", maintain_order=True)
    kept = standing.select("symbol", "at", *QUOTE)
    return Tape(index_symbols(kept), kept, own)


def ties_across_files(quotes: pl.DataFrame) -> pl.DataFrame:
    """Return the `symbol` and `at` that only the files' digests decide.

    There no row has a `seq`, and the last rows of two files differ.
    """
    key = ("symbol", "at")
    without_seq = quotes.filter(pl.col("seq").is_null().all().over(key))
    last = without_seq.sort("line").unique([*key, "file"], keep="last")
    differing = last.group_by(key).agg(quotes=pl.struct(QUOTE).n_unique())
    return differing.filter(pl.col("quotes") > 1).select(key).sort(key)


def attach_quotes(frame: pl.DataFrame, instant: str, when: str, tapes: Tapes) -> pl.DataFrame:
    """Add the quote in force for `symbol` at `instant`, as `bid_<when>`, `ask_<when>` and sizes.

    Rows and their order are kept; where there is no quote, or no instant, the columns are null.
    """
    asked = frame.select(
        "symbol", at=pl.col(instant), date=trading_date(pl.col(instant))
    ).with_row_index("row")
    dated = asked.filter(pl.col("date").is_not_null())
    parts = [_in_force(part, tapes(day)) for (day,), part in dated.group_by("date")]
    found = pl.concat([*parts, asked.clear().select("row", *_absent_quote())])
    joined = asked.select("row").join(found, on="row", how="left", maintain_order="left")
    return frame.with_columns(joined[name].alias(f"{name}_{when}") for name in QUOTE)


def attach_source(frame: pl.DataFrame, instant: str, tapes: Tapes) -> pl.DataFrame:
    """Add `reference_source`: whose quotes those of `symbol` are on the date of an instant.

    Null where there is not one quote of the symbol on that date, or no instant.
    """
    day = trading_date(pl.col(instant))
    asked = frame.select("symbol", date=day).unique().filter(pl.col("date").is_not_null())
    whose = [
        part.join(tapes(on).index.codes, on="symbol").select(
            "symbol",
            "date",
            reference_source=pl.when(pl.col("symbol").is_in(list(tapes(on).own)))
            .then(pl.lit(Source.CONSOLIDATED.value))
            .otherwise(pl.lit(Source.OFFICIAL.value)),
        )
        for (on,), part in asked.group_by("date")
    ]
    none = asked.clear().with_columns(reference_source=pl.lit(None, dtype=pl.String))
    return (
        frame.with_columns(date=day)
        .join(pl.concat([none, *whose]), on=["symbol", "date"], how="left", maintain_order="left")
        .drop("date")
    )


def _absent_quote() -> list[pl.Expr]:
    types = (pl.Int64, pl.Int64, pl.Int128, pl.Int128)
    return [pl.lit(None, dtype=dtype).alias(name) for name, dtype in zip(QUOTE, types, strict=True)]


def _in_force(asked: pl.DataFrame, tape: Tape) -> pl.DataFrame:
    """Return `row` and the quote of look-ups whose instants fall on the tape's date."""
    first, _ = tape.index.spans(asked["symbol"])
    place = tape.index.after(asked["symbol"], asked["at"].to_numpy()) - 1
    found = pl.select(pl.when(pl.Series(place >= first)).then(pl.Series(place))).to_series()
    return pl.DataFrame(
        [asked["row"], *(tape.quotes[name].gather(found).alias(name) for name in QUOTE)]
    )
