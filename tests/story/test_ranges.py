"""A date is worked on from its own records, whole or cut into ranges of symbols.

Random firms over several dates, whose orders rest overnight and whose fills are corrected the day
after, come out as when everything is held at once.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from routewarden.base.schema import Kind
from routewarden.runs import pipeline
from routewarden.runs.export import Part
from routewarden.runs.reading import Question, exported
from routewarden.store.home import Home, make_home, opened
from routewarden.store.segments import Arrival, ingest
from tests.line import Firm, measure
from tests.oracle.random_day import random_tables
from tests.oracle.test_reference import firm_of

SEEDS = range(6)


def held(home: Home, firm: Firm, folder: Path) -> None:
    for kind, texts in firm.files.items():
        for number, text in enumerate(texts):
            path = folder / f"{kind}-{number}.csv"
            path.write_text(text)
            ingest(home, Arrival(kind, path), lambda _: None, lambda _: None)


def told(home: Home) -> dict[Part, pl.DataFrame]:
    done = pipeline.run(home, None, None, lambda *_: None)
    assert done.failed == ()
    return {part: exported(home, part, Question()).frame for part in Part}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_date_by_itself_is_as_among_all_whole_or_cut(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = random_tables(seed)
    firm = firm_of(tables)
    found = []
    for name, most_rows in (("whole", 10**9), ("cut", 1)):
        make_home(tmp_path / name)
        monkeypatch.setattr(pipeline, "MOST_ROWS", most_rows)
        with opened(tmp_path / name) as home:
            held(home, firm, tmp_path)
            found.append(told(home))
            cut = [file for file in home.measured.names() if file.endswith("/fills-0001.parquet")]
            several = len({row["symbol"] for row in tables.orders}) > 1
            assert bool(cut) == (name == "cut" and several)

    whole, cuts = found
    fills, orders = measure(firm)
    assert_frame_equal(whole[Part.FILLS], fills, check_column_order=False)
    assert_frame_equal(whole[Part.ORDERS], orders, check_column_order=False)
    for part in (Part.FILLS, Part.ORDERS, Part.ROUTES, Part.SUMMARY):
        assert_frame_equal(cuts[part], whole[part])
    in_order = ["trading_date", "rule", "id", "file", "line", "because"]
    findings = [each[Part.FINDINGS].sort(in_order) for each in (whole, cuts)]
    assert_frame_equal(*findings)


def test_nothing_is_read_twice_and_late_records_touch_their_dates_alone(tmp_path: Path) -> None:
    make_home(tmp_path / "firm")
    orders = "order_id,received_at,symbol,side,quantity,order_type\n"
    fills = "fill_id,order_id,executed_at,price,quantity,status,refers_to\n"
    days = [f"2026-07-{day:02}" for day in (1, 2, 6, 7, 8)]
    texts = {
        Kind.ORDERS: orders + "".join(f"O{d},{d}T14:00:00Z,ABC,buy,100,market\n" for d in days),
        Kind.FILLS: fills + "".join(f"F{d},O{d},{d}T14:00:01Z,10,50,,\n" for d in days),
    }
    with opened(tmp_path / "firm") as home:
        held(home, Firm({kind: [text] for kind, text in texts.items()}), tmp_path)
        first = pipeline.run(home, None, None, lambda *_: None)

        later = (
            f"{fills}FX,O2026-07-01,2026-07-06T14:00:02Z,10,50,,\n"
            f"B,OX,2026-07-07T15:00:00Z,10,50,busted,F2026-07-02\n"
        )
        held(home, Firm({Kind.FILLS: [later]}), tmp_path)
        again = pipeline.run(home, None, None, lambda *_: None)
        placed = exported(home, Part.ORDERS, Question()).frame

    assert [str(day) for day in first.measured] == days
    assert [str(day) for day in again.measured] == days[:4]
    assert [int(shares) for shares in placed["filled_quantity"]] == [100, 0, 50, 50, 50]
