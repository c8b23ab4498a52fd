"""Files whose time is over go by two persons' word, and all proofs still hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from routewarden.ledger.tree import hash_leaf, is_included, prove_inclusion
from routewarden.store.blobs import file_digest
from routewarden.store.home import opened
from routewarden.store.purged import PURGED
from tests.command import Outcome, must, routewarden

SETTING = """\
[[class]]
name = "orders"
kinds = ["orders"]
years = 6
source = "procedures, 7.2"
read = 2026-11-02
"""
HEADER = "order_id,received_at,symbol,side,quantity,order_type\n"
OLD, NEW = "2015-03-02", "2026-11-02"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two old files and a new one, six years to keep them, and two persons."""
    home = tmp_path / "home"
    must(home, "init")
    (home / "policy" / "retention.toml").write_text(SETTING)
    for name, day in (("O1", OLD), ("O2", OLD), ("O3", NEW)):
        ingest(home, name, day)
    for name in ("jane", "john"):
        made = must(home, "person", "key", tmp_path / name, name)
        must(home, "person", "add", name, made.out.strip())
    return home


def raw(home: Path, name: str) -> Path:
    return home.parent / f"{name}.csv"


def ingest(home: Path, name: str, day: str) -> Outcome:
    raw(home, name).write_text(f"{HEADER}{name},2026-07-01T13:30:00Z,ABC,buy,100,market\n")
    return routewarden(home, "ingest", "orders", raw(home, name), "--delivered", day)


def blob(home: Path, name: str) -> Path:
    digest = file_digest(raw(home, name))
    return home / "evidence" / "cas" / "sha256" / digest[:2] / digest[2:4] / digest


def free(home: Path) -> set[str]:
    files = must(home, "retention", "--json").json["files"]
    return {each["digest"] for each in files if each["may_go"]}


def proposed(home: Path, by: str = "jane") -> Outcome:
    key = home.parent / by / f"{by}.pem"
    return routewarden(home, "purge", "propose", "--reason", "over", "--key", key, "--json")


def approved(home: Path, number: int, by: str = "john") -> Outcome:
    key = home.parent / by / f"{by}.pem"
    return routewarden(home, "purge", "approve", str(number), "--key", key, "--json")


def test_what_is_past_its_time_goes_and_the_log_still_proves_it(home: Path) -> None:
    assert free(home) == {file_digest(raw(home, name)) for name in ("O1", "O2")}
    with opened(home, only_to_read=True) as firm:
        before = [stored.entry for stored in firm.log.entries()]
    done = approved(home, proposed(home).json["number"])

    assert (done.status, len(done.json["gone"]), done.json["kept"]) == (0, 2, [])
    assert [blob(home, name).exists() for name in ("O1", "O2", "O3")] == [False, False, True]
    assert len(list((home / "lake" / "orders").iterdir())) == 1
    with opened(home, only_to_read=True) as firm:
        after = [stored.entry for stored in firm.log.entries()]
        head, nodes = firm.published.head, firm.published.nodes(firm.published.head.size)
        for index, entry in enumerate(before):
            proof = prove_inclusion(index, head.size, nodes)
            assert is_included(hash_leaf(entry), index, head, proof)
        assert len(firm.log.entries(PURGED)) == 2
    assert after[: len(before)] == before
    assert routewarden(home, "verify").err == ""
    assert must(home, "run").status == 0
    assert routewarden(home, "rebuild").status == 0
    assert routewarden(home, "verify").err == ""


def test_nobody_purges_alone(home: Path) -> None:
    number = proposed(home).json["number"]
    alone = approved(home, number, "jane")

    assert (alone.status, "another registered person" in alone.err) == (2, True)
    assert blob(home, "O1").exists()
    assert approved(home, 0).status == 2


def test_what_is_on_hold_stays_until_it_is_released(home: Path) -> None:
    digest = file_digest(raw(home, "O1"))
    number = proposed(home).json["number"]
    must(home, "hold", "place", "matter-7", "--reason", "subpoena", "--digest", digest)
    assert free(home) == {file_digest(raw(home, "O2"))}
    done = approved(home, number)  # the hold came after the proposal, and counts

    assert (done.status, done.json["kept"]) == (1, [digest])
    assert [blob(home, name).exists() for name in ("O1", "O2")] == [True, False]
    assert must(home, "hold", "list", "--json").json["holds"][0]["reason"] == "subpoena"
    must(home, "hold", "release", "matter-7", "--reason", "settled")
    assert approved(home, number).json["gone"] == proposed_digests(home, number)
    assert not blob(home, "O1").exists()
    assert routewarden(home, "verify").err == ""


def proposed_digests(home: Path, number: int) -> list[str]:
    with opened(home, only_to_read=True) as firm:
        stored = firm.log.find(f"purge:proposed:{number}")
    assert stored is not None
    found: list[str] = stored.content["payload"]["statement"]["digests"]
    return found


@pytest.mark.parametrize(
    ("terms", "left"),
    [
        ([], 0),
        (["--kind", "orders"], 0),
        (["--kind", "fills"], 2),
        (["--from", "2015-03-03"], 2),
        (["--to", "2015-03-02"], 0),
    ],
)
def test_a_hold_is_on_what_its_terms_say(terms: list[str], left: int, home: Path) -> None:
    must(home, "hold", "place", "matter-7", "--reason", "subpoena", *terms)

    assert len(free(home)) == left
    assert proposed(home).status == (2 if left == 0 else 0)


def test_a_hold_has_a_name_of_its_own_and_a_reason(home: Path) -> None:
    must(home, "hold", "place", "matter-7", "--reason", "subpoena")

    assert routewarden(home, "hold", "place", "matter-7", "--reason", "x").status == 2
    assert routewarden(home, "hold", "place", "matter-8", "--reason", " ").status == 2
    assert routewarden(home, "hold", "release", "matter-8", "--reason", "x").status == 2
    assert routewarden(home, "hold", "release", "matter-7", "--reason", " ").status == 2


def test_without_a_class_nothing_may_go(home: Path) -> None:
    (home / "policy" / "retention.toml").write_text("")

    assert free(home) == set()
    assert proposed(home).status == 2


def test_a_purged_file_is_not_taken_in_again(home: Path) -> None:
    approved(home, proposed(home).json["number"])
    again = ingest(home, "O1", OLD)

    assert (again.status, "was held and purged" in again.err) == (2, True)
    assert ingest(home, "O4", NEW).status == 0
    assert routewarden(home, "verify").err == ""


def test_bytes_that_came_back_are_removed_and_until_then_a_fault(home: Path) -> None:
    approved(home, proposed(home).json["number"])
    blob(home, "O1").write_bytes(raw(home, "O1").read_bytes())
    assert "was purged, and is here" in routewarden(home, "verify").err
    ingest(home, "O5", NEW)

    assert routewarden(home, "verify").err == ""


def test_a_file_that_is_gone_without_two_persons_is_a_fault(home: Path) -> None:
    digest = file_digest(raw(home, "O1"))
    with opened(home) as firm:
        payload = {"digest": digest, "deleted": [digest], "approved": "ab" * 32}
        firm.record(PURGED, f"{PURGED}:{digest}", digest, payload)
    blob(home, "O1").unlink(missing_ok=True)
    said = routewarden(home, "verify")

    assert (said.status, "says that a file is purged" in said.err) == (1, True)


def test_a_backup_made_after_has_them_no_more(home: Path) -> None:
    folder = home.parent / "backup"
    must(home, "backup", folder)
    held = folder / "cas" / blob(home, "O1").relative_to(home / "evidence" / "cas")
    assert held.exists()
    approved(home, proposed(home).json["number"])
    made = must(home, "backup", folder, "--json").json

    assert (made["removed"], held.exists()) == (2, False)
    copy = home.parent / "copy"
    must(copy, "restore", folder)
    assert routewarden(copy, "verify").err == ""
