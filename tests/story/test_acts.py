"""What leaves the home is in its log, by digest and count, and no row of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from routewarden.base.canonical import canonical_json, sha256
from routewarden.store.acts import EXPORTED
from routewarden.store.home import opened
from tests.command import must, routewarden


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "firm"
    must(home, "init")
    (tmp_path / "orders.csv").write_text(
        "order_id,received_at,symbol,side,quantity,order_type,customer_id\n"
        "O1,2026-07-01T14:00:00Z,ABC,buy,100,market,Somebody\n"
    )
    must(home, "ingest", "orders", tmp_path / "orders.csv")
    must(home, "run")
    return home


def acts(home: Path) -> list[dict[str, Any]]:
    with opened(home) as firm:
        entries = firm.log.entries(EXPORTED)
    assert all(b"Somebody" not in entry.entry for entry in entries)
    return [entry.content["payload"] for entry in entries]


def test_an_export_is_an_act_each_time(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    for _ in range(2):
        must(home, "export", "orders", "--out", out, "--to", "2026-07-01")

    first, second = acts(home)
    columns = out.read_text().splitlines()[0].split(",")
    assert first == second
    assert first == {
        "v": 1,
        "what": "export orders",
        "digest": sha256(out.read_bytes()),
        "columns": sha256(canonical_json(columns)),
        "rows": "1",
        "from": None,
        "to": "2026-07-01",
        "known_at": None,
    }


def test_an_answer_of_the_past_says_of_when_it_is(home: Path, tmp_path: Path) -> None:
    with opened(home) as firm:
        size = firm.log.size
    must(home, "export", "orders", "--out", tmp_path / "now.csv")
    must(home, "export", "orders", "--out", tmp_path / "then.csv", "--as-known-at", str(size))

    assert [act["known_at"] for act in acts(home)] == [None, str(size)]


def test_pages_reviews_and_conflicts_are_acts_too(home: Path, tmp_path: Path) -> None:
    must(home, "page", "--out", tmp_path / "page.html")
    must(home, "review", "2026Q3")
    must(home, "review", "2026Q3")
    must(home, "conflicts", "export", "--out", tmp_path / "conflicts.csv")

    found = acts(home)
    assert [act["what"] for act in found] == ["page", "review 2026Q3", "review 2026Q3", "conflicts"]
    assert found[0]["digest"] == sha256((tmp_path / "page.html").read_bytes())
    assert found[1] == found[2]


def test_what_the_log_cannot_know_does_not_leave(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(home))

    monkeypatch.setattr("routewarden.store.acts.Home.record", refused)
    out = tmp_path / "out.csv"

    assert routewarden(home, "export", "orders", "--out", out).status == 2
    assert not out.exists()
