"""One security over a quarter, given as aggregates: the dashboard says what its numbers say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from routewarden.benchmarks.analysis import analysis, sources, verdict_words
from routewarden.benchmarks.dashboard import Bench, Cells, Line, compact, of_published
from routewarden.benchmarks.orders import Orders
from routewarden.benchmarks.verdict import Source
from routewarden.measures.scorecard import METRICS, Cell
from routewarden.policy.limits import read_limits
from routewarden.policy.published import read_published

DAY = date(2025, 12, 31)
BY_NAME = {metric.name: metric for metric in METRICS}
QUARTER = """
metric                 market   marketable_limit  limit  benchmark
net_price_improvement  0.0015   0.0008            .      0.0012
spread_capture         0.55     0.30              .      0.45
fill_time_ms           150      .                 .      120
fill_rate              .        .                 0.75   0.80
reversion_1m           -0.0002  -0.0001           .      -0.0003
"""


def cell(metric: str, value: str, n: int = 400) -> Cell:
    return Cell(
        BY_NAME[metric], Decimal(value), applies=True, n=n, shares=Decimal(n * 100),
        coverage=Decimal(1),
    )  # fmt: skip


def dashboard(table: str = QUARTER, n: int = 400) -> dict[str, Line]:
    _, *rows = (line.split() for line in table.strip().splitlines())
    columns = (Orders.MARKET, Orders.MARKETABLE_LIMIT, Orders.LIMIT)
    cells: Cells = {
        orders: {row[0]: cell(row[0], row[at], n) for row in rows if row[at] != "."}
        for at, orders in enumerate(columns, start=1)
    }
    figures = "\n".join(
        f'[[figure]]\nmetric = "{row[0]}"\norders = "all"\nvalue = "{row[4]}"\n'
        f'from = 2025-01-01\nsource = "worksheet"'
        for row in rows
    )
    published = {(each.metric, each.orders): each for each in read_published(figures, "x.toml")}
    bench = Bench((of_published(published, Source.INDUSTRY),), read_limits(""), DAY)
    return {line.metric.name: line for line in compact(cells, bench)}


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ("net_price_improvement", "market better; limit worse, review"),
        ("spread_capture", "market better; limit worse"),
        ("fill_time_ms", "worse, look for where the time goes"),
        ("fill_rate", "worse, review limit logic and venue choice"),
        ("reversion_1m", "better: less comes back, little impact"),
    ],
)
def test_the_verdicts(metric: str, words: str) -> None:
    assert verdict_words(dashboard()[metric]) == words


@pytest.mark.parametrize(
    ("metric", "sentence"),
    [
        (
            "net_price_improvement",
            (
                "Market orders: 0.00150 a share, above 0.00120: better. "
                "Marketable limit orders: 0.00080 a share, below 0.00120: worse."
            ),
        ),
        (
            "spread_capture",
            (
                "Market orders: 55.0 %, above 45.0 %: better. "
                "Marketable limit orders: 30.0 %, below 45.0 %: worse."
            ),
        ),
        ("fill_time_ms", "Market orders: 150.0 ms, above 120.0: worse."),
        ("fill_rate", "Limit orders: 75.0 %, below 80.0 %: worse."),
        (
            "reversion_1m",
            (
                "Market orders: ~0.00020 a share, above ~0.00030: better. "
                "Marketable limit orders: ~0.00010 a share, above ~0.00030: better."
            ),
        ),
    ],
)
def test_the_analysis(metric: str, sentence: str) -> None:
    said = analysis(dashboard()[metric])

    assert said.replace("\N{MINUS SIGN}", "~") == sentence
    assert sources(dashboard().values()) == "industry table, worksheet"


def test_every_row_is_there_in_the_order_a_committee_reads_it() -> None:
    rows = [line.split()[0] for line in QUARTER.strip().splitlines()[1:]]

    assert list(dashboard()) == rows


def test_too_few_are_not_judged() -> None:
    line = dashboard(n=29)["net_price_improvement"]

    assert verdict_words(line) == "insufficient"
    assert "too few to judge (29)" in analysis(line)


def test_what_is_within_tolerance_is_in_line() -> None:
    line = dashboard(QUARTER.replace("0.0015", "0.0013"))["net_price_improvement"]

    assert verdict_words(line) == "market in line; limit worse, review"
    assert "Market orders: 0.00130 a share against 0.00120, within tolerance: in line." in analysis(
        line
    )
