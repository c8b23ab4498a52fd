"""Two persons, by their keys: who counts, whose approval, and what `verify` says of a false one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization as as_
from cryptography.hazmat.primitives.asymmetric import ec

from routewarden.ledger.approval import Approval
from routewarden.store.home import opened
from routewarden.store.persons import ApprovalError, approve, check, persons
from tests.command import must, routewarden

STATEMENT = {"act": "purge", "digest": "ab" * 32, "proposed_by": "Jane Doe"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two registered persons, whose keys are in folders beside it."""
    home = tmp_path / "home"
    must(home, "init")
    for name, key in (("Jane Doe", "jane"), ("John Roe", "john")):
        made = must(home, "person", "key", tmp_path / key, key)
        must(home, "person", "add", name, made.out.strip())
    return home


def key_file(home: Path, key: str) -> Path:
    return home.parent / key / f"{key}.pem"


def entered(home: Path, kind: str, payload: Mapping[str, Any]) -> list[str]:
    """Put an entry in the log; return what verify then says."""
    with opened(home) as firm:
        firm.record(kind, "the-entry", "subject", payload)
    found = routewarden(home, "verify", "--json").json
    return [fault["what"] for fault in found["faults"]]


def signed(home: Path, key: str, statement: Mapping[str, Any] = STATEMENT) -> Approval:
    with opened(home) as firm:
        return approve(firm, statement, key_file(home, key))


def test_who_counts_is_listed_by_name(home: Path) -> None:
    with opened(home) as firm:
        found = persons(firm)

    assert [(person.name, person.key.name) for person in found] == [
        ("Jane Doe", "jane"),
        ("John Roe", "john"),
    ]
    listed = must(home, "person", "list", "--json").json["persons"]
    assert [each["key"] for each in listed] == [person.key.text for person in found]


def test_a_private_key_is_its_owners_alone_and_never_in_the_home(home: Path) -> None:
    assert key_file(home, "jane").stat().st_mode & 0o777 == 0o600
    assert routewarden(home, "person", "key", home / "keys", "x").status == 2
    again = routewarden(home, "person", "key", home.parent / "jane", "jane")
    assert (again.status, "not written over" in again.err) == (2, True)


def test_another_person_approves(home: Path) -> None:
    approval = signed(home, "john")
    with opened(home) as firm:
        assert check(firm.log.entries(), STATEMENT, approval).name == "John Roe"

    payload = {"statement": STATEMENT, "approval": approval.payload}
    assert entered(home, "purge:approved", payload) == []


def test_nobody_approves_what_they_proposed(home: Path) -> None:
    with pytest.raises(ApprovalError, match="another registered person"):
        signed(home, "jane")
    by_jane = signed(home, "jane", {**STATEMENT, "proposed_by": "John Roe"})
    with opened(home) as firm, pytest.raises(ApprovalError, match="did not sign"):
        check(firm.log.entries(), STATEMENT, by_jane)


def test_a_key_that_is_nobodys_approves_nothing(home: Path) -> None:
    must(home, "person", "key", home.parent / "x", "x")
    with pytest.raises(ApprovalError, match="no registered person"):
        signed(home, "x")


def test_who_was_removed_or_has_a_new_key_approves_nothing_with_the_old(home: Path) -> None:
    before = signed(home, "john")
    made = must(home, "person", "key", home.parent / "new", "new")
    must(home, "person", "add", "John Roe", made.out.strip())
    with opened(home) as firm, pytest.raises(ApprovalError, match="was not registered"):
        check(firm.log.entries(), STATEMENT, before)
    assert signed(home, "new").name == "John Roe"
    must(home, "person", "remove", "John Roe")
    with pytest.raises(ApprovalError, match="no registered person"):
        signed(home, "new")


def test_what_was_approved_stands_when_the_person_has_left(home: Path) -> None:
    payload = {"statement": STATEMENT, "approval": signed(home, "john").payload}
    assert entered(home, "purge:approved", payload) == []
    must(home, "person", "remove", "John Roe")

    assert routewarden(home, "verify").status == 0


@pytest.mark.parametrize("left_out", ["approval", "statement", "signature"])
def test_an_act_by_two_without_its_approval_is_a_fault(left_out: str, home: Path) -> None:
    approval = signed(home, "john").payload
    payload: dict[str, Any] = {"statement": STATEMENT, "approval": approval}
    (approval if left_out == "signature" else payload).pop(left_out)

    assert len(entered(home, "purge:approved", payload)) == 1


def test_an_approval_moved_to_another_statement_is_a_fault(home: Path) -> None:
    payload = {"statement": {**STATEMENT, "digest": "cd" * 32}, "approval": signed(home, "john")}
    found = entered(home, "any:type", {**payload, "approval": signed(home, "john").payload})

    assert len(found) == 1
    assert "did not sign what it states" in found[0]


def test_a_key_registered_only_later_does_not_count_for_before(home: Path) -> None:
    must(home, "person", "remove", "John Roe")
    key = persons_key(home.parent / "john" / "john.pub")
    must(home, "person", "add", "John Roe", key)
    approval = signed(home, "john").payload
    must(home, "person", "remove", "John Roe")
    found = entered(home, "purge:approved", {"statement": STATEMENT, "approval": approval})
    must(home, "person", "add", "John Roe", key)

    assert len(found) == 1
    assert routewarden(home, "verify").status == 1


def persons_key(path: Path) -> str:
    return path.read_text().strip()


@pytest.mark.parametrize("name", ["", " Jane", "Ja\nne"])
def test_a_name_is_one_line_of_letters(name: str, home: Path) -> None:
    key = persons_key(home.parent / "john" / "john.pub")

    assert routewarden(home, "person", "add", name, key).status == 2


def test_a_key_is_one_persons_and_not_the_logs(home: Path) -> None:
    jane = persons_key(home.parent / "jane" / "jane.pub")
    log = persons_key(home / "keys" / "log.pub")
    must(home.parent, "witness", "init", home.parent / "w", "--name", "w")
    witness = persons_key(home.parent / "w" / "witness.pub")
    said = [routewarden(home, "person", "add", "Max Moe", key) for key in (jane, log, witness)]

    assert [each.status for each in said] == [2, 2, 2]
    assert must(home, "person", "add", "Jane Doe", jane).out.startswith("Jane Doe: ")
    assert routewarden(home, "person", "remove", "Max Moe").status == 2


@pytest.mark.parametrize("content", [None, "text", "ec"])
def test_a_file_that_holds_no_key_is_named(content: str | None, home: Path) -> None:
    path = home.parent / "file.pem"
    if content == "text":
        path.write_text("hello")
    if content == "ec":
        other = ec.generate_private_key(ec.SECP256R1())
        form = (as_.Encoding.PEM, as_.PrivateFormat.PKCS8, as_.NoEncryption())
        path.write_bytes(other.private_bytes(*form))
    with opened(home) as firm, pytest.raises(Exception, match=r"file\.pem: .*Ed25519"):
        approve(firm, STATEMENT, path)
