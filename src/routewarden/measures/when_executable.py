"""A limit order judged from the instant it could first have traded.

Averages by shares over the fills from that instant on. A fill before it, or an order that never was
executable, has no such measure.
"""

from __future__ import annotations

import polars as pl

from routewarden.base.exact import FEE_SCALE, quotient, wide
from routewarden.base.side import SIGN
from routewarden.measures.horizon import HORIZONS
from routewarden.measures.measure import Better, Lack, Measure, Reference, Unit
from routewarden.measures.reference import ask, bid, mid

_Q = pl.col("ex_quantity")
_LACKS = ((Lack.NOT_EXECUTABLE, _Q.is_null()),)
_RULE = '17 CFR 242.600(b), "executable"'


def _spread(name: str, midpoints: pl.Expr, means: str) -> Measure:
    cost = wide(SIGN) * (pl.col("ex_notional") - midpoints) * 2
    return Measure(
        name,
        quotient(cost, _Q, places=3),
        Unit.PER_SHARE,
        Better.LOWER,
        Reference.NONE,
        means,
        _RULE,
        _LACKS,
        FEE_SCALE,
    )


WHEN_EXECUTABLE: tuple[Measure, ...] = (
    Measure(
        "executable_at",
        pl.col("executable_at"),
        Unit.INSTANT,
        Better.NEITHER,
        Reference.NONE,
        "First instant in the session at which the far side met the limit.",
        _RULE,
    ),
    Measure(
        "quoted_spread_when_executable",
        pl.when(_Q.is_not_null()).then((ask("when_executable") - bid("when_executable")) * 10),
        Unit.PER_SHARE,
        Better.LOWER,
        Reference.NONE,
        "Best offer less best bid when the order became executable.",
        _RULE,
        _LACKS,
    ),
    _spread(
        "effective_spread_when_executable",
        _Q * wide(mid("when_executable")),
        "Twice the distance of the price from the midpoint when the order became executable.",
    ),
    *(
        _spread(
            f"realized_spread_{horizon.label}_when_executable",
            pl.col(f"ex_mid_{horizon.when}"),
            f"Twice the distance of the price from the midpoint {horizon.label} after execution, "
            "over fills from executability on.",
        )
        for horizon in HORIZONS
    ),
    Measure(
        "fill_time_ms_when_executable",
        quotient(pl.col("ex_waited"), _Q, places=6),
        Unit.MS,
        Better.LOWER,
        Reference.NONE,
        "From the instant the order became executable to execution.",
        _RULE,
        _LACKS,
        FEE_SCALE,
    ),
)
