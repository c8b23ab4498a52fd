"""A simulated world, sent as a FIX drop copy and read back, is the world it was."""

from __future__ import annotations

import tomllib
from pathlib import Path

import polars as pl
import pytest

from routewarden import sources
from routewarden.base.schema import TABLES, Kind
from routewarden.events.fix.interpret import interpret_fix
from routewarden.events.told import INTERPRETED, Told
from routewarden.simulator.dialects.drop_copy import NOT_CARRIED, drop_copy
from routewarden.simulator.faults import Fault
from routewarden.sources.fix.dialect import FixDialect, read_fix_dialect
from routewarden.sources.typed import conform
from tests.fix_log import records, rejects
from tests.sample_world import QUIET, SEEDS, TOLD_ONCE, bounds, typed, world

PROFILE = Path(next(iter(sources.__path__))) / "profiles" / "example-drop-copy.toml"
DIALECT = read_fix_dialect(tomllib.loads(PROFILE.read_text())["fix"])


def copied(seed: int, version: str, faults: frozenset[Fault] = TOLD_ONCE) -> bytes:
    tables = world(seed, faults=faults).tables
    return drop_copy(tables[Kind.ORDERS], tables[Kind.ROUTES], tables[Kind.FILLS], version)


def told(log: bytes, dialect: FixDialect = DIALECT) -> Told:
    messages = records(log, bounds()).drop("start", "end").with_columns(file=pl.lit("log"))
    return interpret_fix(messages, {"log": dialect})


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("version", ["FIX.4.4", "FIX.4.2"])
def test_what_is_read_back_is_what_was_sent(seed: int, version: str) -> None:
    log = copied(seed, version)
    assert rejects(log, bounds()) == []
    for kind in INTERPRETED:
        text = told(log).tables[kind].drop("file")
        read, refused = conform(TABLES[kind], text, bounds())
        sent = typed(seed, kind).sort(TABLES[kind].key)
        carried = [name for name in TABLES[kind].names if f"{kind}.{name}" not in NOT_CARRIED]
        assert refused == ()
        assert read.sort(TABLES[kind].key).select(carried).equals(sent.select(carried))


def test_every_column_is_carried() -> None:
    assert not NOT_CARRIED


def test_without_the_dialect_the_same_orders_routes_and_fills_are_told() -> None:
    """Where each parent is held: a world without faults."""
    tables = told(copied(1, "FIX.4.4", QUIET), FixDialect()).tables
    fills = world(1, faults=QUIET).tables[Kind.FILLS]
    assert set(tables[Kind.FILLS]["fill_id"]) == set(fills["fill_id"])
    assert tables[Kind.FILLS]["fee"].null_count() == fills.height
    assert tables[Kind.FILLS]["x_20021"].null_count() == 0


def test_what_a_table_leaves_empty_is_not_sent() -> None:
    order = empty(Kind.ORDERS) | {
        "order_id": "A1",
        "received_at": "2026-07-01T13:30:00.000000001Z",
        "symbol": "NA",
        "side": "buy",
        "quantity": "5",
        "order_type": "market",
    }
    fill = empty(Kind.FILLS) | {
        "fill_id": "E1",
        "executed_at": "2026-07-01T13:30:00.000000002Z",
        "price": "1",
        "quantity": "5",
        "status": "ok",
    }
    whose: tuple[dict[str, str | None], ...] = (
        {"route_id": "K9"},
        {"order_id": "A1"},
        {"route_id": "K1"},
        {"order_id": "GONE"},
    )
    fills = [fill | {"fill_id": f"E{number}"} | owner for number, owner in enumerate(whose)]
    route = empty(Kind.ROUTES) | {
        "route_id": "K1",
        "order_id": "A1",
        "venue": "XNAS",
        "sent_at": "2026-07-01T13:30:00.000000001Z",
        "quantity": "5",
    }
    log = drop_copy(
        frame(Kind.ORDERS, [order]), frame(Kind.ROUTES, [route]), frame(Kind.FILLS, fills)
    )
    tables = told(log).tables
    assert tables[Kind.ORDERS].select(list(order)).row(0, named=True) == order | {
        "time_in_force": "day"
    }
    assert tables[Kind.FILLS].select("fill_id", "route_id", "order_id").rows() == [
        ("E0", None, "K9"),
        ("E2", "K1", "A1"),
        ("E1", None, "A1"),
        ("E3", None, "GONE"),
    ]


def frame(kind: Kind, rows: list[dict[str, str | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(TABLES[kind].names, pl.String()))


def empty(kind: Kind) -> dict[str, str | None]:
    return dict.fromkeys(TABLES[kind].names)
