"""Instants are 64-bit counts of nanoseconds since 1970-01-01T00:00:00Z.

A trading date is the date in New York; it begins at midnight there, which is 04:00 or 05:00 UTC.
"""

from __future__ import annotations

import polars as pl

NS_PER_SECOND = 1_000_000_000
NS_PER_MS = 1_000_000
MS_SCALE = 6
"""Decimals of a time in milliseconds kept to the nanosecond."""
TRADING_ZONE = "America/New_York"

INSTANT_FORM = (
    r"^[0-9]{4}-[01][0-9]-[0-3][0-9]T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:\.[0-9]{1,9})?(?:Z|\+00:00)$"
)
"""RFC 3339 in UTC with up to nine fractional digits; a leap second has no place in a day of ns."""

REPRESENTABLE = r"^(?:1[7-9][0-9]{2}|2[01][0-9]{2}|22[0-5][0-9])"
"""Years that 64 bits of nanoseconds hold whole: 1700 to 2259 of the 1677 to 2262 they span."""


def parse_instant(text: pl.Expr) -> pl.Expr:
    """Return instants (UTC ns) from RFC 3339 text; null where the text is not one."""
    day = text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).cast(pl.Int64)
    hour, minute, second = (
        text.str.slice(at, 2).cast(pl.Int64, strict=False) for at in (11, 14, 17)
    )
    fraction = (
        text.str.slice(19)
        .str.strip_suffix("Z")
        .str.strip_suffix("+00:00")
        .str.strip_prefix(".")
        .str.pad_end(9, "0")
        .cast(pl.Int64, strict=False)
    )
    whole = ((day * 24 + hour) * 60 + minute) * 60 + second
    well_formed = text.str.contains(INSTANT_FORM) & text.str.contains(REPRESENTABLE)
    return pl.when(well_formed).then(whole * NS_PER_SECOND + fraction)


def datetime_utc(instant: pl.Expr) -> pl.Expr:
    """Return instants as UTC datetimes of nanosecond unit."""
    return instant.cast(pl.Datetime("ns", "UTC"))


def render_instant(instant: pl.Expr) -> pl.Expr:
    """Return instants as RFC 3339 text, always nine fractional digits and ``Z``."""
    return datetime_utc(instant).dt.strftime("%Y-%m-%dT%H:%M:%S%.9fZ")


def trading_date(instant: pl.Expr) -> pl.Expr:
    """Return the date in New York of each instant."""
    return datetime_utc(instant).dt.convert_time_zone(TRADING_ZONE).dt.date()


def start_of_date(date: pl.Expr) -> pl.Expr:
    """Return the first instant of each trading date: midnight in New York."""
    midnight = date.cast(pl.Datetime("ns")).dt.replace_time_zone(TRADING_ZONE)
    return midnight.dt.convert_time_zone("UTC").dt.epoch("ns")
