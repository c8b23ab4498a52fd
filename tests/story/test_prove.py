"""One record shown to someone who has nothing but its proof, and perhaps a key."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from routewarden.ledger.proof import read_proof
from tests.command import Outcome, must, routewarden
from tests.integration.homes import orders_csv

ORDERS = 300
"""Of some 60 bytes: five blocks."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    firm = tmp_path / "firm"
    must(firm, "init")
    (tmp_path / "orders.csv").write_text(orders_csv(ORDERS))
    assert routewarden(firm, "ingest", "orders", tmp_path / "orders.csv").status == 0
    return firm


def digest_of(home: Path) -> str:
    blobs = home.glob("evidence/cas/sha256/*/*/*")
    return next(path.name for path in blobs if path.read_bytes().startswith(b"order_id"))


def proven(home: Path, *what: str | Path) -> tuple[Outcome, Path]:
    out = home.parent / "proof.json"
    return routewarden(home, "prove", *what, "--out", out), out


def test_a_line_is_proven_and_any_change_is_found(home: Path, tmp_path: Path) -> None:
    outcome, out = proven(home, digest_of(home)[:12], "--line", "150")
    assert outcome.status == 0, outcome
    found = must(tmp_path / "nowhere", "verify", out, "--json").json

    assert found["record"] == orders_csv(ORDERS).splitlines(keepends=True)[149]
    assert found["assurance"] == "internal consistency only: no outside witness vouches for it"
    assert len(out.read_bytes()) < 14_000

    block = json.loads(out.read_bytes())["blocks"][0]
    other = block[:-8] + ("A" if block[-8] != "A" else "B") + block[-7:]
    out.write_bytes(out.read_bytes().replace(block.encode(), other.encode()))
    assert routewarden(tmp_path, "verify", out).status == 1


def test_a_record_is_proven_by_its_identifier(home: Path, tmp_path: Path) -> None:
    _, out = proven(home, "--kind", "orders", "--id", "O170")
    told = must(tmp_path, "verify", out).out

    assert "O170,2026-07-01T13:32:50.5Z,NA,buy,270,market,10.09" in told
    assert "of orders/" in told


def test_with_a_key_and_a_checkpoint_from_elsewhere_it_says_so(home: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes((home / "evidence" / "log" / "checkpoint").read_bytes())
    size = int(kept.read_text().splitlines()[1])
    must(home, "run")
    (home / "policy" / "firm.toml").write_text('name = "The Firm"\n')
    _, out = proven(home, digest_of(home), "--line", "2", "--to", "4", "--checkpoint", kept)
    key = (home / "keys" / "log.pub").read_text().strip()
    known = ("--key", key, "--checkpoint", kept)

    assert len(read_proof(out.read_bytes()).proof.record.splitlines()) == 3
    assert must(tmp_path, "verify", out, *known, "--json").json["assurance"].split("; ") == [
        f"signed by {key.split('+')[0]}, whose key you gave",
        f"goes on from the {size} entries you know",
    ]
    other = key.split("+")[0] + "+2e8cbe2c+AcT2VTNVqaFcOU9yaxn4KeqURgNWOOjdElRUAwMYHf3D"
    assert routewarden(tmp_path, "verify", out, "--key", other).status != 0


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (("--kind", "orders", "--id", "O999"), "orders O999: is not in this home"),
        (("--kind", "quotes", "--id", "Q"), "quotes Q: is not in this home"),
        (("feed", "--line", "1"), "is not in this home"),
        (("", "--line", "1"), "is not in this home"),
        (("DIGEST", "--line", "302"), "line 302: is not in this home"),
        (("DIGEST",), "name DIGEST and --line, or --kind and --id"),
        (("DIGEST", "--line", "1", "--kind", "orders", "--id", "O1"), "name DIGEST and --line"),
    ],
)
def test_what_is_not_there_cannot_be_proven(home: Path, what: tuple[str, ...], why: str) -> None:
    named = [digest_of(home) if part == "DIGEST" else part for part in what]
    outcome, out = proven(home, *named)

    assert (outcome.status, why in outcome.err, out.exists()) == (2, True, False), outcome


def test_of_a_packed_file_the_whole_is_the_proof(home: Path, tmp_path: Path) -> None:
    packed = tmp_path / "routes.csv.gz"
    packed.write_bytes(gzip.compress(b"route_id,order_id,venue,sent_at,quantity\n", mtime=0))
    must(home, "ingest", "routes", packed)
    digest = must(home, "ingest", "routes", packed, "--json").json["files"][0]["digest"]
    outcome, _ = proven(home, digest, "--line", "1")

    assert outcome.status == 2
    assert "it is packed" in outcome.err
    assert "The whole file proves it" in outcome.err


def test_raw_bytes_that_changed_prove_nothing(home: Path) -> None:
    blob = next(home.glob(f"evidence/cas/sha256/*/*/{digest_of(home)}"))
    blob.chmod(0o644)
    blob.write_bytes(blob.read_bytes().replace(b"O299", b"O298"))
    outcome, _ = proven(home, blob.name, "--line", "2")

    assert (outcome.status, "do not match the digest" in outcome.err) == (2, True)


def test_the_entry_of_a_file_states_its_blocks(home: Path) -> None:
    _, out = proven(home, digest_of(home), "--line", "1")
    entry = json.loads(read_proof(out.read_bytes()).proof.entry)

    assert entry["payload"]["blocks"]["bytes"] == "4096"
    assert int(entry["payload"]["blocks"]["size"]) == entry["payload"]["source"]["end"]
