"""Two records of one id: the first stands until a named person settles which is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from routewarden.base.schema import Kind
from routewarden.store.conflicts import SETTLED
from routewarden.store.home import opened
from tests.command import must, routewarden
from tests.persons import registered

DAYS = ("2026-07-01", "2026-07-02", "2026-07-06")
FILL = "fill_id,order_id,executed_at,price,quantity,note\n"


def orders() -> str:
    rows = [f"O{day},{day}T14:00:00Z,ABC,buy,100,market\n" for day in DAYS]
    return "order_id,received_at,symbol,side,quantity,order_type\n" + "".join(rows)


def fills() -> str:
    return FILL + "".join(f"F{day},O{day},{day}T14:00:01Z,10,100,first\n" for day in DAYS)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "firm"
    must(home, "init")
    for kind, text in (("orders", orders()), ("fills", fills())):
        (tmp_path / f"{kind}.csv").write_text(text)
        must(home, "ingest", kind, tmp_path / f"{kind}.csv")
    told_again(home, "10.01", "first")
    must(home, "run")
    return home


def told_again(home: Path, price: str, note: str, at: str = DAYS[0]) -> None:
    """The first fill again, with another price, note or date."""
    text = f"{FILL}F{DAYS[0]},O{DAYS[0]},{at}T14:00:01Z,{price},100,{note}\n"
    file = home.parent / f"{price} {note} {at}.csv"
    file.write_text(text)
    assert routewarden(home, "ingest", "fills", file).status == 3


def exported(home: Path, part: str = "fills") -> pl.DataFrame:
    file = home.parent / f"{part}.csv"
    must(home, "export", part, "--out", file)
    return pl.read_csv(file, infer_schema=False)


def listed(home: Path, *arguments: str) -> list[dict[str, Any]]:
    return list(must(home, "conflicts", *arguments, "--json").json["conflicts"])


def settled(home: Path, keep: str, key: Path, *more: str) -> None:
    said = ("--keep", keep, "--by", "J. Doe", "--reason", "letter of 7 July", "--key", key)
    must(home, "conflicts", "settle", "fills", f"F{DAYS[0]}", *said, *more)


def found(home: Path) -> list[str]:
    told = must(home, "findings", "--json").json["findings"]
    return [each["id"] for each in told if each["rule"] == "conflicting-record"]


def test_an_open_conflict_names_both_rows(home: Path) -> None:
    (row,) = listed(home)

    assert (row["kind"], row["id"], row["line"]) == ("fills", f"F{DAYS[0]}", 2)
    assert (row["held_line"], row["source"]) == (2, f"10.01 first {DAYS[0]}.csv")
    assert row["held_file"] != row["file"]
    assert found(home) == [f"F{DAYS[0]}"]
    assert listed(home, "--kind", "orders") == []
    assert "10.01" not in must(home, "conflicts").out
    shown = must(home, "conflicts", "show", "fills", f"F{DAYS[0]}", "--json").json["differing"]
    assert [each["column"] for each in shown] == ["price", "file"]


def test_the_other_row_is_in_force_from_then_on_everywhere(home: Path) -> None:
    key, before = registered(home, "J. Doe"), exported(home)
    settled(home, "other", key)

    assert "run `routewarden run`" in must(home, "findings").err
    done = must(home, "run", "--json").json
    assert (done["measured"], done["unchanged"]) == ([DAYS[0]], list(DAYS[1:]))
    after = exported(home)
    assert after["price"].to_list() == ["10.01", "10", "10"]
    assert after.drop("price").equals(before.drop("price"))
    assert (listed(home), found(home)) == ([], [])
    (told,) = listed(home, "--all")
    assert (told["keep"], told["settled_by"], told["reason"]) == (
        "other", "J. Doe", "letter of 7 July",
    )  # fmt: skip
    assert must(home, "verify", "--json").json["ok"]


def test_neither_row_goes(home: Path) -> None:
    settled(home, "other", registered(home, "J. Doe"))

    with opened(home) as firm:
        (entry,) = firm.log.entries(SETTLED)
        rows = [firm.blobs.path(entry.content["payload"][name]) for name in ("held", "other")]
        held = firm.lake.find(Kind.FILLS, {"fill_id": [f"F{DAYS[0]}"]})
    assert all(path.exists() for path in rows)
    assert held["price"].to_list() == [1_000_000_000]


def test_the_row_that_is_held_may_be_the_right_one(home: Path) -> None:
    settled(home, "held", registered(home, "J. Doe"))

    assert must(home, "run", "--json").json["measured"] == []
    assert exported(home)["price"].to_list() == ["10", "10", "10"]
    assert (listed(home), found(home)) == ([], [])


def test_a_row_may_move_to_another_date_and_keeps_what_it_says_besides(home: Path) -> None:
    key = registered(home, "J. Doe")
    told_again(home, "10.02", "third Größe", DAYS[1])
    where = next(row["file"] for row in listed(home) if row["source"].startswith("10.02"))

    assert routewarden(home, "conflicts", "show", "fills", f"F{DAYS[0]}").status == 2
    settled(home, "other", key, "--at", where[:8])
    assert {*DAYS[:2]} <= {*must(home, "run", "--json").json["measured"]}
    moved = exported(home).row(0, named=True)
    assert (moved["fill_id"], moved["price"], moved["x_note"]) == (
        f"F{DAYS[0]}", "10.02", "third Größe",
    )  # fmt: skip
    assert len(listed(home)) == 1
    settled(home, "other", key)
    assert {*DAYS[:2]} <= {*must(home, "run", "--json").json["measured"]}
    assert exported(home)["price"].to_list() == ["10.01", "10", "10"]


def test_only_the_person_named_settles(home: Path) -> None:
    key = registered(home, "R. Roe")
    said = ("--keep", "other", "--by", "J. Doe", "--reason", "x", "--key", key)

    refused = routewarden(home, "conflicts", "settle", "fills", f"F{DAYS[0]}", *said)
    unknown = routewarden(home, "conflicts", "settle", "fills", "none", *said)

    assert (refused.status, "R. Roe's" in refused.err) == (2, True)
    assert (unknown.status, "no open conflict" in unknown.err) == (2, True)
    assert len(listed(home)) == 1


def test_a_false_settlement_changes_nothing(home: Path) -> None:
    with opened(home) as firm:
        statement = {"act": SETTLED, "kind": "fills", "id": f"F{DAYS[0]}", "keep": "other"}
        approval = {"name": "J. Doe", "key": "none", "signature": ""}
        firm.record(SETTLED, "forged", "x", {"statement": statement, "approval": approval})

    assert must(home, "run", "--json").json["measured"] == []
    assert len(listed(home)) == 1
    assert routewarden(home, "verify").status == 1


def test_conflicts_are_exported_as_a_table(home: Path) -> None:
    file = home.parent / "conflicts.csv"
    must(home, "conflicts", "export", "--out", file, "--all")

    assert pl.read_csv(file, infer_schema=False)["id"].to_list() == [f"F{DAYS[0]}"]


def test_what_was_known_before_is_as_it_was_known(home: Path) -> None:
    with opened(home) as firm:
        size = firm.log.size
    before = exported(home)
    settled(home, "other", registered(home, "J. Doe"))
    must(home, "run")

    assert not exported(home).equals(before)
    then = home.parent / "then.csv"
    must(home, "export", "fills", "--out", then, "--as-known-at", str(size))
    assert pl.read_csv(then, infer_schema=False).equals(before)
