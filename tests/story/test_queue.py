"""Findings become cases that named persons settle, and every act of theirs is in the log."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from routewarden.base.schema import Kind
from routewarden.store.cases import ACTED, docket
from routewarden.store.home import opened
from tests.command import must, routewarden
from tests.line import csv_of
from tests.people import NOBODY, People

FIRST, SECOND = "2026-07-06", "2026-07-07"
STRAYS = "fill-without-order"


def day(date: str, strays: int) -> dict[Kind, list[dict[str, str]]]:
    """A date with one sound execution, and some without an order, at two venues by turns."""
    quote = {"symbol": "ABC", "at": f"{date}T13:30:00Z", "bid": "10", "ask": "10.02"}
    order = {
        "order_id": f"O-{date}", "symbol": "ABC", "received_at": f"{date}T14:00:00Z", "side": "buy",
        "quantity": "100", "order_type": "market", "account_type": "retail", "held": "true",
        "directed": "false", "router": "acme",
    }  # fmt: skip
    route = {
        "route_id": f"R-{date}", "order_id": order["order_id"], "venue": "XNYS",
        "sent_at": f"{date}T14:00:00.01Z", "quantity": "100",
    }  # fmt: skip
    sound = {
        "fill_id": f"F-{date}", "route_id": route["route_id"], "venue": "XNYS",
        "executed_at": f"{date}T14:00:00.02Z", "price": "10.02", "quantity": "100",
    }  # fmt: skip
    fills = [
        {**sound, "fill_id": f"S-{date}-{n}", "route_id": "", "order_id": f"lost-{date}-{n}",
         "venue": ("ARCX", "BATS")[n % 2]}
        for n in range(strays)
    ]  # fmt: skip
    return {
        Kind.QUOTES: [quote],
        Kind.ORDERS: [order],
        Kind.ROUTES: [route],
        Kind.FILLS: [sound, *fills],
    }


def take_in(people: People, date: str, strays: int) -> None:
    """Take a date in, measure it, and put its findings in the queue."""
    for kind, rows in day(date, strays).items():
        path = people.home.parent / f"{kind}-{date}.csv"
        path.write_text(csv_of(rows))
        people.must(NOBODY, "ingest", kind, path)
    people.must(NOBODY, "run")
    people.must(NOBODY, "case", "collect")


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> People:
    """A home with users, whose first date is in the queue."""
    home = tmp_path_factory.mktemp("queue") / "firm"
    must(home, "init")
    people = People(home, datetime(2026, 7, 6, 21, 0, tzinfo=UTC)).founded(
        ann="desk", bob="analyst", sue="supervisor", co="compliance", eve="auditor"
    )
    take_in(people, FIRST, 3)
    return people


@pytest.fixture
def people(firm: People, tmp_path: Path) -> People:
    """The same in a copy of its own."""
    shutil.copytree(firm.home, tmp_path / "firm")
    return People(tmp_path / "firm", firm.at, firm.tokens)


def cases(people: People, name: str = "sue", *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = people.must(name, "case", "list", *options, "--json").json[
        "cases"
    ]
    return found


def strays(people: People) -> dict[str, dict[str, Any]]:
    return {each["title"]: each for each in cases(people) if each["rule"] == STRAYS}


ARCX, BATS = "Execution without an order: ARCX", "Execution without an order: BATS"


def test_findings_of_a_pattern_are_one_case(people: People) -> None:
    found = strays(people)
    assert {title: each["findings"] for title, each in found.items()} == {ARCX: 2, BATS: 1}
    assert {each["severity"] for each in found.values()} == {"high"}
    assert {each["due"] for each in found.values()} == {"2026-07-08"}


def test_the_same_pattern_next_day_joins_the_open_case(people: People) -> None:
    before = strays(people)
    take_in(people, SECOND, 1)
    after = strays(people)
    assert after[ARCX]["case"] == before[ARCX]["case"]
    assert after[ARCX]["findings"] == 3
    assert after[BATS]["findings"] == 1


def test_a_pattern_that_comes_back_is_a_new_case_that_names_the_one_before(people: People) -> None:
    one = strays(people)[ARCX]["case"]
    settle(people, one)
    take_in(people, SECOND, 1)
    again = strays(people)[ARCX]
    assert (again["case"] != one, again["findings"]) == (True, 1)
    assert (
        people.must("sue", "case", "show", again["case"], "--json").json["facts"]["before"] == one
    )


def settle(people: People, case: str) -> None:
    said = ("--choice", "data_error", "--reason", "the order file was late")
    people.must("ann", "case", "close", case, *said)
    digest = people.must("sue", "case", "show", case, "--json").json["digest"]
    people.must("sue", "case", "confirm", case, "--seen", digest)


def test_a_date_that_was_collected_is_not_collected_again(people: People) -> None:
    size = entries(people.home)
    told = people.must(NOBODY, "case", "collect", "--json").json
    assert (told["collected"], told["unchanged"]) == ([], 1)
    assert entries(people.home) == size


def entries(home: Path) -> int:
    with opened(home) as firm:
        return firm.log.size


def test_a_date_measured_anew_tells_what_it_tells_now(people: People) -> None:
    late = people.home.parent / "late.csv"
    order = day(FIRST, 0)[Kind.ORDERS][0]
    late.write_text(csv_of([{**order, "order_id": f"lost-{FIRST}-1"}]))
    people.must(NOBODY, "ingest", "orders", late)
    people.must(NOBODY, "run")
    people.must(NOBODY, "case", "collect")
    found = strays(people)
    assert (found[ARCX]["findings"], found[BATS]["findings"]) == (2, 0)


def test_a_severe_case_is_settled_by_two(people: People) -> None:
    case = strays(people)[ARCX]["case"]
    people.must("sue", "case", "assign", case, "--to", "ann")
    memo = people.home.parent / "memo.txt"
    memo.write_text("the file came at noon")
    said = ("--reason", "asked the desk", "--attach", str(memo), "--as", "memo")
    people.must("ann", "case", "note", case, *said)
    assert people.run("bob", "case", "confirm", case).status == 2
    settle(people, case)
    shown = people.must("eve", "case", "show", case, "--json").json
    assert (shown["state"], shown["owner"]) == ("closed", "ann")
    acts = [(act["step"], act["by"]) for act in shown["acts"]]
    assert acts == [("assign", "sue"), ("note", "ann"), ("close", "ann"), ("confirm", "sue")]
    (document,) = shown["acts"][1]["documents"]
    copy = people.home.parent / "copy.txt"
    people.must("eve", "case", "document", case, document["digest"][:10], "--out", copy)
    assert copy.read_text() == "the file came at noon"
    people.must(NOBODY, "verify")


def test_many_are_settled_with_one_reason_or_none_is(people: People) -> None:
    said = ("--rule", STRAYS, "--choice", "data_error", "--reason", "late file")
    assert "takes" in people.run("eve", "case", "close", *said).err
    people.must("ann", "case", "close", *said)
    assert {each["state"] for each in strays(people).values()} == {"closing"}
    both = people.run("sue", "case", "confirm", "EX-1", "EX-2")
    assert (both.status, "--seen" in both.err) == (2, True)
    assert {each["state"] for each in strays(people).values()} == {"closing"}


def test_rates_say_how_many_were_nothing(people: People) -> None:
    (one, two) = (each["case"] for each in strays(people).values())
    settle(people, one)
    for name, step, said in (
        ("ann", "close", ("--choice", "false_alarm", "--reason", "x")),
        ("sue", "return", ("--reason", "what of the order?")),
        ("ann", "close", ("--choice", "false_alarm", "--reason", "it was cancelled")),
    ):
        people.must(name, "case", step, two, *said)
    digest = people.must("sue", "case", "show", two, "--json").json["digest"]
    people.must("co", "case", "confirm", two, "--seen", digest)
    (rate,) = [
        each
        for each in people.must("eve", "case", "rates", "--json").json["rules"]
        if each["rule"] == STRAYS
    ]
    assert (rate["closed"], rate["open"], rate["false_alarms"]) == (2, 0, 1)
    assert "50 %" in people.must("eve", "case", "rates").out


def test_a_case_grows_old_and_overdue_by_trading_dates(people: People) -> None:
    people.at += timedelta(days=4)  # Friday
    assert {each["age"] for each in strays(people).values()} == {4}
    late = [each["case"] for each in cases(people, "sue", "--overdue")]
    assert set(late) >= {each["case"] for each in strays(people).values()}
    assert "overdue" in people.must("sue", "case", "list").out


def test_findings_behind_a_case_are_listed_with_their_lines(people: People) -> None:
    case = strays(people)[ARCX]["case"]
    found = people.must("eve", "case", "findings", case, "--json").json["findings"]
    assert [each["id"] for each in found] == [f"S-{FIRST}-0", f"S-{FIRST}-2"]
    assert all(each["line"] and each["remedy"] for each in found)
    open_ones = people.must("sue", "findings", "--open", "--date", FIRST, "--json").json["findings"]
    assert {each["id"] for each in found} <= {each["id"] for each in open_ones}
    settle(people, case)
    left = people.must("sue", "findings", "--open", "--json").json["findings"]
    assert not {each["id"] for each in found} & {each["id"] for each in left}
    assert "S-" in people.must("sue", "case", "findings", case).out


def test_a_list_is_written_as_csv_and_as_a_workbook(people: People) -> None:
    target = people.home.parent / "cases.csv"
    people.must("sue", "case", "list", "--sort", "severity", "--out", target)
    with target.open() as file:
        rows = list(csv.DictReader(file))
    assert [row["severity"] for row in rows][:2] == ["high", "high"]
    book = people.home.parent / "cases.xlsx"
    people.must("sue", "case", "list", "--out", book)
    assert len(openpyxl.load_workbook(book).sheetnames) >= 2
    found = people.home.parent / "found.csv"
    people.must("sue", "case", "findings", "--out", found)
    assert found.read_text().startswith("case,trading date,rule")
    assert people.run("sue", "case", "list", "--out", str(target) + "x").status == 2


def test_lists_are_of_what_is_asked_for(people: People) -> None:
    case = strays(people)[ARCX]["case"]
    people.must("ann", "case", "take", case)
    assert [each["case"] for each in cases(people, "ann", "--owner", "me")] == [case]
    assert {each["rule"] for each in cases(people, "sue", "--rule", STRAYS)} == {STRAYS}
    assert cases(people, "sue", "--kind", "no such") == []
    ages = [each["age"] for each in cases(people, "sue", "--sort", "age", "--all")]
    assert ages == sorted(ages, reverse=True)
    assert "sort by one of" in people.run("sue", "case", "list", "--sort", "mood").err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("case", "show", "EX-99"), "no such case"),
        (("case", "close"), "name cases, or a rule"),
        (("case", "take", "--rule", "no-such"), "name cases, or a rule"),
        (("case", "document", "EX-1", "feed", "--out", "none"), "none, or more than one"),
    ],
)
def test_a_call_that_is_wrong_says_why(
    people: People, arguments: tuple[str, ...], why: str
) -> None:
    refused = people.run("sue", *arguments)
    assert (refused.status, why in refused.err) == (2, True), refused


def test_an_act_that_no_command_wrote_is_a_fault_and_moves_nothing(people: People) -> None:
    case = strays(people)[ARCX]["case"]
    with opened(people.home) as home:
        for roles, step in ((["supervisor"], "reopen"), (["king"], "take"), (["desk"], "dance")):
            payload = {"v": 1, "case": case, "step": step, "roles": roles, "reason": "x"}
            home.record(ACTED, f"{ACTED}:{case}:{step}", case, payload)
        assert docket(home).case(case).acts == ()
    wrong = routewarden(people.home, "verify")
    assert wrong.status == 1
    assert (wrong.err.count("was no user then"), wrong.err.count("no act of a case")) == (2, 1)


def test_who_is_no_longer_a_user_acts_no_more_and_what_they_did_stands(people: People) -> None:
    case = strays(people)[ARCX]["case"]
    people.must("ann", "case", "take", case)
    people.must("root", "user", "remove", "ann")
    refused = people.run("ann", "case", "note", case, "--reason", "x")
    assert (refused.status, "nobody's in this home" in refused.err) == (2, True)
    shown = people.must("sue", "case", "show", case, "--json").json
    assert [act["by"] for act in shown["acts"]] == ["ann"]
    people.must(NOBODY, "verify")


def test_acts_are_in_the_log_by_user(people: People) -> None:
    case = strays(people)[ARCX]["case"]
    people.must("ann", "case", "take", case)
    with opened(people.home) as home:
        (entry,) = home.log.entries(ACTED)
    told = json.loads(entry.entry)
    assert told["actor"] == {"iss": "user", "sub": "ann"}
    assert told["at"] == "2026-07-06T21:00:00Z"
