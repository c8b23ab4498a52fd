"""Leases: one at a time, and a token that outlives them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from routewarden.store.depot import Folder
from routewarden.store.durable import PART
from routewarden.store.lease import LeaseHeldError, Leases, LeaseStuckError, StaleTokenError
from routewarden.store.results import Results

DAY = date(2026, 7, 1)


def test_a_lease_is_waited_for_until_it_is_over_or_given_back(tmp_path: Path) -> None:
    leases = Leases(tmp_path)
    first = leases.take(DAY, 60)

    with pytest.raises(LeaseHeldError):
        leases.take(DAY)
    leases.release(first)
    second = leases.take(DAY, 0)
    third = leases.take(DAY, 60)
    leases.release(second)  # no longer its to give
    with pytest.raises(LeaseHeldError):
        leases.take(DAY)
    fourth = leases.take(DAY, over=True)
    assert [each.token for each in (first, second, third, fourth)] == [1, 2, 3, 4]


def test_what_the_killed_left_is_swept_and_who_waits_for_nobody_says_no_time(
    tmp_path: Path,
) -> None:
    leases = Leases(tmp_path)
    (tmp_path / f"{PART}left").touch()
    leases.take(DAY, 0)
    leases.sweep()

    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{DAY}.json", f"{DAY}.lock"]
    assert b'"until_ms":"0"' in (tmp_path / f"{DAY}.json").read_bytes()


def test_a_lock_that_nobody_lets_go_of_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leases = Leases(tmp_path)
    lease = leases.take(DAY)
    monkeypatch.setattr("routewarden.store.lease._PATIENCE_S", 0)

    with leases.fenced(lease), pytest.raises(LeaseStuckError, match="stopped"):
        leases.release(lease)


def test_a_stale_writer_is_refused_and_the_last_commits_once(tmp_path: Path) -> None:
    leases, results = Leases(tmp_path / "leases"), Results(Folder(tmp_path / "measured"))
    stale, last = leases.take(DAY, 0), leases.take(DAY, 0)
    written = results.put(DAY, "a", 0, {"fills": pl.DataFrame({"n": [1]})})
    pointer = tmp_path / "measured" / str(DAY) / "result.json"

    with pytest.raises(StaleTokenError):
        results.commit(DAY, "a", written, leases.fenced(stale))
    assert not pointer.exists()
    results.commit(DAY, "a", written, leases.fenced(last))
    committed = pointer.stat().st_ino
    results.commit(DAY, "a", written, leases.fenced(last))
    assert pointer.stat().st_ino == committed
