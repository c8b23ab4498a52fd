"""A small firm's committee, from the quarter's package to minutes that two have signed.

Market orders of a quarter in ABC, worse than the industry's figure, and a few in XYZ. Three sit:
Ann leads, Bob is there, Cy steps aside.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from tests.command import Outcome, must, routewarden
from tests.line import csv_of

QUARTER, MEETING = "2026Q2", "july"
DAYS = ("2026-04-01", "2026-05-04", "2026-06-01")
BOARD = """\
[[committee]]
from = 2026-01-01
quorum = 2
majority = "1/2"
source = "procedures, 4.1"
approved_by = "the board"
[committee.members]
"Ann" = "chair"
"Bob" = "member"
"Cy" = "member"
"""
FIGURE = (
    '[[figure]]\nmetric = "net_price_improvement"\norders = "market"\nvalue = "0.05"\n'
    'from = 2026-01-01\nsource = "a report"\n'
)
PEOPLE = {
    "Root": "administrator", "Ann": "chair", "Bob": "member", "Cy": "member", "Di": "compliance",
    "Sam": "desk",
}  # fmt: skip
MINUTES = "minutes.pdf"


def rows(day: str) -> dict[str, list[dict[str, str]]]:
    """Twenty orders in ABC and one in XYZ, bought a cent under an ask of 10.04."""
    at = [(f"{day}-{minute}", "ABC", f"{day}T14:{minute:02}") for minute in range(20)]
    at.append((f"{day}-x", "XYZ", f"{day}T14:30"))
    handling = {"account_type": "retail", "held": "true", "directed": "false"}
    return {
        "quotes": [
            {"symbol": symbol, "at": f"{day}T13:59:00Z", "bid": "10", "ask": "10.04"}
            for symbol in ("ABC", "XYZ")
        ],
        "orders": [
            {"order_id": name, "symbol": symbol, "received_at": f"{minute}:00Z", "side": "buy",
             "quantity": "100", "order_type": "market", **handling}
            for name, symbol, minute in at
        ],
        "fills": [
            {"fill_id": f"{name}-F", "order_id": name, "executed_at": f"{minute}:01Z",
             "price": "10.03", "quantity": "100"}
            for name, _, minute in at
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("committee") / "firm"
    must(home, "init")
    for day in DAYS:
        for kind, of in rows(day).items():
            path = home.parent / f"{kind}-{day}.csv"
            path.write_text(csv_of(of))
            must(home, "ingest", kind, path, "--delivered", day)
    (home / "policy" / "committee.toml").write_text(BOARD)
    (home / "policy" / "industry.toml").write_text(FIGURE)
    must(home, "run")
    admin: tuple[str | Path, ...] = ()
    for name, role in PEOPLE.items():
        told = must(home, *admin, "user", "add", name, "--role", role)
        token(home, name).write_text(told.out.strip())
        admin = ("--token-file", token(home, "Root"))
    return home


def token(home: Path, name: str) -> Path:
    return home.parent / f"{name}.token"


def by(home: Path, name: str, *said: str | Path) -> Outcome:
    return must(home, "--token-file", token(home, name), *said)


def refused(home: Path, name: str, *said: str | Path) -> str:
    outcome = routewarden(home, "--token-file", token(home, name), *said)
    assert (outcome.status, outcome.out) == (2, "")
    return " ".join(outcome.err.split())


def step(home: Path, name: str, of: str, **said: str) -> None:
    options = [part for key, value in said.items() for part in (f"--{key}", value)]
    by(home, name, "case", of, "RV-1", *options)


def shown(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = by(home, "Ann", "case", "show", "RV-1", "--json").json
    return found


def status(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = by(home, "Ann", "committee", "status", "RV-1", "--json").json
    return found


def words(path: Path) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(path).pages)


def reviewed(home: Path) -> None:
    """Meet, and say a word on all there is."""
    for name in ("Ann", "Bob", "Cy"):
        step(home, name, "attend", item=MEETING)
    step(home, "Cy", "recuse", item="all", reason="a brother works for the provider")
    step(home, "Ann", "convene", item=MEETING)
    step(home, "Ann", "order-by-order", choice="does_not_apply", reason="all are automatic")
    groups = {cell.rpartition("|")[0] for cell in status(home)["empty_cells"]}
    for group in sorted(groups):
        step(home, "Bob", "consider", item=f"{group}|*", choice="open", reason="no records of it")
    step(home, "Bob", "difference", item="D1", reason="a fifth of the industry's")
    step(home, "Ann", "decide", item="D1", choice="justify_not_modifying", to="Bob",
         due="2099-03-01", reason="orders are small; asked again in spring")  # fmt: skip
    step(home, "Ann", "move", item="M1", reason="that the review be adopted")
    for name in ("Ann", "Bob"):
        step(home, name, "vote", item="M1", choice="yes")
    step(home, "Ann", "tally", item="M1", choice="passed")


def held(home: Path) -> dict[str, str]:
    """The digests of the documents of the review, by kind."""
    return {d["kind"]: d["digest"] for act in shown(home)["acts"] for d in act["documents"]}


def minutes_say_what_was_done(home: Path) -> None:
    told = words(home.parent / MINUTES)
    assert "a brother works for the provider" in told
    assert "justify not modifying" in told
    assert "Ann: yes; Bob: yes" in told
    assert shown(home)["facts"]["manifest"] in told.replace(" ", "")
    kept = home.parent / "kept.pdf"
    by(home, "Ann", "case", "document", "RV-1", held(home)["minutes"], "--out", kept)
    assert kept.read_bytes() == (home.parent / MINUTES).read_bytes()


def the_map_is_held(home: Path) -> None:
    listed = home.parent / "map.csv"
    by(home, "Ann", "case", "document", "RV-1", held(home)["coverage map"], "--out", listed)
    cells = {row["cell"]: row for row in csv.DictReader(io.StringIO(listed.read_text()))}
    assert cells["price_improvement|market|ABC"]["value"] == "0.01"
    assert cells["price_improvement|market|ABC"]["judged"] == "alone"
    assert cells["transaction|market|XYZ"]["judged"] == "together"
    assert len(cells) == 26


def test_a_review_goes_from_its_package_to_two_signatures(home: Path) -> None:
    assert "Write it first" in refused(home, "Di", "committee", "open", QUARTER)
    must(home, "review", QUARTER)
    opened = by(home, "Di", "committee", "open", QUARTER, "--json").json
    assert (opened["case"], opened["state"]) == ("RV-1", "preparing")
    assert "RV-1 is preparing" in refused(home, "Di", "committee", "open", QUARTER)

    agenda = home.parent / "agenda.pdf"
    by(home, "Ann", "committee", "agenda", "RV-1", "--out", agenda)
    assert "Price improvement, net" in words(agenda)

    early = ("committee", "minutes", "RV-1", "--out", home.parent / "early.pdf")
    assert "preparing" in refused(home, "Di", *early)
    reviewed(home)
    assert status(home)["missing"] == ["minutes are to be taken, and two are to sign"]
    by(home, "Di", "committee", "minutes", "RV-1", "--out", home.parent / MINUTES)

    seen = shown(home)["digest"]
    assert "does not lead" in refused(home, "Bob", "case", "sign", "RV-1", "--seen", seen)
    step(home, "Ann", "sign", seen=seen)
    assert "--seen" in refused(home, "Bob", "case", "sign", "RV-1", "--seen", seen)
    seen = shown(home)["digest"]
    assert "recused" in refused(home, "Cy", "case", "sign", "RV-1", "--seen", seen)
    step(home, "Bob", "sign", seen=seen)
    assert (status(home)["state"], status(home)["missing"]) == ("signed", [])

    minutes_say_what_was_done(home)
    the_map_is_held(home)
    must(home, "verify")


def test_nobody_else_opens_or_reads_what_is_none(home: Path) -> None:
    assert "opened by" in refused(home, "Sam", "committee", "rely", QUARTER, "--on", "Clearing")
    relied = by(home, "Di", "committee", "rely", QUARTER, "--on", "Clearing LLC", "--json").json
    assert relied["title"] == "Reliance on the review of Clearing LLC, 2026Q2"
    assert "for quarterly reviews" in refused(home, "Di", "committee", "status", relied["case"])


def test_a_firm_that_set_nobody_is_told_so(tmp_path: Path, home: Path) -> None:
    text = tmp_path / "committee.toml"
    text.write_text(BOARD.replace("quorum = 2", "quorum = 3"))
    told = must(home, "policy", "check", text).out

    assert "quorum 2" in told
    assert "quorum 3" in told
