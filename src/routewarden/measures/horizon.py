"""Where the market went after the trade.

At each horizon after execution the midpoint in force is taken; past the close of the execution's
session, the midpoint in force at that close. A fill outside a session has no horizon.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from routewarden.base.side import SIGN
from routewarden.base.time import NS_PER_MS, NS_PER_SECOND
from routewarden.measures.measure import Better, Lack, Measure, Reference, Unit
from routewarden.measures.reference import mid
from routewarden.measures.spread import PRICE


@dataclass(frozen=True, slots=True)
class Horizon:
    """A stretch of time after execution; `when` names its quote's columns."""

    label: str
    ns: int

    @property
    def when(self) -> str:
        """The suffix of the quote columns at this horizon."""
        return f"after_{self.label}"


HORIZONS = (
    Horizon("50ms", 50 * NS_PER_MS),
    Horizon("1s", NS_PER_SECOND),
    Horizon("15s", 15 * NS_PER_SECOND),
    Horizon("1m", 60 * NS_PER_SECOND),
    Horizon("5m", 300 * NS_PER_SECOND),
)


def horizon_instant(horizon: Horizon) -> pl.Expr:
    """Return when the market is looked at: no later than the close; null outside the session."""
    at = pl.col("executed_at") + horizon.ns
    return pl.when(pl.col("in_session_at_execution")).then(
        pl.min_horizontal(at, "close_at_execution")
    )


def _lacks(horizon: Horizon) -> tuple[tuple[Lack, pl.Expr], ...]:
    return (
        (Lack.AFTER_CLOSE, ~pl.col("in_session_at_execution")),
        (Lack.NO_MID_AT_HORIZON, mid(horizon.when).is_null()),
    )


def realized_spread(horizon: Horizon) -> Measure:
    """Return the realized spread at a horizon."""
    return Measure(
        f"realized_spread_{horizon.label}",
        2 * SIGN * (PRICE - mid(horizon.when)),
        Unit.PER_SHARE,
        Better.LOWER,
        Reference.RECEIPT,
        means=f"Twice the distance of the price from the midpoint {horizon.label} after execution.",
        source='17 CFR 242.600(b), "average realized spread"',
        lacks=_lacks(horizon),
    )


def _reversion(horizon: Horizon) -> Measure:
    return Measure(
        f"reversion_{horizon.label}",
        SIGN * (mid(horizon.when) - mid("at_execution")),
        Unit.PER_SHARE,
        Better.HIGHER,
        Reference.RECEIPT,
        means=f"Move of the midpoint in the {horizon.label} after execution, in the order's "
        "direction: negative when the price came back.",
        source="Transaction cost analysis: post-trade reversion",
        lacks=(
            *_lacks(horizon)[:1],
            (Lack.NO_MID_AT_EXECUTION, mid("at_execution").is_null()),
            *_lacks(horizon)[1:],
        ),
    )


REALIZED_SPREADS = tuple(realized_spread(horizon) for horizon in HORIZONS)
REVERSIONS = tuple(_reversion(horizon) for horizon in HORIZONS)
