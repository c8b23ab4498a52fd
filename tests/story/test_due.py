"""What is due, for whom and since when: listed, as a calendar, and told once a day."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from tests.firm_people import Firm
from tests.line import csv_of
from tests.receivers import HOST, Certificate, mail_server, webhook

VERSION = """\
[[version]]
router = "SOR"
version = "{}"
from = 2026-08-03
provider = "Acme Routing Inc."
source = "sheet"
approved_by = "committee"
"""
CASE, REVIEW, LAST = "CF-1", "review 2026Q2", "user Carl"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A firm with an open case, a quarter without a review, and a user whose last date is near."""
    tmp_path = tmp_path_factory.mktemp("due")
    firm = Firm(tmp_path / "firm", "2026-07-06T15:00:00Z")
    firm.run("init")
    quote = {"symbol": "ABC", "at": "2026-06-30T14:00:00Z", "bid": "10", "ask": "10.04"}
    order = {"order_id": "O1", "symbol": "ABC", "received_at": "2026-06-30T14:00:01Z",
             "side": "buy", "quantity": "100", "order_type": "market"}  # fmt: skip
    for kind, row in (("quotes", quote), ("orders", order)):
        path = tmp_path / f"{kind}.csv"
        path.write_text(csv_of([row]))
        firm.run("ingest", kind, path)
    firm.run("run")
    firm.has("Ada", "Ann", "Sue")
    firm.run("user", "add", "Carl", "--role", "compliance", "--until", "2026-07-31", by="Ada")
    file = tmp_path / "router.toml"
    file.write_text(VERSION.format("4.2"))
    firm.run("router", "propose", file, "--reason", "new", by="Ann")
    return firm


@pytest.fixture
def firm(made: Firm, tmp_path: Path) -> Firm:
    """A copy of it that a test may change."""
    shutil.copytree(made.home, tmp_path / "firm")
    return Firm(tmp_path / "firm", made.now, made.tokens)


def due(firm: Firm, *more: str, by: str = "Ann") -> list[tuple[str, str, str, bool]]:
    told = firm.json("due", *more, by=by)["due"]
    return [(each["id"], each["due"], each["since"], each["overdue"]) for each in told]


def test_it_lists_what_is_due_the_earliest_first(made: Firm) -> None:
    assert due(made, "--until", "2026-12-31") == [
        (CASE, "2026-07-20", "2026-07-06", False),
        (LAST, "2026-07-31", "2026-07-06", False),
        (REVIEW, "2026-08-12", "2026-07-01", False),
    ]
    assert [each[0] for each in due(made)] == [CASE, LAST]
    assert "Last date of user Carl (compliance)" in made.run("due", by="Ann")


def test_what_is_past_its_date_stays_until_it_is_done(firm: Firm) -> None:
    firm.now = "2026-08-13T15:00:00Z"

    assert [(each[0], each[3]) for each in due(firm)] == [(CASE, True), (REVIEW, True)]
    assert "2026-07-20 overdue" in firm.run("due", by="Ann")
    firm.run("case", "withdraw", CASE, "--reason", "taken back", by="Ann")
    firm.run("review", "2026Q2", "--out", firm.home.parent / "review", by="Ann")
    assert due(firm) == []


def test_it_is_a_user_s_or_a_role_s(made: Firm) -> None:
    def of(whom: str) -> list[str]:
        return [each[0] for each in due(made, "--for", whom, "--until", "2026-12-31")]

    assert of("Ann") == of("me") == of("compliance") == [CASE, REVIEW]
    assert of("chair") == [CASE]
    assert of("Ada") == of("administrator") == [LAST]
    assert of("desk") == []


def test_it_is_written_as_a_list_and_as_a_calendar(made: Firm, tmp_path: Path) -> None:
    for name in ("due.csv", "due.xlsx", "due.ics", "again.ics"):
        made.run("due", "--out", tmp_path / name, by="Ann")
    first, second = (
        Calendar.from_ical((tmp_path / name).read_bytes()) for name in ("due.ics", "again.ics")
    )
    events = first.walk("VEVENT")

    assert (
        "2026-07-20,CF-1 SOR 4.2 from 2026-08-03: proposed (medium)"
        in (tmp_path / "due.csv").read_text()
    )
    assert load_workbook(tmp_path / "due.xlsx").sheetnames
    assert [event.decoded("dtstart") for event in events] == [date(2026, 7, 20), date(2026, 7, 31)]
    assert [event["uid"] for event in events] == [event["uid"] for event in second.walk("VEVENT")]


# -- Notices ---------------------------------------------------------------------------------------


def tells(firm: Firm, certificate: Certificate, *, mail: int = 0, hook: int = 0) -> None:
    """Have Ann told by e-mail, and compliance by a webhook, of what is due in two weeks."""
    trust = f'certificate = """{certificate.pem}"""\n'
    text = ""
    if mail:
        text += f'[mail]\nhost = "{HOST}"\nport = {mail}\nsender = "rw@firm.example"\n'
        text += f'user = "rw"\n{trust}'
    if hook:
        text += f'[webhook]\nurl = "https://{HOST}:{hook}/due?k=1"\n{trust}'
    if mail:
        text += '[[notice]]\nfor = "Ann"\nmail = "ann@firm.example"\ndays_ahead = 14\n'
    if hook:
        text += '[[notice]]\nfor = "compliance"\nwebhook = true\ndays_ahead = 14\n'
    (firm.home / "policy" / "notices.toml").write_text(text)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    monkeypatch.setenv("ROUTEWARDEN_SMTP_PASSWORD", "hush")
    monkeypatch.setenv("ROUTEWARDEN_WEBHOOK_TOKEN", "hush, too")
    return Certificate(tmp_path).make()


def test_a_matter_is_told_once_a_day(firm: Firm, certificate: Certificate) -> None:
    with mail_server(certificate) as box, webhook(certificate) as hook:
        tells(firm, certificate, mail=box.port, hook=hook.port)
        one, two = firm.json("notify"), firm.json("notify")
        firm.now = "2026-07-07T15:00:00Z"
        firm.run("notify")

    sender, to, text = box.taken[0]
    path, headers, body = hook.taken[0]
    assert [(each["for"], each["matters"]) for each in one["notices"]] == [
        ("Ann", 1), ("compliance", 1),
    ]  # fmt: skip
    assert two["notices"] == []
    assert (len(box.taken), len(hook.taken)) == (2, 2)
    assert (sender, to) == ("rw@firm.example", ["ann@firm.example"])
    assert "Subject: Routewarden: 1 due, 0 of them overdue" in text
    assert "2026-07-20  CF-1 SOR 4.2 from 2026-08-03: proposed (medium)" in text
    assert box.passwords == [b"hush", b"hush"]
    assert (path, headers["Authorization"]) == ("/due?k=1", "Bearer hush, too")
    assert [each["id"] for each in json.loads(body)["due"]] == [CASE]


def test_what_comes_up_later_is_told_the_same_day(firm: Firm, certificate: Certificate) -> None:
    file = firm.home.parent / "router.toml"
    with mail_server(certificate) as box:
        tells(firm, certificate, mail=box.port)
        firm.run("notify")
        file.write_text(VERSION.format("4.3"))
        firm.run("router", "propose", file, "--reason", "newer", by="Ann")
        firm.run("notify")

    assert [text.count("CF-") for _, _, text in box.taken] == [1, 1]
    assert "CF-2" in box.taken[1][2]


def test_a_message_that_was_not_taken_is_sent_again(firm: Firm, certificate: Certificate) -> None:
    with webhook(certificate) as hook:
        tells(firm, certificate, hook=hook.port)
        hook.status = 302
        failed = firm.run("notify", status=1)
        hook.status = 200
        firm.run("notify")

    assert "not told, status 302" in failed
    assert len(hook.taken) == 2


def test_nothing_is_sent_in_clear_or_to_whom_nobody_vouches_for(
    firm: Firm, certificate: Certificate, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Certificate(tmp_path / "other").make()
    with mail_server(None) as clear, mail_server(other) as strange, webhook(other) as hook:
        tells(firm, certificate, mail=clear.port)
        plain = firm.run("notify", status=1)
        tells(firm, certificate, mail=strange.port, hook=hook.port)
        unknown = firm.run("notify", status=1)

    assert "STARTTLS" in plain
    assert unknown.count("CERTIFICATE_VERIFY_FAILED") == 2
    assert (clear.taken, clear.passwords, strange.taken, hook.taken) == ([], [], [], [])


def test_no_secret_is_in_the_home(firm: Firm, certificate: Certificate) -> None:
    with mail_server(certificate) as box, webhook(certificate) as hook:
        tells(firm, certificate, mail=box.port, hook=hook.port)
        firm.run("notify")

    held = [path for path in firm.home.rglob("*") if path.is_file()]
    assert not [path for path in held if b"hush" in path.read_bytes()]
