"""Written procedures by four eyes, and what the log shows of their controls, day by day."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest

from tests.command import must
from tests.line import csv_of
from tests.people import NOBODY, People
from tests.persons import registered

DAYS = ("2026-07-06", "2026-07-07", "2026-07-08")
PERIOD = ("--from", "2026-07-06", "--to", "2026-07-08")


def take_in(people: People, day: str) -> None:
    order = {
        "order_id": f"O-{day}", "symbol": "ABC", "received_at": f"{day}T14:00:00Z", "side": "buy",
        "quantity": "100", "order_type": "market",
    }  # fmt: skip
    path = people.home.parent / f"orders-{day}.csv"
    path.write_text(csv_of([order]))
    people.must(NOBODY, "ingest", "orders", path)
    people.must(NOBODY, "run")


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> People:
    """Three dates: one worked on in time, one late, one not at all."""
    home = tmp_path_factory.mktemp("wsp") / "firm"
    must(home, "init")
    people = People(home, datetime(2026, 7, 6, 21, 0, tzinfo=UTC)).founded(co="compliance")
    take_in(people, DAYS[0])
    people.must(NOBODY, "case", "collect")
    people.at = datetime(2026, 7, 13, 21, 0, tzinfo=UTC)
    take_in(people, DAYS[1])
    return people


def controls(people: People) -> dict[tuple[str, str], dict[str, Any]]:
    outcome = people.run("co", "wsp", "controls", *PERIOD, "--all", "--json")
    assert outcome.status == 1, outcome
    return {(each["control"], each["what"]): each for each in outcome.json["controls"]}


def test_each_date_that_a_control_did_not_run_for_is_named(people: People) -> None:
    found = controls(people)
    states = [found["measure-daily", day]["state"] for day in DAYS]
    assert states == ["done", "late", "missed"]
    assert found["measure-daily", DAYS[1]]["due"] == "2026-07-09"
    assert found["measure-daily", DAYS[1]]["at"] == "2026-07-13"
    assert found["measure-daily", DAYS[0]]["proof"].startswith("event ")
    assert [found["queue-daily", day]["state"] for day in DAYS] == ["done", "missed", "missed"]
    shown = people.run("co", "wsp", "controls", *PERIOD)
    assert DAYS[2] in shown.out
    assert "done" not in shown.out


def test_a_quarter_that_nobody_reviewed_is_named(people: People) -> None:
    before, people.at = people.at, datetime(2026, 12, 15, 21, 0, tzinfo=UTC)
    found = people.run("co", "wsp", "controls", "--from", "2026-07-01", "--to", "2026-12-15",
                       "--all", "--json").json["controls"]  # fmt: skip
    people.at = before
    states = {each["control"]: each["state"] for each in found if each["what"] == "2026Q3"}
    assert states == {"review-quarterly": "missed", "committee-quarterly": "missed"}


def test_procedures_are_in_force_by_four_eyes_and_the_book_says_so(people: People) -> None:
    path = people.home.parent / "wsp.md"
    path.write_text(people.must(NOBODY, "wsp", "template").out)
    key = registered(people.home, "C. Co")
    people.must("co", "policy", "propose", path, "--reason", "first version")
    people.must("co", "policy", "approve", path, "--key", key)
    assert (people.home / "policy" / "wsp.md").read_bytes() == path.read_bytes()
    book = people.home.parent / "book.pdf"
    told = people.must("co", "wsp", "book", *PERIOD, "--out", book)
    assert "10 procedures, approved by C. Co" in told.out
    text = "".join(page.extract_text() for page in pypdf.PdfReader(book).pages)
    assert "Daily monitoring" in text
    assert "not for 2026-07-08" in text
    assert "{control" not in text
    people.must(NOBODY, "verify")


def test_a_text_that_names_no_such_control_is_not_proposed(people: People) -> None:
    path = people.home.parent / "other" / "wsp.md"
    path.parent.mkdir()
    path.write_text("# Ours\n\n## Daily\n\nAll is well. {control: dance}\n")
    refused = people.run("co", "policy", "propose", path, "--reason", "x")
    assert (refused.status, "there is no control 'dance'" in refused.err) == (2, True)


def test_the_assessment_tells_its_gaps_on_paper_and_in_a_list(
    people: People, tmp_path: Path
) -> None:
    told = people.run("co", "wsp", "assess", *PERIOD, "--json")
    gaps = {each["duty"]: each["gap"] for each in told.json["duties"]}
    assert told.status == 1
    assert gaps["routing-disclosure"] == "no control shows it"
    assert "not for 2026-07-08" in gaps["diligence"]
    for name in ("assessment.pdf", "assessment.csv", "assessment.xlsx"):
        people.run("co", "wsp", "assess", *PERIOD, "--out", tmp_path / name)
    assert (tmp_path / "assessment.pdf").read_bytes().startswith(b"%PDF")
    assert "no control shows it" in (tmp_path / "assessment.csv").read_text()
    assert openpyxl.load_workbook(tmp_path / "assessment.xlsx").sheetnames
    assert "no control shows it" in people.run("co", "wsp", "assess", *PERIOD).out


def test_the_playbook_says_what_is_next(people: People, tmp_path: Path) -> None:
    before, people.at = people.at, datetime(2026, 7, 9, 14, 0, tzinfo=UTC)
    steps = people.must("co", "wsp", "playbook", *PERIOD, "--json").json["steps"]
    people.must("co", "wsp", "playbook", "--out", tmp_path / "playbook.pdf")
    shown = people.must("co", "wsp", "playbook").out
    people.at = before
    queue = next(each for each in steps if each["control"] == "queue-daily")
    assert queue["next_due"] == "2026-07-07: by 2026-07-09"
    assert "Exceptions put in the queue" in shown
    assert (tmp_path / "playbook.pdf").read_bytes().startswith(b"%PDF")
