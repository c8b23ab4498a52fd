"""The log's key: shown, changed, lost, held by a program; and killed at every step of a change."""

from __future__ import annotations

import shutil
import stat
import sys
from pathlib import Path

import pytest

from routewarden.ledger.checkpoint import read_checkpoint
from routewarden.ledger.note import Key, parse_key, signed_by
from routewarden.store import durable
from routewarden.store.home import ROTATED, opened
from routewarden.store.rebuild import CannotRebuildError, rebuild
from routewarden.store.rotation import rotate
from routewarden.store.signing import Keys
from tests.command import must, routewarden
from tests.integration.test_witness import NAME, ingested, knowing, serving

SIGNER = """\
#!{python}
import base64, sys
from cryptography.hazmat.primitives.serialization import load_pem_private_key
key = load_pem_private_key(open({pem!r}, "rb").read(), password=None)
print(base64.b64encode(key.sign(sys.stdin.buffer.read())).decode())
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    must(tmp_path / "home", "init", "--origin", "firm.example/oversight")
    assert ingested(tmp_path / "home", "O1") == 0
    return tmp_path / "home"


def shown(home: Path) -> str:
    return must(home, "key", "show").out.strip()


def signers(home: Path, size: int | None = None) -> list[str]:
    """Return who signed the newest head, or that of a size, among the keys of the log."""
    log = home / "evidence" / "log"
    path = log / "checkpoint" if size is None else log / "checkpoints" / str(size)
    _, note = read_checkpoint(path.read_bytes())
    known = [term["key"] for term in must(home, "key", "show", "--json").json["terms"]]
    return [signed.key.text for signed in signed_by(note, map(parse_key, known))]


def size(home: Path) -> int:
    return int(must(home, "verify", "--json").json["entries"])


def program(home: Path, pem: Path) -> Path:
    """Make a program that signs with a private key."""
    path = home.parent / f"sign-{pem.stem}"
    path.write_text(SIGNER.format(python=sys.executable, pem=str(pem)))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_the_log_has_the_name_it_was_given_and_keeps_it(home: Path) -> None:
    assert shown(home) == (home / "keys" / "log.pub").read_text().strip()
    assert shown(home).startswith("firm.example/oversight+")
    assert must(home, "key", "show", "--json").json["origin"] == "firm.example/oversight"
    assert routewarden(home, "init", "--origin", "other.example").status == 2
    assert routewarden(home, "init", "--origin", "firm.example/oversight").status == 0
    assert routewarden(home.parent / "x", "init", "--origin", "no name").status == 2


def test_both_keys_sign_the_head_that_brings_the_new_one_in(home: Path) -> None:
    old, private = shown(home), (home / "keys" / "log.pem").read_bytes()
    must(home, "key", "rotate")
    new, covering = shown(home), size(home)

    assert old != new
    assert signers(home) == [old, new]
    assert (home / "keys" / "log.pem").read_bytes() != private
    assert sorted(path.name for path in (home / "keys").iterdir()) == ["log.pem", "log.pub"]
    assert ingested(home, "O2") == 0
    assert signers(home) == [new]
    assert signers(home, covering) == [old, new]
    assert routewarden(home, "verify").status == 0


def test_whoever_trusts_the_old_key_may_trust_the_new(home: Path) -> None:
    old = shown(home)
    must(home, "key", "rotate")
    must(home, "key", "rotate")
    assert ingested(home, "O2") == 0

    for key in (old, shown(home)):
        assert routewarden(home, "verify", "--key", key).status == 0
        assert routewarden(home, "rebuild", "--key", key).status == 0


def test_but_not_where_the_old_was_lost(home: Path) -> None:
    old = shown(home)
    (home / "keys" / "log.pem").unlink()
    assert ingested(home, "O2") == 2
    must(home, "key", "rotate", "--lost")

    assert signers(home) == [shown(home)]
    assert must(home, "key", "show", "--json").json["terms"][1]["lost_before"] is True
    assert routewarden(home, "verify").status == 0
    assert routewarden(home, "verify", "--key", shown(home)).status == 0
    said = routewarden(home, "verify", "--key", old)
    assert (said.status, "no key of the log signed it" in said.err) == (1, True)
    with pytest.raises(CannotRebuildError, match="no key of the log signed it"):
        rebuild(home, (parse_key(old),))


def test_what_was_acknowledged_when_the_key_was_lost_is_kept(home: Path) -> None:
    shutil.rmtree(home / "keys")
    assert ingested(home, "O2") == 2
    before = len(entries(home))
    must(home, "key", "rotate", "--lost")

    assert len(entries(home)) == before + 1
    assert routewarden(home, "verify").status == 0
    assert ingested(home, "O2") == 0


def entries(home: Path) -> list[bytes]:
    with opened(home, only_to_read=True) as firm:
        return [stored.entry for stored in firm.log.entries()]


def test_a_key_that_is_here_is_not_lost(home: Path) -> None:
    assert routewarden(home, "key", "rotate", "--lost").status == 2


def test_a_lost_key_signs_no_successor(home: Path) -> None:
    (home / "keys" / "log.pem").unlink()
    said = routewarden(home, "key", "rotate")

    assert (said.status, "routewarden key rotate --lost" in said.err) == (2, True)


class KilledError(BaseException):
    """A command that ended in the middle."""


def killed_at(step: int, home: Path, how: tuple[str, ...], patch: pytest.MonkeyPatch) -> bool:
    """Begin to change the key, and die at a durable step; return False if it has fewer."""
    done = 0

    def counted(path: Path) -> None:
        nonlocal done
        done += 1
        if done == step:
            raise KilledError
        real(path)

    real = durable.sync_folder
    with patch.context() as patched:
        patched.setattr(durable, "sync_folder", counted)
        try:
            with opened(home, only_to_read=True) as firm:
                rotate(firm, lost="--lost" in how)
        except KilledError:
            return True
    return False


@pytest.mark.parametrize("how", [(), ("--lost",)])
def test_a_change_that_was_killed_anywhere_is_ended_by_the_next(
    how: tuple[str, ...], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = shown(home)
    if how:
        (home / "keys" / "log.pem").unlink()
    step = 1
    while True:
        copy = shutil.copytree(home, home.parent / f"copy-{step}")
        if not killed_at(step, copy, how, monkeypatch):
            break
        with opened(copy, only_to_read=True) as firm:
            begun = len(firm.log.entries(ROTATED)) == 1
        if not begun:
            must(copy, "key", "rotate", *how)
        assert ingested(copy, "O2") == 0
        assert shown(copy) != old
        assert routewarden(copy, "verify").err == ""
        assert {path.name for path in (copy / "keys").iterdir()} == {"log.pem", "log.pub"}
        step += 1

    assert step > 5


def test_the_old_key_signs_nothing_after_its_term(home: Path) -> None:
    kept = shutil.copytree(home / "keys", home.parent / "kept")
    must(home, "key", "rotate")
    shutil.rmtree(home / "keys")
    shutil.copytree(kept, home / "keys")
    assert ingested(home, "O2") == 0
    said = routewarden(home, "verify")

    assert (said.status, "no key of the log signed it" in said.err) == (1, True)


def test_a_program_signs_with_the_logs_key(home: Path) -> None:
    pem = (home / "keys" / "log.pem").rename(home.parent / "log.pem")
    must(home.parent / "other", "init")
    wrong = program(home, home.parent / "other" / "keys" / "log.pem")
    assert routewarden(home, "key", "program", "--", str(wrong)).status == 2
    assert routewarden(home, "key", "program", "--", "/no/such/program").status == 2
    assert not (home / "keys" / "signer.toml").exists()
    must(home, "key", "program", "--", str(program(home, pem)), "an argument")

    assert ingested(home, "O2") == 0
    assert routewarden(home, "verify").status == 0


def test_a_program_may_have_the_new_key_and_a_file_the_one_after(home: Path) -> None:
    old = shown(home)
    made = Keys(home.parent / "service").make("firm.example/oversight")
    run = program(home, home.parent / "service" / "log.pem")
    must(home, "key", "rotate", "--to", made.text, "--", str(run))

    assert signers(home) == [old, made.text]
    assert sorted(path.name for path in (home / "keys").iterdir()) == ["log.pub", "signer.toml"]
    assert ingested(home, "O2") == 0
    must(home, "key", "rotate")
    assert sorted(path.name for path in (home / "keys").iterdir()) == ["log.pem", "log.pub"]
    assert ingested(home, "O3") == 0
    assert routewarden(home, "verify").status == 0


@pytest.mark.parametrize("wrong", ["name", "again", "alone"])
def test_a_new_key_is_new_and_of_this_log(wrong: str, home: Path) -> None:
    made = Keys(home.parent / "service").make("other.example" if wrong == "name" else "x")
    key = shown(home) if wrong == "again" else made.text
    run = program(home, home.parent / "service" / "log.pem")
    rest = [] if wrong == "alone" else ["--", str(run)]

    assert routewarden(home, "key", "rotate", "--to", key, *rest).status == 2
    assert ingested(home, "O2") == 0


def test_a_witness_that_was_told_cosigns_on(home: Path) -> None:
    witness = home.parent / "witness"
    must(home, "witness", "init", witness, "--name", NAME)
    with serving(witness) as port:
        knowing(home, witness, port)
        assert ingested(home, "O2") == 0
        said = must(home, "key", "rotate")
        assert f"witness add FOLDER {shown(home)}" in said.err
        assert must(home, "witness", "ask").status == 0  # it knows the old key, which signed too
        assert ingested(home, "O3") == 0
        assert routewarden(home, "witness", "ask").status == 1
        must(home, "witness", "add", witness, shown(home))
        assert must(home, "witness", "ask").status == 0

    assert routewarden(home, "verify").status == 0


def test_a_head_that_the_old_key_did_not_sign_and_had_to_is_a_fault(home: Path) -> None:
    old: Key = parse_key(shown(home))
    must(home, "key", "rotate")
    log = home / "evidence" / "log"
    path = log / "checkpoints" / str(size(home))
    _, note = read_checkpoint(path.read_bytes())
    lines = [line for line in note.signatures if line.key_id != old.id]
    text = note.text + "\n" + "".join(line.line for line in lines)
    for each in (path, log / "checkpoint"):
        each.write_text(text)
    said = routewarden(home, "verify")

    assert (said.status, f"is not signed by {old.text}" in said.err) == (1, True)
