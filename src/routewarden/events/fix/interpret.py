"""Orders, routes and fills from FIX messages of any files, in any order.

A new order, or an accepted replace, is an order; one that names its parent is a route. A report of
an execution is a fill, a bust or a correction. What cannot be known stays empty, so that the checks
every table goes through say what is missing; no message that tells of an order is passed over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from routewarden.base.schema import Kind
from routewarden.events.fix.execution import executions_of, fill_ids, told_apart
from routewarden.events.fix.family import parents_of
from routewarden.events.fix.life import Life, Lives, lives_of
from routewarden.events.fix.message import read_messages
from routewarden.events.fix.rows import (
    Names,
    fill_rows,
    kept_of,
    leaves_nothing,
    order_row,
    route_row,
)
from routewarden.events.told import Row, Told, told
from routewarden.sources.fix.dialect import FixDialect


def interpret_fix(
    messages: pl.DataFrame,
    dialects: Mapping[str, FixDialect],
    known_orders: Collection[str] = frozenset(),
) -> Told:
    """Return what messages tell of orders, routes and fills.

    Args:
        messages: Records of Kind.FIX, with `file` and `line`.
        dialects: How the sessions in a raw file differ, by its digest; the standard where none.
        known_orders: Identifiers of orders held in tables, which a child may name as its parent.
    """
    lives, reports = lives_of(read_messages(messages, dialects))
    parents = parents_of(lives, known_orders)
    names = Names(_names(lives), parents, kept_of(lives.all))
    executions = executions_of(reports, parents)
    rows: dict[Kind, list[Row]] = {kind: [] for kind in (Kind.ORDERS, Kind.ROUTES)}
    for life in lives.all:
        if not life.told_by or leaves_nothing(life, names):
            continue
        if names.is_route(life):
            rows[Kind.ROUTES].append(route_row(life, names))
        else:
            rows[Kind.ORDERS].append(order_row(life, names))
    fills = fill_rows(executions, fill_ids(executions, names.of_life), names)
    return told({**rows, Kind.FILLS: fills})


def _names(lives: Lives) -> Mapping[Life, str]:
    """Return the identifier of each life: its ClOrdID, qualified where others share it."""
    names: dict[Life, str] = {}
    for name, several in lives.by_name.items():
        qualifiers = [_qualifiers(life) for life in several]
        for life, words in zip(several, told_apart(qualifiers), strict=True):
            names[life] = "-".join((*words, name))
    return names


def _qualifiers(life: Life) -> tuple[tuple[str, ...], ...]:
    first = life.first
    content = tuple(first.get(tag) or "" for tag in ("55", "54", "38"))
    return (first.date,), content, first.session
