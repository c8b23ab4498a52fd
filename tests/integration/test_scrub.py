"""Everything read again on a timer: faults are named, and what was not read in time."""

from __future__ import annotations

import json
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.command import must, routewarden
from tests.integration.homes import Golden, golden
from tests.integration.test_tamper import flipped


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    return golden(tmp_path_factory.mktemp("golden"))


@pytest.fixture
def home(firm: Golden, tmp_path: Path) -> Path:
    return shutil.copytree(firm.after, tmp_path / "home")


def test_all_is_read_once_and_nothing_is_overdue_then(home: Path) -> None:
    before = must(home, "scrub", "--due", "--json").json["overdue"]
    done = must(home, "scrub", "--json").json

    assert done["checked"] == len(before)
    assert (done["faults"], done["overdue"]) == ([], [])
    assert must(home, "scrub", "--due", "--json").json["overdue"] == []
    assert routewarden(home, "verify").status == 0


@pytest.mark.parametrize(
    "pattern",
    [
        "evidence/cas/sha256/*/*/*",
        "evidence/log/checkpoint",
        "evidence/log/tile/0/*/*",
        "evidence/log/tile/entries/*/*",
        "lake/fills/*/*.parquet",
        "lake/fills/*/_segment.json",
        "measured/*/*/fills.parquet",
    ],
)
def test_a_flipped_bit_anywhere_is_found_and_where(pattern: str, home: Path) -> None:
    path = min(home.glob(pattern))
    path.chmod(0o644)
    path.write_bytes(flipped(path.read_bytes(), path.stat().st_size // 2))
    done = routewarden(home, "scrub", "--json")

    named = path.parent if path.name == "_segment.json" else path
    assert done.status == 1
    assert any(str(named) in f"{fault['where']} {fault['what']}" for fault in done.json["faults"])


def test_a_raw_file_that_is_gone_is_a_fault(home: Path) -> None:
    path = min(home.glob("evidence/cas/sha256/*/*/*"))
    path.unlink()
    done = routewarden(home, "scrub", "--json")

    assert (done.status, [each["where"] for each in done.json["faults"]]) == (1, [str(path)])


def test_what_there_was_no_time_for_is_overdue_and_comes_first(home: Path) -> None:
    assert must(home, "scrub", "--for", "0", "--json").json["checked"] == 1
    must(home, "scrub")
    state = json.loads((home / "scrub.json").read_text())
    old = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
    late = max(state)
    (home / "scrub.json").write_text(json.dumps(state | {late: old}))

    assert must(home, "scrub", "--due", "--json").json["overdue"] == [late]
    assert must(home, "scrub", "--for", "0", "--json").json["overdue"] == [late]


@pytest.mark.parametrize("state", ["", "[]", "{", '{"log": 1}'])
def test_a_damaged_memory_is_no_memory(state: str, home: Path) -> None:
    (home / "scrub.json").write_text(state)

    assert must(home, "scrub", "--json").json["overdue"] == []


def test_a_rate_is_kept(home: Path) -> None:
    began = time.monotonic()
    done = must(home, "scrub", "--rate", "0.02", "--json").json

    assert time.monotonic() - began >= done["bytes"] / 20_000
