"""Raw files to exact exports through the real commands, in any order and any number of steps."""

from __future__ import annotations

import itertools
from pathlib import Path

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from tests.command import must, routewarden
from tests.line import csv_of
from tests.oracle.random_day import SESSIONS, random_tables
from tests.oracle.reference import Tables, measure_fills, measure_orders
from tests.oracle.test_reference import cells, same, with_real_digests

KINDS = (Kind.ORDERS, Kind.ROUTES, Kind.FILLS, Kind.QUOTES, Kind.SECURITIES, Kind.TRADES)


def write(tables: Tables, folder: Path) -> list[tuple[Kind, Path]]:
    """Write the tables as CSV files, quotes file by file."""
    rows = {
        Kind.ORDERS: [tables.orders],
        Kind.ROUTES: [tables.routes],
        Kind.FILLS: [tables.fills],
        Kind.QUOTES: [quotes for _, quotes in tables.quotes],
        Kind.SECURITIES: [tables.securities],
        Kind.TRADES: [tables.trades],
    }
    files = []
    for kind in KINDS:
        for number, part in enumerate(rows[kind]):
            path = folder / f"{kind}-{number}.csv"
            path.write_text(csv_of(part, TABLES[kind].names), newline="")
            files.append((kind, path))
    return files


def built(home: Path, files: list[tuple[Kind, Path]], *, runs: int) -> bytes:
    """Ingest the files and run after every so many; return the export."""
    must(home, "init")
    for number, (kind, path) in enumerate(files):
        assert routewarden(home, "ingest", kind, path).status == 0
        if number % runs == 0:
            must(home, "run")
    must(home, "run")
    exports = []
    for part in ("fills", "orders", "findings", "summary"):
        must(home, "export", part, "--out", home / f"{part}.csv")
        exports.append((home / f"{part}.csv").read_bytes())
    return b"".join(exports)


@pytest.mark.parametrize("seed", [1001, 1002, 1003])
def test_files_go_in_and_come_out_exact_in_every_cell(seed: int, tmp_path: Path) -> None:
    tables = with_real_digests(random_tables(seed))
    home = tmp_path / "firm"
    built(home, write(tables, tmp_path), runs=99)
    must(home, "export", "fills", "--out", home / "fills.parquet")
    must(home, "export", "orders", "--out", home / "orders.parquet")

    expected = measure_fills(tables, SESSIONS)
    same(cells(pl.read_parquet(home / "fills.parquet"), list(expected[0])), expected, "fill_id")
    expected = measure_orders(tables, SESSIONS)
    same(cells(pl.read_parquet(home / "orders.parquet"), list(expected[0])), expected, "order_id")


def test_neither_the_order_of_files_nor_runs_in_between_change_a_byte(tmp_path: Path) -> None:
    files = write(random_tables(77), tmp_path)
    orders = itertools.islice(itertools.permutations(files), 0, None, 1009)
    exports = {
        built(tmp_path / f"firm {number}", list(order), runs=number + 1)
        for number, order in enumerate(itertools.islice(orders, 4))
    }

    assert len(exports) == 1


def test_csv_and_parquet_exports_say_the_same(tmp_path: Path) -> None:
    home = tmp_path / "firm"
    built(home, write(random_tables(5), tmp_path), runs=99)
    must(home, "export", "fills", "--out", home / "fills.parquet")
    typed = pl.read_parquet(home / "fills.parquet")
    text = pl.read_csv(home / "fills.csv", infer_schema=False)

    assert text.columns == typed.columns
    for name, dtype in typed.schema.items():
        if isinstance(dtype, pl.Decimal):
            assert text[name].cast(dtype).equals(typed[name]), name
            assert not text[name].str.contains(r"[eE+]|\.\d*0$|\.$").any(), name


def test_run_measures_only_the_dates_that_changed(tmp_path: Path) -> None:
    home = tmp_path / "firm"
    must(home, "init")
    for day in ("2026-07-01", "2026-07-02"):
        order = tmp_path / f"{day}.csv"
        order.write_text(
            "order_id,received_at,symbol,side,quantity,order_type\n"
            f"O{day},{day}T14:00:00Z,ABC,buy,100,market\n"
        )
        must(home, "ingest", "orders", order)
    first = must(home, "run", "--json").json
    quotes = tmp_path / "quotes.csv"
    quotes.write_text("symbol,at,bid,ask\nABC,2026-07-02T13:59:00Z,10,10.01\n")
    must(home, "ingest", "quotes", quotes)

    assert first["measured"] == ["2026-07-01", "2026-07-02"]
    again = must(home, "run", "--json").json
    assert (again["measured"], again["unchanged"]) == (["2026-07-02"], ["2026-07-01"])


def test_a_quarter_is_its_three_months(tmp_path: Path) -> None:
    home = tmp_path / "firm"
    built(home, write(random_tables(1001), tmp_path), runs=99)

    asked = must(home, "scorecard", "--quarter", "2026Q3", "--json").json["period"]
    assert "2026-07-01" <= asked["from"] <= asked["to"] <= "2026-09-30"
    assert routewarden(home, "scorecard", "--quarter", "2026Q5").status == 2


def test_the_policy_in_force_decides_the_session(tmp_path: Path) -> None:
    """A closing the firm adds to its calendar puts the day outside the session."""
    home = tmp_path / "firm"
    must(home, "init")
    order = tmp_path / "orders.csv"
    order.write_text(
        "order_id,received_at,symbol,side,quantity,order_type\n"
        "O,2026-07-01T14:00:00Z,ABC,buy,100,market\n"
    )
    must(home, "ingest", "orders", order)
    must(home, "run")
    (home / "policy" / "calendar.toml").write_text("closed = [2026-07-01]\n")
    must(home, "run")
    must(home, "export", "orders", "--out", home / "orders.csv")

    exported = pl.read_csv(home / "orders.csv", infer_schema=False)
    assert exported["reference_status"].to_list() == ["outside_session"]


def test_export_before_any_run_says_what_to_do(tmp_path: Path) -> None:
    must(tmp_path / "firm", "init")
    outcome = routewarden(tmp_path / "firm", "export", "fills", "--out", tmp_path / "f.csv")

    assert outcome.status == 2
    assert "Run `routewarden run`" in outcome.err


def test_results_behind_the_files_are_said_to_be(tmp_path: Path) -> None:
    home = tmp_path / "firm"
    built(home, write(random_tables(3), tmp_path), runs=99)
    late = tmp_path / "late.csv"
    late.write_text("symbol,at,bid,ask\nABC,2026-07-01T14:00:00Z,10,10.01\n")
    must(home, "ingest", "quotes", late)

    assert "run `routewarden run`" in must(home, "scorecard").err
    must(home, "run")
    assert must(home, "scorecard").err == ""
