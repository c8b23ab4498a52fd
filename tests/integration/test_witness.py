"""A witness outside: what it cosigns, and which histories it does not."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from routewarden.store.signing import Keys
from routewarden.store.witness_home import WitnessHome
from tests.command import Outcome, routewarden

NAME = "compliance.example/witness"
ORDERS = "order_id,received_at,symbol,side,quantity,order_type\n"


def call(*arguments: object) -> Outcome:
    """Run a command; one of a home names it first."""
    option, home, *rest = arguments
    if option == "--home":
        return routewarden(Path(str(home)), *map(str, rest))
    return routewarden(Path("no-home"), *map(str, arguments))


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """Run a witness on loopback; give its port."""
    program = "from routewarden.cli.app import main; main()"
    command = [sys.executable, "-c", program, "witness", "serve", str(folder), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:  # noqa: S603 - ours
        try:
            assert server.stderr is not None
            yield int(server.stderr.readline().rsplit(":", 1)[1])
        finally:
            server.terminate()


@pytest.fixture
def witness(tmp_path: Path) -> Path:
    assert call("witness", "init", tmp_path / "witness", "--name", NAME).status == 0
    return tmp_path / "witness"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert call("--home", tmp_path / "home", "init").status == 0
    return tmp_path / "home"


def knowing(home: Path, witness: Path, port: int, least: int = 1) -> None:
    """Let a home and a witness know one another."""
    key = (witness / "witness.pub").read_text().strip()
    setting = f'least = {least}\n[[witness]]\nkey = "{key}"\nurl = "http://127.0.0.1:{port}"\n'
    (home / "policy" / "witnesses.toml").write_text(setting)
    log = (home / "keys" / "log.pub").read_text().strip()
    assert call("witness", "add", witness, log).status == 0


def ingested(home: Path, order: str) -> int:
    """Take an order in; return the command's status."""
    file = home.parent / f"{order}.csv"
    file.write_text(f"{ORDERS}{order},2026-07-01T13:30:00Z,ABC,buy,100,market\n")
    return call("--home", home, "ingest", "orders", file).status


def assurance(home: Path, *more: object) -> str:
    outcome = call("--home", home, "verify", "--json", *more)
    return str(json.loads(outcome.out)["assurance"])


def test_a_witness_cosigns_what_goes_on_from_what_it_saw(home: Path, witness: Path) -> None:
    assert assurance(home).startswith("internal consistency only")
    with serving(witness) as port:
        knowing(home, witness, port)
        assert [ingested(home, "O1"), ingested(home, "O2")] == [0, 0]
    size = json.loads(call("--home", home, "verify", "--json").out)["entries"]

    assert assurance(home).startswith(f"{NAME} cosigned {size} of {size} entries at 20")


def test_a_home_restored_from_an_old_copy_is_refused(home: Path, witness: Path) -> None:
    with serving(witness) as port:
        knowing(home, witness, port)
        assert ingested(home, "O1") == 0
        old = shutil.copytree(home, home.parent / "old")
        assert ingested(home, "O2") == 0
        outcome = call("--home", old, "witness", "ask")
        assert outcome.status == 0  # what it has, the witness saw
        assert ingested(old, "O3") == 2
        again = call("--home", old, "witness", "ask")

    assert again.status == 2
    assert "remembers another history" in again.err
    assert len(list((witness / "refused").iterdir())) == 2
    assert call("--home", old, "verify").status == 1  # the newest is not cosigned


def test_a_log_written_anew_with_its_own_key_is_refused(home: Path, witness: Path) -> None:
    with serving(witness) as port:
        knowing(home, witness, port)
        assert ingested(home, "O1") == 0
        other = home.parent / "other"
        assert call("--home", other, "init").status == 0
        shutil.rmtree(other / "evidence" / "log")
        (other / "routewarden.sqlite").unlink()
        shutil.rmtree(other / "keys")
        shutil.copytree(home / "keys", other / "keys")
        (other / "policy" / "witnesses.toml").write_text(
            (home / "policy" / "witnesses.toml").read_text()
        )
        outcome = call("--home", other, "witness", "ask")

    assert (outcome.status, "remembers another history" in outcome.err) == (2, True)
    (other / "policy" / "witnesses.toml").write_text("")
    assert call("--home", other, "verify").status == 0  # nothing inside tells
    kept = home / "evidence" / "log" / "checkpoint"
    outside = call("--home", other, "verify", "--checkpoint", kept)
    assert outside.status == 1
    assert "are not those that were seen before" in outside.err or "was seen before" in outside.err


def test_a_witness_out_of_reach_stops_no_command_and_is_told(home: Path, witness: Path) -> None:
    with serving(witness) as port:
        knowing(home, witness, port)
        assert ingested(home, "O1") == 0
    assert ingested(home, "O2") == 0
    asked = call("--home", home, "witness", "ask", "--json")

    assert asked.status == 1
    assert [each["reply"] for each in json.loads(asked.out)["asked"]] == ["did not answer"]
    verified = call("--home", home, "verify")
    assert verified.status == 1
    assert "0 of the 1 witnesses that are to cosign" in verified.err


def test_a_key_from_elsewhere_goes_before_the_homes_own(home: Path, witness: Path) -> None:
    with serving(witness) as port:
        knowing(home, witness, port)
        assert ingested(home, "O1") == 0
    right = (home / "keys" / "log.pub").read_text().strip()
    wrong = Keys(home.parent / "k").make("firm.example").text
    by_witness = assurance(home, "--witness", (witness / "witness.pub").read_text().strip())

    assert NAME in by_witness
    assert call("--home", home, "verify", "--key", right).status == 0
    assert call("--home", home, "verify", "--key", wrong).status == 1
    kept = home / "evidence" / "log" / "checkpoint"
    assert "goes on from the" in assurance(home, "--checkpoint", kept)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/add-checkpoint", {}, 400),
        ("POST", "/other", {}, 404),
        ("GET", "/add-checkpoint", {}, 501),
        ("POST", "/add-checkpoint", {"Content-Length": "99999999"}, 413),
        ("POST", "/add-checkpoint", {"Content-Length": "x"}, 411),
    ],
)
def test_a_witness_answers_what_it_cannot_take_with_a_status(
    method: str, path: str, headers: dict[str, str], status: int, witness: Path
) -> None:
    with serving(witness) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.putrequest(method, path)
        for name, value in (headers or {"Content-Length": "3"}).items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(b"abc")
        assert connection.getresponse().status == status
        connection.close()


def test_a_witness_is_made_once_and_a_folder_that_is_none_is_named(
    witness: Path, tmp_path: Path
) -> None:
    again = call("witness", "init", witness, "--name", NAME)
    none = call("witness", "add", tmp_path / "none", "x")
    served = call("witness", "serve", tmp_path / "none")

    assert (again.status, "is a witness already" in again.err) == (2, True)
    assert (none.status, "This is no key" in none.err) == (2, True)
    assert (served.status, "is not a witness" in served.err) == (2, True)


def test_a_witness_whose_memory_is_damaged_cosigns_nothing(home: Path, witness: Path) -> None:
    with serving(witness) as port:
        knowing(home, witness, port)
        assert ingested(home, "O1") == 0
    (remembered,) = (witness / "logs").glob("*/checkpoint")
    remembered.write_bytes(b"damaged")
    keeper = WitnessHome(witness)
    note = (home / "evidence" / "log" / "checkpoint").read_bytes()

    with pytest.raises(Exception, match="This is no note"):
        keeper.respond(b"old 0\n\n" + note, 1)
