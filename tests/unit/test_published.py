from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from routewarden.ledger.checkpoint import read_checkpoint
from routewarden.ledger.note import Note, signed_by
from routewarden.ledger.tiles import Bundle, Tile
from routewarden.ledger.tree import EMPTY, Head, hash_leaf, head_of
from routewarden.store.published import ContradictionError, PublishedLog
from routewarden.store.signing import Keys, KeyUnusableError

ORIGIN = "firm.example/orders"
SIGNER = """
import base64, sys
from cryptography.hazmat.primitives.serialization import load_pem_private_key
key = load_pem_private_key(open(sys.argv[1], "rb").read(), password=None)
print(base64.b64encode(key.sign(sys.stdin.buffer.read())).decode())
"""


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    found = Keys(tmp_path / "keys")
    found.make(ORIGIN)
    return found


@pytest.fixture
def sign(keys: Keys) -> Callable[[Head], Note]:
    return keys.signing().checkpoint


@pytest.fixture
def log(tmp_path: Path) -> PublishedLog:
    return PublishedLog(tmp_path / "log")


def entries(start: int, end: int) -> list[bytes]:
    return [b"entry %d" % number for number in range(start, end)]


def head(size: int) -> Head:
    return head_of([hash_leaf(entry) for entry in entries(0, size)])


@pytest.mark.parametrize("sizes", [(1,), (3, 5), (255, 256, 257), (200, 600, 1000), (0, 4)])
def test_a_log_grown_in_steps_is_the_log_itself(
    sizes: tuple[int, ...], log: PublishedLog, sign: Callable[[Head], Note], keys: Keys
) -> None:
    before = 0
    for size in sizes:
        assert log.publish(entries(before, size), sign) == head(size)
        before = size
        newest = log.newest()
        assert newest is not None
        assert newest[0].head == log.head == head(size)
        assert signed_by(newest[1], [keys.signing().key])
        assert list(log.entries(0, size)) == entries(0, size)
        assert list(log.entries(size // 2, size)) == entries(size // 2, size)

    assert log.signed_sizes() == sorted(sizes)
    for size in sizes:
        assert read_checkpoint(log.signed_at(size).read_bytes())[0].head == head(size)


def test_only_the_widest_of_what_is_not_full_is_kept(
    log: PublishedLog, sign: Callable[[Head], Note]
) -> None:
    for start, end in [(0, 5), (5, 9), (9, 256), (256, 260)]:
        log.publish(entries(start, end), sign)
    files = {path.relative_to(log.root).as_posix() for path in log.root.rglob("*")}

    assert {name for name in files if name.startswith("tile/0/")} == {
        *("tile/0/000", "tile/0/001.p", "tile/0/001.p/4")
    }
    assert log.bytes_of(Tile(0, 0, 5)) == log.bytes_of(Tile(0, 0))[: 5 * 32]
    assert log.bytes_of(Bundle(0, 2)) == b"\0\7entry 0\0\7entry 1"
    assert log.bytes_of(Tile(0, 1, 3)) == log.bytes_of(Tile(0, 1, 4))[: 3 * 32]
    with pytest.raises(FileNotFoundError):
        log.bytes_of(Tile(0, 1, 5))


def test_publishing_nothing_new_signs_nothing(
    log: PublishedLog, sign: Callable[[Head], Note]
) -> None:
    log.publish(entries(0, 3), sign)
    before = (log.root / "checkpoint").stat().st_mtime_ns

    assert log.publish([], sign) == head(3)
    assert (log.root / "checkpoint").stat().st_mtime_ns == before


def test_an_empty_log_has_no_head_signed(log: PublishedLog) -> None:
    assert (log.newest(), log.head, log.signed_sizes()) == (None, EMPTY, [])


def test_what_a_killed_command_left_is_published_again(
    log: PublishedLog, sign: Callable[[Head], Note]
) -> None:
    log.publish(entries(0, 3), sign)
    before = (log.root / "checkpoint").read_bytes()
    log.publish(entries(3, 8), sign)
    (log.root / "checkpoint").write_bytes(before)  # as if it ended before the last step
    (log.root / "tile" / ".part-cut").write_bytes(b"half")

    assert log.publish(entries(3, 9), sign) == head(9)
    assert list(log.entries(0, 9)) == entries(0, 9)
    assert not (log.root / "tile" / ".part-cut").exists()


@pytest.mark.parametrize("name", ["tile/0/000.p/3", "tile/entries/000.p/3", "checkpoint"])
@pytest.mark.parametrize("data", [b"", b"x" * 96, None])
def test_nothing_is_signed_over_files_that_are_not_those_signed(
    name: str, data: bytes | None, log: PublishedLog, sign: Callable[[Head], Note]
) -> None:
    log.publish(entries(0, 3), sign)
    if data is None:
        (log.root / name).unlink()
    else:
        (log.root / name).write_bytes(data)
    if (name, data) == ("checkpoint", None):
        assert log.publish(entries(0, 3), sign) == head(3)  # as one that never was
        return

    with pytest.raises(ContradictionError, match=r"Nothing was signed"):
        log.publish(entries(3, 4), sign)
    assert log.signed_sizes() == [3]


def test_other_bytes_where_some_are_published_are_refused(
    log: PublishedLog, sign: Callable[[Head], Note]
) -> None:
    log.publish(entries(0, 3), sign)
    (log.root / "tile" / "0" / "000.p" / "4").write_bytes(b"x" * 128)

    with pytest.raises(ContradictionError, match="is published already with other bytes"):
        log.publish(entries(3, 4), sign)


def test_a_note_of_another_head_does_not_replace_one(
    log: PublishedLog, sign: Callable[[Head], Note]
) -> None:
    log.publish(entries(0, 3), sign)

    with pytest.raises(ContradictionError, match="states another head"):
        log.replace_note(3, sign(Head(3, head(4).root)))


# -- The key ---------------------------------------------------------------------------------------


def test_a_private_key_is_its_owners_alone(keys: Keys) -> None:
    assert (keys.root / "log.pem").stat().st_mode & 0o777 == 0o600
    assert keys.root.stat().st_mode & 0o777 == 0o700


def test_a_program_can_hold_the_key(keys: Keys, tmp_path: Path) -> None:
    away = (keys.root / "log.pem").rename(tmp_path / "elsewhere.pem")
    program = tmp_path / "signer.py"
    program.write_text(SIGNER)
    command = [sys.executable, str(program), str(away)]
    (keys.root / "signer.toml").write_text(f"command = {command!r}")

    assert signed_by(keys.signing().checkpoint(head(3)), [keys.signing().key])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("command =", "Invalid value"),
        ("command = 1", "write `command"),
        ("command = []", "write `command"),
        ("command = ['a', 1]", "write `command"),
        ("command = ['true']\nmore = 1", "write `command"),
        ("command = ['/nonexistent/signer']", "the signer did not sign"),
        ("command = ['false']", "the signer did not sign"),
        ("command = ['true']", "the signer did not sign"),
    ],
)
def test_a_signer_that_cannot_sign_is_named(text: str, why: str, keys: Keys) -> None:
    (keys.root / "signer.toml").write_text(text)

    with pytest.raises(KeyUnusableError, match=why) as refused:
        keys.signing().checkpoint(head(3))
    assert "signer.toml" in str(refused.value)


def test_a_key_that_is_lost_is_named(keys: Keys) -> None:
    (keys.root / "log.pem").unlink()
    with pytest.raises(KeyUnusableError, match=r"log\.pem: missing"):
        keys.signing()
    (keys.root / "log.pem").write_bytes(b"no key")
    with pytest.raises(KeyUnusableError, match="no private key"):
        keys.signing()
    (keys.root / "log.pub").write_text("no key")
    with pytest.raises(KeyUnusableError, match=r"log\.pub: This is no key"):
        keys.signing()
    (keys.root / "log.pub").unlink()
    with pytest.raises(KeyUnusableError, match=r"log\.pub: missing"):
        keys.signing()
