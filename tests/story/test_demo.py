"""The demo finds what was planted in its own sample, and says where everything is."""

from __future__ import annotations

import csv
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from routewarden.cli.demo import FAULTS, SCALE, SEED, SPAN
from routewarden.policy.calendar import us_equity_calendar
from routewarden.simulator.faults import Fault
from routewarden.simulator.world import World, simulate
from tests.command import Outcome, must, routewarden


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    home = tmp_path_factory.mktemp("demo") / "firm"
    return home, must(home, "demo", "--no-serve", "--json")


@pytest.fixture(scope="module")
def world() -> World:
    return simulate(SEED, us_equity_calendar(), SPAN, SCALE, FAULTS)


def planted(world: World, *faults: Fault) -> set[str]:
    return {i for answer in world.answers if answer.fault in faults for i in answer.record_ids}


def found(home: Path, rule: str) -> set[str]:
    findings = must(home, "findings", "--json").json["findings"]
    return {finding["id"] for finding in findings if finding["rule"] == rule}


def fills(home: Path) -> list[dict[str, str]]:
    must(home, "export", "fills", "--out", home / "fills.csv")
    with (home / "fills.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_of_the_sample_is_read(demo: tuple[Path, Outcome]) -> None:
    home, _ = demo
    for path in sorted((home / "sample").glob("*.csv")):
        kind = path.stem.rstrip("0123456789-")
        report = must(home, "ingest", kind, path, "--json").json["files"][0]
        rows = len(path.read_text().splitlines()) - 1
        assert (report["records"], report["rejects"], report["duplicates"]) == (0, 0, rows)


def test_findings_are_just_the_planted_ones(demo: tuple[Path, Outcome], world: World) -> None:
    home, _ = demo
    assert found(home, "fill-without-order") == planted(world, Fault.NO_ORDER)
    assert found(home, "fill-without-route") == planted(world, Fault.NO_ROUTE)
    assert found(home, "amendment-without-target") == planted(world, Fault.ORPHAN_BUST)
    for rule in ("clocks-disagree", "overfilled-order", "orders-disagree", "rival-corrections"):
        assert found(home, rule) == set(), rule


def test_busted_and_corrected_fills_are_out_of_effect(
    demo: tuple[Path, Outcome], world: World
) -> None:
    ids = {fill["fill_id"] for fill in fills(demo[0])}
    amended = planted(world, Fault.BUSTED, Fault.CORRECTED, Fault.CORRECTED_TWICE)

    assert len(amended) == 4
    assert not amended & ids


def test_fills_outside_the_quote_are_disimproved(demo: tuple[Path, Outcome], world: World) -> None:
    outside = planted(world, Fault.OUTSIDE_NBBO)
    measured = {f["fill_id"]: f for f in fills(demo[0]) if f["fill_id"] in outside}

    assert set(measured) == outside
    assert all(float(f["price_improvement_at_route"]) < 0 for f in measured.values())


def test_counts_are_conserved(demo: tuple[Path, Outcome]) -> None:
    """For each group and metric, measured and left-out shares add up to the same shares."""
    rows: list[dict[str, Any]] = must(demo[0], "scorecard", "--by", "symbol", "--json").json["rows"]
    total = sum(float(fill["quantity"]) for fill in fills(demo[0]))
    over_all = 0.0
    for row in rows:
        metric = row["metrics"].get("effective_spread_at_execution")
        if metric is not None:
            left = sum(float(part["shares"]) for part in metric["excluded"].values())
            over_all += float(metric["shares"]) + left

    assert over_all == pytest.approx(total, abs=1e-6)


def test_a_second_demo_changes_nothing(demo: tuple[Path, Outcome]) -> None:
    home, first = demo
    before = (home / "page.html").read_bytes()
    entries = must(home, "verify", "--json").json["entries"]

    assert must(home, "demo", "--no-serve", "--json").json == first.json
    assert (home / "page.html").read_bytes() == before
    assert must(home, "verify", "--json").json["entries"] == entries


def test_the_home_verifies(demo: tuple[Path, Outcome]) -> None:
    assert must(demo[0], "verify", "--json").json["ok"] is True


def test_severe_findings_make_the_exit_status_1(demo: tuple[Path, Outcome]) -> None:
    assert routewarden(demo[0], "findings", "--fail-on", "high").status == 1


class _Outside(HTMLParser):
    """Collect every address a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.fetched += [value or "" for name, value in attrs if name in {"src", "href"}]


def test_the_page_needs_nothing_from_anywhere_else(demo: tuple[Path, Outcome]) -> None:
    parser = _Outside()
    html = (demo[0] / "page.html").read_text()
    parser.feed(html)

    assert all(address.startswith("#") for address in parser.fetched)
    assert "url(" not in html
    assert "@import" not in html


def test_scorecard_narrows_to_what_is_asked_for(demo: tuple[Path, Outcome]) -> None:
    rows = must(
        demo[0], "scorecard", "--by", "venue,side", "--where", "symbol=NA,side=buy,side=sell",
        "--json",
    ).json["rows"]  # fmt: skip

    assert {row["group"]["side"] for row in rows} <= {"buy", "sell"}
    assert all(set(row["group"]) == {"venue", "side", "asset_class", "population", "order_class"}
               for row in rows)  # fmt: skip


def test_judgements_find_what_was_planted(demo: tuple[Path, Outcome], world: World) -> None:
    """Fills outside the market and a venue's slow day; no strange venues, no late files."""
    home, _ = demo
    slow = {answer.trading_date for answer in world.answers if answer.fault is Fault.SLOW}
    findings = must(home, "findings", "--json").json["findings"]

    assert found(home, "outside-nbbo") == planted(world, Fault.OUTSIDE_NBBO)
    dates = {f["trading_date"] for f in findings if f["rule"] == "slow-venue"}
    assert dates == {str(day) for day in slow}
    for rule in ("unexpected-venue", "stale-reference", "known-late", "conflicting-record"):
        assert found(home, rule) == set(), rule
