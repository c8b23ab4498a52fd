"""A measure: a named column expression with a unit, a sign convention and a source.

Measures are values. The data dictionary, the page's headings, the exports and the checks all read
the same objects, so a name means one thing everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from routewarden.base import exact
from routewarden.base.time import MS_SCALE


class Unit(StrEnum):
    """What one of it is."""

    PER_SHARE = "price/share"
    MONEY = "currency"
    SHARES = "shares"
    MS = "ms"
    BPS = "bps"
    FRACTION = "fraction"
    COUNT = "count"
    FLAG = "true/false"
    INSTANT = "UTC"


_SCALES = {
    Unit.PER_SHARE: exact.PER_SHARE_SCALE,
    Unit.MONEY: exact.MONEY_SCALE,
    Unit.SHARES: exact.QUANTITY_SCALE,
    Unit.MS: MS_SCALE,
    Unit.BPS: exact.FEE_SCALE,
    Unit.FRACTION: exact.FEE_SCALE,
}


class Better(StrEnum):
    """Which way is better for the customer."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Reference(StrEnum):
    """Which quote a measure is judged by, and so which status excludes it."""

    RECEIPT = "receipt"  # the quote in force when the firm received the order
    ROUTE = "route"  # the quote in force when the venue received the route
    NONE = "none"  # no quote at all


class Lack(StrEnum):
    """Why a fill or order has no value, besides its reference status."""

    NO_ORDER = "no_order"
    NO_ROUTE = "no_route"
    NO_MID_AT_EXECUTION = "no_mid_at_te"
    NO_MID_AT_HORIZON = "no_mid_at_horizon"
    AFTER_CLOSE = "after_close"
    NO_FEE = "no_fee"
    NOT_EXECUTABLE = "not_executable"


@dataclass(frozen=True, slots=True)
class Measure:
    """A column expression over fills (or orders), exact, null where it cannot be known.

    `lacks` lists, in the order they are tried, the conditions under which `expr` is null although
    the reference allows it. A quotient carries twelve decimals whatever its unit.
    """

    name: str
    expr: pl.Expr
    unit: Unit
    better: Better
    reference: Reference
    means: str
    source: str
    lacks: tuple[tuple[Lack, pl.Expr], ...] = ()
    scale_of_quotient: int | None = None

    @property
    def scale(self) -> int:
        """Decimals of the integers that carry the measure."""
        if self.scale_of_quotient is not None:
            return self.scale_of_quotient
        return _SCALES.get(self.unit, 0)
