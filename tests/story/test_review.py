"""What a demanding reader broke once, and may not break again."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.command import Outcome, must, routewarden

ORDERS = (
    "order_id,received_at,symbol,side,quantity,order_type,account_type,held,directed\n"
    "O,2026-07-01T14:00:00Z,ABC,buy,100,market,retail,true,false\n"
)
FILLS = "fill_id,order_id,executed_at,price,quantity\nF,O,2026-07-01T14:00:01Z,10.02,100\n"
QUOTES = "symbol,at,bid,ask\nABC,2026-07-01T13:59:00Z,10,10.04\n"


def ingest(home: Path, kind: str, text: str) -> Outcome:
    path = home.parent / f"{kind}-{len(list(home.parent.iterdir()))}.csv"
    path.write_text(text)
    return routewarden(home, "ingest", kind, path, "--json")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    firm = tmp_path / "firm"
    must(firm, "init")
    for kind, text in (("orders", ORDERS), ("fills", FILLS), ("quotes", QUOTES)):
        assert ingest(firm, kind, text).status == 0
    must(firm, "run")
    return firm


def fills(home: Path) -> pl.DataFrame:
    must(home, "run")
    must(home, "export", "fills", "--out", home / "f.csv")
    return pl.read_csv(home / "f.csv", infer_schema=False)


def test_a_lake_file_that_is_gone_is_read_again_from_the_raw_bytes(home: Path) -> None:
    next(home.glob("lake/fills/*/2026-07-01.parquet")).unlink()

    assert fills(home)["fill_id"].to_list() == ["F"]


def test_records_that_no_file_in_the_log_holds_are_found_and_never_measured(home: Path) -> None:
    true = next(home.glob("lake/fills/*"))
    shutil.copytree(true, true.with_name("f" * 64))

    found = routewarden(home, "verify")
    assert (found.status, "f" * 64 in found.err) == (1, True)
    assert fills(home).height == 1


def test_the_database_refuses_to_replace_an_event(home: Path) -> None:
    with sqlite3.connect(home / "routewarden.sqlite") as connection:
        row = connection.execute("SELECT * FROM event WHERE seq = 0").fetchone()
        marks = ",".join("?" * len(row))
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(f"INSERT OR REPLACE INTO event VALUES ({marks})", row)  # noqa: S608
    connection.close()


def test_a_page_of_an_order_without_fills_is_a_page(tmp_path: Path) -> None:
    home = tmp_path / "firm"
    must(home, "init")
    ingest(home, "orders", ORDERS)
    must(home, "run")

    assert must(home, "page", "--out", tmp_path / "p.html").out.strip().endswith("p.html")


def test_a_sample_does_not_go_into_a_firms_home(home: Path) -> None:
    refused = routewarden(home, "demo", "--no-serve")

    assert (refused.status, "no demo made" in refused.err) == (2, True)


def test_changed_settings_make_results_stale(home: Path) -> None:
    (home / "policy" / "calendar.toml").write_text("closed = [2026-07-01]\n")

    assert "settings changed" in must(home, "scorecard").err


@pytest.mark.parametrize(
    ("part", "command"),
    [
        ("findings", ("findings",)),
        ("sweeps", ("findings",)),
        ("kinds_orders", ("scorecard",)),
        ("sweeps", ("review", "2026Q3")),
        ("routes", ("review", "2026Q3")),
    ],
)
def test_what_an_earlier_version_measured_asks_for_a_run(
    home: Path, part: str, command: tuple[str, ...]
) -> None:
    pointer = next(home.glob("measured/*/result.json"))
    stated = json.loads(pointer.read_bytes())
    del stated["files"][f"{part}.parquet"]
    pointer.write_bytes(json.dumps(stated).encode())
    next(home.glob(f"measured/*/*/{part}.parquet")).unlink()
    refused = routewarden(home, *command)
    must(home, "run")

    assert (refused.status, refused.out) == (2, "")
    assert "measured by an earlier version; run `routewarden run`" in refused.err
    must(home, *command)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (
            lambda path: pl.read_parquet(path).drop("order_class").write_parquet(path),
            "earlier version",
        ),
        (Path.unlink, "orders.parquet: missing"),
        (lambda path: (path.parent.parent / "result.json").write_text("{"), "result.json: missing"),
    ],
)
def test_a_result_that_is_not_whole_asks_for_a_run(
    home: Path, spoil: Callable[[Path], object], why: str
) -> None:
    spoil(next(home.glob("measured/*/*/orders.parquet")))
    refused = routewarden(home, "findings")

    assert (refused.status, why in refused.err) == (2, True), refused
    assert "; run `routewarden run`" in refused.err


def test_an_extra_column_is_equal_as_a_number_too(home: Path) -> None:
    first = FILLS.replace("quantity\n", "quantity,lot\n").replace("F,", "G,")
    assert ingest(home, "fills", first.replace(",100\n", ",100,100\n")).status == 0
    again = ingest(home, "fills", first.replace(",100\n", ",100,100.0\n"))

    assert again.json["files"][0]["duplicates"] == 1


def test_what_was_taken_before_a_failure_is_told(home: Path) -> None:
    good = home.parent / "good.csv"
    good.write_text(FILLS.replace("F,", "H,"))
    lost = home.parent / "lost.csv"
    lost.write_text("")
    lost.unlink()
    outcome = routewarden(home, "ingest", "fills", good, home.parent, "--json")

    assert outcome.status == 2
    assert fills(home).height == 1


def test_a_product_past_exact_arithmetic_is_unknown_not_wrapped(tmp_path: Path) -> None:
    home = tmp_path / "firm"
    must(home, "init")
    ingest(home, "orders", ORDERS.replace(",100,", ",1000000000000,"))
    ingest(home, "fills", FILLS.replace("10.02,100", "1000000,1000000000000"))
    ingest(home, "quotes", QUOTES.replace("10,10.04", "1,2"))
    must(home, "run")
    must(home, "export", "orders", "--out", home / "o.csv")
    order = pl.read_csv(home / "o.csv", infer_schema=False).row(0, named=True)

    assert order["vwap"] == "1000000"
    assert order["slippage_bps"] is None
