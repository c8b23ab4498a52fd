"""Judged numbers as tables: each beside its benchmark, its verdict and what it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from routewarden.benchmarks.analysis import SHORT, against, analysis, sources, verdict_words
from routewarden.benchmarks.dashboard import Line
from routewarden.benchmarks.orders import Orders
from routewarden.benchmarks.verdict import Judged, Verdict
from routewarden.evidence.table import (
    ARROWS,
    DIRECTION,
    Cell,
    Footnote,
    Heading,
    Table,
    Tone,
    text_cell,
)
from routewarden.measures.detail import NEAR
from routewarden.measures.fills import FILL_MEASURES
from routewarden.measures.improvement import PRICE_IMPROVEMENT
from routewarden.measures.measure import Measure, Unit
from routewarden.measures.orders import ORDER_MEASURES
from routewarden.measures.scorecard import Cell as MetricCell
from routewarden.measures.scorecard import Metric
from routewarden.measures.shown import shown, unit_shown

NOT_APPLICABLE = "not applicable"
UNDER_EACH = (
    "Under each number, the orders or fills it was taken of (n), and the part of the executed "
    "shares it covers if not all."
)
_FRACTION = Unit.FRACTION
_ALL, _NEARLY = "100.0 %", "> 99.9 %"
_TAIL = (
    "Least time within which {} % of the shares were filled, read from a histogram: that time, or "
    f"above it by at most 1/{NEAR} of it"
)
_FORMULAS: Mapping[str, str] = {
    "fill_rate": "Filled shares over ordered shares, or over routed shares by venue",
    "price_improved_orders_pct": "Orders improved over their shares, of orders measured",
    "fill_time_ms_p95": _TAIL.format(95),
    "fill_time_ms_p99": _TAIL.format(99),
    "size_improvement_pct": "Shares filled at the far side or better beyond its displayed size, "
    "over shares filled",
}

TONES: Mapping[Verdict, Tone] = {Verdict.BETTER: Tone.GOOD, Verdict.WORSE: Tone.BAD}
_MEASURES: Mapping[str, Measure] = {
    **{measure.name: measure for measure in (*FILL_MEASURES, *ORDER_MEASURES)},
    "price_improved_orders": PRICE_IMPROVEMENT,  # a count of orders by the sign of it
}


def value_cell(cell: MetricCell | None, tone: Tone = Tone.NEUTRAL) -> Cell:
    """Return a metric's cell with its count and coverage under it; never a 0 for what is not."""
    if cell is None or not cell.applies:
        return Cell(NOT_APPLICABLE)
    left = ", ".join(
        f"{_words(why)} {part.shares:,.0f}" for why, part in sorted(cell.excluded.items())
    )
    exact = "" if cell.value is None else f"{cell.value:f}"
    return Cell(
        shown(cell.value, cell.metric.unit), exact, f"left out: {left}" if left else "",
        _basis(cell), tone=tone,
    )  # fmt: skip


def _basis(cell: MetricCell) -> str:
    """Return what a value was taken of: how many, and the part covered where it is not all."""
    count = f"n {cell.n:,}"
    if cell.coverage is None or cell.coverage == 1:
        return count
    return f"{count}, {coverage_shown(cell.coverage)}"


def coverage_shown(coverage: Decimal | None) -> str:
    """Return a coverage in percent; what is left out, however little, is never told as all."""
    part = shown(coverage, _FRACTION)
    return _NEARLY if part == _ALL and coverage != 1 else part


def judged_cell(judged: Judged) -> Cell:
    """Return a judged number's cell, toned by its verdict."""
    return value_cell(judged.cell, TONES.get(judged.verdict, Tone.NEUTRAL))


def benchmark_cell(line: Line) -> Cell:
    """Return the benchmark of a row; its sources are the remark."""
    judged = [each for each in line.judged.values() if each.cell.applies]
    figures = [each.benchmark for each in judged if each.benchmark]
    values = {figure.value for figure in figures}
    exact = f"{next(iter(values)):f}" if len(values) == 1 else ""
    sources = dict.fromkeys(f"{figure.source}: {figure.says}" for figure in figures)
    return Cell(against(line), exact, "; ".join(sources))


def compact_table(name: str, title: str, caption: str, lines: Sequence[Line]) -> Table:
    """Return the compact dashboard: market orders beside limit orders."""
    return _table((name, title, caption), (Orders.MARKET, Orders.LIMIT), lines)


def dashboard_table(name: str, title: str, caption: str, lines: Sequence[Line]) -> Table:
    """Return a dashboard as a table: a row for each metric that was measured.

    With verdict and analysis; where there is nothing at all to compare with, without.
    """
    measured = [
        line
        for line in lines
        if any(judged.cell.value is not None for judged in line.judged.values())
    ]
    columns = tuple(measured[0].judged) if measured else ()
    return _table((name, title, caption), columns, measured)


def _table(about: tuple[str, str, str], columns: Sequence[Orders], lines: Sequence[Line]) -> Table:
    name, title, caption = about
    known = sources(lines)
    compared = bool(known)
    said = f"Benchmarks: {known}." if known else "There is nothing to compare with."
    arrows = "▲ higher is better, ▼ lower is better."
    more = (Heading("Benchmark", numeric=True), Heading("Verdict"), Heading("Analysis", below=True))
    return Table(
        name=name,
        title=title,
        caption=f"{caption} {arrows} {said}",
        headings=(
            Heading("Metric"), Heading("Unit"), Heading("▲▼"),
            *(Heading(SHORT[orders].capitalize(), numeric=True, means=orders.heading)
              for orders in columns),
            *(more if compared else ()),
        ),
        rows=tuple(_row(line, note, compared=compared) for note, line in enumerate(lines, start=1)),
        notes=metric_notes(line.metric for line in lines),
    )  # fmt: skip


def _row(line: Line, note: int, *, compared: bool) -> tuple[Cell, ...]:
    metric, words = line.metric, verdict_words(line)
    verdicts = {judged.verdict for judged in line.judged.values()}
    worst = next((v for v in (Verdict.WORSE, Verdict.BETTER) if v in verdicts), None)
    tone = TONES[worst] if worst else Tone.NEUTRAL
    said = (benchmark_cell(line), Cell(words, words, tone=tone), text_cell(analysis(line)))
    return (
        Cell(metric.title, metric.title, note=note),
        text_cell(unit_shown(metric.unit)),
        Cell(ARROWS[metric.better], metric.better.value, DIRECTION[metric.better]),
        *(judged_cell(judged) for judged in line.judged.values()),
        *(said if compared else ()),
    )


def metric_notes(metrics: Iterable[Metric]) -> tuple[Footnote, ...]:
    """Return a footnote for each metric: definition, unit, sign and source."""
    return tuple(Footnote(metric.title, _meaning(metric)) for metric in metrics)


def _meaning(metric: Metric) -> str:
    measure = _MEASURES.get(metric.of)
    parts = [_formula(metric)]
    if measure is not None:
        parts += [measure.means.rstrip("."), f"source: {measure.source}"]
    parts += [f"unit: {unit_shown(metric.unit)}", DIRECTION[metric.better].lstrip("▲▼ ")]
    return "; ".join(part for part in parts if part) + "."


def _formula(metric: Metric) -> str:
    if metric.summed:
        return f"Sum of {_words(metric.of)}"
    if metric.over is not None:
        ratio = f"sum of shares x {_words(metric.of)} over sum of shares x {_words(metric.over)}"
        return f"One less the {ratio}" if metric.complement else ratio.capitalize()
    return _FORMULAS.get(metric.name, f"Mean of {_words(metric.of)}, weighted by shares")


def _words(name: str) -> str:
    return name.replace("_", " ")
