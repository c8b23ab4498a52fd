"""One simulated world, told in every dialect, measured alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.simulator.dialects import cat as cat_dialect
from routewarden.simulator.dialects import oms as oms_dialect
from routewarden.simulator.dialects.cat import cat, cat_csv
from routewarden.simulator.dialects.children import children
from routewarden.simulator.dialects.drop_copy import drop_copy
from routewarden.simulator.dialects.oms import oms
from routewarden.simulator.dialects.quality import quality
from tests.command import must
from tests.sample_world import MONDAY, TUESDAY, WEDNESDAY, world

MARKET = (Kind.QUOTES, Kind.VENUE_QUOTES, Kind.TRADES, Kind.HALTS, Kind.SECURITIES, Kind.PAYMENTS)
Tables = Mapping[Kind, pl.DataFrame]


def told_of(tables: Tables) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    return tables[Kind.ORDERS], tables[Kind.ROUTES], tables[Kind.FILLS]


@dataclass(frozen=True, slots=True)
class File:
    """A file as somebody sends it: as what kinds to take it in, and whose dialect it is in."""

    kinds: tuple[str, ...]
    name: str
    content: bytes
    profile: str | None = None

    def ingest(self, home: Path, folder: Path) -> None:
        path = folder / self.name
        path.write_bytes(self.content)
        dialect = () if self.profile is None else ("--profile", self.profile)
        for kind in self.kinds:
            must(home, "ingest", kind, path, *dialect)


def canonical(tables: Tables) -> list[File]:
    return [
        File((kind,), f"{kind}.csv", tables[kind].write_csv().encode())
        for kind in (Kind.ORDERS, Kind.ROUTES, Kind.FILLS, Kind.VENDOR_REPORT)
    ]


def fix(tables: Tables) -> list[File]:
    """One log, cut in two where a message ends, the later part first."""
    log = drop_copy(*told_of(tables))
    middle = log.index(b"8=FIX", len(log) // 2)
    return [
        File(("fix",), "later.log", log[middle:], "example-drop-copy"),
        File(("fix",), "earlier.log", log[:middle], "example-drop-copy"),
    ]


def vendors(tables: Tables) -> list[File]:
    report = children(tables[Kind.ROUTES], tables[Kind.FILLS])
    return [
        File(("fills", "routes"), "children.csv", report, "example-router"),
        File(("orders",), "oms.csv", oms(tables[Kind.ORDERS]), "example-oms"),
        File(("vendor-report",), "q.csv", quality(tables[Kind.VENDOR_REPORT]), "example-quality"),
    ]


def home_of(root: Path, name: str, files: list[File]) -> Path:
    """A firm that holds the market's tables, and some files."""
    home, folder = root / name, root / f"{name} files"
    folder.mkdir()
    must(home, "init")
    market = world(1).tables
    for kind in MARKET:
        File((kind,), f"{kind}.csv", market[kind].write_csv().encode()).ingest(home, folder)
    for file in files:
        file.ingest(home, folder)
    must(home, "run")
    assert must(home, "verify").status == 0
    return home


def exported(home: Path, part: str) -> pl.DataFrame:
    out = home.parent / f"{home.name} {part}.parquet"
    must(home, "export", part, "--out", out)
    return pl.read_parquet(out)


def stated(frame: pl.DataFrame) -> pl.DataFrame:
    """Without what a dialect says beyond the data model."""
    return frame.select(name for name in frame.columns if not name.startswith("x_"))


def regulators(tables: Tables) -> list[File]:
    """A file a date, in one form or the other, the last date first."""
    form = {MONDAY: cat, TUESDAY: cat_csv, WEDNESDAY: cat}
    return [
        File(("cat",), f"{day}.txt", write(*told_of(tables), day))
        for day, write in reversed(form.items())
    ]


DIALECTS: Mapping[str, Callable[[Tables], list[File]]] = {
    "canonical": canonical,
    "fix": fix,
    "vendors": vendors,
    "cat": regulators,
}

Homes = Mapping[str, Path]


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """A firm for each dialect, all of one world."""
    root = tmp_path_factory.mktemp("firms")
    return {name: home_of(root, name, told(world(1).tables)) for name, told in DIALECTS.items()}


RENUMBERED = ("fill_id", "refers_to")
"""What the router's report numbers anew each date."""


@pytest.mark.parametrize("part", ["fills", "orders", "routes"])
def test_a_log_of_messages_measures_as_the_tables_do(part: str, homes: Homes) -> None:
    theirs, ours = (stated(exported(homes[name], part)) for name in ("fix", "canonical"))

    assert theirs.columns == ours.columns
    assert [name for name in ours.columns if not theirs[name].equals(ours[name])] == []


WHAT_CAT_CARRIES = (
    *("order_class", "reference_status", "reference_source", "displayed_size"),
    *("routes", "rejects", "venues"),
)
"""The measures of an order that need no execution, nor the end of a filled order."""


def test_cat_events_measure_what_they_tell_of(homes: Homes) -> None:
    theirs, ours = (stated(exported(homes[name], "orders")) for name in ("cat", "canonical"))
    ours = ours.filter(pl.col("asset_class") != "crypto")  # which CAT is not about
    of_orders = [
        name for name in TABLES[Kind.ORDERS].names if name not in cat_dialect.UNTOLD_OF_ORDERS
    ]
    same = [*of_orders, *WHAT_CAT_CARRIES]

    assert [name for name in same if not theirs[name].equals(ours[name])] == []
    assert theirs["filled_quantity"].sum() == 0


def test_the_export_says_what_cat_events_never_tell_and_why(homes: Homes, tmp_path: Path) -> None:
    out = tmp_path / "orders.csv"
    told = must(homes["cat"], "export", "orders", "--out", out, "--json").json["missing"]
    facts = {each["fact"]: each for each in told}

    assert "vwap" in facts["executions"]["empties"]
    assert facts["executions on exchanges"]["why"] == (
        "not in CAT events: the exchange reports them, the broker-dealer does not"
    )
    assert (
        "executions on exchanges: not in CAT"
        in must(homes["cat"], "export", "orders", "--out", out).err
    )


@pytest.mark.parametrize("part", ["fills", "orders", "routes"])
def test_vendors_own_files_measure_as_the_tables_do(part: str, homes: Homes) -> None:
    theirs, ours = (
        stated(exported(homes[name], part))
        .drop(*RENUMBERED, *oms_dialect.NOT_CARRIED, strict=False)
        .sort(pl.all(), nulls_last=True)
        for name in ("vendors", "canonical")
    )

    assert theirs.columns == ours.columns
    assert [name for name in ours.columns if not theirs[name].equals(ours[name])] == []


def test_executions_numbered_by_date_stay_apart_and_amend_what_they_amended(homes: Homes) -> None:
    theirs, ours = (exported(homes[name], "fills") for name in ("vendors", "canonical"))
    told, meant = (
        frame.filter(pl.col("status") == "corrected")
        .join(frame.select(refers_to="fill_id"), on="refers_to", how="anti")
        .height
        for frame in (theirs, ours)
    )

    assert theirs["fill_id"].is_unique().all()
    assert told == meant > 0


def test_the_vendors_claims_are_found_in_its_own_report(homes: Homes) -> None:
    found = [
        exported(homes[name], "findings").filter(pl.col("rule") == "vendor-claim")
        for name in ("vendors", "canonical")
    ]

    assert found[0].select("id", "because").equals(found[1].select("id", "because"))
