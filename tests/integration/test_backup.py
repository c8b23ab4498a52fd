"""A second copy of a home: made beside others, killed anywhere, restored, refused when wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from routewarden.store import durable
from routewarden.store.backup import BackupError, begin, complete, read_backup
from routewarden.store.home import opened
from tests.command import must, routewarden
from tests.integration.homes import Golden, golden, tree
from tests.integration.test_tamper import rows
from tests.integration.test_witness import NAME, ingested, knowing, serving
from tests.integration.warm import warm


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    return golden(tmp_path_factory.mktemp("golden"))


@pytest.fixture
def home(firm: Golden, tmp_path: Path) -> Path:
    return shutil.copytree(firm.after, tmp_path / "home")


def exported(home: Path) -> bytes:
    out = home.parent / "fills.csv"
    assert warm(home, "run").status == 0
    assert warm(home, "export", "fills", "--out", out).status == 0
    return out.read_bytes()


def test_a_restored_home_is_the_home(home: Path, firm: Golden) -> None:
    before, copy = rows(home), home.parent / "copy"
    made = warm(home, "backup", home.parent / "backup", "--with-key", "--json")
    restored = warm(copy, "restore", home.parent / "backup", "--json")

    assert (made.status, restored.status) == (0, 0), (made, restored)
    assert restored.json["checkpoint"] == made.json["checkpoint"]
    assert rows(copy) == before
    assert exported(copy) == firm.export
    assert warm(copy, "verify").status == 0
    same = ("evidence/cas/", "lake/", "keys/")
    files = {name: data for name, data in tree(firm.after).items() if name.startswith(same)}
    assert files.items() <= tree(copy).items()
    assert (copy / "keys" / "log.pem").stat().st_mode & 0o777 == 0o600


def test_the_private_key_stays_unless_asked_for(home: Path) -> None:
    made = must(home, "backup", home.parent / "backup")
    copy = home.parent / "copy"
    restored = must(copy, "restore", home.parent / "backup")

    assert "The private key is not in it" in made.err
    assert not list((home.parent / "backup").rglob("*.pem"))
    assert "key rotate --lost" in restored.err
    assert ingested(copy, "O77") == 2
    shutil.copy(home / "keys" / "log.pem", copy / "keys" / "log.pem")
    assert ingested(copy, "O77") == 0


def test_a_second_backup_copies_only_what_is_new(home: Path) -> None:
    folder = home.parent / "backup"
    first = must(home, "backup", folder, "--json").json
    assert ingested(home, "O77") == 0
    second = must(home, "backup", folder, "--json").json
    third = must(home, "backup", folder, "--json").json

    assert first["taken"] == first["raw_files"]
    assert 1 <= second["taken"] <= 2
    assert third["taken"] == 0
    assert len(list(folder.glob("state-*"))) == 1


class KilledError(BaseException):
    """A backup that ended in the middle."""


def test_killed_anywhere_it_leaves_the_backup_before_or_the_new_one(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = home.parent / "first"
    must(home, "backup", first)
    before = read_backup(first).checkpoint
    assert ingested(home, "O77") == 0
    seen, step = set(), 1
    while True:
        folder = shutil.copytree(first, home.parent / f"backup-{step}")
        killed = dying(home, folder, step, monkeypatch)
        backup = read_backup(folder)
        assert all(backup.read(name) for name in backup.files)
        assert all(backup.blobs.path(digest).exists() for digest in backup.digests())
        seen.add(backup.checkpoint)
        if not killed:
            break
        shutil.rmtree(folder)
        step += 4 if step > 12 else 1

    assert before in seen
    assert len(seen) == 2
    assert step > 12


def dying(home: Path, folder: Path, step: int, patch: pytest.MonkeyPatch) -> bool:
    """Back up, and die at a durable step; return False if there are fewer."""
    done, real = 0, durable.sync_folder

    def counted(path: Path) -> None:
        nonlocal done
        done += 1
        if done == step:
            raise KilledError
        real(path)

    with opened(home, only_to_read=True) as firm, patch.context() as patched:
        patched.setattr(durable, "sync_folder", counted)
        try:
            complete(begin(firm, folder, with_key=False), lambda _: None)
        except KilledError:
            return True
    return False


def flipped_blob(folder: Path) -> None:
    path = max(folder.glob("cas/sha256/*/*/*"))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b" ")


def lost_blob(folder: Path) -> None:
    max(folder.glob("cas/sha256/*/*/*")).unlink()


def flipped_checkpoint(folder: Path) -> None:
    path = next(folder.glob("state-*/evidence/log/checkpoint"))
    path.write_bytes(path.read_bytes().replace(b"A", b"B"))


def lost_policy(folder: Path) -> None:
    next(folder.glob("state-*/policy/limits.toml")).unlink()


def no_pointer(folder: Path) -> None:
    (folder / "routewarden-backup").unlink()


def bad_pointer(folder: Path) -> None:
    (folder / "routewarden-backup").write_text("{}")


def climbing(folder: Path) -> None:
    path = folder / "routewarden-backup"
    value = json.loads(path.read_text())
    value["files"]["../../outside"] = "ab" * 32
    path.write_text(json.dumps(value))


@pytest.mark.parametrize(
    "damage",
    [flipped_blob, lost_blob, flipped_checkpoint, lost_policy, no_pointer, bad_pointer, climbing],
)
def test_a_damaged_backup_is_refused(damage: Callable[[Path], None], home: Path) -> None:
    folder = home.parent / "backup"
    must(home, "backup", folder)
    damage(folder)
    outcome = routewarden(home.parent / "copy", "restore", folder)

    assert outcome.status == 2, outcome
    assert not (home.parent / "copy" / "routewarden-home").exists()
    assert not (home.parent / "outside").exists()


def test_a_check_finds_what_rotted_in_the_backup_and_takes_it_anew(home: Path) -> None:
    folder = home.parent / "backup"
    must(home, "backup", folder)
    flipped_blob(folder)
    assert must(home, "backup", folder, "--json").json["taken"] == 0
    assert must(home, "backup", folder, "--check", "--json").json["taken"] == 1
    assert routewarden(home.parent / "copy", "restore", folder).status == 0


def test_a_raw_file_that_is_damaged_at_home_never_goes_into_the_backup(home: Path) -> None:
    folder = home.parent / "backup"
    path = max((home / "evidence").glob("cas/sha256/*/*/*"))
    path.chmod(0o644)
    path.write_bytes(b"something else")
    outcome = routewarden(home, "backup", folder)

    assert (outcome.status, str(path) in outcome.err) == (2, True)
    with pytest.raises(BackupError, match="no backup that was completed"):
        read_backup(folder)


def test_a_place_that_is_something_elses_is_left_alone(home: Path) -> None:
    folder = home.parent / "other"
    folder.mkdir()
    (folder / "letters.txt").write_text("hello")

    assert routewarden(home, "backup", folder).status == 2
    assert routewarden(home, "backup", home / "inside").status == 2
    must(home, "backup", home.parent / "backup")
    assert routewarden(folder, "restore", home.parent / "backup").status == 2
    assert routewarden(home, "restore", home.parent / "backup").status == 2


def test_a_restore_that_was_killed_goes_on(home: Path) -> None:
    folder, copy = home.parent / "backup", home.parent / "copy"
    must(home, "backup", folder)
    lost = max(folder.glob("cas/sha256/*/*/*"))
    kept = lost.rename(home.parent / "kept")
    assert routewarden(copy, "restore", folder).status == 2
    kept.rename(lost)

    assert routewarden(copy, "restore", folder).status == 0


def test_two_homes_never_share_a_lake_unawares(tmp_path: Path) -> None:
    home, copy = tmp_path / "home", tmp_path / "copy"
    must(home, "init", "--storage", tmp_path / "lake")
    assert ingested(home, "O1") == 0
    must(home, "backup", tmp_path / "backup", "--with-key")
    restored = must(copy, "restore", tmp_path / "backup")

    assert "is left out" in restored.err
    assert not (copy / "policy" / "storage.toml").exists()
    assert (copy / "lake" / "orders").is_dir()
    must(tmp_path / "same", "restore", tmp_path / "backup", "--same-storage")
    assert (tmp_path / "same" / "policy" / "storage.toml").exists()


def test_a_restored_home_is_refused_by_a_witness_that_knows_more(tmp_path: Path) -> None:
    home, copy, witness = tmp_path / "home", tmp_path / "copy", tmp_path / "witness"
    must(home, "init")
    must(home, "witness", "init", witness, "--name", NAME)
    with serving(witness) as port:
        knowing(home, witness, port)
        assert ingested(home, "O1") == 0
        must(home, "backup", tmp_path / "backup", "--with-key")
        must(copy, "restore", tmp_path / "backup")
        assert ingested(copy, "O2") == 2  # it cosigned the entry that says so of the backup
        said = routewarden(copy, "witness", "ask")

    assert (said.status, "remembers another history" in said.err) == (2, True)
