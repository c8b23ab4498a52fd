"""The quotes of one trading date, and which of them was in force at an instant.

The quote in force at t is the last of the symbol on t's own trading date with a time at or before
t. Of several at one time the highest `seq` stands, a quote without one ranking below any; without
`seq`, the last row of its file; across files, the row of the file with the greater digest. Neither
a condition nor a size of zero takes a quote out of force, and none carries over to another date.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from routewarden.base.time import trading_date
from routewarden.market.asof import NONE, places
from routewarden.market.index import SymbolIndex, index_symbols

PRICES = ("bid", "ask")
QUOTE = (*PRICES, "bid_size", "ask_size")
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
    ranked = quotes if _is_ranked(quotes) else quotes.sort(_RANK, nulls_last=False)
    superseded = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in _RANK[:2])
    standing = ranked.filter(~superseded.fill_null(value=False))
    kept = standing.select("symbol", "at", *QUOTE)
    return Tape(index_symbols(kept), kept, own)


_RANK = ("symbol", "at", "seq", "file", "line")


def _is_ranked(quotes: pl.DataFrame) -> bool:
    """Return whether quotes come in rank already, as those of one file do from the lake."""
    follows = quotes.with_columns(pl.col("seq").fill_null(NONE)).select(_follows(*_RANK))
    return bool(follows.to_series()[1:].fill_null(value=False).all())


def _follows(first: str, *rest: str) -> pl.Expr:
    """Return whether a row ranks behind the one before it, or with it."""
    value, before = pl.col(first), pl.col(first).shift()
    return (value > before) | ((value == before) & _follows(*rest)) if rest else value >= before


def ties_across_files(quotes: pl.DataFrame) -> pl.DataFrame:
    """Return the `symbol` and `at` that only the files' digests decide.

    There no row has a `seq`, and the last rows of two files differ.
    """
    key = ("symbol", "at")
    without_seq = quotes.filter(pl.col("seq").is_null().all().over(key))
    last = without_seq.sort("line").unique([*key, "file"], keep="last")
    differing = last.group_by(key).agg(quotes=pl.struct(QUOTE).n_unique())
    return differing.filter(pl.col("quotes") > 1).select(key).sort(key)


def attach_quotes(
    frame: pl.DataFrame,
    instants: Mapping[str, str],
    tapes: Tapes,
    told: Collection[str] = PRICES,
) -> pl.DataFrame:
    """Add the quotes in force for `symbol` at some instants, as `bid_<when>` and `ask_<when>`.

    `instants` names the column of each `when`; `told` is what of a quote is wanted. Rows and their
    order are kept; where there is no quote, or no instant, the columns are null.
    """
    names = list(dict.fromkeys(instants.values()))
    by_time = frame.select("symbol", *names).with_row_index("row")
    asked = by_time.sort("symbol", names[0])
    dates = asked.select(trading_date(pl.col(name)) for name in names)
    days = pl.concat([dates[name].unique().rename("day") for name in names]).unique()
    none = [_absent(name).alias(f"{name}_{when}") for when in instants for name in told]
    found = asked.select("row", *none)
    for day in days.drop_nulls().sort():
        on = asked.select(
            "symbol", *(pl.when(dates[name] == day).then(name).otherwise(NONE) for name in names)
        )
        quotes = _in_force(on, instants, tapes(day), told)
        found = found.with_columns(pl.coalesce(quote, quote.name) for quote in quotes)
    return pl.concat([frame, found.sort("row").drop("row")], how="horizontal")


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


_DTYPES = dict(zip(QUOTE, (pl.Int64, pl.Int64, pl.Int128, pl.Int128), strict=True))


def _absent(name: str) -> pl.Expr:
    return pl.lit(None, dtype=_DTYPES[name])


def _in_force(
    asked: pl.DataFrame, instants: Mapping[str, str], tape: Tape, told: Collection[str]
) -> list[pl.Series]:
    """Return what the tape tells of each instant; it has no quote at instants that are NONE."""
    low, high = tape.index.spans(asked["symbol"])
    times = [asked[name].to_numpy() for name in instants.values()]
    placed = pl.DataFrame(dict(zip(instants, places(tape.index.at, low, high, times), strict=True)))
    rows = placed.select(pl.when(pl.all() >= 0).then(pl.all()))
    return [
        tape.quotes[name].gather(rows[when]).alias(f"{name}_{when}")
        for when in instants
        for name in told
    ]
