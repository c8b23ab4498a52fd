"""The files of a week that ends a month, and what is told twice, late or unreadably in them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.base.time import trading_date
from routewarden.simulator.faults import EVERY_FAULT, Fault
from routewarden.simulator.plan import LATE_LEAST, LATE_MOST
from routewarden.simulator.stage import Scale
from routewarden.simulator.world import Chapter, play
from routewarden.sources.reject import Reject
from routewarden.sources.table import read_table
from tests.sample_world import CALENDAR, SEEDS, bounds

SCALE = Scale(orders_per_day=200, quotes_per_day=2_000)
SPAN = date(2025, 10, 24), date(2025, 11, 4)
"""Eight dates over the end of a month, and of summer time."""
DATES = CALENDAR.trading_dates(*SPAN)

pytestmark = pytest.mark.parametrize("seed", SEEDS)


@cache
def chapters(seed: int, faults: frozenset[Fault] = EVERY_FAULT) -> tuple[Chapter, ...]:
    return tuple(play(seed, CALENDAR, SPAN, SCALE, faults))


@cache
def read(seed: int, faults: frozenset[Fault] = EVERY_FAULT) -> tuple[pl.DataFrame, list[Reject]]:
    """The fills of every file with its name, in the order of the files; the rejects of all."""
    frames: list[pl.DataFrame] = []
    rejects: list[Reject] = []
    for chapter in chapters(seed, faults):
        for file in chapter.files:
            for batch in read_table(TABLES[file.kind], file.content, bounds()):
                rejects += batch.rejects
                if file.kind is Kind.FILLS:
                    frames.append(batch.records.with_columns(told=pl.lit(file.delivered)))
    return pl.concat(frames), rejects


def ids(seed: int, fault: Fault) -> list[str]:
    answers = [each for chapter in chapters(seed) for each in chapter.answers]
    return [i for answer in answers if answer.fault is fault for i in answer.record_ids]


def test_the_same_seed_makes_the_same_bytes(seed: int) -> None:
    assert tuple(play(seed, CALENDAR, SPAN, SCALE)) == chapters(seed)


def test_a_date_brings_a_file_of_each_dated_kind(seed: int) -> None:
    names = [{file.name for file in chapter.files} for chapter in chapters(seed)]
    dated = ("orders", "routes", "fills", "quotes", "venue-quotes", "trades", "halts")
    expected = [{f"{kind}-{day}.csv" for kind in dated} for day in DATES]
    expected[0] |= {"securities.csv", "payments.csv"}
    expected[DATES.index(date(2025, 11, 3))] |= {"vendor-report-2025-10.csv"}

    assert names == [*expected, {"vendor-report-2025-11.csv"}]
    assert [{file.delivered for file in chapter.files} for chapter in chapters(seed)] == [
        {day} for day in (*DATES, date(2025, 11, 5))
    ]


def test_a_quiet_world_is_read_whole(seed: int) -> None:
    fills, rejects = read(seed, frozenset())

    assert rejects == []
    assert fills["fill_id"].is_unique().all()
    assert (fills["told"] == fills.select(trading_date(pl.col("executed_at"))).to_series()).all()
    assert all(chapter.answers == () for chapter in chapters(seed, frozenset()))


def test_just_the_planted_lines_cannot_be_read(seed: int) -> None:
    _, rejects = read(seed)
    lines = b"".join(file.content for chapter in chapters(seed) for file in chapter.files)

    assert len(rejects) == len(ids(seed, Fault.MALFORMED)) == 4
    assert all(f"\n{i},".encode() in lines for i in ids(seed, Fault.MALFORMED))


def test_a_duplicate_is_told_three_times(seed: int) -> None:
    fills, _ = read(seed)
    told = fills.drop("line", "start", "end")
    for fill_id in ids(seed, Fault.DUPLICATE):
        mine = told.filter(pl.col("fill_id") == fill_id)
        days = [DATES.index(day) for day in mine["told"]]
        assert mine.drop("told").unique().height == 1
        assert days == [days[0], days[0], days[0] + 1]


def test_a_late_fill_is_told_dates_after_it_was_executed(seed: int) -> None:
    fills, _ = read(seed)
    executed = fills.with_columns(day=trading_date(pl.col("executed_at")))
    late = {
        fill_id: DATES.index(told) - DATES.index(day)
        for fill_id, day, told in executed.select("fill_id", "day", "told").rows()
        if told != day
    }
    retold = {*ids(seed, Fault.DUPLICATE), *ids(seed, Fault.CONFLICT)}

    assert {i for i in late if i not in retold} == set(ids(seed, Fault.LATE))
    assert all(LATE_LEAST <= late[i] <= LATE_MOST for i in ids(seed, Fault.LATE))
    assert len(ids(seed, Fault.LATE)) == 2


def test_a_conflict_is_told_again_at_another_price(seed: int) -> None:
    fills, _ = read(seed)
    for fill_id in ids(seed, Fault.CONFLICT):
        mine = fills.filter(pl.col("fill_id") == fill_id)
        assert mine["price"].n_unique() == mine.height == 2
        assert mine.drop("price", "told", "line", "start", "end").unique().height == 1


def test_nothing_else_is_told_twice(seed: int) -> None:
    fills, _ = read(seed)
    told = Counter(fills["fill_id"])
    again = {fill_id for fill_id, times in told.items() if times > 1}

    assert again == {*ids(seed, Fault.DUPLICATE), *ids(seed, Fault.CONFLICT)}


def test_records_befallen_are_befallen_once(seed: int) -> None:
    answers = [each for chapter in chapters(seed) for each in chapter.answers]
    befallen = [
        record_id.removesuffix("-X").removesuffix("-B").lstrip("FRO").split("-1")[0]
        for answer in answers
        if answer.fault not in {Fault.FLATTERY, Fault.LEAK, Fault.STALE}
        for record_id in answer.record_ids
    ]

    assert len(set(befallen)) == len(befallen) > 20


def test_payments_go_to_the_firm_and_to_the_vendor(seed: int) -> None:
    (file,) = (each for each in chapters(seed)[0].files if each.kind is Kind.PAYMENTS)
    (batch,) = read_table(TABLES[Kind.PAYMENTS], file.content, bounds())
    rows = batch.records

    assert set(rows["payee"]) == {"firm", "acme"}
    assert set(rows["basis"]) == {"per_share", "percent_of_spread"}
    assert rows.select("venue", "order_class").is_unique().all()
