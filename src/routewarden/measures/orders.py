"""Every measure of an order, and the one function that takes them.

An order's quote-based measures need its reference status to be ok or locked, as a fill's do; those
against the quote at the route need every route's to be. A quotient is divided once, half to even,
at twelve decimals.
"""

from __future__ import annotations

import polars as pl

from routewarden.base.exact import FEE_SCALE, integer, quotient, wide
from routewarden.base.side import SIGN
from routewarden.measures.horizon import HORIZONS, Horizon
from routewarden.measures.market_vwap import VWAP_SLIPPAGE, with_vwap_slippage
from routewarden.measures.measure import Better, Measure, Reference, Unit
from routewarden.measures.reference import (
    MEASURED,
    far_size,
    mid,
    order_class,
    reference_status,
)
from routewarden.measures.when_executable import WHEN_EXECUTABLE

_TEN_THOUSAND = integer(10_000)
_WIDEST = 1e33
_PER_SHARE_TO_QUOTIENT = 3  # from 10**-9 to 10**-12
_UNFILLED = pl.col("quantity") - pl.col("filled_quantity")
_ARRIVAL = wide(mid("at_receipt"))
_PERCEIVED = "Perold (1988), implementation shortfall"
_AGAINST_ARRIVAL = wide(SIGN) * (pl.col("notional") - pl.col("filled_quantity") * _ARRIVAL)


def _measure(  # noqa: PLR0913 - one line of the data dictionary
    name: str,
    expr: pl.Expr,
    unit: Unit,
    means: str,
    *,
    better: Better = Better.NEITHER,
    reference: Reference = Reference.NONE,
    source: str = "Order record and its fills",
    quotient_scale: int | None = None,
) -> Measure:
    return Measure(name, expr, unit, better, reference, means, source, (), quotient_scale)


def _in_bps(gain: pl.Expr, base: pl.Expr) -> pl.Expr:
    """Return gain over base in basis points; null past a notional of 10**16, which 128 bits end at.

    Ten times what sums of notional may reach: beyond it the product would wrap around unseen.
    """
    exact = [term.cast(pl.Float64).abs() < _WIDEST for term in (gain, base, pl.col("notional"))]
    return pl.when(pl.all_horizontal(exact)).then(quotient(gain * _TEN_THOUSAND, base))


def _markouts(horizon: Horizon) -> tuple[Measure, Measure]:
    gain = wide(SIGN) * (pl.col(f"mid_{horizon.when}") - pl.col("notional"))
    means = (
        f"The midpoint {horizon.label} after each fill, averaged by shares, against the order's "
    )
    source = "Transaction cost analysis: post-trade markout, by order"
    return (
        _measure(
            f"markout_{horizon.label}",
            quotient(gain, pl.col("filled_quantity"), _PER_SHARE_TO_QUOTIENT),
            Unit.PER_SHARE,
            means + "average price: positive when the market went the order's way.",
            better=Better.HIGHER,
            reference=Reference.RECEIPT,
            source=source,
            quotient_scale=FEE_SCALE,
        ),
        _measure(
            f"markout_{horizon.label}_bps",
            _in_bps(gain, pl.col("notional")),
            Unit.BPS,
            means + "average price, in basis points of that price.",
            better=Better.HIGHER,
            reference=Reference.RECEIPT,
            source=source,
        ),
    )


_COSTS = (
    _measure(
        "delay_cost",
        wide(SIGN) * (pl.col("mid_at_route") - pl.col("filled_quantity") * _ARRIVAL),
        Unit.MONEY,
        "What the market moved between receipt and route, on the shares filled.",
        better=Better.LOWER,
        reference=Reference.RECEIPT,
        source=_PERCEIVED,
    ),
    _measure(
        "execution_cost",
        wide(SIGN) * (pl.col("notional") - pl.col("mid_at_route")),
        Unit.MONEY,
        "What was paid over the midpoint at the route, on the shares filled.",
        better=Better.LOWER,
        source=_PERCEIVED,
    ),
    _measure(
        "opportunity_cost",
        pl.when(_UNFILLED <= 0)
        .then(integer(0))
        .when((_UNFILLED > 0) & pl.col("reference_status").is_in(MEASURED))
        .then(wide(SIGN) * _UNFILLED * (wide(mid("at_end")) - _ARRIVAL)),
        Unit.MONEY,
        "What the market moved from receipt to the order's end, on the shares not filled.",
        better=Better.LOWER,
        source=_PERCEIVED,
    ),
)

_SHORTFALL = _measure(
    "shortfall",
    pl.col("delay_cost")
    + pl.col("execution_cost")
    + pl.col("opportunity_cost")
    + pl.col("fee_money"),
    Unit.MONEY,
    "Delay, execution and opportunity cost and fees; unknown if one of them is.",
    better=Better.LOWER,
    reference=Reference.RECEIPT,
    source=_PERCEIVED,
)

_BASIC = (
    _measure("filled_quantity", pl.col("filled_quantity"), Unit.SHARES, "Shares filled."),
    _measure(
        "fill_rate",
        quotient(pl.col("filled_quantity"), pl.col("quantity")),
        Unit.FRACTION,
        "Shares filled of shares ordered.",
        better=Better.HIGHER,
        source='FINRA Rule 5310.09(b), "the likelihood of execution of limit orders"',
    ),
    _measure(
        "vwap",
        quotient(pl.col("notional"), pl.col("filled_quantity"), _PER_SHARE_TO_QUOTIENT),
        Unit.PER_SHARE,
        "Average price of the fills, by shares.",
        quotient_scale=FEE_SCALE,
    ),
    _measure(
        "fees",
        pl.col("fees"),
        Unit.MONEY,
        "Fees less rebates; unknown if a fill's is.",
        better=Better.LOWER,
        quotient_scale=FEE_SCALE,
    ),
    _measure(
        "slippage_bps",
        _in_bps(_AGAINST_ARRIVAL, pl.col("filled_quantity") * _ARRIVAL),
        Unit.BPS,
        "Average price against the midpoint at receipt, in basis points of that midpoint.",
        better=Better.LOWER,
        reference=Reference.RECEIPT,
        source="Transaction cost analysis: arrival price slippage",
    ),
    _measure(
        "displayed_size",
        far_size("at_receipt"),
        Unit.SHARES,
        "Shares displayed on the far side at receipt.",
        reference=Reference.RECEIPT,
        source="17 CFR 242.600(b), size of the best bid or offer",
    ),
    _measure(
        "size_improvement_shares",
        pl.when(far_size("at_receipt").is_not_null()).then(
            pl.max_horizontal(pl.col("at_or_better_quantity") - far_size("at_receipt"), integer(0))
        ),
        Unit.SHARES,
        "Shares filled at the far side or better beyond the size displayed there.",
        better=Better.HIGHER,
        reference=Reference.RECEIPT,
        source="17 CFR 242.605(a)(1), size improvement",
    ),
    _measure(
        "first_fill_ms",
        pl.col("first_fill_at") - pl.col("received_at"),
        Unit.MS,
        "From receipt to the first fill.",
        better=Better.LOWER,
    ),
    _measure(
        "last_fill_ms",
        pl.col("last_fill_at") - pl.col("received_at"),
        Unit.MS,
        "From receipt to the last fill.",
        better=Better.LOWER,
    ),
    _measure("routes", pl.col("routes"), Unit.COUNT, "Routes sent."),
    _measure("rejects", pl.col("rejects"), Unit.COUNT, "Routes the venue rejected."),
    _measure("cancels", pl.col("cancels"), Unit.COUNT, "Routes cancelled."),
    _measure("venues", pl.col("venues"), Unit.COUNT, "Venues routed to."),
)

ORDER_MEASURES: tuple[Measure, ...] = (
    *_BASIC[:3],
    _SHORTFALL,
    *_COSTS,
    *_BASIC[3:5],
    *(measure for horizon in HORIZONS for measure in _markouts(horizon)),
    VWAP_SLIPPAGE,
    *_BASIC[5:],
    *WHEN_EXECUTABLE,
)

_OF_NOTHING = ("filled_quantity", "notional", "fees", "fee_money", "mid_at_route",
               "at_or_better_quantity")  # fmt: skip
_COUNTS = ("routes", "rejects", "cancels", "venues")


def measure_orders(orders: pl.DataFrame) -> pl.DataFrame:
    """Add class, status and one column per measure; rows, and their order, are untouched.

    Orders come with the quotes in force at receipt, end and executability, the sums over their
    fills (null where there are none), the counts of their routes, and the market's traded sums.
    """
    without_fills = pl.col("filled_quantity").is_null()
    settled = with_vwap_slippage(orders).with_columns(
        *(
            pl.when(without_fills).then(integer(0)).otherwise(pl.col(name)).alias(name)
            for name in _OF_NOTHING
        ),
        *(pl.col(name).fill_null(0) for name in _COUNTS),
        order_class=order_class("at_receipt"),
        reference_status=reference_status("at_receipt"),
    )
    costed = settled.with_columns(_gated(measure) for measure in _COSTS)
    others = [m for m in ORDER_MEASURES if m not in _COSTS and m is not VWAP_SLIPPAGE]
    return costed.with_columns(_gated(measure) for measure in others)


def _gated(measure: Measure) -> pl.Expr:
    if measure.reference is Reference.NONE:
        return measure.expr.alias(measure.name)
    allowed = pl.col("reference_status").is_in(MEASURED)
    return pl.when(allowed).then(measure.expr).alias(measure.name)
