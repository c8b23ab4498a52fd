"""The line agrees, cell by cell, with a slow reference written without sight of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from tests.line import Firm, csv_of, measure
from tests.oracle.random_day import SESSIONS, random_tables
from tests.oracle.reference import Tables, Value, measure_fills, measure_orders

SEEDS = range(60)


def firm_of(tables: Tables) -> Firm:
    """Write the tables as CSV files."""
    columns = {kind: TABLES[kind].names for kind in Kind}
    quotes = [csv_of(rows, columns[Kind.QUOTES]) for _, rows in tables.quotes]
    return Firm(
        {
            Kind.ORDERS: [csv_of(tables.orders, columns[Kind.ORDERS])],
            Kind.ROUTES: [csv_of(tables.routes, columns[Kind.ROUTES])],
            Kind.FILLS: [csv_of(tables.fills, columns[Kind.FILLS])],
            Kind.SECURITIES: [csv_of(tables.securities, columns[Kind.SECURITIES])],
            Kind.TRADES: [csv_of(tables.trades, columns[Kind.TRADES])],
            Kind.QUOTES: quotes,
        }
    )


def with_real_digests(tables: Tables) -> Tables:
    """Give the reference the digests the files will have."""
    names = TABLES[Kind.QUOTES].names
    quotes = [
        (hashlib.sha256(csv_of(rows, names).encode()).hexdigest(), rows)
        for _, rows in tables.quotes
    ]
    return replace(tables, quotes=quotes)


def cells(frame: pl.DataFrame, names: list[str]) -> list[dict[str, Value]]:
    """Return rows as the reference states values: exact fractions, UTC ns, flags and text."""
    instant = pl.Datetime("ns", "UTC")
    instants = [pl.col(name).dt.epoch("ns") for name in names if frame.schema[name] == instant]
    return [
        {name: _exact(value) for name, value in row.items()}
        for row in frame.select(names).with_columns(instants).iter_rows(named=True)
    ]


def _exact(value: object) -> Value:
    assert not isinstance(value, float | datetime)
    if isinstance(value, Decimal):
        return Fraction(value)
    return value  # type: ignore[return-value] # iter_rows gives what the schema says


def same(actual: list[dict[str, Value]], expected: list[dict[str, Value]], key: str) -> None:
    assert [row[key] for row in actual] == [row[key] for row in expected]
    for ours, theirs in zip(actual, expected, strict=True):
        different = {n: (ours[n], theirs[n]) for n in theirs if ours[n] != theirs[n]}
        assert different == {}, (ours[key], different)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_cell_agrees_with_the_reference(seed: int) -> None:
    tables = with_real_digests(random_tables(seed))
    fills, orders = measure(firm_of(tables))

    expected = measure_fills(tables, SESSIONS)
    same(cells(fills, list(expected[0])), expected, "fill_id")
    expected = measure_orders(tables, SESSIONS)
    same(cells(orders, list(expected[0])), expected, "order_id")
