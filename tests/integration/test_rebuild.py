"""The event table thrown away, or tampered with, and made again from the published log."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from routewarden.store.home import opened
from routewarden.store.rebuild import CannotRebuildError, rebuild
from routewarden.store.signing import Keys
from tests.integration.homes import FILLS, Golden, golden
from tests.integration.test_tamper import COLUMNS, faults, rewritten, rows
from tests.integration.warm import warm

LAST = "(SELECT MAX(seq) FROM event)"

TAMPERINGS = {
    **{f"column {name}": [f"UPDATE event SET {name} = 'x' WHERE seq = 2"] for name in COLUMNS},  # noqa: S608
    "bytes": ["UPDATE event SET entry = x'7b7d' WHERE seq = 2"],
    "text": ["UPDATE event SET entry = CAST(entry AS TEXT) || ' ' WHERE seq = 1"],
    "empty": ["UPDATE event SET entry = x'' WHERE seq = 0"],
    "version": [
        "UPDATE event SET entry = CAST(REPLACE(CAST(entry AS TEXT), '\"v\":1', '\"v\":2') AS BLOB)"
    ],
    "first gone": ["DELETE FROM event WHERE seq = 0"],
    "one gone": ["DELETE FROM event WHERE seq = 2"],
    "last gone": [f"DELETE FROM event WHERE seq = {LAST}"],  # noqa: S608
    "all gone": ["DELETE FROM event"],
    "moved": ["UPDATE event SET seq = 99 WHERE seq = 2"],
    "swapped": [
        "UPDATE event SET seq = -1 WHERE seq = 1",
        "UPDATE event SET seq = 1 WHERE seq = 2",
        "UPDATE event SET seq = 2 WHERE seq = -1",
    ],
    "slipped in": [
        "INSERT INTO event SELECT max(seq) + 1, 'n', 'x', 'x', 'x', prev, 'n', entry FROM event"
    ],
    "table dropped": ["DROP TABLE event"],
}


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    return golden(tmp_path_factory.mktemp("golden"))


@pytest.fixture
def home(firm: Golden, tmp_path: Path) -> Path:
    return shutil.copytree(firm.after, tmp_path / "home")


def exported(home: Path) -> bytes:
    out = home.parent / "fills.csv"
    assert warm(home, "export", "fills", "--out", out).status == 0
    return out.read_bytes()


@pytest.mark.parametrize("name", TAMPERINGS)
def test_every_tampering_is_undone(name: str, home: Path) -> None:
    before = rows(home)
    rewritten(home, TAMPERINGS[name])
    assert faults(home) if name != "table dropped" else True
    rebuild(home)

    assert rows(home) == before
    assert faults(home) == []


def gone(path: Path) -> None:
    path.unlink()


def no_database(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 1000)


def halved(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [gone, no_database, halved, emptied])
def test_a_table_that_is_gone_or_no_table_is_made_again(
    damage: Callable[[Path], None], home: Path, firm: Golden
) -> None:
    before = rows(home)
    damage(home / "routewarden.sqlite")
    outcome = warm(home, "rebuild", "--json")

    assert (outcome.status, outcome.json["left"]) == (0, None), outcome
    assert rows(home)[: len(before)] == before
    assert exported(home) == firm.export
    assert faults(home) == []


def test_the_old_table_is_kept_aside_and_the_replacement_is_in_the_log(home: Path) -> None:
    rewritten(home, TAMPERINGS["bytes"])
    old = (home / "routewarden.sqlite").read_bytes()
    outcome = warm(home, "rebuild")

    assert outcome.status == 0
    assert "find out who changed it" in outcome.err
    assert (home / "routewarden.sqlite.aside-1").read_bytes() == old
    with opened(home) as firm:
        (entry,) = firm.log.entries("log:rebuilt")
    assert entry.content["payload"]["aside"] == "routewarden.sqlite.aside-1"


def test_a_whole_table_stays_what_it_was(home: Path) -> None:
    before = rows(home)
    outcome = warm(home, "rebuild", "--json")

    assert (outcome.json["same"], outcome.json["kept"], outcome.json["left"]) == (True, 0, 0)
    assert rows(home) == before


def unpublished(home: Path, count: int = 2) -> None:
    """Acknowledge entries and die before they are published."""
    with opened(home, only_to_read=True) as firm:
        for number in range(count):
            firm.record("test:done", f"test-{number}", "x", {"v": 1})


def test_entries_that_were_acknowledged_and_not_published_stay(home: Path) -> None:
    unpublished(home)
    before = rows(home)
    done = rebuild(home)

    assert (done.kept, done.left, done.same) == (2, 0, True)
    assert rows(home) == before
    assert warm(home, "verify").status == 0


def test_they_stay_even_where_the_table_was_changed_before_them(home: Path) -> None:
    unpublished(home)
    before = rows(home)
    rewritten(home, TAMPERINGS["one gone"])
    done = rebuild(home)

    assert (done.kept, done.left, done.same) == (2, 0, False)
    assert rows(home) == before


@pytest.mark.parametrize(
    ("statements", "kept", "left"),
    [
        ([f"UPDATE event SET entry = x'7b7d' WHERE seq = {LAST} - 1"], 0, 2),  # noqa: S608
        ([f"UPDATE event SET entry = x'7b7d' WHERE seq = {LAST}"], 1, 1),  # noqa: S608
        ([f"DELETE FROM event WHERE seq = {LAST} - 1"], 0, 1),  # noqa: S608
    ],
)
def test_what_does_not_follow_on_is_left_and_counted(
    statements: Sequence[str], kept: int, left: int, home: Path
) -> None:
    unpublished(home)
    rewritten(home, statements)
    done = rebuild(home)

    assert (done.kept, done.left) == (kept, left)


def test_nothing_is_made_from_a_log_without_its_signed_root(home: Path) -> None:
    before = (home / "routewarden.sqlite").read_bytes()
    bundle = next((home / "evidence/log/tile/entries").rglob("[0-9]*"))
    while bundle.is_dir():
        bundle = next(bundle.iterdir())
    bundle.write_bytes(bundle.read_bytes().replace(b'"v":1', b'"v":2', 1))
    outcome = warm(home, "rebuild")

    assert (outcome.status, "the signed root" in outcome.err) == (2, True), outcome
    assert (home / "routewarden.sqlite").read_bytes() == before


@pytest.mark.parametrize("lost", ["checkpoint", "tile"])
def test_nothing_is_made_from_a_log_that_is_not_all_there(lost: str, home: Path) -> None:
    path = home / "evidence" / "log" / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(CannotRebuildError, match="missing"):
        rebuild(home)


def test_a_key_from_elsewhere_goes_before_those_the_log_names(home: Path) -> None:
    other = Keys(home.parent / "k").make("firm.example").text
    own = (home / "keys" / "log.pub").read_text().strip()

    assert warm(home, "rebuild", "--key", other).status == 2
    assert warm(home, "rebuild", "--key", own).status == 0


def test_the_lake_too_is_made_again(home: Path, firm: Golden) -> None:
    (home / "routewarden.sqlite").unlink()
    shutil.rmtree(home / "lake")
    shutil.rmtree(home / "measured")
    outcome = warm(home, "rebuild", "--json")

    assert outcome.json["rebuilt"] == 4
    assert warm(home, "run").status == 0
    assert exported(home) == firm.export
    assert len(firm.export.splitlines()) == FILLS + 1
