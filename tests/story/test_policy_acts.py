"""A firm's settings, looked over, proposed by one and approved by another."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from routewarden.base.canonical import sha256
from routewarden.policy.wsp import WSP
from routewarden.runs.watch import unapproved_settings
from routewarden.store import durable
from routewarden.store.approvals import Footing, policy_stretches
from routewarden.store.home import opened
from routewarden.store.policies import _READERS, NoPolicyFileError, policy_name, said
from routewarden.store.settings import APPROVED, BESIDE, FILES
from routewarden.store.storage import STORAGE
from tests.command import must, routewarden
from tests.persons import registered

LIMIT = """\
[[limit]]
name = "drift_most"
value = "{value}"
from = 2026-01-01
source = "minutes"
approved_by = "CCO"
"""
WHOSE = "fraction (minutes, approved by CCO)"
FIGURE = """\
[[figure]]
metric = "m"
orders = "all"
value = "1.50"
n = 1200
from = 2026-01-01
source = "s"
simulated = true
"""
PROFILE = """\
name = "ours"
[[table]]
kind = "fills"
columns = {fill_id = "Exec", order_id = "Order", executed_at = "At", price = "Px", quantity = "Qty"}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "firm"
    must(home, "init")
    return home


@pytest.fixture
def limits(tmp_path: Path) -> Path:
    path = tmp_path / "limits.toml"
    path.write_text(LIMIT.format(value="0.05"))
    return path


def listed(home: Path, name: str = "limits.toml") -> dict[str, Any]:
    files = must(home, "policy", "list", "--json").json["files"]
    return next(dict(file) for file in files if file["name"] == name)


def test_every_setting_that_ships_has_a_reader() -> None:
    assert set(_READERS) == {*FILES, *BESIDE, STORAGE, WSP}  # a firm begins without its own
    assert all(said(name, text.encode()) is not None for name, text in FILES.items())


def test_a_check_says_which_values_would_change(home: Path, limits: Path) -> None:
    (home / "policy" / "limits.toml").write_text(LIMIT.format(value="0.08"))

    asked = must(home, "policy", "check", limits)

    assert asked.out.splitlines() == [
        "policy/limits.toml: can be used; 1 values would change",
        f"~ drift_most from 2026-01-01: 0.08 {WHOSE} -> 0.05 {WHOSE}",
    ]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("calendar", "closed = [2026-12-31]", ("2026-12-31", None, "closed")),
        (
            "calendar",
            "[sessions]\n2026-12-30 = {open = 09:30:00, close = 13:00:00}",
            ("2026-12-30", None, "open 09:30:00 to 13:00:00"),
        ),
        (
            "trade_conditions",
            'regular = ["@"]',
            ("trades of condition '@'", None, "regular"),
        ),
        ("firm", 'name = "Kestrel"', ("name", "The firm", "Kestrel")),
        (
            "venues",
            '[[venue]]\nmic = "XNYS"\nfrom = 2026-01-01\nsource = "s"\napproved_by = "CCO"',
            ("venue XNYS from 2026-01-01", None, "to further notice (s, approved by CCO)"),
        ),
        (
            "prior",
            FIGURE,
            ("m of all orders from 2026-01-01", None, "1.50 over 1,200 (s, simulated)"),
        ),
        ("storage", 'place = "/srv/lake"', ("place", "the home", "/srv/lake")),
        ("profiles/ours", PROFILE, ("name", None, "ours")),
    ],
)
def test_each_file_is_read_by_its_own_reader(
    home: Path, tmp_path: Path, name: str, text: str, said: tuple[str, str | None, str]
) -> None:
    path = tmp_path / "some.toml"
    path.write_text(text)

    asked = must(home, "policy", "check", path, "--as", name, "--json").json

    found = [(each["what"], each["before"], each["after"]) for each in asked["changes"]]
    assert said in found


def test_a_file_that_cannot_be_used_says_why_and_is_not_proposed(
    home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "limits.toml"
    path.write_text('[[limit]]\nname = "no such"\n')

    asked = routewarden(home, "policy", "check", path)
    assert (asked.status, "no such" in asked.err) == (1, True)
    assert routewarden(home, "policy", "propose", path, "--reason", "x").status == 2
    path.write_bytes(b"\xff")
    assert "UTF-8" in routewarden(home, "policy", "check", path).err
    assert must(home, "policy", "list", "--json").json["proposed"] == []


def test_a_file_is_known_by_its_name_or_its_folder() -> None:
    assert policy_name(Path("x/limits.toml")) == "limits.toml"
    assert policy_name(Path("policy/profiles/a.toml")) == "profiles/a.toml"
    assert policy_name(Path("anything"), "venues") == "venues.toml"
    for path, stated in ((Path("x/other.toml"), None), (Path("a"), "profiles/../limits")):
        with pytest.raises(NoPolicyFileError):
            policy_name(path, stated)


def test_what_init_writes_is_as_shipped_and_approved_by_nobody(home: Path) -> None:
    files = must(home, "policy", "list", "--json").json["files"]

    assert {file["name"] for file in files} == {*FILES, *BESIDE}
    assert {(file["standing"], file["approved_by"]) for file in files} == {("as shipped", None)}


def test_a_second_person_puts_a_proposal_in_force(home: Path, limits: Path) -> None:
    key = registered(home, "R. Roe")
    proposed = must(home, "policy", "propose", limits, "--reason", "minutes of May", "--json").json

    assert listed(home)["standing"] == "as shipped"
    assert must(home, "policy", "list", "--json").json["proposed"] == [proposed]
    assert must(home, "policy", "propose", limits, "--reason", "again", "--json").json == proposed
    must(home, "policy", "approve", proposed["digest"][:8], "--key", key)
    assert (home / "policy" / "limits.toml").read_bytes() == limits.read_bytes()
    file = listed(home)
    assert (file["digest"], file["approved_by"]) == (sha256(limits.read_bytes()), "R. Roe")
    assert must(home, "policy", "list", "--json").json["proposed"] == []
    assert routewarden(home, "policy", "approve", limits, "--key", key).status == 2
    must(home, "verify")


def test_nobody_approves_what_they_proposed(
    home: Path, limits: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = registered(home, "R. Roe")
    monkeypatch.setattr("getpass.getuser", lambda: "R. Roe")
    must(home, "policy", "propose", limits, "--reason", "mine")

    refused = routewarden(home, "policy", "approve", limits, "--key", key)

    assert (refused.status, "another registered person" in refused.err) == (2, True)
    assert listed(home)["standing"] == "as shipped"


def test_a_proposal_is_for_the_place_of_what_was_in_force(home: Path, limits: Path) -> None:
    key = registered(home, "R. Roe")
    must(home, "policy", "propose", limits, "--reason", "x")
    (home / "policy" / "limits.toml").write_text(LIMIT.format(value="0.07"))

    refused = routewarden(home, "policy", "approve", limits, "--key", key)

    assert (refused.status, "propose it again" in refused.err) == (2, True)
    must(home, "policy", "propose", limits, "--reason", "x")
    must(home, "policy", "approve", limits, "--key", key)
    assert listed(home)["standing"] == "approved"


def test_a_change_by_hand_shows_until_it_is_approved(home: Path) -> None:
    key = registered(home, "R. Roe")
    file = home / "policy" / "limits.toml"
    shipped = file.read_text()
    file.write_text(LIMIT.format(value="0.05"))
    assert listed(home)["standing"] == "changed outside an approved act"

    must(home, "policy", "propose", file, "--reason", "made by hand")
    must(home, "policy", "approve", file, "--key", key)
    assert (listed(home)["standing"], listed(home)["approved_by"]) == ("approved", "R. Roe")
    file.write_text(shipped)
    assert listed(home)["standing"] == "changed outside an approved act"
    file.write_text(LIMIT.format(value="0.05"))
    assert listed(home)["standing"] == "approved"


def test_a_crash_between_approval_and_file_loses_neither(
    home: Path, limits: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = registered(home, "R. Roe")
    must(home, "policy", "propose", limits, "--reason", "x")

    def failing(path: Path, data: bytes, mode: int | None = None) -> None:
        if path.parent.name == "policy":
            raise OSError(5, "failed", str(path))
        durable.write_files({path: data}, mode)

    with monkeypatch.context() as patched:
        patched.setattr("routewarden.store.home.durable.write_file", failing)
        assert routewarden(home, "policy", "approve", limits, "--key", key).status == 2
    byhand = LIMIT.format(value="0.07")
    (home / "policy" / "limits.toml").write_text(byhand)

    assert listed(home)["standing"] == "approved"
    assert (home / "policy" / "limits.toml").read_bytes() == limits.read_bytes()
    with opened(home) as firm:
        assert firm.blobs.path(sha256(byhand.encode())).exists()


def test_a_profile_is_a_policy_file_too(home: Path, tmp_path: Path) -> None:
    key = registered(home, "R. Roe")
    path = tmp_path / "ours.toml"
    path.write_text(PROFILE)

    must(home, "policy", "propose", path, "--as", "profiles/ours", "--reason", "new vendor")
    must(home, "policy", "approve", path, "--key", key)

    assert "ours" in must(home, "profile", "list").out
    assert listed(home, "profiles/ours.toml")["standing"] == "approved"


def test_people_read_lists_and_proposals(home: Path, limits: Path) -> None:
    proposed = must(home, "policy", "propose", limits, "--reason", "minutes of May").out

    assert "+ drift_most from 2026-01-01: 0.05 fraction (minutes, approved by CCO)" in proposed
    shown = must(home, "policy", "list").out
    assert "as shipped" in shown
    assert "minutes of May" in shown


def findings(home: Path, *arguments: str) -> list[tuple[str, str, str]]:
    found = must(home, "findings", "--json", *arguments).json["findings"]
    return [
        (each["severity"], each["verdict"], each["id"])
        for each in found
        if each["rule"] == "unapproved-policy"
    ]


@pytest.fixture
def measured(home: Path, tmp_path: Path) -> Path:
    (tmp_path / "orders.csv").write_text(
        "order_id,received_at,symbol,side,quantity,order_type\n"
        "O1,2026-07-01T14:00:00Z,ABC,buy,100,market\n"
        "O2,2026-07-02T14:00:00Z,ABC,buy,100,market\n"
    )
    must(home, "ingest", "orders", tmp_path / "orders.csv")
    must(home, "run")
    return home


def test_a_file_on_nobodys_word_is_a_finding_of_every_answer(measured: Path) -> None:
    key = registered(measured, "R. Roe")
    assert findings(measured) == []

    file = measured / "policy" / "limits.toml"
    file.write_text(LIMIT.format(value="0.05"))
    expected = [("high", "yes", "limits.toml")]
    assert findings(measured) == expected
    assert findings(measured, "--date", "2026-07-01") == expected
    assert routewarden(measured, "run", "--fail-on", "high").status == 1

    must(measured, "policy", "propose", file, "--reason", "x")
    must(measured, "policy", "approve", file, "--key", key)
    assert findings(measured) == []


def test_a_file_that_was_put_back_is_told_on_its_date(measured: Path) -> None:
    file = measured / "policy" / "limits.toml"
    shipped = file.read_text()
    file.write_text(LIMIT.format(value="0.05"))
    must(measured, "run")
    file.write_text(shipped)
    must(measured, "run")

    assert findings(measured) == []
    with opened(measured) as firm:
        today = firm.today()
        facts = unapproved_settings(firm, today, today)
    assert facts["policy_file"].to_list() == ["limits.toml"]
    assert facts["until"].null_count() == 0


def test_an_older_log_cannot_tell_who_approved_what_it_begins_with(measured: Path) -> None:
    with opened(measured) as firm:
        entries = firm.log.entries()
    told = json.loads(entries[1].entry)
    assert told["payload"].pop("shipped") is True
    told["payload"]["digest"] = "0" * 64
    older = [entries[0], replace(entries[1], entry=json.dumps(told).encode()), *entries[2:]]

    named = {each.name: each.footing for each in policy_stretches(older)}

    assert named[told["payload"]["name"]] is Footing.UNKNOWN
    assert {*named.values()} == {Footing.UNKNOWN, Footing.SHIPPED}


def test_a_false_approval_does_not_count(home: Path, limits: Path) -> None:
    registered(home, "R. Roe")
    data = limits.read_bytes()
    with opened(home) as firm:
        digest = firm.blobs.put_bytes(data)
        stated = {"act": APPROVED, "name": "limits.toml", "digest": digest}
        approval = {"name": "R. Roe", "key": "none", "signature": ""}
        payload = {"name": "limits.toml", "digest": digest, "proposal": 0, "statement": stated}
        firm.record(APPROVED, "forged", "limits.toml", {**payload, "approval": approval})

    assert listed(home)["standing"] == "changed outside an approved act"
    assert routewarden(home, "verify").status == 1
