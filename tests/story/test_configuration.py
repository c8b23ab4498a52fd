"""A router's new version, from its proposal to a drift that is found and joins the queue."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from routewarden.base.canonical import sha256
from routewarden.store.home import opened
from tests.firm_people import Firm
from tests.line import csv_of

DAYS = ("2026-07-01", "2026-07-02")
FIRST = """\
[[version]]
router = "SOR"
version = "4.1"
from = 2026-01-01
provider = "Acme Routing Inc."
source = "sheet of 2025-12-10"
approved_by = "committee"
venues = ["IEXG", "XNYS"]
strategies = ["dark"]
[[version.allows]]
order_types = ["limit"]
[[version.expects]]
improvement_least = "0.01"
"""
SECOND = FIRST.replace("4.1", "4.2").replace("2026-01-01", "2026-07-02").replace('"IEXG", ', "")


def rows(day: str) -> dict[str, list[dict[str, str]]]:
    """Thirty market orders under an ask of 10.04: each third goes to IEXG, all are improved."""
    each = [(f"{day}-{n}", f"{day}T14:{n:02}", "XNYS" if n % 3 else "IEXG") for n in range(30)]
    handling = {"router": "SOR", "strategy": "dark", "account_type": "retail", "held": "true"}
    return {
        "quotes": [
            {"symbol": "ABC", "at": f"{day}T13:59:00Z", "bid": "10", "ask": "10.04"}
        ],
        "orders": [
            {"order_id": name, "symbol": "ABC", "received_at": f"{at}:00Z", "side": "buy",
             "quantity": "100", "order_type": "market", "directed": "false", **handling}
            for name, at, _ in each
        ],
        "routes": [
            {"route_id": f"{name}-1", "order_id": name, "venue": venue, "sent_at": f"{at}:01Z",
             "quantity": "100", "order_type": "market" if name.endswith("-7") else "limit",
             "limit_price": "10.04", "time_in_force": "ioc"}
            for name, at, venue in each
        ],
        "fills": [
            {"fill_id": f"{name}-F", "route_id": f"{name}-1", "executed_at": f"{at}:02Z",
             "price": "10.035" if venue == "IEXG" else "10.03", "quantity": "100"}
            for name, at, venue in each
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A firm that measured two dates, and has the first version in force."""
    firm = Firm(tmp_path_factory.mktemp("configured") / "firm", "2026-07-03T15:00:00Z")
    firm.run("init")
    firm.has("Ada", "Ann", "Sue", "Carl")
    for day in DAYS:
        for kind, of in rows(day).items():
            path = firm.home.parent / f"{kind}-{day}.csv"
            path.write_text(csv_of(of))
            firm.run("ingest", kind, path, "--delivered", day)
    firm.run("person", "key", firm.home.parent, "cco")
    firm.run("person", "add", "CCO", (firm.home.parent / "cco.pub").read_text().strip(), by="Ada")
    firm.run("run")
    in_force(firm, FIRST)
    return firm


@pytest.fixture(scope="module")
def changed(firm: Firm, tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """The same with the second version in force, which has a venue less."""
    other = beside(firm, tmp_path_factory.mktemp("changed"))
    in_force(other, FIRST + SECOND)
    return other


@pytest.fixture
def own(changed: Firm, tmp_path: Path) -> Firm:
    """A copy that a test may change."""
    return beside(changed, tmp_path)


def beside(firm: Firm, folder: Path) -> Firm:
    """Copy a firm's home, and the key that approves, into another folder."""
    shutil.copytree(firm.home, folder / "firm")
    shutil.copy(firm.home.parent / "cco.pem", folder)
    return Firm(folder / "firm", firm.now, firm.tokens)


def in_force(firm: Firm, text: str) -> tuple[Path, Any]:
    """Propose a configuration and put it in force; return the file, and the cases it opened."""
    file = firm.home.parent / "router.toml"
    file.write_text(text)
    proposed = firm.json("router", "propose", file, "--reason", "a new version", by="Ann")
    firm.run("policy", "approve", file, "--key", firm.home.parent / "cco.pem", by="Sue")
    return file, proposed["cases"]


def found(firm: Firm) -> dict[str, list[tuple[str, str]]]:
    """The date and the id of each finding of the rules about configuration."""
    rules = ["venue", "strategy", "order"]
    meant = {*(f"{each}-not-configured" for each in rules), "expectation-missed"}
    told: dict[str, list[tuple[str, str]]] = {}
    for each in firm.json("findings")["findings"]:
        if each["rule"] in meant:
            told.setdefault(each["rule"], []).append((each["trading_date"], each["id"]))
    return told


def test_a_drift_is_found_only_once_a_version_says_otherwise(firm: Firm, changed: Firm) -> None:
    before = found(firm)

    assert before["order-not-configured"] == [
        (day, "SOR carried order_type market") for day in DAYS
    ]
    assert "venue-not-configured" not in before
    assert found(changed)["venue-not-configured"] == [(DAYS[1], "SOR venue IEXG")]


def test_nothing_is_measured_again_for_it(changed: Firm) -> None:
    told = changed.json("run")

    assert told["measured"] == []


def test_what_was_missed_is_told_by_month_and_version(changed: Firm) -> None:
    assert found(changed)["expectation-missed"] == [
        (DAYS[0], "SOR price improvement of at least 0.01 2026-07"),
        (DAYS[1], "SOR price improvement of at least 0.01 2026-07"),
    ]


def test_it_shows_what_was_expected_beside_what_was_observed(changed: Firm) -> None:
    told = changed.json("router", "drift", "--from", DAYS[1], "--to", DAYS[1])["drift"]

    assert [
        (each["aspect"], each["observed"], each["count"], each["said"]) for each in told
    ] == [
        ("carried", "order_type market", 1, "not expected"),
        ("carried", "order_type limit", 29, "as expected"),
        ("expectation", "10 missed of 30 in 2026-07", 30, ""),
        ("strategy", "dark", 30, "as expected"),
        ("venue", "IEXG", 10, "not expected"),
        ("venue", "XNYS", 20, "as expected"),
    ]  # fmt: skip
    assert "IEXG" in changed.run("router", "drift")


def test_a_list_of_it_is_written_whole(changed: Firm, tmp_path: Path) -> None:
    changed.run("router", "drift", "--out", tmp_path / "drift.csv")

    assert "venue,IEXG,10,,not expected,XNYS" in (tmp_path / "drift.csv").read_text()


def test_its_findings_join_the_queue_by_router_and_use(own: Firm) -> None:
    own.run("case", "collect")
    cases = own.json("case", "list", "--kind", "exception")["cases"]
    told = {each["rule"]: (each["subject"], each["findings"]) for each in cases}

    assert told["venue-not-configured"] == ("venue-not-configured SOR venue IEXG", 1)
    assert told["order-not-configured"][1] == 2
    assert told["expectation-missed"][0] == (
        "expectation-missed SOR price improvement of at least 0.01"
    )


def test_earlier_answers_go_by_the_version_of_then(own: Firm) -> None:
    with opened(own.home) as home:
        at = home.log.size
    now = own.json("router", "drift", "--as-known-at", str(at))["drift"]
    in_force(own, FIRST + SECOND + SECOND.replace("4.2", "4.3").replace("07-02", "07-03"))

    assert own.json("router", "drift", "--as-known-at", str(at))["drift"] == now


def test_a_version_is_signed_off_step_by_step(own: Firm, tmp_path: Path) -> None:
    text = FIRST + SECOND + SECOND.replace("4.2", "5").replace("07-02", "07-06")
    results = tmp_path / "tests.pdf"
    results.write_bytes(b"%PDF-1.7 all passed")
    file, (case,) = in_force(own, text)
    said = ("--attach", results, "--as", "test results", "--choice", "passed", "--reason", "ok")
    own.run("case", "test", case["case"], *said, by="Ann")
    for name in ("Sue", "Carl"):
        seen = own.json("case", "show", case["case"])["digest"]
        own.run("case", "approve", case["case"], "--seen", seen, by=name)
    shown = ("--attach", own.home / "policy" / "router.toml", "--due", "2026-07-06")
    own.run("case", "enforce", case["case"], *shown, by="Ann")
    (version,) = own.json("router", "show", "--on", "2026-07-06")["versions"]

    assert case["digest"] == sha256(file.read_bytes())
    assert (version["version"], version["case"]) == ("5", case["case"])
    assert f"signed off: {case['case']}" in own.run("router", "show", "--on", "2026-07-06")


def test_the_same_again_opens_no_second_case(own: Firm) -> None:
    file = own.home.parent / "router.toml"
    file.write_text(FIRST + SECOND.replace("4.2", "6").replace("07-02", "08-03"))
    one, two = (
        own.json("router", "propose", file, "--reason", "again", by="Ann")["cases"] for _ in "12"
    )

    assert one == two
    assert len(one) == 1


def test_nobody_in_particular_proposes_no_version(own: Firm) -> None:
    file = own.home.parent / "router.toml"
    file.write_text(FIRST)

    refused = own.run("router", "propose", file, "--reason", "x", status=2)
    assert "known by a token" in refused


def test_a_version_says_whether_it_cites_the_policy_in_force(own: Firm, tmp_path: Path) -> None:
    policy = tmp_path / "order_handling.md"
    policy.write_text("## Price\nBest price first.\n")
    own.run("policy", "propose", policy, "--reason", "the committee's", by="Ann")
    own.run("policy", "approve", policy, "--key", own.home.parent / "cco.pem", by="Sue")
    digest = own.json("router", "show")["order_handling"]
    cites = f'order_handling = "{digest}"\nstrategies'
    in_force(own, FIRST.replace("strategies", cites))
    (version,) = own.json("router", "show")["versions"]

    assert digest == sha256(policy.read_bytes())
    assert version["cites_policy_in_force"] is True
    assert "the one in force" in own.run("router", "show")
