"""The coverage map: every factor of the rule, by type of order and security, with its number.

A cell without one says why it has none; a person has to say a word on it. Securities with too few
orders of a type to be judged alone are marked thin: they may be decided together, and each is
listed all the same. Numbers are of customers' orders, held, not directed, in the session.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from routewarden.benchmarks.orders import CLASSES, Orders
from routewarden.cases import coverage
from routewarden.measures.measure import Unit
from routewarden.measures.reference import OrderClass
from routewarden.measures.scorecard import Cell
from routewarden.policy.best_execution import ASKED, Factor

OTHER = "other"
TYPES: Mapping[str, tuple[OrderClass, ...]] = {
    **{kind: CLASSES[kind] for kind in (Orders.MARKET, Orders.MARKETABLE_LIMIT,
                                        Orders.NON_MARKETABLE_LIMIT)},
    OTHER: (OrderClass.OTHER, OrderClass.UNCLASSIFIED),
}  # fmt: skip
"""The types of order, and the classes each takes together; no order is in none of them."""


@dataclass(frozen=True, slots=True)
class Line:
    """The orders of a type in a security.

    `orders` counts them all, `cells` are what customers' orders add up to, `venues` the number that
    received or executed them, `paid` the part of what was executed that was at venues which pay,
    `apart` the part of orders that were not held, directed, or outside the session.
    """

    symbol: str
    kind: str
    orders: int
    cells: Mapping[str, Cell]
    venues: int | None = None
    paid: Decimal | None = None
    apart: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """What a cell shows: what the number is, its unit, over how many; or why there is none."""

    value: Decimal | None
    what: str
    unit: str = ""
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell of the map: its factor, the paragraph that names it, its line and its number."""

    factor: Factor
    citation: str
    line: Line
    number: Number
    is_thin: bool

    @property
    def key(self) -> str:
        """What it is called."""
        return coverage.key(self.factor, self.line.kind, self.line.symbol)


def mapped(lines: Iterable[Line], least: Decimal) -> tuple[Entry, ...]:
    """Return every cell: of each factor, then by type and security.

    Args:
        lines: The securities traded, by type of order.
        least: How many orders a line needs to be judged alone.
    """
    places = {kind: number for number, kind in enumerate(TYPES)}
    ordered = sorted(lines, key=lambda line: (places[line.kind], line.symbol))
    return tuple(
        Entry(each.factor, each.citation, line, _NUMBERS[each.factor](line), line.orders < least)
        for each in ASKED
        for line in ordered
    )


def facts_of(entries: Sequence[Entry]) -> dict[str, str]:
    """Return what a case says of the cells of a map."""
    lines: dict[str, dict[str, bool]] = {}
    lacking: dict[tuple[Factor, str], set[str]] = {}
    for each in entries:
        lines.setdefault(each.line.kind, {})[each.line.symbol] = each.is_thin
        if each.number.value is None:
            lacking.setdefault((each.factor, each.line.kind), set()).add(each.line.symbol)
    thin = {kind: [name for name, few in of.items() if few] for kind, of in lines.items()}
    return coverage.facts_of(lines, thin, lacking)


_COLUMNS = (
    *("cell", "factor", "citation", "order_type", "symbol", "orders", "judged"),
    *("value", "unit", "over", "what"),
)


def csv_of(entries: Iterable[Entry]) -> bytes:
    """Return the map as CSV, a line for each cell; `value` is empty where there is no number."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for each in entries:
        number, line = each.number, each.line
        value = "" if number.value is None else f"{number.value:f}"
        over = "" if number.n is None else str(number.n)
        judged = "together" if each.is_thin else "alone"
        of = (each.key, each.factor, each.citation, line.kind, line.symbol, line.orders, judged)
        writer.writerow((*of, value, number.unit, over, number.what))
    return text.getvalue().encode()


# -- Numbers ---------------------------------------------------------------------------------------


def _metric(*names: str) -> Callable[[Line], Number]:
    """Return the first of some metrics that has a value."""

    def told(line: Line) -> Number:
        cells = [line.cells[name] for name in names if name in line.cells]
        found = [cell for cell in cells if cell.value is not None]
        if found:
            cell = found[0]
            return Number(cell.value, cell.metric.title, cell.metric.unit.value, cell.n)
        applies = any(cell.applies for cell in cells)
        why = "nothing measured" if applies or not cells else "not measured of such orders"
        return Number(None, why)

    return told


def _likelihood(line: Line) -> Number:
    if line.kind not in {Orders.MARKETABLE_LIMIT, Orders.NON_MARKETABLE_LIMIT}:
        return Number(None, "these are not limit orders in the session")
    return _metric("fill_rate")(line)


def _needs(_: Line) -> Number:
    return Number(None, "no number stands for it")


def _payment(line: Line) -> Number:
    what = "Executed at venues with payment arrangements"
    if line.paid is None:
        return Number(None, "no payment arrangement is held, or nothing was executed")
    return Number(line.paid, what, Unit.FRACTION.value)


def _transaction(line: Line) -> Number:
    cell = line.cells.get("fill_rate")
    if cell is None or not cell.n:
        return Number(None, "no such customers' order")
    return Number(cell.shares / cell.n, "Shares an order", Unit.SHARES.value, cell.n)


def _markets(line: Line) -> Number:
    if not line.venues:
        return Number(None, "no venue is stated")
    return Number(Decimal(line.venues), "Venues routed to or executed at", "venues")


def _access(line: Line) -> Number:
    names = ("net_price_improvement", "effective_spread_at_execution")
    cells = [line.cells[name] for name in names if name in line.cells]
    found = [cell for cell in cells if cell.coverage is not None]
    if not found:
        return Number(None, "nothing was executed")
    what = "Executed shares with a quote in force to judge by"
    return Number(found[0].coverage, what, Unit.FRACTION.value)


def _terms(line: Line) -> Number:
    if line.apart is None:
        return Number(None, "no order was received")
    what = "Orders not held, directed or outside the session"
    return Number(line.apart, what, Unit.FRACTION.value, line.orders)


_NUMBERS: Mapping[Factor, Callable[[Line], Number]] = {
    Factor.PRICE_IMPROVEMENT: _metric("net_price_improvement"),
    Factor.DISIMPROVEMENT: _metric("outside_quote_pct"),
    Factor.LIMIT_LIKELIHOOD: _likelihood,
    Factor.SPEED: _metric("fill_time_ms", "fill_time_ms_when_executable"),
    Factor.SIZE: _metric("size_improvement_pct"),
    Factor.COSTS: _metric("explicit_cost"),
    Factor.NEEDS: _needs,
    Factor.PAYMENT: _payment,
    Factor.CHARACTER: _metric("quoted_spread", "quoted_spread_at_route"),
    Factor.TRANSACTION: _transaction,
    Factor.MARKETS: _markets,
    Factor.ACCESS: _access,
    Factor.TERMS: _terms,
}
