"""Figures from elsewhere that executions are compared with: an industry's, or an earlier period's.

Each has a value, the orders it is over, its period and a citation; one without a citation is not
taken. One that was simulated says so wherever it is shown.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from routewarden.base.errors import RoutewardenError


@dataclass(frozen=True, slots=True)
class Published:
    """A metric's value over some orders, as its source states it.

    `orders` is one of ORDERS. `n` counts what it is
    over, where the source says. In force for periods that end from `since` on.
    """

    metric: str
    orders: str
    value: Decimal
    n: int | None
    since: date
    source: str
    simulated: bool


class PublishedError(RoutewardenError):
    """A table of published figures cannot be used."""

    def __init__(self, file: str, *, entry: str, value: object) -> None:
        super().__init__(
            f"policy/{file}: {entry}: {value}. Write each as [[figure]] with metric, orders, "
            'value = "0.0012", from = 2026-01-01 and source = "where it is published".'
        )


ALL = "all"
ORDERS = (ALL, "market", "marketable_limit", "non_marketable_limit", "limit")
"""The kinds of orders a figure may be of."""

_KEYS = {"metric", "orders", "value", "n", "from", "source", "simulated"}


def read_published(text: str, file: str) -> tuple[Published, ...]:
    """Return the figures of a policy file, in its order.

    Raises:
        PublishedError: The text is no such table; the message names `file`.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PublishedError(file, entry="the file", value=str(error)) from error
    rows = table.get("figure", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PublishedError(file, entry="figure", value=rows)
    if extra := set(table) - {"figure"}:
        raise PublishedError(file, entry=min(extra), value="no such entry")
    return tuple(_figure(row, file) for row in rows)


def _figure(row: Mapping[str, object], file: str) -> Published:
    if extra := set(row) - _KEYS:
        raise PublishedError(file, entry=min(extra), value="no such entry")
    texts = {}
    for key in ("metric", "orders", "value", "source"):
        text = row.get(key)
        if not isinstance(text, str) or not text:
            raise PublishedError(file, entry=key, value=text)
        texts[key] = text
    if texts["orders"] not in ORDERS:
        raise PublishedError(file, entry="orders", value=texts["orders"])
    n, since, simulated = row.get("n"), row.get("from"), row.get("simulated", False)
    if type(since) is not date:
        raise PublishedError(file, entry="from", value=since)
    if not isinstance(simulated, bool):
        raise PublishedError(file, entry="simulated", value=simulated)
    if n is not None and (type(n) is not int or n < 0):
        raise PublishedError(file, entry="n", value=n)
    return Published(
        texts["metric"], texts["orders"], _number(texts["value"], file), n, since,
        texts["source"], simulated,
    )  # fmt: skip


def _number(text: str, file: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise PublishedError(file, entry="value", value=text) from error
    if not value.is_finite():
        raise PublishedError(file, entry="value", value=text)
    return value


def in_force(figures: tuple[Published, ...], day: date) -> dict[tuple[str, str], Published]:
    """Return by metric and orders the figure begun last by a date."""
    found: dict[tuple[str, str], Published] = {}
    for figure in sorted(figures, key=lambda each: each.since):
        if figure.since <= day:
            found[figure.metric, figure.orders] = figure
    return found


INDUSTRY_TEXT = """\
# What others publish about execution quality: the firm's industry benchmarks.
# Each figure needs a source; those of this file go before the earlier period's in verdicts.
#
# [[figure]]
# metric = "effective_over_quoted"
# orders = "market"            # or marketable_limit, non_marketable_limit, limit, all
# value = "0.584"
# from = 2026-08-01            # for periods that end from then on
# source = "Rule 605 summary report of IEX for August 2026: S&P 500, market, under $200,000"
"""

PRIOR_TEXT = """\
# Figures of earlier periods that were not measured here. Where the quarter before is measured in
# this home, its own results are the benchmark and this file is not read for it.
#
# [[figure]]
# metric = "net_price_improvement"
# orders = "market"
# value = "0.0011"
# n = 48210
# from = 2026-07-01            # for periods that end from then on: the figure is of those before
# source = "review of 2026Q2, page 3"
"""
