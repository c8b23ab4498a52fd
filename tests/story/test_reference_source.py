"""Whose quotes an order was judged by, where no official one is held."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.command import must

ORDERS = """\
order_id,received_at,symbol,side,quantity,order_type
O1,2026-07-01T14:30:00Z,OWN,buy,100,market
O2,2026-07-01T14:30:00Z,BEST,buy,100,market
O3,2026-07-01T14:30:00Z,NONE,buy,100,market
"""
FILLS = """\
fill_id,order_id,executed_at,price,quantity
F1,O1,2026-07-01T14:30:01Z,10.03,100
F2,O2,2026-07-01T14:30:01Z,10.03,100
F3,O3,2026-07-01T14:30:01Z,10.03,100
"""
QUOTES = """\
symbol,at,bid,bid_size,ask,ask_size
BEST,2026-07-01T14:00:00Z,10,100,10.05,100
"""
VENUE_QUOTES = """\
symbol,at,venue,bid,bid_size,ask,ask_size
OWN,2026-07-01T14:00:00Z,XNYS,10,100,10.06,100
OWN,2026-07-01T14:00:01Z,XNAS,10.01,200,10.07,100
OWN,2026-07-01T14:29:59Z,XNAS,10.01,200,10.04,300
OWN,2026-07-01T14:30:00.5Z,XNAS,,,,
BEST,2026-07-01T14:00:00Z,XNYS,9,100,11,100
"""


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    home = tmp_path / "firm"
    must(home, "init")
    texts = {"orders": ORDERS, "fills": FILLS, "quotes": QUOTES, "venue-quotes": VENUE_QUOTES}
    for kind, text in texts.items():
        path = tmp_path / f"{kind}.csv"
        path.write_text(text)
        must(home, "ingest", kind, path)
    must(home, "run")
    return home


def exported(home: Path, part: str) -> dict[str, dict[str, str]]:
    out = home.parent / f"{part}.csv"
    must(home, "export", part, "--out", out)
    with out.open() as file:
        return {row[f"{part[:-1]}_id"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("part", ["fills", "orders"])
def test_every_row_says_whose_quotes_it_was_judged_by(part: str, firm: Path) -> None:
    found = [row["reference_source"] for row in exported(firm, part).values()]

    assert found == ["consolidated", "official", ""]


def test_venues_best_stands_in_for_a_symbol_without_an_official_quote(firm: Path) -> None:
    fills = exported(firm, "fills")

    own = fills["F1"]  # bought at 10.03: 10.01 to 10.04 when received, 10 to 10.06 when executed
    assert (own["quoted_spread"], own["price_improvement"]) == ("0.03", "0.01")
    assert own["effective_spread_at_execution"] == "0"
    assert exported(firm, "orders")["O1"]["displayed_size"] == "300"
    assert fills["F2"]["quoted_spread"] == "0.05"  # the official quote, not the venue's
    assert (fills["F3"]["reference_status"], fills["F3"]["quoted_spread"]) == ("none", "")


def test_a_scorecard_can_tell_the_two_apart(firm: Path) -> None:
    told = must(firm, "scorecard", "--by", "reference_source", "--json").json

    found = {each["group"]["reference_source"] for each in told["dashboards"]}
    assert found == {"consolidated", "official", None}


def test_a_quote_that_comes_later_takes_the_place_of_our_own(firm: Path, tmp_path: Path) -> None:
    late = tmp_path / "late.csv"
    late.write_text("symbol,at,bid,ask\nOWN,2026-07-01T14:00:00Z,10,10.1\n")
    must(firm, "ingest", "quotes", late)
    must(firm, "run")
    own = exported(firm, "fills")["F1"]

    assert (own["reference_source"], own["quoted_spread"]) == ("official", "0.1")
