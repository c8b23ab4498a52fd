"""What was known then, answered again: with the files, the settings and the results of then."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from routewarden.store.home import opened
from tests.command import Outcome, must, routewarden

DAYS = ("2026-07-01", "2026-07-02")
ORDERS = "order_id,received_at,symbol,side,quantity,order_type,account_type,held,directed\n"
FILLS = "fill_id,order_id,executed_at,price,quantity,status,refers_to\n"
QUOTES = "symbol,at,bid,ask\n"
PARTS = ("fills", "orders", "summary", "findings")


def ingest(home: Path, kind: str, text: str, *more: str) -> None:
    path = home.parent / f"{kind}-{len(list(home.parent.iterdir()))}.csv"
    path.write_text(text)
    must(home, "ingest", kind, path, *more)


def order(day: str, number: int) -> str:
    at = f"{day}T14:00:{number:02}Z"
    return f"O{day[-2:]}{number},{at},ABC,buy,100,market,retail,true,false\n"


def fill(day: str, number: int, price: str, more: str = "ok,", name: str = "F") -> str:
    at = f"{day}T14:01:{number:02}Z"
    return f"{name}{day[-2:]}{number},O{day[-2:]}{number},{at},{price},100,{more}\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    firm = tmp_path / "firm"
    must(firm, "init")
    ingest(firm, "orders", ORDERS + "".join(order(day, n) for day in DAYS for n in range(5)))
    quotes = "".join(f"ABC,{day}T13:59:00Z,10,10.04\n" for day in DAYS)
    ingest(firm, "quotes", QUOTES + quotes)
    ingest(firm, "fills", FILLS + "".join(fill(day, n, "10.02") for day in DAYS for n in range(3)))
    must(firm, "run")
    return firm


def size(home: Path) -> int:
    with opened(home, only_to_read=True) as firm:
        return firm.log.size


def exports(home: Path, *more: object) -> dict[str, bytes]:
    """Return everything that `export` writes."""
    found = {}
    for part in PARTS:
        file = home.parent / f"{part}.csv"
        must(home, "export", part, "--out", file, *map(str, more))
        found[part] = file.read_bytes()
    return found


def scorecard(home: Path, *more: str) -> object:
    return json.loads(must(home, "scorecard", "--json", "--by", "symbol", *more).out)


def package(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def later(home: Path) -> None:
    """Late fills of the first date, one bust, one correction; measured."""
    ingest(home, "fills", FILLS + fill(DAYS[0], 3, "10.05") + fill(DAYS[0], 4, "10.01"))
    bust = fill(DAYS[0], 0, "10.02", f"busted,F{DAYS[0][-2:]}0", "B")
    mend = fill(DAYS[0], 1, "10.03", f"corrected,F{DAYS[0][-2:]}1", "C")
    ingest(home, "fills", FILLS + bust + mend)
    must(home, "run")


def test_an_earlier_answer_comes_back_bit_for_bit(home: Path) -> None:
    then, before, score = size(home), exports(home), scorecard(home)
    must(home, "review", "2026Q3", "--out", home.parent / "then")
    later(home)
    after = exports(home)

    assert after["fills"] != before["fills"]
    assert exports(home, "--as-known-at", then) == before
    assert scorecard(home, "--as-known-at", str(then)) == score
    assert exports(home) == after  # asking about the past changes nothing
    must(home, "review", "2026Q3", "--as-known-at", str(then), "--out", home.parent / "again")
    assert package(home.parent / "again") == package(home.parent / "then")
    assert must(home, "verify").status == 0


def test_settings_are_those_of_then(home: Path) -> None:
    then, score = size(home), scorecard(home)
    calendar = home / "policy" / "calendar.toml"
    calendar.write_text(f"closed = [{DAYS[1]}]\n")
    must(home, "run")
    now = scorecard(home)

    assert now != score
    assert scorecard(home, "--as-known-at", str(then)) == score
    calendar.write_text("")
    must(home, "run")
    assert scorecard(home, "--as-known-at", str(then)) == score


def test_a_date_is_the_end_of_that_date(home: Path) -> None:
    before = exports(home)
    today = datetime.now(UTC).date()
    later(home)
    tomorrow, long_ago = today + timedelta(days=1), "2020-01-01"
    unknown = routewarden(home, "scorecard", "--as-known-at", long_ago)

    assert exports(home, "--as-known-at", tomorrow) == exports(home) != before
    assert (unknown.status, "the log begins on" in unknown.err) == (2, True)


@pytest.mark.parametrize(
    ("asked", "why"),
    [("99999", "the log has"), ("0", "the log has"), ("soon", "neither a size"), ("1", "settings")],
)
def test_a_time_the_log_never_had_is_refused(asked: str, why: str, home: Path) -> None:
    refused = routewarden(home, "scorecard", "--as-known-at", asked)

    assert (refused.status, why in refused.err) == (2, True), refused.err


def test_files_that_came_after_the_last_run_change_no_answer_of_then(home: Path) -> None:
    ingest(home, "fills", FILLS + fill(DAYS[0], 3, "10.05"))
    then, before = size(home), exports(home)
    later(home)

    assert exports(home, "--as-known-at", then) == before


def test_a_review_says_what_later_data_changed(home: Path) -> None:
    then = size(home)
    later(home)
    told: Outcome = must(home, "review", "2026Q3", "--diff", str(then), "--json")
    folder = Path(told.json["out"])
    files = pl.read_parquet(folder / "tables" / "files_since.parquet")
    figures = pl.read_parquet(folder / "tables" / "figures_changed.parquet")
    dates = pl.read_parquet(folder / "tables" / "dates_changed.parquet")

    assert (told.json["files-since"], told.json["dates-changed"]) == (2, 1)
    assert folder.name == f"2026Q3-since-{then}"
    assert files.select("late_fills", "corrections", "busts").sum().rows() == [(2, 1, 1)]
    assert dates["trading_date"].cast(pl.String).to_list() == [DAYS[0]]
    assert figures.height == told.json["figures-changed"] > 0
    assert must(home, "verify", folder).status == 0
    unchanged = must(home, "review", "2026Q3", "--diff", str(size(home)), "--json").json
    assert (unchanged["figures-changed"], unchanged["findings-came"]) == (0, 0)


def test_a_past_of_which_nothing_was_measured_is_said(home: Path) -> None:
    with opened(home, only_to_read=True) as firm:
        begun = next(e.seq for e in firm.log.entries() if e.content["type"] == "run:finished")
    refused = routewarden(home, "review", "2026Q3", "--diff", str(begun))

    assert (refused.status, "nothing is measured" in refused.err) == (2, True)
