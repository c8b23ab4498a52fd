"""Instants are 64-bit counts of nanoseconds since 1970-01-01T00:00:00Z.

A trading date is the date in New York; it begins at midnight there, which is 04:00 or 05:00 UTC.
"""

from __future__ import annotations

import polars as pl

NS_PER_SECOND = 1_000_000_000
NS_PER_MS = 1_000_000
NS_PER_HOUR = 3_600 * NS_PER_SECOND
NS_PER_DAY = 24 * NS_PER_HOUR
MS_SCALE = 6
"""Decimals of a time in milliseconds kept to the nanosecond."""
TRADING_ZONE = "America/New_York"

_BEHIND_UTC = (5, 4)
"""Hours that New York is behind UTC at most and at least, and ever was."""

REPRESENTABLE_YEARS = (1700, 2259)
"""Years that 64 bits of nanoseconds hold whole, of the 1677 to 2262 they span."""
REPRESENTABLE = r"^(?:1[7-9][0-9]{2}|2[01][0-9]{2}|22[0-5][0-9])"
"""How a text begins that states one of them."""


def datetime_utc(instant: pl.Expr) -> pl.Expr:
    """Return instants as UTC datetimes of nanosecond unit."""
    return instant.cast(pl.Datetime("ns", "UTC"))


def render_instant(instant: pl.Expr) -> pl.Expr:
    """Return instants as RFC 3339 text, always nine fractional digits and ``Z``."""
    return datetime_utc(instant).dt.strftime("%Y-%m-%dT%H:%M:%S%.9fZ")


def trading_date(instant: pl.Expr) -> pl.Expr:
    """Return the date in New York of each instant."""
    return instant.cast(pl.Int64).map_batches(
        _trading_dates, return_dtype=pl.Date(), is_elementwise=True
    )


def _trading_dates(instants: pl.Series) -> pl.Series:
    """Ask for the zone's offset only in the hour a day in which it decides the date."""
    earliest, latest = ((instants - hours * NS_PER_HOUR) // NS_PER_DAY for hours in _BEHIND_UTC)
    if earliest.equals(latest):
        return earliest.cast(pl.Int32).cast(pl.Date)
    zoned = instants.cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone(TRADING_ZONE)
    return zoned.dt.date()


def start_of_date(date: pl.Expr) -> pl.Expr:
    """Return the first instant of each trading date: midnight in New York."""
    midnight = date.cast(pl.Datetime("ns")).dt.replace_time_zone(TRADING_ZONE)
    return midnight.dt.convert_time_zone("UTC").dt.epoch("ns")
