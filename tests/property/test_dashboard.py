"""No sentence contradicts the row it stands beside."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from routewarden.benchmarks.analysis import analysis, verdict_words
from routewarden.benchmarks.dashboard import Bench, Line, full
from routewarden.benchmarks.orders import FULL, Orders
from routewarden.benchmarks.verdict import Figure, Source, Verdict, tolerance
from routewarden.measures.measure import Better, Unit
from routewarden.measures.scorecard import METRICS, Cell, Metric, no_cell
from routewarden.measures.shown import shown
from routewarden.policy.limits import read_limits

DAY = date(2025, 12, 31)
LIMITS = read_limits("")
LEAST = 30
SHOWN = [metric for metric in METRICS if metric.name in {
    "net_price_improvement", "effective_over_quoted", "spread_capture", "fill_time_ms", "fill_rate",
    "size_improvement_pct", "reversion_1m", "realized_spread_1m", "explicit_cost",
}]  # fmt: skip

values = st.decimals(-2, 2, places=5, allow_nan=False)
counts = st.integers(0, 60)


@st.composite
def lines(draw: st.DrawFn) -> Line:
    metric = draw(st.sampled_from(SHOWN))
    cells, figures = {}, {}
    for orders in FULL:
        cells[orders] = {metric.name: draw(st.just(no_cell(metric)) | measured(metric))}
        if draw(st.booleans()):
            n = draw(st.none() | counts)
            figures[metric.name, orders] = Figure(draw(values), n, Source.PRIOR, "2025Q3")
    return full(cells, Bench((figures,), LIMITS, DAY))[0]


def measured(metric: Metric) -> st.SearchStrategy[Cell]:
    return st.builds(
        lambda value, n: Cell(metric, value, True, n, Decimal(n), None),  # noqa: FBT003 - applies
        st.none() | values,
        counts,
    )


@given(lines())
def test_better_and_worse_are_the_customers_and_beyond_tolerance(line: Line) -> None:
    for judged in line.judged.values():
        value, figure = judged.cell.value, judged.benchmark
        if judged.verdict not in {Verdict.BETTER, Verdict.WORSE, Verdict.IN_LINE}:
            thin = figure is None or value is None or judged.cell.n < LEAST
            thin |= figure is not None and figure.n is not None and figure.n < LEAST
            assert judged.verdict is (
                Verdict.INSUFFICIENT if judged.cell.applies else Verdict.NOT_APPLICABLE
            )
            assert thin or not judged.cell.applies
            continue
        assert value is not None
        assert figure is not None
        gain = value - figure.value if line.metric.better is Better.HIGHER else figure.value - value
        allowed = tolerance(line.metric, figure.value, LIMITS, DAY)
        assert (judged.verdict is Verdict.IN_LINE) == (abs(gain) <= allowed)
        assert (judged.verdict is Verdict.BETTER) == (gain > allowed)


@given(lines())
def test_no_sentence_contradicts_its_row(line: Line) -> None:
    said = analysis(line)
    for orders, judged in line.judged.items():
        sentence = re.search(rf"{orders.heading.capitalize()}: .*?[.)](?= [A-Z]|$)", said)
        if judged.verdict is Verdict.NOT_APPLICABLE:
            assert sentence is None
            continue
        assert sentence is not None
        assert_true(sentence[0], judged.cell, judged.benchmark, judged.verdict)


def assert_true(sentence: str, cell: Cell, figure: Figure | None, verdict: Verdict) -> None:
    unit: Unit = cell.metric.unit
    if cell.value is None:
        assert "nothing measured" in sentence
        return
    assert shown(cell.value, unit) in sentence
    assert (figure is not None) == ("nothing to compare with" not in sentence)
    if figure is None:
        return
    assert shown(figure.value, unit) in sentence.rsplit("a share", maxsplit=1)[-1]
    if " above " in sentence:
        assert cell.value > figure.value
    if " below " in sentence:
        assert cell.value < figure.value
    for word in (Verdict.BETTER, Verdict.WORSE, Verdict.IN_LINE):
        assert (f": {word}." in sentence) == (verdict is word)
    assert ("too few" in sentence) == (verdict is Verdict.INSUFFICIENT)


@given(lines())
def test_the_words_name_just_the_verdicts_there_are(line: Line) -> None:
    words = verdict_words(line)
    spoken = {j.verdict for j in line.judged.values()} - {Verdict.NOT_APPLICABLE}

    assert {verdict for verdict in Verdict if verdict in words} == (
        spoken or {Verdict.NOT_APPLICABLE}
    )
    assert words.count("worse") <= len([o for o in Orders if o in line.judged])
