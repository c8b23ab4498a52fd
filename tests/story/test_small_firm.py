"""A firm with next to nothing: its review says what it does not know, and nothing fails.

Two quarters of market orders for ABC, a minute apart, and no payments, no report of the vendor, no
venues' quotes and no trades.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from routewarden.base.canonical import sha256
from routewarden.runs.package import check_package
from tests.command import Outcome, must, routewarden
from tests.line import csv_of

SPRING = ("2026-04-01", "2026-04-02", "2026-05-04", "2026-06-01")
SUMMER = ("2026-07-01", "2026-08-03", "2026-09-01")
ORDERS_A_DAY = 20


def rows(days: tuple[str, ...], price: str) -> dict[str, list[dict[str, str]]]:
    """Orders, fills and quotes: everybody buys at a price, under an ask of 10.04."""
    at = [(day, f"{day}-{minute}", f"{day}T14:{minute:02}") for day in days
          for minute in range(ORDERS_A_DAY)]  # fmt: skip
    handling = {"account_type": "retail", "held": "true", "directed": "false"}
    return {
        "quotes": [
            {"symbol": "ABC", "at": f"{day}T13:59:00Z", "bid": "10", "ask": "10.04"} for day in days
        ],
        "orders": [
            {"order_id": name, "symbol": "ABC", "received_at": f"{minute}:00Z", "side": "buy",
             "quantity": "100", "order_type": "market", **handling}
            for _, name, minute in at
        ],
        "fills": [
            {"fill_id": f"{name}-F", "order_id": name, "executed_at": f"{minute}:01Z",
             "price": price, "quantity": "100"}
            for _, name, minute in at
        ],
    }  # fmt: skip


def taken_in(home: Path, tables: dict[str, list[dict[str, str]]]) -> None:
    for kind, of in tables.items():
        path = home.parent / f"{kind}-{len(list(home.parent.iterdir()))}.csv"
        path.write_text(csv_of(of))
        must(home, "ingest", kind, path, "--delivered", of[0].get("at", SPRING[0])[:10])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("small") / "firm"
    must(home, "init")
    taken_in(home, rows(SPRING, "10.03"))
    taken_in(home, rows(SUMMER, "10.01"))
    must(home, "run")
    return home


@pytest.fixture(scope="module")
def review(home: Path) -> tuple[Path, Outcome]:
    folder = home.parent / "spring"
    return folder, must(home, "review", "2026Q2", "--out", folder, "--json")


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): sha256(path.read_bytes()) for path in files}


def of_market(home: Path, quarter: str) -> dict[str, Any]:
    told = must(home, "scorecard", "--quarter", quarter, "--json").json["dashboards"]
    (dashboard,) = told
    return {line["metric"]: line["orders"].get("market") for line in dashboard["full"]}


# -- What is not known -----------------------------------------------------------------------------


def test_it_says_unknown_of_what_it_cannot_compare(review: tuple[Path, Outcome]) -> None:
    said = {area["area"]: (area["status"], area["because"]) for area in review[1].json["areas"]}

    assert said["Price improvement"][0] == "unknown"
    assert "3 of 3 months not judged" in said["Price improvement"][1]
    assert said["Execution speed"][0] == "unknown"
    assert "too little to compare with the direct route" in said["Execution speed"][1]
    assert said["Fill rates"][0] == "unknown"
    assert said["Venue analysis"][0] == "not reached"
    assert review[1].json["scorecard"]["net_price_improvement"] == "insufficient"


def test_its_package_is_whole_all_the_same(review: tuple[Path, Outcome]) -> None:
    folder = review[0]
    front = pl.read_parquet(folder / "tables" / "scorecard.parquet")

    assert check_package(folder) == ()
    assert "The firm" in (folder / "review.html").read_text()
    assert "Price improvement, net" in front.to_series(0).to_list()
    assert pl.read_parquet(folder / "tables" / "payments.parquet").is_empty()
    assert not (folder / "tables" / "claims.parquet").exists()


@pytest.mark.parametrize("change", [{"order_type": "limit", "limit_price": "9"}, {"held": "false"}])
def test_a_firm_without_market_orders_of_customers_has_a_review(
    change: dict[str, str], tmp_path: Path
) -> None:
    home, tables = tmp_path / "firm", rows(SUMMER, "10.01")
    must(home, "init")
    taken_in(home, {**tables, "orders": [order | change for order in tables["orders"]]})
    must(home, "run")
    said = must(home, "review", "2026Q3", "--json").json

    assert {area["status"] for area in said["areas"]} == {"unknown", "not reached"}
    assert check_package(home / "reviews" / "2026Q3") == ()


def test_a_second_review_has_the_same_bytes(home: Path, review: tuple[Path, Outcome]) -> None:
    folder, first = review
    before = contents(folder)
    again = must(home, "review", "2026Q2", "--out", folder, "--json")

    assert again.json == first.json
    assert contents(folder) == before


def test_a_quarter_of_which_nothing_is_measured_has_no_review(home: Path) -> None:
    refused = routewarden(home, "review", "2026Q4", "--json")

    assert (refused.status, refused.out) == (2, "")
    assert "nothing is measured for this period." in refused.err
    assert not (home / "reviews" / "2026Q4").exists()


def test_what_is_no_quarter_is_refused(home: Path) -> None:
    refused = routewarden(home, "review", "2026Q5")

    assert (refused.status, "'2026Q5' is no quarter; write one like 2026Q3." in refused.err) == (
        2, True,
    )  # fmt: skip


# -- What it is compared with ----------------------------------------------------------------------


def test_the_quarter_before_measured_here_is_the_benchmark(home: Path) -> None:
    """A cent better than the ask of 10.04 in spring, three cents in summer."""
    spring, summer = (of_market(home, name)["net_price_improvement"]
                      for name in ("2026Q2", "2026Q3"))  # fmt: skip

    assert (spring["value"], spring["benchmark"], spring["verdict"]) == (
        "0.01", None, "insufficient",
    )  # fmt: skip
    assert (summer["value"], summer["verdict"]) == ("0.03", "better")
    assert summer["benchmark"] == {
        "value": "0.01", "n": len(SPRING) * ORDERS_A_DAY, "source": "prior period",
        "says": "2026Q2, measured here",
    }  # fmt: skip


FIGURE = (
    '[[figure]]\nmetric = "net_price_improvement"\norders = "market"\nvalue = "{value}"\n'
    'from = 2026-01-01\nsource = "a report"\n'
)


@pytest.fixture
def policy(home: Path, tmp_path: Path) -> Path:
    """The settings of a copy of the firm's home: to change them is noted in its log."""
    return Path(shutil.copytree(home, tmp_path / "firm")) / "policy"


def test_an_industry_figure_goes_before_the_quarter_before(policy: Path) -> None:
    (policy / "industry.toml").write_text(FIGURE.format(value="0.05"))
    (policy / "prior.toml").write_text(FIGURE.format(value="0.09"))
    cell = of_market(policy.parent, "2026Q3")["net_price_improvement"]

    assert (cell["verdict"], cell["benchmark"]["source"]) == ("worse", "industry table")


def test_a_table_of_an_earlier_quarter_stands_where_it_was_not_measured(policy: Path) -> None:
    (policy / "prior.toml").write_text(FIGURE.format(value="0.09"))
    spring, summer = (of_market(policy.parent, name)["net_price_improvement"]["benchmark"]
                      for name in ("2026Q2", "2026Q3"))  # fmt: skip

    assert (spring["value"], spring["says"]) == ("0.09", "a report")
    assert summer["value"] == "0.01"


def test_months_that_were_not_measured_could_decide(tmp_path: Path) -> None:
    """July alone, worse than its benchmark: nobody knows whether August and September were."""
    home, days = tmp_path / "firm", ("2026-07-01", "2026-07-02")
    must(home, "init")
    taken_in(home, rows(days, "10.03"))
    (home / "policy" / "industry.toml").write_text(
        FIGURE.format(value="0.05")
        + FIGURE.format(value="0.05").replace('"market"', '"marketable_limit"')
    )
    must(home, "run")
    area = must(home, "review", "2026Q3", "--json").json["areas"][0]

    assert area["status"] == "unknown"
    assert "Price improvement, net, market orders: 2 of 3 months not judged" in area["because"]


@pytest.mark.parametrize("name", ["industry.toml", "prior.toml", "firm.toml", "limits.toml"])
@pytest.mark.parametrize("command", [("review", "2026Q2"), ("scorecard",)])
def test_settings_that_cannot_be_read_are_named(
    policy: Path, name: str, command: tuple[str, ...]
) -> None:
    (policy / name).write_text("[[figure]")
    refused = routewarden(policy.parent, *command)

    assert (refused.status, refused.out) == (2, "")
    assert f"policy/{name}: the file: " in refused.err


def test_the_firms_name_is_on_its_review(policy: Path, tmp_path: Path) -> None:
    (policy / "firm.toml").write_text('name = "Kestrel & Sons LLC"')
    must(policy.parent, "review", "2026Q2", "--out", tmp_path)

    assert "Kestrel &amp; Sons LLC" in (tmp_path / "review.html").read_text()
    assert "Kestrel & Sons LLC" in (tmp_path / "manifest.json").read_text()
