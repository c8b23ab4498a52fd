"""A provider that fails twice: once it is mended and released by the test, once it is left.

Every order buys 100 ABC under an ask of 10.04. In June a third of acme-sor's are executed a cent
worse than that, in July one in twenty is.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from routewarden.base.period import Span
from routewarden.cases.remediation import PROCEDURE
from routewarden.cli.app import main
from routewarden.runs.matter import matter
from routewarden.runs.monitoring import monitored
from routewarden.store.home import opened
from tests.command import Outcome
from tests.line import csv_of

A_DAY = 20
JUNE = [date(2026, 6, day) for day in (1, 2, 3, 4, 5, 8, 9, 10, 11, 12)]
JULY = [date(2026, 7, day) for day in (6, 7, 8, 9, 10, 13, 14, 15, 16, 17)]
MENDED, UNMENDED = "good-sor", "bad-sor"
BOUND = {step.name for step in PROCEDURE.steps if step.bound}


def rows() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows of every file, by kind: two routers, of which one is mended in July."""
    for day in (*JUNE, *JULY):
        yield "quotes", {"symbol": "ABC", "at": f"{day}T13:59:00Z", "bid": "10", "ask": "10.04"}
        for router in (MENDED, UNMENDED):
            for number in range(A_DAY):
                fails = number % 3 == 0 if day in JUNE or router == UNMENDED else number == 0
                name, minute = f"{router}-{day}-{number}", f"{day}T14:{number:02}"
                yield "orders", {
                    "order_id": name, "symbol": "ABC", "received_at": f"{minute}:00Z",
                    "side": "buy", "quantity": "100", "order_type": "market", "router": router,
                    "account_type": "retail", "account_id": f"acct-{number}", "held": "true",
                    "directed": "false",
                }  # fmt: skip
                yield "fills", {
                    "fill_id": f"{name}-F", "order_id": name, "executed_at": f"{minute}:01Z",
                    "price": "10.05" if fails else "10.03", "quantity": "100",
                }  # fmt: skip


class Firm:
    """A home, its people by their tokens, and the clock they act by."""

    def __init__(self, folder: Path) -> None:
        self.home, self.folder = folder / "firm", folder
        self.now = datetime(2026, 6, 15, 14, tzinfo=UTC)
        self.tokens: dict[str, Path] = {}

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def run(self, who: str, *arguments: str | Path) -> Outcome:
        out, err, status = io.StringIO(), io.StringIO(), 0
        shown = ["--token-file", str(self.tokens[who])] if who in self.tokens else []
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main(["--home", str(self.home), *shown, *map(str, arguments)], self.clock)
            except SystemExit as ending:
                status = ending.code if isinstance(ending.code, int) else 0
        return Outcome(status, out.getvalue(), err.getvalue())

    def must(self, who: str, *arguments: str | Path) -> Outcome:
        outcome = self.run(who, *arguments)
        assert outcome.status == 0, (who, arguments, outcome)
        return outcome

    def add(self, name: str, role: str, *more: str) -> None:
        by = "adm" if self.tokens else ""
        token = self.must(by, "user", "add", name, "--role", role, *more).out
        self.tokens[name] = self.folder / f"{name}.token"
        self.tokens[name].write_text(token)

    def case(self, case_id: str) -> Any:  # noqa: ANN401 - a JSON value
        return self.must("aud", "case", "show", case_id, "--json").json

    def act(self, who: str, step: str, case_id: str, *more: str | Path) -> Outcome:
        """Take a step, having seen the case as it is."""
        seen = ("--seen", self.case(case_id)["digest"]) if step in BOUND else ()
        return self.run(who, "case", step, case_id, *seen, *more)

    def does(self, who: str, step: str, case_id: str, *more: str | Path) -> None:
        outcome = self.act(who, step, case_id, *more)
        assert outcome.status == 0, (who, step, outcome)


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    firm = Firm(tmp_path_factory.mktemp("remedy"))
    firm.must("", "init")
    tables: dict[str, list[dict[str, str]]] = {}
    for kind, row in rows():
        tables.setdefault(kind, []).append(row)
    for kind, of in tables.items():
        path = firm.folder / f"{kind}.csv"
        path.write_text(csv_of(of))
        firm.must("", "ingest", kind, path, "--delivered", "2026-07-17")
    firm.must("", "run")
    people = ("analyst", "supervisor", "compliance", "chair", "senior", "auditor")
    firm.add("adm", "administrator")
    for role in people:
        firm.add(role[:3], role)
    firm.add("good", "vendor", "--of", MENDED)
    firm.add("bad", "vendor", "--of", UNMENDED)
    (firm.folder / "note.txt").write_text("what we found")
    return firm


def told(firm: Firm, provider: str) -> str:
    """Bring a case about a provider through notice, inquiry and plan, and monitor it."""
    span = ("--from", "2026-06-01", "--to", "2026-06-12")
    asked = ("--metric", "outside_quote_pct", *span, "--where", "order_class=market")
    case = str(firm.must("sup", "remedy", "open", provider, *asked, "--json").json["case"])
    firm.must("ana", "remedy", "letter", case, "--out", firm.folder / f"{case}.pdf")
    until = [act["due"] for act in firm.case(case)["acts"] if act["due"]][-1]
    note, mine = firm.folder / "note.txt", provider.partition("-")[0]
    firm.does("com", "notify", case, "--due", until)
    firm.does("sup", "investigate", case)
    firm.does(mine, "exchange", case, "--reason", "our tables", "--attach", note)
    firm.does("com", "conclude", case, "--choice", "router_fault", "--reason", "a stale table")
    action = ("--item", "tables", "--to", mine, "--due", "2026-07-03", "--reason", "refresh")
    firm.does("sup", "plan", case, *action)
    firm.does(mine, "accept", case)
    firm.does("com", "approve", case)
    firm.does(mine, "done", case, "--item", "tables", "--attach", note)
    firm.does("ana", "verify", case, "--item", "tables", "--reason", "seen in the routes")
    firm.does("sup", "monitor", case)
    return case


@pytest.fixture(scope="module")
def cases(firm: Firm) -> dict[str, str]:
    return {provider: told(firm, provider) for provider in (MENDED, UNMENDED)}


@pytest.fixture(scope="module")
def tests(firm: Firm, cases: dict[str, str]) -> dict[str, Outcome]:
    firm.now = datetime(2026, 7, 20, 14, tzinfo=UTC)
    return {
        provider: firm.run("ana", "remedy", "test", case, "--out", firm.folder / "t.pdf", "--json")
        for provider, case in cases.items()
    }


def test_the_notification_is_a_pdf_kept_with_the_case(firm: Firm, cases: dict[str, str]) -> None:
    case = cases[MENDED]
    (kept,) = [
        each
        for act in firm.case(case)["acts"]
        for each in act["documents"]
        if each["kind"] == "notification"
    ]
    taken = firm.folder / "again.pdf"
    firm.must("com", "case", "document", case, kept["digest"][:8], "--out", taken)

    assert taken.read_bytes() == (firm.folder / f"{case}.pdf").read_bytes()
    assert taken.read_bytes().startswith(b"%PDF")


def test_what_is_mended_is_released_by_the_test_and_two_persons(
    firm: Firm, cases: dict[str, str], tests: dict[str, Outcome]
) -> None:
    said, case = tests[MENDED].json, cases[MENDED]
    assert (tests[MENDED].status, said["decision"]) == (0, "release")
    assert (said["dates"], said["n"], said["bad"]) == (10, 200, 10)
    assert said["before"] == pytest.approx(70.5 / 201)  # of 200 orders in June, 70 were bad
    assert said["digest"] == firm.case(case)["digest"]

    firm.does("sup", "release", case, "--reason", "the test says so")
    assert "sup did release" in firm.act("sup", "confirm", case).err
    firm.does("com", "confirm", case)
    assert firm.case(case)["state"] == "resolved"


def test_what_is_not_mended_is_left_for_an_alternative(
    firm: Firm, cases: dict[str, str], tests: dict[str, Outcome]
) -> None:
    case, note = cases[UNMENDED], firm.folder / "note.txt"
    assert (tests[UNMENDED].status, tests[UNMENDED].json["decision"]) == (1, "return")
    assert "says return" in firm.act("sup", "release", case, "--reason", "hope").err

    leave = ("--item", MENDED, "--reason", "it did not mend")
    assert "needs transition plan" in firm.act("com", "terminate", case, *leave).err
    firm.does("com", "terminate", case, *leave, "--attach", note, "--as", "transition plan")
    assert "it takes senior" in firm.act("cha", "sign", case).err
    firm.does("sen", "sign", case)
    firm.does("sup", "cease", case, "--reason", "no route since", "--attach", note)
    assert firm.case(case)["state"] == "terminated"


def test_the_harm_is_every_worse_share_and_counts_are_conserved(
    firm: Firm, cases: dict[str, str]
) -> None:
    target = firm.folder / "harm.csv"
    said = firm.must("ana", "remedy", "harm", cases[MENDED], "--out", target, "--json").json
    listed = list(csv.DictReader(io.StringIO(target.read_text())))

    assert said["examined"] == len(listed) == 200
    assert said["harmed"] + said["not_harmed"] + said["unknown"] == 200
    assert (said["harmed"], said["total"]) == (70, "70")  # a cent on 100 shares of each
    assert sum(Decimal(row["Amount"]) for row in listed) == 70
    assert {row["Account"] for row in listed if row["Finding"] == "harmed"} == {
        f"acct-{number}" for number in range(0, A_DAY, 3)
    }


@pytest.mark.parametrize("ending", ["xlsx", "pdf"])
def test_the_harm_is_a_workbook_or_paper_too(
    firm: Firm, cases: dict[str, str], ending: str
) -> None:
    target = firm.folder / f"harm.{ending}"

    firm.must("ana", "remedy", "harm", cases[UNMENDED], "--out", target)
    assert target.stat().st_size > 5_000


def test_a_provider_sees_its_own_case_alone(firm: Firm, cases: dict[str, str]) -> None:
    own = firm.must("good", "remedy", "list", "--json").json["remediations"]
    other = firm.run("good", "remedy", "test", cases[UNMENDED])

    assert {each["provider"] for each in own} == {MENDED}
    assert "not a matter with your firm" in other.err
    assert firm.run("good", "remedy", "harm", cases[MENDED], "--out", "h.csv").status == 2


def test_no_test_is_taken_by_hand(firm: Firm, cases: dict[str, str]) -> None:
    tried = firm.run("ana", "case", "sequential-test", cases[UNMENDED], "--choice", "release")
    assert tried.status == 2


def test_a_metric_by_dates_is_tested_by_their_sign(firm: Firm) -> None:
    span = ("--from", "2026-06-01", "--to", "2026-06-12")
    asked = ("--metric", "net_price_improvement", *span)
    said = firm.must("com", "remedy", "open", MENDED, *asked, "--json").json

    assert said["facts"]["where"].startswith("asset_class=equity,order_class=market")
    assert firm.run("ana", "remedy", "test", said["case"]).err.strip().endswith("not monitored.")
    assert (
        "nothing is concluded yet"
        in firm.run("ana", "remedy", "harm", said["case"], "--out", firm.folder / "h.csv").err
    )


def test_dates_count_themselves_where_no_order_is_bad_by_itself(firm: Firm) -> None:
    about = matter((MENDED, MENDED), "net_price_improvement", {}, Span("", JUNE[0], JUNE[-1]))
    with opened(firm.home) as home:
        found = monitored(home, about, date(2026, 7, 1))

    assert [(day.n, day.bad, day.unknown) for day in found.days] == [(1, 0, 0)] * len(JULY)
    assert (found.before.n, found.test.before, found.test.after) == (10, 0.5, 0.25)
    assert found.decision.value == "release"  # 10 ln(0.75 / 0.5) = 4.05, and 2.89 is enough


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (("--metric", "x"), "no metric to judge by"),
        (("--metric", "fill_rate"), "none of 200 was bad"),
        (("--metric", "fill_rate", "--where", "population=customer,population=directed"), "one"),
        (("--metric", "slippage", "--where", "order_class=away"), "has no meaning for"),
        (("--metric", "slippage", "--to", "2026-05-01"), "ends before it begins"),
        (("--metric", "slippage", "--to", "2026-06-02"), "it takes 10"),
    ],
)
def test_what_cannot_be_tested_is_not_opened(firm: Firm, asked: tuple[str, ...], why: str) -> None:
    span = ("--from", "2026-06-01", "--to", "2026-06-12")
    refused = firm.run("sup", "remedy", "open", MENDED, *span, *asked)

    assert refused.status == 2
    assert why in refused.err


def test_the_log_bears_all_of_it_out(firm: Firm, tests: dict[str, Outcome]) -> None:
    assert len(tests) == 2
    assert firm.must("aud", "verify").status == 0
