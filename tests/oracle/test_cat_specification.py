"""The specification's own tables, and a real sample file, beside ours."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from routewarden.base.schema import Kind
from routewarden.events.cat.interpret import interpret_cat
from routewarden.simulator.dialects.cat import _POSITIONS
from routewarden.sources.cat.events import EVENTS, OTHER_EVENTS, elements
from routewarden.sources.cat.fields import FIELDS, TIMES_IN_FORCE, Shape
from tests.cat_sample import read, sound

DATA = Path(os.environ.get("ROUTEWARDEN_DATA", Path(__file__).parents[3] / "shared" / "data"))
TABLES_FILE = DATA / "cat" / "cat_im_tables_v4.1.0r15.json"
SAMPLE_FILE = DATA / "cat" / "1234_TEST_20250317_Sample_OrderEvents_000001.json"

with_tables = pytest.mark.skipif(
    not TABLES_FILE.exists(), reason=f"no {TABLES_FILE.name} under {DATA} (set ROUTEWARDEN_DATA)"
)
with_sample = pytest.mark.skipif(
    not SAMPLE_FILE.exists(), reason=f"no {SAMPLE_FILE.name} under {DATA} (set ROUTEWARDEN_DATA)"
)
SHAPES = {"S": "text or word", "N": Shape.NUMBER, "B": Shape.FLAG, "SN": Shape.INSTANT}
SHAPES |= {"O": Shape.PAIRS, "A": Shape.ARRAY}


def published() -> dict[str, Any]:
    tables: dict[str, Any] = json.loads(TABLES_FILE.read_text())
    return tables


def unused(name: str) -> bool:
    return name.startswith(("retired", "reserved"))


@with_tables
def test_every_position_and_requirement_is_the_specifications() -> None:
    tables = published()
    for kind, layout in EVENTS.items():
        wanted = [None if unused(n) else n for n in tables["CAT_CSV_FIELDS"][kind]]
        rules = {n: rule for n, rule in tables["CAT_SCHEMA"][kind].items() if not unused(n)}
        assert [place.field for place in layout.places] == wanted
        assert set(layout.required) == {name for name, rule in rules.items() if rule[0] == "R"}


@with_tables
def test_every_type_and_length_is_the_specifications() -> None:
    for rules in (published()["CAT_SCHEMA"][kind] for kind in EVENTS):
        for name, (_, shape, *numbers) in ((n, r) for n, r in rules.items() if not unused(n)):
            field = FIELDS[name]
            assert field.shape is SHAPES[shape] or shape == "S"
            assert [field.size, field.scale][: len(numbers)] == numbers


@with_tables
def test_every_choice_value_is_the_specifications() -> None:
    tables = published()
    choices = tables["CAT_CHOICE_VALUES"]
    used = {name for layout in EVENTS.values() for name in layout.fields} & set(choices)
    words = {name: set(FIELDS[str(name)].words) for name in used}

    assert words.pop("marketCenterID") == set()
    assert words == {name: set(choices[name]) for name in words}
    assert set(TIMES_IN_FORCE) == {*tables["TIF_BOOLEAN"], *tables["TIF_NON_BOOLEAN"]}


@with_tables
def test_every_part_of_an_array_is_the_specifications() -> None:
    arrays = published()["CAT_ARRAY_ELEMENTS"]
    for kind in EVENTS:
        for name, parts in arrays.get(kind, {}).items():
            layout = elements(kind, name)
            assert layout is not None
            assert [(p.field, p.required) for p in layout.places] == [
                (None if unused(part[0]) else part[0], part[1] == "R") for part in parts
            ]


@with_tables
def test_every_other_event_has_its_timestamp_where_it_is_looked_for() -> None:
    places = published()["CAT_CSV_FIELDS"]

    assert {*EVENTS, *OTHER_EVENTS} == set(places)
    for kind, at in OTHER_EVENTS.items():
        assert places[kind][at] == "eventTimestamp"


@with_tables
def test_the_simulator_writes_where_the_specification_says() -> None:
    places = published()["CAT_CSV_FIELDS"]
    for kind, positions in _POSITIONS.items():
        assert [places[kind][at - 1] for at in positions.values()] == list(positions)


@with_sample
def test_every_line_of_the_sample_is_accounted_for() -> None:
    data = SAMPLE_FILE.read_bytes()
    records, rejects = read(data)

    assert records.height + len(rejects) == len(data.splitlines())
    spans = [*records.select("start", "end").iter_rows(), *((r.start, r.end) for r in rejects)]
    assert sum(end - start for start, end in spans) == len(data)


@with_sample
def test_the_chains_of_the_sample_are_linked() -> None:
    """Parents are looked up here by plain identifier: the sample uses none twice on another day."""
    events = [json.loads(line) for line in SAMPLE_FILE.read_text().splitlines()]
    of = {
        kind: [e for e in events if e["type"] in kind.split()]
        for kind in ("MENO MONO MEOA", "MECO MEIR MOCO", "MEOR MOOR", "MEOM")
    }
    received, children, routed, modified = of.values()
    parent = {e["orderID"]: e.get("parentOrderID") for e in children}
    begun = {e["orderID"] for e in (*received, *children)}

    def root(name: str) -> str:
        above = parent.get(name)
        return name if above in (None, name) else root(str(above))

    records, _ = read(SAMPLE_FILE.read_bytes())
    tables = interpret_cat(records.with_columns(file=pl.lit("f")), {}).tables
    orders = sound(Kind.ORDERS, tables[Kind.ORDERS])
    routes = sound(Kind.ROUTES, tables[Kind.ROUTES])
    plain = orders.with_columns(
        pl.col("order_id", "parent_order_id", "root_order_id").str.split("@").list.first()
    )

    assert orders.height == len(begun) + len(modified)
    assert set(plain["order_id"]) == begun
    told = plain.filter(pl.col("parent_order_id").is_not_null())
    linked = {name: above for name, above in parent.items() if above not in (None, name)}
    assert dict(told.select("order_id", "parent_order_id").iter_rows()) == linked
    assert dict(told.select("order_id", "root_order_id").iter_rows()) == {
        n: root(n) for n in linked
    }
    owners = routes.select(pl.col("x_orderID"), pl.col("order_id").str.split("@").list.first())
    assert sorted(owners.iter_rows()) == sorted((e["orderID"], root(e["orderID"])) for e in routed)
    assert routes["route_id"].n_unique() == len(routed)
