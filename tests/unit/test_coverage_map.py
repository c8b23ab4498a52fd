"""Each cell of the coverage map has its number, or says why it has none."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from routewarden.cases import coverage
from routewarden.evidence.coverage_map import TYPES, Entry, Line, csv_of, facts_of, mapped
from routewarden.measures.reference import OrderClass
from routewarden.measures.scorecard import METRICS, Cell, empty_cell, no_cell
from routewarden.policy.best_execution import ASKED, Factor

_METRICS = {metric.name: metric for metric in METRICS}
LEAST = Decimal(30)


def cell(name: str, value: str, n: int = 40) -> Cell:
    return replace(
        empty_cell(_METRICS[name]), value=Decimal(value), n=n, shares=Decimal(4000),
        coverage=Decimal("0.9"),
    )  # fmt: skip


CELLS = {
    name: cell(name, "0.01")
    for name in (
        "net_price_improvement", "outside_quote_pct", "fill_rate", "fill_time_ms",
        "size_improvement_pct", "explicit_cost", "quoted_spread",
    )
}  # fmt: skip
FULL = Line("ABC", "marketable_limit", 40, CELLS, 3, Decimal("0.25"), Decimal("0.1"))


def of(line: Line) -> Mapping[Factor, Entry]:
    return {each.factor: each for each in mapped([line], LEAST)}


def test_every_order_class_is_in_one_type() -> None:
    assert sorted(name for classes in TYPES.values() for name in classes) == sorted(OrderClass)


def test_every_factor_but_needs_has_a_number_where_all_is_measured() -> None:
    lacking = [name for name, each in of(FULL).items() if each.number.value is None]

    assert (len(of(FULL)), lacking) == (len(ASKED), [Factor.NEEDS])


@pytest.mark.parametrize(
    ("factor", "value", "what"),
    [
        (Factor.SPEED, "0.01", "Fill time from receipt"),
        (Factor.PAYMENT, "0.25", "Executed at venues with payment arrangements"),
        (Factor.TRANSACTION, "100", "Shares an order"),
        (Factor.MARKETS, "3", "Venues routed to or executed at"),
        (Factor.ACCESS, "0.9", "Executed shares with a quote in force to judge by"),
        (Factor.TERMS, "0.1", "Orders not held, directed or outside the session"),
    ],
)
def test_a_number_says_what_it_is(factor: Factor, value: str, what: str) -> None:
    number = of(FULL)[factor].number

    assert (number.value, number.what) == (Decimal(value), what)


def test_of_two_metrics_the_first_with_a_value_stands() -> None:
    cells = {
        "fill_time_ms": no_cell(_METRICS["fill_time_ms"]),
        "fill_time_ms_when_executable": cell("fill_time_ms_when_executable", "7"),
    }
    resting = replace(FULL, kind="non_marketable_limit", cells=cells)

    assert of(resting)[Factor.SPEED].number.value == 7


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({}, "nothing measured"),
        ({"fill_time_ms": empty_cell(_METRICS["fill_time_ms"])}, "nothing measured"),
        ({"fill_time_ms": no_cell(_METRICS["fill_time_ms"])}, "not measured of such orders"),
    ],
)
def test_without_a_number_it_says_why(cells: Mapping[str, Cell], why: str) -> None:
    assert of(replace(FULL, cells=cells))[Factor.SPEED].number.what == why


def test_a_line_of_which_nothing_is_known_has_no_number_at_all() -> None:
    bare = Line("ABC", "market", 2, {"net_price_improvement": empty_cell(
        _METRICS["net_price_improvement"])})  # fmt: skip
    found = of(bare).values()

    assert {each.number.value for each in found} == {None}
    assert all(each.number.what and each.is_thin for each in found)


def test_a_line_without_customers_orders_has_no_size() -> None:
    none = replace(FULL, cells={"fill_rate": replace(CELLS["fill_rate"], n=0)})

    assert of(none)[Factor.TRANSACTION].number.what == "no such customers' order"


def test_the_csv_lists_every_cell_and_thin_ones_singly() -> None:
    entries = mapped([replace(FULL, symbol="XYZ", orders=29), FULL], LEAST)
    rows = list(csv.DictReader(io.StringIO(csv_of(entries).decode())))

    assert [row["cell"] for row in rows[:2]] == [
        "price_improvement|marketable_limit|ABC", "price_improvement|marketable_limit|XYZ",
    ]  # fmt: skip
    assert [row["judged"] for row in rows[:2]] == ["alone", "together"]
    assert rows[0]["citation"] == "FINRA Rule 5310.09(b)(1)"
    assert {row["value"] for row in rows if row["factor"] == Factor.NEEDS} == {""}
    assert len(rows) == 2 * len(ASKED)


def test_a_case_is_told_which_cells_lack_a_number() -> None:
    unpaid = replace(FULL, symbol="XYZ", orders=29, paid=None)

    assert facts_of(mapped([FULL, unpaid], LEAST)) == coverage.facts_of(
        {"marketable_limit": ["ABC", "XYZ"]},
        {"marketable_limit": ["XYZ"]},
        {(Factor.NEEDS, "marketable_limit"): {"ABC", "XYZ"},
         (Factor.PAYMENT, "marketable_limit"): {"XYZ"}},
    )  # fmt: skip
