"""What the review rests on: the rule's factors, its definitions and limits, coverage and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from routewarden.benchmarks.orders import Orders
from routewarden.evidence.document import Paragraph, Section
from routewarden.evidence.judged import coverage_shown
from routewarden.evidence.table import DIRECTION, Cell, Heading, Table, count_cell, text_cell
from routewarden.market.tape import Source
from routewarden.measures.fills import FILL_MEASURES
from routewarden.measures.measure import Unit
from routewarden.measures.orders import ORDER_MEASURES
from routewarden.measures.scorecard import Cell as MetricCell
from routewarden.measures.shown import shown, unit_shown
from routewarden.policy.best_execution import ASKED, Factor
from routewarden.policy.limits import BY_NAME
from routewarden.runs.review.gathered import Gathered

_COVERED = (
    *("net_price_improvement", "effective_spread_at_execution", "realized_spread_1m"),
    *("reversion_1m", "explicit_cost"),
)


def factors(gathered: Gathered) -> Section:
    """Return each factor of the rule with its numbers, or the reason it has none."""
    cells = gathered.customers.cells()
    facts = _Facts(gathered, cells)
    table = Table(
        name="factors",
        title="The factors of the rule",
        caption="Titles are ours; the rule's own words govern. Numbers by security and order type "
        "are in the section on securities.",
        headings=(Heading("Factor"), Heading("Asked by"), Heading("What the quarter shows")),
        rows=tuple(
            (
                text_cell(asked.factor.capitalize()),
                text_cell(asked.citation),
                text_cell(_SHOWS[asked.factor](facts)),
            )
            for asked in ASKED
        ),
    )
    lead = "Eight factors of a regular and rigorous review, and five of reasonable diligence."
    return Section("factors", "Factors considered", lead, (table,))


@dataclass(frozen=True, slots=True)
class _Facts:
    gathered: Gathered
    cells: Mapping[Orders, Mapping[str, MetricCell]]

    def said(self, *asked: tuple[str, Orders]) -> str:
        """Return some metrics of some kinds of order, in words."""
        return "; ".join(self._one(name, orders) for name, orders in asked) + "."

    def _one(self, name: str, orders: Orders) -> str:
        cell = self.cells[orders].get(name)
        if cell is None or cell.value is None:
            return f"{name} of {orders.heading}: nothing measured"
        unit = "" if cell.metric.unit is Unit.FRACTION else f" {unit_shown(cell.metric.unit)}"
        return f"{cell.metric.title}, {orders.heading}: {shown(cell.value, cell.metric.unit)}{unit}"

    def count(self, where: Mapping[str, tuple[str | None, ...]]) -> int:
        """Return how many orders of the quarter are so."""
        return self.gathered.whole.only(where).count()


_BOTH = (Orders.MARKET, Orders.MARKETABLE_LIMIT)


def _of_both(*names: str) -> Callable[[_Facts], str]:
    return lambda facts: facts.said(*((name, orders) for name in names for orders in _BOTH))


def _likelihood(facts: _Facts) -> str:
    kinds = (Orders.MARKETABLE_LIMIT, Orders.NON_MARKETABLE_LIMIT, Orders.LIMIT)
    return facts.said(*(("fill_rate", orders) for orders in kinds))


def _needs(facts: _Facts) -> str:
    return (
        f"No number stands for this factor. Of {facts.gathered.whole.count():,} orders, "
        f"{facts.count({'population': ('not_held',)}):,} gave discretion (not held) and "
        f"{facts.count({'population': ('directed',)}):,} named a venue; each is shown apart. "
        "What customers were told to expect is for the committee to set beside these results."
    )


def _payment(facts: _Facts) -> str:
    payments = facts.gathered.payments
    if not payments.height:
        return "No payment arrangement is held; whether there is none is for the firm to say."
    payers = ", ".join(payments["venue"].drop_nulls().unique().sort())
    return (
        f"{payments.height} arrangements, with {payers}: see the provider. They take no part in "
        "any measure or verdict."
    )


def _character(facts: _Facts) -> str:
    securities = len(facts.gathered.customers.values("symbol"))
    return f"{securities} securities; " + facts.said(
        *(("quoted_spread", orders) for orders in _BOTH)
    )


def _transaction(facts: _Facts) -> str:
    sizes = []
    for orders in (*_BOTH, Orders.NON_MARKETABLE_LIMIT):
        cell = facts.cells[orders].get("fill_rate")
        if cell is not None and cell.n:
            sizes.append(f"{cell.n:,} {orders.heading}, {cell.shares / cell.n:,.0f} shares each")
    return "; ".join(sizes) + "." if sizes else "No customers' orders in equities were received."


def _markets(facts: _Facts) -> str:
    venues = facts.gathered.venues["by venue"].drop_nulls().unique()
    return f"{len(venues)} venues received routes or executed: {', '.join(venues.sort())}."


def _access(facts: _Facts) -> str:
    cell = facts.cells[Orders.MARKET].get("net_price_improvement")
    if cell is None or cell.coverage is None:
        return "No market order was executed."
    left = ", ".join(f"{why.replace('_', ' ')} {part.n:,}" for why, part in cell.excluded.items())
    return (
        f"A quote to judge by was in force for {coverage_shown(cell.coverage)} of the shares "
        f"of market orders; fills without one: {left or 'none'}."
    )


_APART = {"not held": "not_held", "directed": "directed", "off session": "outside_session"}


def _terms(facts: _Facts) -> str:
    counts = {title: facts.count({"population": (name,)}) for title, name in _APART.items()}
    said = "; ".join(f"{count:,} orders {title}" for title, count in counts.items())
    return f"{said}: each population is measured apart."


_SHOWS: Mapping[Factor, Callable[[_Facts], str]] = {
    Factor.PRICE_IMPROVEMENT: _of_both("net_price_improvement", "price_improved_orders_pct"),
    Factor.DISIMPROVEMENT: _of_both("outside_quote_pct"),
    Factor.LIMIT_LIKELIHOOD: _likelihood,
    Factor.SPEED: _of_both("fill_time_ms", "fill_time_ms_p95"),
    Factor.SIZE: _of_both("size_improvement_pct"),
    Factor.COSTS: _of_both("explicit_cost", "net_effective_spread"),
    Factor.NEEDS: _needs,
    Factor.PAYMENT: _payment,
    Factor.CHARACTER: _character,
    Factor.TRANSACTION: _transaction,
    Factor.MARKETS: _markets,
    Factor.ACCESS: _access,
    Factor.TERMS: _terms,
}


def method(gathered: Gathered) -> Section:
    """Return how each number is computed, and the limits in force."""
    text = (
        "Prices compare as exact decimals; averages are sums divided once, half to even, at twelve "
        "decimals, so they do not depend on how the records were cut or ordered. A number that "
        "cannot be known is left out and counted, never estimated. Benchmarks: the firm's table of "
        "industry figures, then the quarter before, as each row says. What each metric means is in "
        "the notes its raised numbers lead to; the definitions of every measure, also of those not "
        "shown here, are in the workbook, the web page and the attached table."
    )
    return Section("method", "Method", "", (Paragraph(text), _definitions(), _limits(gathered)))


def _definitions() -> Table:
    return Table(
        name="definitions",
        title="Measures",
        caption="Definition, unit, the better direction and source of each.",
        headings=(Heading("Measure"), Heading("Unit"), Heading("Better"), Heading("Means"),
                  Heading("Source")),
        rows=tuple(
            (
                text_cell(measure.name),
                text_cell(unit_shown(measure.unit)),
                text_cell(DIRECTION[measure.better].lstrip("▲▼ ")),
                text_cell(measure.means),
                text_cell(measure.source),
            )
            for measure in (*FILL_MEASURES, *ORDER_MEASURES)
        ),
        folded=True,
        paper_rows=0,
    )  # fmt: skip


def _limits(gathered: Gathered) -> Table:
    limits, day = gathered.policy.limits, gathered.against.day
    in_force = [limits.at(name, day) for name in BY_NAME]
    return Table(
        name="limits",
        title="Limits and tolerances in force",
        caption=f"On {day}. What ships was approved by nobody until the firm approves it.",
        headings=(Heading("Limit"), Heading("Value", numeric=True), Heading("Unit"),
                  Heading("Means"), Heading("From", dated=True), Heading("Source"),
                  Heading("Approved by")),
        rows=tuple(
            (
                text_cell(limit.name.replace("_", " ")),
                Cell(f"{limit.value:f}", f"{limit.value:f}"),
                text_cell(BY_NAME[limit.name].unit),
                text_cell(BY_NAME[limit.name].means),
                text_cell(str(limit.since)),
                text_cell(limit.source),
                text_cell(limit.approved_by or "nobody"),
            )
            for limit in in_force
        ),
        folded=True,
    )  # fmt: skip


def coverage(gathered: Gathered) -> Section:
    """Return how much of what was executed each metric covers, and why the rest is out."""
    cells = [
        (orders, of[name])
        for orders, of in gathered.customers.cells().items()
        for name in _COVERED
        if orders is not Orders.LIMIT and name in of and of[name].coverage is not None
    ]
    table = Table(
        name="coverage",
        title="Coverage",
        caption="Measured shares over executed shares of customers' orders in equities.",
        headings=(Heading("Metric"), Heading("Orders"), Heading("Covered", "%", numeric=True),
                  Heading("Fills", numeric=True), Heading("Left out, by reason")),
        rows=tuple(_covered(orders, cell) for orders, cell in cells),
    )  # fmt: skip
    own = gathered.whole.only({"reference_source": (Source.CONSOLIDATED.value,)}).count()
    lead = "What is not measured is counted, by reason."
    if own:
        lead += (
            f" {own:,} of {gathered.whole.count():,} orders were judged by our own consolidation "
            "of venues' quotes, for want of an official best bid and offer."
        )
    return Section("coverage", "Coverage", lead, (table,))


def _covered(orders: Orders, cell: MetricCell) -> tuple[Cell, ...]:
    left = "; ".join(
        f"{why.replace('_', ' ')}: {part.n:,} fills, {part.shares:,.0f} shares"
        for why, part in sorted(cell.excluded.items())
    )
    share = None if cell.coverage is None else float(cell.coverage)
    return (
        text_cell(cell.metric.title),
        text_cell(orders.heading),
        Cell(coverage_shown(cell.coverage), f"{cell.coverage:f}", share=share),
        count_cell(cell.n),
        text_cell(left or "nothing"),
    )
