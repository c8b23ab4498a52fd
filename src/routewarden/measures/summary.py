"""Exact sums that any grouping of fills and orders can be averaged from.

A summary is a long frame: one row for each group, metric and status, with the count `n`, the
`shares` that weigh it (10**-8) and the `total` of shares times value (10**-8 x the value's unit).
Status is `measured`, or the reason a value is missing. Summaries of parts merge into the summary of
the whole by addition, so neither the partition nor the order of the parts can change a digit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from routewarden.base.errors import RoutewardenError
from routewarden.base.exact import MONEY_SCALE, QUANTITY_SCALE, integer, wide
from routewarden.base.side import SIGN
from routewarden.base.time import MS_SCALE
from routewarden.measures.cost import EXPLICIT_COST, NET_EFFECTIVE_SPREAD
from routewarden.measures.fills import FILL_MEASURES, lack
from routewarden.measures.horizon import HORIZONS
from routewarden.measures.improvement import PRICE_IMPROVEMENT
from routewarden.measures.measure import Lack, Measure, Unit
from routewarden.measures.reference import mid
from routewarden.measures.spread import EFFECTIVE_SPREAD

MEASURED = "measured"
_Q = wide(pl.col("quantity"))
MOST_EXACT = 1.6e38
"""Below 2**127: a sum whose parts come to less than this cannot have wrapped around."""


class SumTooWideError(RoutewardenError):
    """A sum no longer fits exact arithmetic."""

    def __init__(self, metric: str) -> None:
        super().__init__(
            f"{metric}: the sum of shares times value passes 2**127 and would not be exact. "
            "Narrow the period or add a dimension with --by."
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A metric's contribution of each row: its weight, weight times value, and why it has none.

    `scale` counts the decimals of `total`; `size` is about how large it is, by floats, which no
    product of inputs can outgrow. `rows` leaves out rows that contribute nothing, and `lot` names
    what is left (they have no shares); `weight` names the shares. Parts of one `kin` have the same
    status in every row, told by the first of them; `fixed` is a status that all rows have.
    """

    metric: str
    scale: int
    shares: pl.Expr
    total: pl.Expr
    status: pl.Expr
    size: pl.Expr | None = None
    rows: pl.Expr | None = None
    kin: str = ""
    weight: str = "quantity"
    lot: str = ""
    fixed: str | None = None

    @property
    def columns(self) -> tuple[str, str]:
        """The columns of cells that hold its count and its shares."""
        return f"n {self.lot}" if self.lot else "n", f"shares {self.weight}"


def _of_measure(measure: Measure) -> Part:
    return Part(
        measure.name,
        QUANTITY_SCALE + measure.scale,
        _Q,
        _total(measure, wide),
        _status(measure),
        size=_total(measure, _float),
        kin=_kin(measure),
    )


def _kin(measure: Measure) -> str:
    """Return the first measure that has a value just where this one has."""
    lacks = [str(condition) for _, condition in measure.lacks]
    return next(
        other.name
        for other in FILL_MEASURES
        if other.reference is measure.reference
        and [str(condition) for _, condition in other.lacks] == lacks
    )


def _float(expr: pl.Expr) -> pl.Expr:
    return expr.cast(pl.Float64)


def _total(measure: Measure, kind: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """Shares times value; a fee is not first divided by its shares and then multiplied again."""
    shares, fee = kind(pl.col("quantity")), kind(pl.col("fee")) * integer(10**QUANTITY_SCALE)
    if measure is EXPLICIT_COST:
        return fee
    if measure is NET_EFFECTIVE_SPREAD:
        return shares * kind(pl.col(EFFECTIVE_SPREAD.name)) * integer(1000) + fee * 2
    value = pl.col(measure.name)
    return shares * kind(value.cast(pl.Int64) if measure.unit is Unit.FLAG else value)


def _status(measure: Measure) -> pl.Expr:
    return pl.coalesce(lack(measure), pl.lit(MEASURED))


def _improved(metric: str, condition: pl.Expr) -> Part:
    total, kin = _Q * wide(condition), _kin(PRICE_IMPROVEMENT)
    return Part(metric, QUANTITY_SCALE, _Q, total, _status(PRICE_IMPROVEMENT), kin=kin)


_PI = pl.col(PRICE_IMPROVEMENT.name)

FILL_PARTS: tuple[Part, ...] = (
    *(_of_measure(measure) for measure in FILL_MEASURES),
    _improved("price_improved_pct", _PI > 0),
    _improved("executed_at_quote_pct", _PI == 0),
    _improved("outside_quote_pct", _PI < 0),
)

_EX_Q = pl.col("ex_quantity")
_EXECUTABLE = pl.coalesce(
    pl.when(_EX_Q.is_null()).then(pl.lit(Lack.NOT_EXECUTABLE.value)), pl.lit(MEASURED)
)


def _executable(metric: str, total: pl.Expr, scale: int = MONEY_SCALE) -> tuple[Part, Part]:
    """Return what fills from executability on contribute, and what those before it leave out."""
    status = pl.when(_EX_Q.is_not_null() & total.is_null()).then(
        pl.lit(Lack.NO_MID_AT_HORIZON.value)
    )
    shares = pl.coalesce(_EX_Q, pl.col("filled_quantity"))
    before = pl.col("filled_quantity") - _EX_Q
    return (
        Part(
            metric,
            scale,
            shares,
            total,
            pl.coalesce(status, _EXECUTABLE),
            kin=metric,
            weight="executable_quantity",
        ),
        Part(
            metric,
            scale,
            before,
            pl.lit(None, dtype=pl.Int128),
            pl.lit(Lack.NOT_EXECUTABLE.value),
            rows=before > integer(0),
            weight="before_quantity",
            lot="before",
            fixed=Lack.NOT_EXECUTABLE.value,
        ),
    )


def _cost(midpoints: pl.Expr) -> pl.Expr:
    return wide(SIGN) * (pl.col("ex_notional") - midpoints) * 2


_ALL_MEASURED = pl.lit(MEASURED)
_FILLED = pl.col("filled_quantity")
_JUDGED = pl.col("reference_status").is_in(["ok", "locked"])
NO_DISPLAYED_SIZE = "no_displayed_size"


def _rate(filled: pl.Expr) -> Part:
    """Return filled over ordered, or routed, shares: known of every row."""
    return Part("fill_rate", QUANTITY_SCALE, _Q, filled, _ALL_MEASURED, fixed=MEASURED)


ORDER_PARTS: tuple[Part, ...] = (
    _rate(_FILLED),
    Part(
        "size_improvement_shares",
        QUANTITY_SCALE,
        _FILLED,
        pl.col("size_improvement_shares"),
        pl.when(pl.col("size_improvement_shares").is_not_null())
        .then(_ALL_MEASURED)
        .when(_JUDGED)
        .then(pl.lit(NO_DISPLAYED_SIZE))
        .otherwise(pl.col("reference_status")),
        kin="size_improvement_shares",
        weight="filled_quantity",
    ),
    Part(
        "price_improved_orders",
        0,
        _FILLED,
        pl.when(_JUDGED).then(wide(pl.col("improvement") > integer(0))),
        pl.when(_JUDGED).then(_ALL_MEASURED).otherwise(pl.col("reference_status")),
        rows=pl.col("filled_quantity") > integer(0),
        kin="price_improved_orders",
        weight="filled_quantity",
        lot="filled",
    ),
    *_executable("effective_spread_when_executable", _cost(_EX_Q * wide(mid("when_executable")))),
    *(
        part
        for horizon in HORIZONS
        for part in _executable(
            f"realized_spread_{horizon.label}_when_executable",
            _cost(pl.col(f"ex_mid_{horizon.when}")),
        )
    ),
    *_executable(
        "fill_time_ms_when_executable", pl.col("ex_waited"), scale=QUANTITY_SCALE + MS_SCALE
    ),
)

ROUTE_PARTS: tuple[Part, ...] = (_rate(pl.col("route_filled_quantity")),)


SCALES = {part.metric: part.scale for part in (*FILL_PARTS, *ORDER_PARTS, *ROUTE_PARTS)}
"""The decimals of each metric's total."""


def summarise(rows: pl.DataFrame, parts: Sequence[Part], by: Sequence[str]) -> pl.DataFrame:
    """Return the summary of some rows.

    Raises:
        SumTooWideError: A sum does not fit 128 bits.
    """
    return _merged([_summary(rows, part, by) for part in parts], by)


def merge(summaries: Sequence[pl.DataFrame], by: Sequence[str]) -> pl.DataFrame:
    """Return the summary of the whole from the summaries of its parts.

    Raises:
        SumTooWideError: A sum does not fit 128 bits.
    """
    return _merged(summaries, by)


def _summary(rows: pl.DataFrame, part: Part, by: Sequence[str]) -> pl.DataFrame:
    measured = pl.col("status") == MEASURED
    chosen = rows if part.rows is None else rows.filter(part.rows)
    about = _float(part.total) if part.size is None else part.size
    valued = chosen.select(
        *by, about.alias("size"), status=part.status, shares=part.shares, total=part.total
    )
    size = valued.select(pl.col("size").abs().sum(), _float(pl.col("shares")).sum())
    if max(size.row(0)) > MOST_EXACT:
        raise SumTooWideError(part.metric)
    return valued.group_by(*by, "status").agg(
        metric=pl.lit(part.metric),
        n=pl.len().cast(pl.Int64),
        shares=pl.col("shares").sum(),
        total=pl.when(measured.first()).then(pl.col("total").sum()),
    )


def _merged(summaries: Sequence[pl.DataFrame], by: Sequence[str]) -> pl.DataFrame:
    keys = [*by, "metric", "status"]
    together = pl.concat(summaries)
    totals = together.group_by(keys).agg(_float(pl.col("total")).abs().sum())
    if (worst := totals.filter(pl.col("total") > MOST_EXACT)["metric"]).len():
        raise SumTooWideError(worst[0])
    return (
        together.group_by(keys)
        .agg(pl.col("n").sum(), pl.col("shares").sum(), _sum_or_null("total"))
        .sort(keys, nulls_last=True)
    )


def _sum_or_null(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)
