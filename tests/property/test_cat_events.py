"""What must hold of any CAT events, in any order and any form, and of any bytes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.base.schema import Kind
from routewarden.events.cat.interpret import interpret_cat
from routewarden.simulator.dialects.cat import cat, cat_csv
from tests.cat_sample import (
    Fields,
    cancelled,
    child,
    detail,
    fulfilment,
    lines,
    modified,
    new,
    read,
    recalled,
    rerouted,
    route,
    trade,
)
from tests.sample_world import MONDAY, world

CLOCKS = [f"0930{second:02}.{ms:03}" for second in (0, 1, 2) for ms in (1, 2)]
MUTATED = 20_000

clocks = st.sampled_from(CLOCKS)
names = st.sampled_from(["A", "B", "C"])
known = st.builds(new, names, clocks)


@st.composite
def event(draw: st.DrawFn) -> Fields:
    """An event of a small firm that uses its identifiers again and again."""
    order, at, name = draw(known), draw(clocks), draw(names)
    mends = draw(st.sampled_from(["MEOM", "MEIM"]))
    ways: list[Callable[[], Fields]] = [
        lambda: order,
        lambda: child(name, at, order, draw(st.sampled_from(["MECO", "MEIR"]))),
        lambda: modified(order, at, draw(st.none() | names), mends),
        lambda: cancelled(order, at, leavesQty=draw(st.sampled_from([0, 50]))),
        lambda: route(name, at, order),
        lambda: rerouted(name, at, order, prior=draw(st.none() | names)),
        lambda: recalled(name, at, order),
        lambda: trade(name, at, buyDetails=[detail(order)], cancelFlag=draw(st.booleans())),
        lambda: fulfilment(name, at, clientDetails=[detail(order)]),
        lambda: {"actionType": "DEL", "firmROEID": order["firmROEID"]},
        lambda: {**order, "actionType": "COR", "quantity": draw(st.integers(1, 3))},
    ]
    return draw(st.sampled_from(ways))()


def told(files: Sequence[Sequence[Fields]]) -> list[pl.DataFrame]:
    """What the events of some files tell, but for where each of them stands."""
    held = [
        read(lines(events))[0].with_columns(file=pl.lit(f"{at}")) for at, events in enumerate(files)
    ]
    tables = interpret_cat(pl.concat(held), {}).tables
    place = ("file", "line", "start", "end")
    return [frame.drop(place).sort(frame.columns[0]) for frame in tables.values()]


@given(st.lists(event(), min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_order_and_files_make_no_difference(events: list[Fields], lots: random.Random) -> None:
    whole = told([events])
    shuffled = lots.sample(events, len(events))
    cut = lots.randrange(len(events))

    assert all(
        one.equals(other)
        for one, other in zip(told([shuffled[:cut], shuffled[cut:], events]), whole, strict=True)
    )


@given(st.lists(event(), min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_every_record_told_has_an_identifier_of_its_own(events: list[Fields]) -> None:
    orders, routes, fills = told([events])

    assert orders["order_id"].is_unique().all()
    assert routes["route_id"].is_unique().all()
    assert fills["fill_id"].is_unique().all()


def mutated(line: bytes, lots: random.Random) -> bytes:
    """A line with one to three things done to it; line ends are left alone."""
    for _ in range(lots.randint(1, 3)):
        at, more = lots.randrange(len(line) + 1), lots.randrange(1, 40)
        odd = lots.choice([b'"', b"{", b"}", b",", b"|", b"@", b"\x00", b"\xff", b"9" * 40, b"NaN"])
        line = lots.choice(
            [
                line[:at] + line[at + more :],
                line[:at] + odd + line[at:],
                line[:at] + line[at : at + more] * 2 + line[at + more :],
                line[:at] + bytes([lots.randrange(11, 256)]) + line[at + 1 :],
            ]
        )
    return line.replace(b"\n", b"") or b"x"


@given(st.binary(max_size=300), st.sampled_from([b"", b"{", b'{"a":1}\n', b"NEW,\n", b"DEL,,2"]))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_records_rejects_or_blank_lines(tail: bytes, head: bytes) -> None:
    data = head + tail
    records, rejects = read(data)
    spans = [*records.select("start", "end").rows(), *((r.start, r.end) for r in rejects)]
    left = bytes(
        byte for at, byte in enumerate(data) if not any(start <= at < end for start, end in spans)
    )

    assert not left.removeprefix(b"\xef\xbb\xbf").strip()


def test_no_bytes_bring_the_reader_down_and_none_is_lost() -> None:
    """Twenty thousand lines, half of each form, from a seed."""
    lots = random.Random(2026)
    kinds = (Kind.ORDERS, Kind.ROUTES, Kind.FILLS)
    orders, routes, fills = (world(2026).tables[kind] for kind in kinds)
    order = new("O1", "093000.001")
    every = [
        child("C1", "093001.5", order),
        modified(order, "100000.5"),
        rerouted("R2", "100000.5", order, prior="R1"),
        trade("T1", "100000.5", buyDetails=[detail(order)]),
        fulfilment("F1", "100000.5", clientDetails=[detail(order)]),
    ]
    accepted = 0
    for write, first in ((cat, b"{}"), (cat_csv, b"CSV")):
        sound = write(orders, routes, fills, MONDAY).splitlines()
        if write is cat:
            sound = [*sound[:200], *lines(every).splitlines() * 40]
        hostile = [mutated(lots.choice(sound), lots) for _ in range(MUTATED // 2)]
        data = b"\n".join([first, *hostile]) + b"\n"
        records, rejects = read(data)
        blank = sum(not line.strip() for line in hostile)
        spans = [*records.select("start", "end").rows(), *((r.start, r.end) for r in rejects)]
        blanks = sum(len(line) + 1 for line in hostile if not line.strip())

        assert records.height + len(rejects) == len(hostile) + 1 - blank
        assert sum(end - start for start, end in spans) == len(data) - blanks
        assert len(set(spans)) == len(spans)
        assert all(reject.detail for reject in rejects)
        accepted += (
            interpret_cat(records.with_columns(file=pl.lit("f")), {}).tables[Kind.ORDERS].height
        )
    assert 0 < accepted < MUTATED
