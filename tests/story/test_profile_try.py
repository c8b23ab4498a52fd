"""`profile`: a vendor's file is looked at before anything is taken in."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from routewarden.base.schema import Kind
from routewarden.simulator.dialects.oms import oms
from tests.command import routewarden as run
from tests.sample_world import world

TRADES = b"Symbol,Time,Price,Size\nA,2026-07-01 09:30:00,1.5,100\nB,2026-07-01 09:31:00,x,100\n"

COLOURED = TRADES.replace(b"Size", b"Size,Colour").replace(b"00\n", b"00,r\n")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def tried(home: Path, path: Path, *more: str, status: int = 0) -> dict[str, Any]:
    done = run(home, "profile", "try", str(path), *more, "--json")
    assert done.status == status, done.err
    return dict(json.loads(done.out))


def saved(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_a_shipped_profile_shows_each_column_before_and_after(home: Path, tmp_path: Path) -> None:
    path = saved(tmp_path, "oms.csv.gz", gzip.compress(oms(world(1).tables[Kind.ORDERS])))

    told = tried(home, path, "--profile", "example-oms")

    columns = {each["column"]: each for each in told["columns"]}
    assert (told["kind"], told["records"], told["rejected"]) == ("orders", 899, [])
    assert columns["received_at"]["from"] == "Recvd (NY)"
    assert columns["received_at"]["before"][0] == "07/06/2026 00:31:52.187153455"
    assert columns["received_at"]["after"][0] == "2026-07-06T04:31:52.187153455Z"
    assert columns["quantity"]["before"][0] == "0,0020046655"
    assert columns["quantity"]["after"][0] == "0.20046655"


def test_a_guess_is_written_corrected_and_tried_again(home: Path, tmp_path: Path) -> None:
    path = saved(tmp_path, "t.csv", TRADES)
    target = tmp_path / "mine.toml"

    first = tried(home, path, "--out", str(target), status=3)
    text = target.read_text()
    assert first["profile"] == text
    assert (first["records"], first["unsaid"]) == (0, ["at"])
    assert first["notes"] == [
        "at is left out: Time: the file does not say its zone: add zone =",
        "every record is rejected until the profile says at",
    ]
    assert {each["column"]: each["after"] for each in first["columns"]} == {
        "symbol": ["A"],
        "price": ["1.5"],
        "size": ["100"],
    }
    assert [(each["reason"], each["count"]) for each in first["rejected"]] == [
        ("missing", 1),
        ("not_a_decimal", 1),
    ]

    at = 'at = { column = "Time", form = "rfc3339", zone = "America/New_York" }'
    target.write_text(text.replace("price = ", f"{at}\nprice = "))
    second = tried(home, path, "--profile", str(target), status=3)

    assert second["records"] == 1
    (refused,) = second["rejected"]
    assert (refused["reason"], refused["count"]) == ("not_a_decimal", 1)
    assert refused["first"] == [
        {"line": 3, "column": "Price", "detail": "price 'x' is not a plain decimal: Price 'x'"}
    ]


def test_a_person_sees_columns_refusals_and_doubts(home: Path, tmp_path: Path) -> None:
    path = saved(
        tmp_path, "t.csv", TRADES.replace(b"Size", b"Size,Colour").replace(b"00\n", b"00,r\n")
    )

    done = run(home, "profile", "try", str(path), "--zone", "America/New_York")

    assert done.status == 3
    assert "trades: 1 records" in done.out
    assert "2026-07-01T13:30:00.000000000Z" in done.out
    assert "kept as they are: x_Colour" in done.out
    assert "1 would be rejected: not_a_decimal" in done.err
    assert "line 3: price 'x' is not a plain decimal: Price 'x'" in done.err


def test_a_person_sees_the_other_columns_of_a_guess_with_a_doubt(
    home: Path, tmp_path: Path
) -> None:
    done = run(home, "profile", "try", str(saved(tmp_path, "t.csv", TRADES)))

    assert done.status == 3
    assert "price   Price   1.5    1.5" in done.out
    assert "1 would be rejected: missing" in done.err
    assert "note: every record is rejected until the profile says at" in done.err


def test_rows_of_other_kinds_are_said(home: Path, tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        "r.txt",
        b"Rec|ParentOrdID|ChildOrdID|Mkt|SentTime|AckTime|Qty|Px|OrdType|TIF|ExecInst|EndTime|"
        b"State|Text|Reroutable|ExecNo|ExecTime|Liq|NetCredit|ExecType|RefExecNo\n"
        b"R|o|r|IEX|20260706-13:30:00" + b"|" * 16 + b"\nEND|1\n",
    )

    done = run(home, "profile", "try", str(path), "--profile", "example-router", "--kind", "routes")

    assert "1 rows are no routes" in done.out
    assert "quantity is empty: Qty ''" in done.err


def test_a_profile_of_several_kinds_needs_one(home: Path, tmp_path: Path) -> None:
    path = saved(tmp_path, "t.csv", TRADES)

    done = run(home, "profile", "try", str(path), "--profile", "example-router")

    assert done.status == 2
    assert "fills, routes; say --kind" in done.err.replace("│", "")


def test_a_file_of_no_kind_and_a_broken_profile_are_said(home: Path, tmp_path: Path) -> None:
    path = saved(tmp_path, "t.csv", b"colour,weight\nred,5\n")
    broken = saved(tmp_path, "broken.toml", b'name = "n"\n[[table]]\nkind = "trades"\n')

    nothing = run(home, "profile", "try", str(path))
    wrong = run(home, "profile", "try", str(path), "--profile", str(broken))

    assert nothing.status == 3
    assert "the columns are those of no kind of file" in nothing.err
    assert tried(home, path, status=3)["kind"] is None
    assert wrong.status == 2
    assert "symbol is missing; every record must state it" in wrong.err


def test_a_log_of_messages_is_not_for_a_profile(home: Path, tmp_path: Path) -> None:
    path = saved(tmp_path, "f.log", b"8=FIX.4.2|9=5|35=0|10=1|\n")
    target = tmp_path / "mine.toml"

    done = run(home, "profile", "try", str(path), "--out", str(target))

    assert (done.status, target.exists()) == (3, False)
    assert "note: `ingest fix FILE` reads such messages as they are" in done.err


def test_a_profile_that_is_no_file_is_said(home: Path, tmp_path: Path) -> None:
    done = run(home, "profile", "show", str(tmp_path / "acme.toml"))

    assert done.status == 2
    assert f"no file '{tmp_path / 'acme.toml'}'" in done.err.replace("\n", "")


def test_a_zone_there_is_none_of_is_said(home: Path, tmp_path: Path) -> None:
    done = run(home, "profile", "try", str(saved(tmp_path, "t.csv", TRADES)), "--zone", "Mars/Base")

    assert done.status == 2
    assert "'Mars/Base' is no time zone; write one like America/New_York" in done.err


def test_a_packed_file_that_breaks_off_is_said(home: Path, tmp_path: Path) -> None:
    path = saved(tmp_path, "t.csv.gz", gzip.compress(TRADES.replace(b"x", b"2"))[:-4])

    told = tried(home, path, "--zone", "UTC", status=3)

    assert told["records"] == 2
    assert told["rejected"] == []
    assert told["notes"]


def test_profiles_are_listed_and_shown(home: Path) -> None:
    listed = run(home, "profile", "list")
    named = json.loads(run(home, "profile", "list", "--json").out)["profiles"]
    shown = run(home, "profile", "show", "example-oms")

    assert "example-oms" in listed.out
    assert {"example-oms", "example-router", "example-quality"} <= {each["name"] for each in named}
    assert shown.out.startswith('name = "example-oms"\n')
