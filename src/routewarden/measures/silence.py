"""What a firm's files never state, and which measures that leaves empty.

A feed of parent orders cannot tell of routes, nor a regulator's file of fees. A fact that no row
states is told once, with what follows, so that an empty column is never a riddle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from routewarden.measures.fills import FILL_MEASURES
from routewarden.measures.measure import Lack, Reference
from routewarden.measures.orders import ORDER_MEASURES


@dataclass(frozen=True, slots=True)
class Fact:
    """Something files may state: what it is called, whether a row states it, why it matters.

    `needed` is the condition for the fact to be missed in a row; `empties` are the measures that
    have no value without it.
    """

    name: str
    stated: pl.Expr
    why: str
    empties: tuple[str, ...] = ()
    needed: pl.Expr | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """A fact no row states, of how many rows, why that may be, and the measures it empties."""

    fact: str
    rows: int
    why: str
    empties: tuple[str, ...]


_OF_ROUTES = tuple(
    measure.name
    for measure in FILL_MEASURES
    if measure.reference is Reference.ROUTE or any(why is Lack.NO_ROUTE for why, _ in measure.lacks)
)
_OF_FEES = tuple(
    measure.name for measure in FILL_MEASURES if any(why is Lack.NO_FEE for why, _ in measure.lacks)
)
_OF_ORDERS = tuple(
    measure.name for measure in FILL_MEASURES if measure.reference is Reference.RECEIPT
)
_WHEN_FILLED = pl.col("filled_quantity") > 0
_ASK = (
    "a feed of parent orders cannot tell of them; ask for the child drop copy or the router's "
    "child report"
)

FILL_FACTS: tuple[Fact, ...] = (
    Fact(
        "order",
        pl.col("has_order"),
        "no order of a fill is held: executions alone cannot be measured from receipt",
        _OF_ORDERS,
    ),
    Fact(
        "route",
        pl.col("has_route"),
        f"no fill names a child order that is held: {_ASK}",
        _OF_ROUTES,
    ),
    Fact("fee", pl.col("fee").is_not_null(), "no execution states its fee", _OF_FEES),
    Fact(
        "liquidity",
        pl.col("liquidity").is_not_null(),
        "no execution says whether it added or removed",
    ),
)
"""What fills may lack."""

_OF_EXECUTIONS = tuple(
    measure.name
    for measure in ORDER_MEASURES
    if measure.name.startswith(("vwap", "markout", "slippage", "shortfall", "delay", "execution"))
    or measure.name.endswith("_fill_ms")
    or measure.name.startswith(("effective", "realized", "fill_time"))
)

ORDER_FACTS: tuple[Fact, ...] = (
    Fact(
        "executions",
        _WHEN_FILLED,
        "no execution of any order is held",
        _OF_EXECUTIONS,
    ),
    Fact(
        "route",
        pl.col("routes") > 0,
        f"no child order is held: {_ASK}",
        ("delay_cost", "execution_cost", "shortfall"),
    ),
    Fact(
        "fee",
        pl.col("fees").is_not_null(),
        "no execution states its fee",
        ("fees", "shortfall"),
        needed=_WHEN_FILLED,
    ),
    Fact(
        "market trades",
        pl.col("vwap_slippage").is_not_null(),
        "no trade of the market is held for the time of any order",
        ("vwap_slippage",),
        needed=_WHEN_FILLED,
    ),
    Fact(
        "end",
        pl.col("ended_at").is_not_null(),
        "no order says when it ended",
        ("opportunity_cost", "shortfall"),
        needed=pl.col("filled_quantity") < pl.col("quantity"),
    ),
    Fact(
        "account type, held or directed",
        pl.all_horizontal(pl.col("account_type", "held", "directed").is_not_null()),
        "no order states all three, so every order is of the population unknown",
    ),
)
"""What orders may lack."""


def silences(rows: pl.DataFrame, facts: tuple[Fact, ...]) -> Iterator[Silence]:
    """Yield the facts that some rows need and none states."""
    for fact in facts:
        needing = rows if fact.needed is None else rows.filter(fact.needed)
        if needing.height and not needing.select(fact.stated.fill_null(value=False).any()).item():
            yield Silence(fact.name, needing.height, fact.why, fact.empties)
