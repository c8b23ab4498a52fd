"""Material sources of liquidity, computed: where a security trades, and whether orders get there.

A venue is material for a security if at least a share of its consolidated volume traded there. It
is set beside what the router is said to reach and where the firm's own shares were executed. All is
exact: volumes are whole, and whether a share is reached is told by products, not by a quotient.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import polars as pl

from routewarden.base.exact import FEE_SCALE, integer, quotient
from routewarden.base.period import Span
from routewarden.policy.limits import Limit
from routewarden.policy.venues import REPORTING_FACILITIES

TRADED: Mapping[str, pl.DataType] = {
    "symbol": pl.String(),
    "venue": pl.String(),
    "traded": pl.Int128(),
}
"""Consolidated volume (10**-8 shares) of a security by venue; no venue where none is told."""
FILLED: Mapping[str, pl.DataType] = {
    "symbol": pl.String(),
    "venue": pl.String(),
    "filled": pl.Int128(),
}
"""The firm's executed shares (10**-8) of a security by venue."""


class Gap(StrEnum):
    """How what a security needs, what is said to be reached and what was used differ."""

    NOT_REACHED = "material, not reached"
    NOT_USED = "material, no fill"
    NOT_STATED = "used, not stated"
    NOT_LISTED = "material, no fill, no list"
    OFF_EXCHANGE = "venue not told"


_MEANS = {
    Gap.NOT_REACHED: "a material venue that is not among those the router is said to reach, and "
    "where nothing was executed",
    Gap.NOT_USED: "a material venue said to be reached, where nothing of the security was executed",
    Gap.NOT_STATED: "shares were executed at a venue that the router is not said to reach",
    Gap.NOT_LISTED: "a material venue without a fill, and no list says whether it is reached",
    Gap.OFF_EXCHANGE: "volume reported off exchange, or shares executed, without the venue",
}


def meaning(gap: Gap) -> str:
    """Return what a gap is, in a sentence's part."""
    return _MEANS[gap]


@dataclass(frozen=True, slots=True)
class Liquidity:
    """A period's sources of liquidity; `rows` as `sources_of` returns them.

    `stated` are the venues the router is said to reach; none where no list was in force. `symbols`
    counts the securities the firm had orders in, `untold` those of them no trades are held of, and
    `unlinked` the executed shares (10**-8) whose security is not known.
    """

    span: Span
    least: Limit
    stated: tuple[str, ...]
    rows: pl.DataFrame
    symbols: int
    untold: int
    unlinked: int

    def gaps(self) -> pl.DataFrame:
        """Return the rows that have a gap."""
        return self.rows.filter(pl.col("gap").is_not_null())

    def venues(self) -> pl.DataFrame:
        """Return a row for each venue, over all the securities.

        `venue`, `material` (securities), `traded`, `share` (of their volume), `filled`,
        `filled_share`, `stated`, and the number of securities with each gap, by its name.
        """
        gaps: dict[str, pl.Expr] = {
            str(gap): (pl.col("gap") == gap).sum().cast(pl.Int64) for gap in Gap
        }
        sums = {
            "material": pl.col("is_material").sum().cast(pl.Int64),
            "traded": pl.col("traded").sum(),
            "filled": pl.col("filled").sum(),
            "stated": pl.col("stated").first(),
            **gaps,
        }
        return (
            self.rows.group_by("venue")
            .agg(**sums)
            .with_columns(all_traded=pl.col("traded").sum(), all_filled=pl.col("filled").sum())
            .with_columns(
                share=_part("traded", "all_traded"), filled_share=_part("filled", "all_filled")
            )
            .drop("all_traded", "all_filled")
            .sort("traded", "filled", "venue", descending=[True, True, False], nulls_last=True)
        )


def sources_of(
    traded: pl.DataFrame, filled: pl.DataFrame, stated: Collection[str], least: Decimal
) -> pl.DataFrame:
    """Return where securities trade and where the firm's shares were executed.

    Args:
        traded: TRADED, a row for each security and venue.
        filled: FILLED, the same.
        stated: The venues the router is said to reach; none is no list.
        least: The share of volume from which on a venue is material.

    Columns: `symbol`, `venue`, `traded`, `filled` (10**-8 shares), `all_traded`, `share` (12
    decimals), `is_material` (null where the venue, or all volume, is not known), `stated` (null
    without a list), `gap` (null where there is none).
    """
    nothing = pl.lit(0, dtype=pl.Int128())
    both = traded.join(filled, on=["symbol", "venue"], how="full", coalesce=True, nulls_equal=True)
    whole = pl.col("traded").sum().over("symbol")
    told = pl.col("venue").is_not_null() & ~pl.col("venue").is_in(sorted(REPORTING_FACILITIES))
    known = told & (pl.col("all_traded") > 0)
    listed = pl.col("venue").is_in(sorted(stated)) if stated else pl.lit(None, dtype=pl.Boolean())
    over, under = least.as_integer_ratio()
    reached = pl.col("traded") * integer(under) >= pl.col("all_traded") * integer(over)
    return (
        both.with_columns(pl.col("traded", "filled").fill_null(nothing))
        .with_columns(all_traded=whole)
        .with_columns(
            share=_part("traded", "all_traded"),
            is_material=pl.when(known).then(reached & (pl.col("traded") > 0)),
            stated=pl.when(told).then(listed),
        )
        .with_columns(gap=_gap(told))
        .sort("symbol", "traded", "venue", descending=[False, True, False], nulls_last=True)
    )


def _part(name: str, whole: str) -> pl.Expr:
    return quotient(pl.col(name), pl.col(whole), FEE_SCALE)


def _gap(told: pl.Expr) -> pl.Expr:
    """Return the gap of each row; the first that is true."""
    used, material = pl.col("filled") > 0, pl.col("is_material").fill_null(value=False)
    listed = pl.col("stated")
    return (
        pl.when(~told)
        .then(pl.lit(Gap.OFF_EXCHANGE.value))
        .when(used & ~listed)
        .then(pl.lit(Gap.NOT_STATED.value))
        .when(material & ~used & listed)
        .then(pl.lit(Gap.NOT_USED.value))
        .when(material & ~used & ~listed)
        .then(pl.lit(Gap.NOT_REACHED.value))
        .when(material & ~used)
        .then(pl.lit(Gap.NOT_LISTED.value))
    )
