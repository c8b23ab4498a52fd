"""A firm that looks into providers of routing: its people, its small market, its clock."""

from __future__ import annotations

import contextlib
import io
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from routewarden.cli.app import main
from routewarden.policy.questionnaire import QUESTIONNAIRE, read_questionnaire
from tests.command import Outcome
from tests.line import csv_of

SHORT = """\
version = "short"
title = "What we ask"
source = [{id = "own", cite = "ours", dated = "", firm = "own"}]
section = [{id = "venues", title = "Venues"}, {id = "security", title = "Security"}]
"""
_QUESTIONS = (
    ("VC-1", "venues", True, True),
    ("VC-2", "venues", True, False),
    ("SC-1", "security", True, True),
    ("FP-1", "security", True, False),
    ("IL-5", "security", False, False),
)
"""Each with its section, whether it is required, and whether a document is expected."""

SHORT += "".join(
    f'[[question]]\nid = "{name}"\nsection = "{section}"\ntext = "What of {name}?"\n'
    f'why = "It matters."\nsources = ["own"]\nrequired = {str(required).lower()}\n'
    f"document = {str(document).lower()}\n"
    for name, section, required, document in _QUESTIONS
)
ASKED = read_questionnaire(SHORT)
KESTREL, HARRIER = "Kestrel Routing", "Harrier Systems"
PEOPLE = {
    "Ada": ("administrator",),
    "Ann": ("analyst",),
    "Cora": ("compliance",),
    "Mia": ("member",),
    "Cho": ("chair",),
    "Sen": ("senior",),
}
DAY = "2026-03-02"


@dataclass(slots=True)
class Firm:
    """A home, the tokens of its users, and the instant it is."""

    home: Path
    at: datetime = datetime(2026, 3, 3, 15, tzinfo=UTC)
    tokens: dict[str, str] = field(default_factory=dict)

    def run(self, who: str, *arguments: str | Path) -> Outcome:
        """Run a command as a user, at the firm's instant."""
        out, err, status = io.StringIO(), io.StringIO(), 0
        token = {"ROUTEWARDEN_TOKEN": self.tokens.get(who, "")}
        with (
            patch.dict(os.environ, token),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main(["--home", str(self.home), *map(str, arguments)], lambda: self.at)
            except SystemExit as ending:
                status = ending.code if isinstance(ending.code, int) else 0
        return Outcome(status, out.getvalue(), err.getvalue())

    def does(self, who: str, *arguments: str | Path) -> Outcome:
        """Run a command that has to succeed."""
        outcome = self.run(who, *arguments)
        assert outcome.status == 0, (who, arguments, outcome)
        return outcome

    def refused(self, who: str, *arguments: str | Path) -> str:
        """Run a command that must not; return why."""
        outcome = self.run(who, *arguments)
        assert outcome.status != 0, (who, arguments, outcome)
        return " ".join(outcome.err.split())

    def seen(self, case_id: str) -> str:
        """Return the digest of a case as it stands."""
        return str(self.does("Ann", "case", "show", case_id, "--json").json["digest"])

    def state(self, case_id: str) -> str:
        """Return where a case is."""
        return str(self.does("Ann", "case", "show", case_id, "--json").json["state"])

    def papers(self, name: str, text: str = "as stated") -> Path:
        """Return a file to attach."""
        path = self.home.parent / name
        path.write_text(text)
        return path

    def answers(self, who: str, case_id: str, *, without: tuple[str, ...] = ()) -> None:
        """Have every question answered by somebody, with the documents that are expected."""
        for question in ASKED.questions:
            if question.required and question.id not in without:
                said = ["--item", question.id, "--reason", f"{who} on {question.id}"]
                if question.document:
                    file = self.papers(f"{question.id}.txt", f"{case_id} {question.id}")
                    said += ["--attach", str(file), "--as", "policy", "--due", "2026-12-31"]
                self.does(who, "case", "answer", case_id, *said)

    def recommends(self, case_id: str, choice: str) -> None:
        """Have a case rated and recommended by the analyst."""
        self.does("Ann", "case", "rate", case_id, "--choice", "medium", "--reason", "new to us")
        said = ("--choice", choice, "--reason", "covers what we need")
        self.does("Ann", "case", "recommend", case_id, *said)

    def decides(self, who: str, case_id: str, step: str) -> None:
        """Have a case decided, bound to what it is."""
        said = ("--reason", "minutes of March", "--seen", self.seen(case_id))
        self.does(who, "case", step, case_id, *said)

    def finishes(self, case_id: str) -> None:
        """Have the report made, presented and signed."""
        target = self.home.parent / f"{case_id}.pdf"
        self.does("Cora", "vendor", "report", case_id, "--out", target)
        self.does("Cora", "case", "present", case_id, "--to", "Sen")
        self.does("Sen", "case", "sign", case_id, "--seen", self.seen(case_id))


def founded(folder: Path) -> Firm:
    """Return a firm with its people and two providers' users."""
    firm = Firm(folder / "firm")
    firm.does("", "init")
    (firm.home / "policy" / QUESTIONNAIRE).write_text(SHORT)
    for name, roles in PEOPLE.items():
        _add(firm, name, *roles)
    for name, of in (("Kes", KESTREL), ("Har", HARRIER)):
        _add(firm, name, "vendor", of=of)
    return firm


def _add(firm: Firm, name: str, *roles: str, of: str = "") -> None:
    said = [part for role in roles for part in ("--role", role)]
    said += ["--of", of] if of else []
    firm.tokens[name] = firm.does("Ada", "user", "add", name, *said, "--json").json["token"]


def with_market(firm: Firm) -> None:
    """Give a firm two orders, three fills, and the trades of two securities at some venues."""
    tables: dict[str, list[dict[str, str]]] = {
        "quotes": [
            {"symbol": name, "at": f"{DAY}T15:00:00Z", "bid": "10", "ask": "10.02"}
            for name in ("ABC", "XYZ")
        ],
        "orders": [
            {"order_id": f"O-{name}", "symbol": name, "received_at": f"{DAY}T15:01:00Z",
             "side": "buy", "quantity": "300", "order_type": "market", "account_type": "retail",
             "held": "true", "directed": "false"}
            for name in ("ABC", "XYZ")
        ],
        "fills": [
            {"fill_id": f"F{number}", "order_id": "O-ABC", "executed_at": f"{DAY}T15:01:01Z",
             "price": "10.01", "quantity": quantity, "venue": venue}
            for number, (venue, quantity) in enumerate((("XNYS", "200"), ("WHSA", "100")))
        ],
        "trades": [
            {"symbol": "ABC", "at": f"{DAY}T15:0{number}:00Z", "price": "10.01", "size": size,
             "venue": venue}
            for number, (venue, size) in enumerate(
                (("XNYS", "600"), ("XNAS", "200"), ("EDGX", "50"), ("IEXG", "49"), ("FINN", "101"))
            )
        ],
    }  # fmt: skip
    venues = "".join(
        f'[[venue]]\nmic = "{name}"\nfrom = 2026-01-01\nsource = "s"\napproved_by = "CCO"\n'
        for name in ("XNYS", "XNAS")
    )
    (firm.home / "policy" / "venues.toml").write_text(venues)
    for kind, rows in tables.items():
        path = firm.home.parent / f"{kind}.csv"
        path.write_text(csv_of(rows))
        firm.does("", "ingest", kind, path)
    firm.does("", "run")
