"""A simulated world told in three vendors' dialects, and read back by the profiles shipped."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import routewarden
from routewarden.base.schema import TABLES, Kind
from routewarden.base.time import trading_date
from routewarden.simulator.dialects.children import NOT_CARRIED_ROUTES, children
from routewarden.simulator.dialects.oms import NOT_CARRIED, oms
from routewarden.simulator.dialects.quality import quality
from routewarden.sources import csv_text
from routewarden.sources.profile.parse import read_profile
from routewarden.sources.profile.reading import Given, read_profiled
from routewarden.sources.reject import Reject
from tests.sample_world import SEEDS, bounds, typed, world

SHIPPED = Path(routewarden.__file__).parent / "sources" / "profiles"
Read = tuple[pl.DataFrame, list[Reject], int]


def read(kind: Kind, data: bytes, profile: str) -> Read:
    told = read_profile((SHIPPED / f"{profile}.toml").read_text())
    batches = list(read_profiled(TABLES[kind], data, told, Given(bounds(), "a file")))
    records = pl.concat([batch.records for batch in batches if len(batch.records)])
    rejects = [reject for batch in batches for reject in batch.rejects]
    return records, rejects, sum(batch.others for batch in batches)


def alike(found: pl.DataFrame, kind: Kind, meant: pl.DataFrame, without: tuple[str, ...]) -> None:
    names = [name for name in TABLES[kind].names if name not in without]
    for name in names:
        assert found[name].to_list() == meant[name].to_list(), name
    assert [name for name in found.columns if name.startswith("x_")] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_orders_come_back_from_an_order_management_system(seed: int) -> None:
    records, rejects, others = read(
        Kind.ORDERS, oms(world(seed).tables[Kind.ORDERS]), "example-oms"
    )

    assert (rejects, others) == ([], 0)
    alike(records, Kind.ORDERS, typed(seed, Kind.ORDERS), NOT_CARRIED)


@pytest.mark.parametrize("seed", SEEDS)
def test_routes_come_back_from_a_routers_report(seed: int) -> None:
    tables = world(seed).tables
    data = children(tables[Kind.ROUTES], tables[Kind.FILLS])

    records, rejects, others = read(Kind.ROUTES, data, "example-router")

    assert (rejects, others) == ([], tables[Kind.FILLS].height + 1)
    alike(records, Kind.ROUTES, typed(seed, Kind.ROUTES), NOT_CARRIED_ROUTES)


@pytest.mark.parametrize("seed", SEEDS)
def test_fills_come_back_under_the_number_of_their_date(seed: int) -> None:
    """`F20260706-00001-1-1` of 2026-07-06 is `20260706-F00001-1-1`; all else is as it was."""
    tables = world(seed).tables
    data = children(tables[Kind.ROUTES], tables[Kind.FILLS])
    date = trading_date(pl.col("executed_at")).dt.strftime("%Y%m%d-")

    records, rejects, others = read(Kind.FILLS, data, "example-router")

    def numbered(name: str) -> pl.Expr:
        here = pl.col(name).str.starts_with("F" + date)
        plain = pl.when(here).then("F" + pl.col(name).str.slice(10)).otherwise(name)
        return (date + plain).alias(name)

    meant = typed(seed, Kind.FILLS).with_columns(numbered("fill_id"), numbered("refers_to"))
    assert (rejects, others) == ([], tables[Kind.ROUTES].height + 1)
    alike(records, Kind.FILLS, meant, ())


@pytest.mark.parametrize("seed", SEEDS)
def test_an_execution_that_a_bust_or_correction_names_is_still_found(seed: int) -> None:
    tables = world(seed).tables
    was, named = tables[Kind.FILLS]["fill_id"], tables[Kind.FILLS]["refers_to"].drop_nulls()
    data = children(tables[Kind.ROUTES], tables[Kind.FILLS])

    records, _, _ = read(Kind.FILLS, data, "example-router")

    assert records["fill_id"].n_unique() == was.n_unique() == records.height
    found = records["refers_to"].drop_nulls().is_in(records["fill_id"].to_list())
    assert found.sum() == named.is_in(was.to_list()).sum() > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_vendors_report_comes_back_a_metric_at_a_time(seed: int) -> None:
    records, rejects, others = read(
        Kind.VENDOR_REPORT, quality(world(seed).tables[Kind.VENDOR_REPORT]), "example-quality"
    )

    place = ["period", "venue", "order_class", "metric"]
    meant = typed(seed, Kind.VENDOR_REPORT).sort(place)
    assert (rejects, others) == ([], 0)
    alike(records.sort(place), Kind.VENDOR_REPORT, meant, ())


def test_a_record_is_found_by_its_line_and_bytes_in_every_dialect() -> None:
    tables = world(1).tables
    data = quality(tables[Kind.VENDOR_REPORT])

    records, _, _ = read(Kind.VENDOR_REPORT, data, "example-quality")

    for row in records.iter_rows(named=True):
        told = data[row["start"] : row["end"]].decode("utf-16-le").split("\t")
        before = data[2 : row["start"]].decode("utf-16-le")
        assert told[2].replace("ALL", "*") == row["venue"]
        assert row["line"] == before.count("\n") + 1


def test_the_size_of_the_blocks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = world(1).tables
    data = children(tables[Kind.ROUTES], tables[Kind.FILLS])
    whole = read(Kind.FILLS, data, "example-router")

    monkeypatch.setattr(csv_text, "BLOCK_BYTES", 999)

    parts = read(Kind.FILLS, data, "example-router")
    assert parts[0].equals(whole[0])
    assert parts[1:] == whole[1:]
