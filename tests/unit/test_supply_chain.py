from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.matrix.row25 import Pinned, advisories, is_affected, read_lock, secrets_in

RANGE = {"type": "ECOSYSTEM", "events": [{"introduced": "1.2"}, {"fixed": "2.0"}]}
OPEN = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": "1.5"}]}


@pytest.mark.parametrize(
    ("version", "affected", "bad"),
    [
        ("1.1", {"ranges": [RANGE]}, False),
        ("1.2", {"ranges": [RANGE]}, True),
        ("1.10", {"ranges": [RANGE]}, True),
        ("2.0", {"ranges": [RANGE]}, False),
        ("1.5", {"ranges": [OPEN]}, True),
        ("1.5.1", {"ranges": [OPEN]}, False),
        ("3.0", {"versions": ["3.0"]}, True),
        ("3.0", {"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}, False),
    ],
)
def test_a_version_is_affected_as_osv_says(
    version: str, affected: dict[str, object], *, bad: bool
) -> None:
    assert is_affected(version, affected) is bad


def test_only_grave_advisories_count_and_the_snapshot_is_dated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, severity in (("a", "HIGH"), ("b", "LOW"), ("c", None)):
        record = {
            "id": f"X-{name}",
            "modified": "2026-11-01T00:00:00Z",
            "affected": [{"package": {"name": name.upper()}, "ranges": [RANGE]}],
            "database_specific": {"severity": severity} if severity else {},
        }
        (tmp_path / f"{name}.json").write_text(json.dumps(record))
    monkeypatch.setenv("ROUTEWARDEN_ADVISORIES", str(tmp_path))
    found, told = advisories([Pinned(name, "1.5", 1, here=True) for name in "abc"])

    assert found == {"a": "X-a", "c": "X-c"}
    assert told == "3 advisories up to 2026-11-01"


def test_a_lock_is_read_with_its_markers_and_hashes(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(
        "A.b==1.0 ; python_version < '3' \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nc==2\n"
    )

    assert list(read_lock(lock)) == [
        Pinned("a-b", "1.0", 2, here=False),
        Pinned("c", "2", 0, here=True),
    ]


def test_a_secret_is_found(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN PRIVATE KEY-----\n" + "A" * 40)
    clean = tmp_path / "clean.txt"
    clean.write_text("-----BEGIN PRIVATE KEY-----")

    assert list(secrets_in([key, clean])) == [(key, "a private key")]
