"""The quarterly framework: four areas, what each is judged by, and whether it asks for action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from routewarden.base.exact import FEE_SCALE
from routewarden.benchmarks.dashboard import Bench, Cells, of_cells
from routewarden.benchmarks.framework import (
    Status,
    Threshold,
    compared,
    consistently_worse,
    found,
    together,
)
from routewarden.benchmarks.orders import Orders
from routewarden.benchmarks.verdict import Judged, Source, Verdict, judge
from routewarden.evidence.document import Form, Section
from routewarden.evidence.judged import TONES, judged_cell
from routewarden.evidence.table import Cell, Heading, Table, Tone, text_cell
from routewarden.measures.measure import Unit
from routewarden.measures.scorecard import METRICS, empty_cell
from routewarden.measures.scorecard import Cell as MetricCell
from routewarden.measures.shown import NO_VALUE, shown, unit_shown
from routewarden.runs.bench import by_router
from routewarden.runs.review.gathered import CUSTOMERS, Gathered

_MARKETABLE = (Orders.MARKET, Orders.MARKETABLE_LIMIT)
_BY_NAME = {metric.name: metric for metric in METRICS}
_QUALITY = ("net_price_improvement", "spread_capture")
_STATUS_TONES = {Status.REACHED: Tone.BAD, Status.QUIET: Tone.GOOD, Status.UNKNOWN: Tone.NEUTRAL}

OF_FILL_RATES = ("fill-rate-fell",)
OF_PAYERS = ("concentrated-on-payer", "drift-to-payer")
"""The rules whose findings reach an area's threshold."""


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the framework.

    `metrics` are its key numbers, each told in words; `sources` where they come from, and what two
    sources of one number say; `when` is its action threshold in words; `brief` is why it was
    answered so, in a line.
    """

    title: str
    metrics: tuple[str, ...]
    sources: tuple[str, ...]
    when: str
    threshold: Threshold
    brief: str


def areas(gathered: Gathered) -> tuple[Area, ...]:
    """Return the four areas with their thresholds answered."""
    return (_improvement(gathered), _speed(gathered), _fill_rates(gathered), _venues(gathered))


def _improvement(gathered: Gathered) -> Area:
    said, asked = [], []
    bench = gathered.bench
    months = [month.only(CUSTOMERS).cells() for month in gathered.months]
    unmeasured = [Verdict.INSUFFICIENT] * (len(gathered.quarter.months) - len(months))
    for name in _QUALITY:
        for orders in _MARKETABLE:
            judged = [bench.judge(_cell(cells, orders, name), orders) for cells in months]
            values = ", ".join(shown(each.cell.value, each.cell.metric.unit) for each in judged)
            title = judged[0].cell.metric.title
            what = f"{title}, {orders.heading}"
            said.append(f"{what}, by month: {values}")
            asked.append(consistently_worse(what, [*(e.verdict for e in judged), *unmeasured]))
    reached = sum(each.status is Status.REACHED for each in asked)
    titles = " and ".join(_BY_NAME[name].title for name in _QUALITY)
    return Area(
        "Price improvement",
        tuple(said),
        _sources(bench, ("net_price_improvement", "effective_over_quoted")),
        "Reached when a metric is worse than its benchmark, beyond tolerance, in two of the last "
        "three months.",
        together(_decisive(asked)),
        f"{titles} of market and marketable limit orders: {reached} of {len(asked)} worse than the "
        "benchmark in at least two of the last three months",
    )


def _cell(cells: Cells, orders: Orders, name: str) -> MetricCell:
    """Return a metric's cell; where there were no such orders, one of nothing: unknown."""
    return cells[orders].get(name) or empty_cell(_BY_NAME[name])


def _speed(gathered: Gathered) -> Area:
    said, asked = [], []
    for orders, routed in against_direct(gathered, "fill_time_ms").items():
        direct = routed.benchmark
        said.append(
            f"Fill time, {orders.heading}: {shown(routed.cell.value, routed.cell.metric.unit)} ms "
            f"by the vendor's router, "
            f"{shown(direct.value if direct else None, routed.cell.metric.unit)} ms direct"
        )
        asked.append(compared(routed, f"the direct route for {orders.heading}"))
    return Area(
        "Execution speed",
        tuple(said),
        _sources(gathered.bench, ("fill_time_ms",)),
        "Reached when the vendor's router takes longer than the direct route, beyond tolerance.",
        together(_decisive(asked)),
        "; ".join(said),
    )


def _fill_rates(gathered: Gathered) -> Area:
    bench, cells = gathered.bench, gathered.customers.cells()
    judged = {orders: bench.judge(_cell(cells, orders, "fill_rate"), orders) for orders in Orders}
    said = tuple(
        f"Fill rate, {orders.heading}: {shown(each.cell.value, each.cell.metric.unit)}"
        for orders, each in judged.items()
    )
    asked = [
        compared(each, f"the benchmark for {orders.heading}") for orders, each in judged.items()
    ]
    asked.append(_findings(gathered, OF_FILL_RATES, "a falling fill rate"))
    threshold = together(_decisive(asked))
    return Area(
        "Fill rates",
        said,
        _sources(bench, ("fill_rate",)),
        "Reached when the fill rate of an order type declines.",
        threshold,
        _sentence(threshold.because),
    )


def _venues(gathered: Gathered) -> Area:
    paid = sorted(name for name in gathered.payments["venue"].unique() if name)
    executed = gathered.venues.filter(
        pl.col("metric") == "explicit_cost",
        *(pl.col(f"by {name}").is_in(list(values)) for name, values in CUSTOMERS.items()),
    )
    whole = int(executed["shares"].sum() or 0)
    at_payers = int(executed.filter(pl.col("by venue").is_in(paid))["shares"].sum() or 0)
    share = shown(Decimal(at_payers) / whole if whole else None, Unit.FRACTION)
    threshold = _findings(gathered, OF_PAYERS, "concentration on or drift to venues that pay")
    return Area(
        "Venue analysis",
        (
            f"Venues used by all orders: {gathered.venues['by venue'].drop_nulls().n_unique()}",
            f"Venues with payment arrangements: {', '.join(paid) or 'none'}",
            f"Executed there, of the shares of customers' orders in equities: {share}",
        ),
        ("Executions and routes of the firm", "Payment arrangements as stated to the firm"),
        "Reached when volume concentrates on, or drifts to, venues that pay.",
        threshold,
        f"{_sentence(threshold.because)}; {share} of customers' executed shares are at such venues",
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _decisive(asked: Sequence[Threshold]) -> Sequence[Threshold]:
    """Return those that speak: where any is reached, what is quiet or unknown need not be told."""
    reached = [each for each in asked if each.status is Status.REACHED]
    return reached or list(dict.fromkeys(asked))


def _findings(gathered: Gathered, rules: Sequence[str], what: str) -> Threshold:
    yes = gathered.found.filter(pl.col("rule").is_in(list(rules)), pl.col("verdict") == "yes")
    return found(yes.height, what)


def against_direct(gathered: Gathered, metric: str) -> dict[Orders, Judged]:
    """Return a metric of what the vendor's router handled against what went direct."""
    routed, direct = (
        by_router(gathered.customers, direct=direct).cells() for direct in (False, True)
    )
    figures = of_cells(direct, Source.DIRECT, "the firm's own route")
    limits, day = gathered.against.limits, gathered.against.day
    return {
        orders: judge(_cell(routed, orders, metric), figures.get((metric, orders)), limits, day)
        for orders in _MARKETABLE
    }


def _sources(bench: Bench, metrics: Sequence[str]) -> tuple[str, ...]:
    """Return where an area's numbers come from."""
    figures = [bench.figure(name, orders) for name in metrics for orders in _MARKETABLE]
    against = dict.fromkeys(f"{each.source}: {each.says}" for each in figures if each)
    return (
        "The firm's orders, routes and fills against the quotes in force",
        "The vendor's report: see the two sources below",
        *against,
    )


def _two_sources(gathered: Gathered) -> Table:
    """Return the metrics that the vendor states too, month by month: theirs, ours and the gap."""
    claims = gathered.claims.filter(
        pl.col("venue") == "*", pl.col("symbol") == "*", pl.col("ours").is_not_null()
    ).sort("metric", "order_class", "period")
    return Table(
        name="two-sources",
        title="Two sources of one number",
        caption="What the vendor states of all it handled, at every venue, beside the same "
        "recomputed by us; the gap is theirs less ours.",
        headings=(
            Heading("Metric"), Heading("Order class"), Heading("Period"), Heading("Unit"),
            Heading("Vendor", numeric=True), Heading("Ours", numeric=True),
            Heading("Gap", numeric=True),
        ),
        rows=tuple(
            (
                text_cell(row["metric"].replace("_", " ")),
                text_cell(row["order_class"].replace("_", " ")),
                text_cell(row["period"]),
                text_cell(unit_words(row["unit"])),
                *(claimed_cell(row[name], row["unit"]) for name in ("theirs", "ours", "gap")),
            )
            for row in claims.iter_rows(named=True)
        ),
    )  # fmt: skip


def claimed_cell(scaled: int | None, unit: str | None) -> Cell:
    """Return a claimed number (10**-12 of its unit) as people read it, exact behind it."""
    if scaled is None or unit is None:
        return text_cell(None)
    value = Decimal(scaled).scaleb(-FEE_SCALE)
    exact = f"{value.normalize():f}"
    return Cell(shown(value, Unit(unit)) if unit in set(Unit) else exact, exact)


def unit_words(unit: str | None) -> str | None:
    """Return a claim's unit as a heading says it, where it is one of ours."""
    return unit_shown(Unit(unit)) if unit in set(Unit) else unit


def framework_section(gathered: Gathered) -> Section:
    """Return the framework as a table: a row for each area."""
    table = Table(
        name="framework",
        title="Quarterly framework",
        caption="Unknown is not quiet: a threshold that cannot be answered says so.",
        headings=(
            Heading("Area"), Heading("Key metrics"), Heading("Data sources"),
            Heading("Action threshold"), Heading("Status"), Heading("Because", below=True),
        ),
        rows=tuple(
            (
                text_cell(area.title),
                text_cell(";\n".join(area.metrics)),
                text_cell(";\n".join(area.sources)),
                text_cell(area.when),
                Cell(area.threshold.status, area.threshold.status,
                     tone=_STATUS_TONES[area.threshold.status]),
                text_cell(_sentence(area.threshold.because) + "."),
            )
            for area in areas(gathered)
        ),
    )  # fmt: skip
    lead = "Four areas, each with the threshold at which the committee is asked to act."
    blocks = (table, _direct(gathered), _two_sources(gathered))
    return Section("framework", "Quarterly framework", lead, blocks)


def decision_section(gathered: Gathered) -> Section:
    """Return what the committee decides, with room for its hand."""
    asked = [area for area in areas(gathered) if area.threshold.status is not Status.QUIET]
    lines = tuple(f"{area.title}: {area.threshold.status}" for area in asked)
    decisions = Form(
        "Action by area", "Area and threshold", ("Decision and why", "Who", "By when"),
        (*lines, "Other"),
    )  # fmt: skip
    signed = Form(
        "Reviewed by", "Role", ("Name", "Signature", "Date"),
        ("Chair of the committee", "Compliance", "Trading"),
    )  # fmt: skip
    lead = (
        "This review measures and compares; what follows from it is the firm's decision. An area "
        "whose threshold is reached, or cannot be answered, has a line."
    )
    return Section("decision", "For decision", lead, (decisions, signed))


def _direct(gathered: Gathered) -> Table:
    """Return the vendor's router beside the firm's direct route."""
    names = ("fill_time_ms", "net_price_improvement", "effective_over_quoted", "explicit_cost")
    judged = [
        (orders, each) for name in names for orders, each in against_direct(gathered, name).items()
    ]
    return Table(
        name="direct",
        title="The vendor's router and the direct route",
        caption="Customers' orders in equities by who routed them; the flows differ in kind and "
        "size, so a difference is a question, not an answer.",
        headings=(
            Heading("Metric"), Heading("Orders"), Heading("Vendor's router", numeric=True),
            Heading("Direct", numeric=True), Heading("Verdict"),
        ),
        rows=tuple(
            _direct_row(orders, each) for orders, each in judged if each.cell.n or each.benchmark
        ),
    )  # fmt: skip


def _direct_row(orders: Orders, judged: Judged) -> tuple[Cell, ...]:
    metric, figure = judged.cell.metric, judged.benchmark
    direct = Cell(NO_VALUE)
    if figure is not None:
        basis = "" if figure.n is None else f"n {figure.n:,}"
        direct = Cell(shown(figure.value, metric.unit), f"{figure.value:f}", basis=basis)
    return (
        text_cell(metric.title),
        text_cell(orders.heading),
        judged_cell(judged),
        direct,
        Cell(judged.verdict, judged.verdict, tone=TONES.get(judged.verdict, Tone.NEUTRAL)),
    )
