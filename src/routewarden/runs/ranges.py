"""Symbols in ranges, side by side and in order: what is too much at once is done range by range."""

from __future__ import annotations

import polars as pl


def in_range(symbol: pl.Expr, after: str | None, last: str | None) -> pl.Expr:
    """Return whether symbols are past `after`, up to and with `last`; None is without end.

    The first range, after nothing, has what belongs to no symbol, too.
    """
    above = pl.lit(value=True) if after is None else symbol > after
    within = pl.lit(value=True) if last is None else symbol <= last
    return (above & within).fill_null(value=after is None)
