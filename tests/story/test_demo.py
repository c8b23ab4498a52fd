"""The demo: a sample firm's quarter from raw files to its committee's package, built once here.

What is found in it, against what was planted, is told in test_planted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from routewarden.base.canonical import sha256
from routewarden.measures.measure import Unit
from routewarden.measures.shown import shown
from routewarden.runs.package import check_package
from tests.command import Outcome, must, routewarden

QUARTER = "2025Q4"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    home = tmp_path_factory.mktemp("demo") / "firm"
    return home, must(home, "demo", "--no-serve", "--json")


@pytest.fixture(scope="module")
def home(demo: tuple[Path, Outcome]) -> Path:
    return demo[0]


@pytest.fixture(scope="module")
def package(home: Path) -> Path:
    return home / "reviews" / QUARTER


def contents(package: Path) -> Mapping[str, str]:
    return {
        str(path.relative_to(package)): sha256(path.read_bytes())
        for path in package.rglob("*")
        if path.is_file()
    }


def test_it_says_what_it_found_and_where_the_package_is(
    demo: tuple[Path, Outcome], package: Path
) -> None:
    said = demo[1].json

    assert set(said) == {
        *("home", "page", "quarter", "out", "manifest", "findings", "areas", "scorecard"),
    }
    assert said["home"] == str(demo[0])
    assert said["page"] == str(package / "review.html")
    assert (said["quarter"], said["out"]) == (QUARTER, str(package))
    assert said["manifest"] == sha256((package / "manifest.json").read_bytes())
    assert said["findings"].keys() == {"high", "medium", "low"}
    assert [area["area"] for area in said["areas"]] == [
        *("Price improvement", "Execution speed", "Fill rates", "Venue analysis"),
    ]
    assert all(area["because"] for area in said["areas"])
    assert len(said["scorecard"]) == 5


def test_the_package_is_whole(home: Path, package: Path) -> None:
    assert {path.name for path in package.iterdir()} == {
        *("review.pdf", "review.xlsx", "review.html", "manifest.json", "tables"),
    }
    assert check_package(package) == ()
    assert must(home, "verify", package, "--json").json["ok"] is True


def test_the_home_verifies(home: Path) -> None:
    found = must(home, "verify", "--json").json

    assert (found["ok"], found["results"]) == (True, 64)


@pytest.mark.parametrize(
    "name", ["orders-2025-10-01", "fills-2025-11-28", "halts-2025-12-31", "securities", "payments"]
)
def test_its_raw_files_are_known_already(home: Path, name: str) -> None:
    path = home / "sample" / f"{name}.csv"
    report = must(home, "ingest", name.partition("-")[0], path, "--json").json["files"][0]
    rows = len(path.read_text().splitlines()) - 1

    assert rows > 0
    assert (report["records"], report["rejects"], report["duplicates"]) == (0, 0, rows)


def test_high_findings_make_the_exit_status_1(home: Path) -> None:
    assert routewarden(home, "findings", "--fail-on", "high").status == 1


def test_a_second_review_has_the_same_bytes(demo: tuple[Path, Outcome], package: Path) -> None:
    before = contents(package)
    again = must(demo[0], "review", QUARTER, "--json").json

    assert contents(package) == before
    assert again == {name: demo[1].json[name] for name in again}


def test_the_dashboards_of_a_symbol_are_its_rows(home: Path) -> None:
    """NA, which a spreadsheet's reader would take for nothing."""
    told = must(home, "scorecard", "--quarter", QUARTER, "--where", "symbol=NA", "--json").json
    rows = {tuple(row["group"].values()): row["metrics"] for row in told["rows"]}
    compared = 0
    for dashboard in told["dashboards"]:
        for line in dashboard["full"]:
            for orders in ("market", "marketable_limit"):
                cell = line["orders"][orders]
                row = rows.get((*dashboard["group"].values(), orders), {}).get(line["metric"])
                if row is not None:
                    assert {name: cell[name] for name in row} == row
                    compared += cell["value"] is not None

    assert told["period"] == {"from": "2025-10-01", "to": "2025-12-31", "trading_dates": 64}
    assert told["dashboards"][0]["group"] == {"asset_class": "equity", "population": "customer"}
    assert compared > 50


def test_every_share_executed_is_measured_or_left_out(home: Path) -> None:
    name = "effective_spread_at_execution"
    rows: list[dict[str, Any]] = must(home, "scorecard", "--json").json["rows"]
    cells = [row["metrics"][name] for row in rows if name in row["metrics"]]
    told = sum(
        Decimal(part["shares"]) for cell in cells for part in (cell, *cell["excluded"].values())
    )
    must(home, "export", "fills", "--out", home / "fills.csv")
    with (home / "fills.csv").open(newline="") as file:
        assert told == sum(Decimal(fill["quantity"]) for fill in csv.DictReader(file))


def test_a_number_is_the_same_on_paper_in_the_workbook_and_on_the_page(
    home: Path, package: Path
) -> None:
    told = must(home, "scorecard", "--quarter", QUARTER, "--json").json["dashboards"][0]
    line = told["compact"][0]
    cell = line["orders"]["market"]
    text = shown(Decimal(cell["value"]), Unit(cell["unit"]))
    paper = "\n".join(page.extract_text() for page in PdfReader(package / "review.pdf").pages[:3])
    book = openpyxl.load_workbook(io.BytesIO((package / "review.xlsx").read_bytes()))
    (sheet,) = (
        sheet
        for sheet in book.worksheets
        if sheet["A1"].value == "Market and limit orders against their benchmark"
    )
    (row,) = (row for row in sheet.iter_rows(values_only=True) if row[0] == line["title"])

    assert line["metric"] == "net_price_improvement"
    assert text in paper
    assert float(cell["value"]) in row
    assert f'data-v="{cell["value"]}"' in (package / "review.html").read_text()


class _Outside(HTMLParser):
    """Collect every address a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.fetched += [value or "" for name, value in attrs if name in {"src", "href"}]


def test_the_page_needs_nothing_from_anywhere_else(package: Path) -> None:
    parser = _Outside()
    html = (package / "review.html").read_text()
    parser.feed(html)

    assert parser.fetched != []
    assert all(address.startswith("#") for address in parser.fetched)
    assert "url(" not in html
    assert "@import" not in html
