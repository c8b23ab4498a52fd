"""Every change to what a home holds is found by `verify`, and where it is."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from routewarden.store.blobs import file_digest
from routewarden.store.home import opened
from routewarden.store.verify import verify
from tests.integration.homes import Golden, golden
from tests.integration.warm import warm

SAMPLED = 150
"""Bytes tried of a larger file, and of the database."""
LISTINGS = ("_segment.json", "result.json")
COLUMNS = ("id", "type", "subject", "at", "prev", "leaf")

Change = Callable[[bytes], bytes | None]
"""What becomes of a file's bytes; None is no file at all."""

CHANGES: dict[str, Change] = {
    "flipped": lambda data: flipped(data, len(data) // 2),
    "cut": lambda data: data[:-1],
    "emptied": lambda _: b"",
    "lengthened": lambda data: data + b" ",
    "deleted": lambda _: None,
    "replaced": lambda _: b"{}",
    "replaced by a list": lambda _: b"[]",
}


def flipped(data: bytes, at: int, bit: int = 0) -> bytes:
    """Return the bytes with one bit changed."""
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    return golden(tmp_path_factory.mktemp("golden"))


@pytest.fixture
def home(firm: Golden, tmp_path: Path) -> Path:
    return shutil.copytree(firm.after, tmp_path / "home")


def faults(home: Path) -> list[str]:
    """Return where and what is wrong with a home."""
    with opened(home, only_to_read=True) as firm:
        return [f"{fault.where}: {fault.what}" for fault in verify(firm, lambda _: None).faults]


def kept(home: Path, folder: str) -> list[Path]:
    """Return the files under a folder that evidence or results are in."""
    paths = sorted(path for path in (home / folder).rglob("*") if path.is_file())
    return [path for path in paths if path.name != "last_run.json"]


def unnoticed(home: Path, path: Path, change: Change) -> str:
    """Change a file, verify, put it back; return what should have been said and was not."""
    before = path.read_bytes()
    after = change(before)
    path.chmod(0o644)
    path.unlink()
    if after is not None:
        path.write_bytes(after)
    try:
        found = faults(home)
    except Exception as crash:  # noqa: BLE001 - any is one too many
        found = [f"{type(crash).__name__}: {crash}"]
    path.write_bytes(before)
    named = path.parent if path.name in LISTINGS else path  # a listing may fail by what it lists
    return "" if any(str(named) in fault for fault in found) else f"{path.name}: {found}"


def test_what_a_killed_command_left_staged_is_no_fault(home: Path) -> None:
    left = home / "lake" / ".staging" / "tmpcutshort"
    left.mkdir(parents=True)
    (left / "2026-07-01.parquet").write_bytes(b"half")

    assert warm(home, "verify").status == 0


def test_a_clean_home_is_clean(home: Path) -> None:
    outcome = warm(home, "verify", "--json")

    assert (outcome.status, outcome.json["ok"], outcome.json["faults"]) == (0, True, [])


@pytest.mark.parametrize("folder", ["evidence", "lake", "measured"])
@pytest.mark.parametrize("name", CHANGES)
def test_a_file_that_changed_is_named(name: str, folder: str, home: Path) -> None:
    missed = [unnoticed(home, path, CHANGES[name]) for path in kept(home, folder)]

    assert [miss for miss in missed if miss] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "evidence/cas/sha256/*/*/*",
        "evidence/log/checkpoint",
        "evidence/log/checkpoints/*",
        "evidence/log/tile/0/*/*",
        "evidence/log/tile/entries/*/*",
        "lake/fills/*/*.parquet",
        "lake/fills/*/_segment.json",
        "measured/*/*/fills.parquet",
        "measured/*/result.json",
    ],
)
def test_no_bit_of_a_file_is_free(pattern: str, home: Path) -> None:
    path = min(home.glob(pattern))
    places = range(path.stat().st_size)
    chance = random.Random(pattern)
    tried = places if len(places) <= SAMPLED else chance.sample(places, SAMPLED)
    missed = [
        unnoticed(home, path, lambda data, at=at: flipped(data, at, chance.randrange(8)))  # type: ignore[misc]
        for at in tried
    ]

    assert [miss for miss in missed if miss] == []


def shell_says_no(home: Path, names: str) -> None:
    """Require exit status 1, and that a fault names something."""
    outcome = warm(home, "verify", "--json")
    assert "Traceback" not in outcome.err, outcome.err
    assert outcome.status == 1, outcome
    assert names in outcome.out


@pytest.mark.parametrize("folder", ["evidence", "lake", "measured"])
def test_the_command_line_answers_no_and_names_the_file(folder: str, home: Path) -> None:
    path = kept(home, folder)[0]
    path.chmod(0o644)
    path.write_bytes(flipped(path.read_bytes(), 10))

    shell_says_no(home, str(path))


def foreign(home: Path) -> Path:
    """Put a file among the raw ones."""
    path = home / "evidence" / "cas" / "sha256" / "ab" / "cd" / "notes.txt"
    path.parent.mkdir(parents=True)
    path.write_text("hello")
    return path


def renamed(home: Path) -> Path:
    """Give a raw file another's name."""
    path = kept(home, "evidence")[0]
    return path.rename(path.with_name("0" * 64))


def a_folder(home: Path) -> Path:
    """Put a folder in place of a raw file."""
    path = kept(home, "evidence")[0]
    path.unlink()
    path.mkdir()
    return path


def a_link_to_nothing(home: Path) -> Path:
    """Put a dangling link in place of a raw file."""
    path = kept(home, "evidence")[0]
    path.unlink()
    path.symlink_to("nowhere")
    return path


def planted_records(home: Path) -> Path:
    """Add records to the lake that no file received holds."""
    real = next((home / "lake" / "fills").iterdir())
    return shutil.copytree(real, real.with_name("ab" * 32))


def planted_result(home: Path) -> Path:
    """Add a result for a date that nobody measured."""
    return shutil.copytree(home / "measured" / "2026-07-01", home / "measured" / "2026-07-02")


def forged(data: Path, listing: Path) -> Path:
    """Change one row of a Parquet file, and its digest where that is written down."""
    frame = pl.read_parquet(data)
    frame.with_columns(fill_id=pl.lit("F-forged")).write_parquet(data, compression="lz4")
    value = json.loads(listing.read_bytes())
    value["files"][data.name]["sha256"] = file_digest(data)
    listing.write_text(json.dumps(value, sort_keys=True, separators=(",", ":")))
    return data.parent


def forged_records(home: Path) -> Path:
    """Change records in the lake and the marker that vouches for them."""
    data = next((home / "lake" / "fills").glob("*/*.parquet"))
    return forged(data, data.with_name("_segment.json"))


def forged_result(home: Path) -> Path:
    """Change a result and the pointer that vouches for it."""
    data = next((home / "measured").glob("*/*/fills.parquet"))
    return forged(data, data.parents[1] / "result.json").parent


@pytest.mark.parametrize(
    "tamper",
    [
        *(foreign, renamed, a_folder, a_link_to_nothing),
        *(planted_records, planted_result, forged_records, forged_result),
    ],
)
def test_what_does_not_belong_is_found(tamper: Callable[[Path], Path], home: Path) -> None:
    shell_says_no(home, str(tamper(home).name))


def rows(home: Path) -> list[tuple[object, ...]]:
    """Return the event table."""
    with closing(sqlite3.connect(home / "routewarden.sqlite")) as database:
        return database.execute("SELECT * FROM event ORDER BY seq").fetchall()


def rewritten(home: Path, statements: Sequence[str]) -> None:
    """Change the event table with its guards taken off."""
    with closing(sqlite3.connect(home / "routewarden.sqlite")) as database, database:
        guards = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (guard,) in guards.fetchall():
            database.execute(f"DROP TRIGGER {guard}")
        for statement in statements:
            database.execute(statement)


def overlooked(home: Path, seq: int, statement: str, work: Path) -> str:
    """Change one entry of a copy; return what verify says if it does not name the entry."""
    copy = shutil.copytree(home, work / str(len(list(work.iterdir()))))
    rewritten(copy, [statement])
    try:
        found = faults(copy)
    except Exception as crash:  # noqa: BLE001 - any is one too many
        found = [f"{type(crash).__name__}: {crash}"]
    named = any(f"event {seq}" in fault for fault in found)
    return "" if named else f"{statement}: {found}"


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_of_any_entry_is_named(column: str, home: Path, tmp_path: Path) -> None:
    missed = [
        overlooked(home, seq, f"UPDATE event SET {column} = 'x{seq}' WHERE seq = {seq}", tmp_path)  # noqa: S608
        for seq in range(len(rows(home)))
    ]

    assert [miss for miss in missed if miss] == []


@pytest.mark.parametrize(
    "value",
    [
        "CAST(REPLACE(CAST(entry AS TEXT), '\"v\":1', '\"v\":2') AS BLOB)",
        "SUBSTR(entry, 1, LENGTH(entry) - 1)",
        "x''",
        "x'00ff'",
        "x'7b7d'",
        "x'5b5d'",
        "CAST('null' AS BLOB)",
        "CAST(entry AS TEXT) || ' '",
    ],
)
def test_changed_bytes_of_any_entry_are_named(value: str, home: Path, tmp_path: Path) -> None:
    missed = [
        overlooked(home, seq, f"UPDATE event SET entry = {value} WHERE seq = {seq}", tmp_path)  # noqa: S608
        for seq in range(len(rows(home)))
    ]

    assert [miss for miss in missed if miss] == []


@pytest.mark.parametrize(
    ("name", "statements"),
    [
        ("event 1", ["DELETE FROM event WHERE seq = 0"]),
        ("event 3", ["DELETE FROM event WHERE seq = 2"]),
        ("event 99", ["UPDATE event SET seq = 99 WHERE seq = 2"]),
        (
            "event 1",
            [
                "UPDATE event SET seq = -1 WHERE seq = 1",
                "UPDATE event SET seq = 1 WHERE seq = 2",
                "UPDATE event SET seq = 2 WHERE seq = -1",
            ],
        ),
        (
            "does not follow the entry before it",
            [
                "INSERT INTO event SELECT max(seq) + 1, 'n', 'x', 'x', 'x', prev, 'n', entry "  # noqa: ISC004
                "FROM event"
            ],
        ),
    ],
)
def test_entries_removed_moved_or_slipped_in_are_named(
    name: str, statements: Sequence[str], home: Path
) -> None:
    rewritten(home, statements)

    shell_says_no(home, name)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET at = 'x' WHERE seq = 1",
        "UPDATE OR REPLACE event SET seq = 2 WHERE seq = 1",
        "DELETE FROM event WHERE seq = 1",
        "DELETE FROM event",
        "REPLACE INTO event SELECT 1, 'x', type, subject, at, prev, 'x', entry FROM event",
        "INSERT OR REPLACE INTO event SELECT 9, id, type, subject, at, prev, 'x', entry FROM event",
    ],
)
def test_the_database_itself_refuses_to_change_an_entry(statement: str, home: Path) -> None:
    before = rows(home)
    with (
        closing(sqlite3.connect(home / "routewarden.sqlite")) as database,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
        database,
    ):
        database.execute(statement)

    assert rows(home) == before


def test_the_log_without_a_witness_promises_no_more_than_it_can_keep(home: Path) -> None:
    """The last entry, of a run, is cut off whole: only someone outside could remember it."""
    rewritten(home, ["DELETE FROM event WHERE seq = (SELECT MAX(seq) FROM event)"])

    assert "internal consistency only" in warm(home, "verify", "--json").json["assurance"]


@pytest.mark.parametrize("left", [b"", b"not a database at all, but long enough" * 100, None])
def test_a_database_that_is_gone_or_no_database_is_a_plain_no(
    left: bytes | None, home: Path
) -> None:
    path = home / "routewarden.sqlite"
    path.unlink() if left is None else path.write_bytes(left)

    shell_says_no(home, "")


def test_a_database_cut_in_half_is_a_plain_no(home: Path) -> None:
    path = home / "routewarden.sqlite"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    shell_says_no(home, "")


def damaged_databases(path: Path) -> Iterator[str]:
    """Flip bits of the database, one at a time, all over it; yield where, and put each back."""
    whole = path.read_bytes()
    chance = random.Random(11)
    for at in sorted(chance.sample(range(len(whole)), SAMPLED)):
        bit = chance.randrange(8)
        path.write_bytes(flipped(whole, at, bit))
        yield f"byte {at}, bit {bit}"
    path.write_bytes(whole)


def test_a_flipped_bit_of_the_database_never_hides_a_changed_entry(home: Path) -> None:
    before, wrong = rows(home), []
    for where in damaged_databases(home / "routewarden.sqlite"):
        try:
            changed = rows(home) != before
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            changed = True
        outcome = warm(home, "verify")
        if "Traceback" in outcome.err or (changed and outcome.status == 0):
            wrong.append(f"{where}: {outcome.status} {outcome.err[-200:]}")

    assert wrong == []


@pytest.mark.parametrize("left", ["", "[]", "{", "null", '{"size":"x"}', '{"size":null}', "7"])
def test_a_damaged_note_of_the_last_run_stops_no_command(
    left: str, home: Path, tmp_path: Path
) -> None:
    (home / "measured" / "last_run.json").write_text(left)
    outcome = warm(home, "export", "fills", "--out", tmp_path / "fills.csv")

    assert (outcome.status, "Traceback" in outcome.err) == (0, False), outcome
