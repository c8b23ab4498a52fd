"""How dialects write a canonical cell: the same numbers and instants, in other clothes."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from routewarden.base.exact import plain, to_decimal, to_scaled
from routewarden.base.time import TRADING_ZONE, datetime_utc, trading_date
from routewarden.native.numbers import parse_instant

_SCALE = 12  # decimals of the finest canonical number


def shifted(name: str, places: int) -> pl.Expr:
    """Return a column of decimals times 10**places."""
    return plain(to_decimal(to_scaled(pl.col(name), _SCALE), _SCALE - places))


def in_code(name: str, codes: Mapping[str, str]) -> pl.Expr:
    """Return a column of words in a vendor's codes; every word has one."""
    return pl.col(name).replace_strict(codes, return_dtype=pl.String)


def local_time(name: str, form: str) -> pl.Expr:
    """Return a column of instants as clocks in New York show them."""
    return (
        datetime_utc(parse_instant(pl.col(name)))
        .dt.convert_time_zone(TRADING_ZONE)
        .dt.strftime(form)
    )


def utc_time(name: str, form: str) -> pl.Expr:
    """Return a column of instants as UTC clocks show them."""
    return datetime_utc(parse_instant(pl.col(name))).dt.strftime(form)


def day(name: str) -> pl.Expr:
    """Return the trading date of a column of instants."""
    return trading_date(parse_instant(pl.col(name)))
