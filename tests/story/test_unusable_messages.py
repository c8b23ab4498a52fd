"""Messages that were read whole, and tell of something nobody can use."""

from __future__ import annotations

from pathlib import Path

from routewarden.base.schema import Kind
from routewarden.events.told import told
from routewarden.runs.interpreting import _checked
from tests.command import must
from tests.fix_log import NEW, fill, log
from tests.line import BOUNDS


def test_each_is_a_finding_at_its_own_place_however_many_share_a_line(tmp_path: Path) -> None:
    home, path = tmp_path / "firm", tmp_path / "one-line.log"
    good, bad = fill("E1"), fill("E2").replace("|31=10.04", "|31=0")
    assert bad != fill("E2")
    path.write_bytes(log(NEW, good, bad).replace(b"\n", b""))
    must(home, "init")
    must(home, "ingest", "fix", path)
    must(home, "run")
    told = must(home, "findings", "--json").json["findings"]
    found = [each for each in told if each["rule"] == "unusable-message"]

    place = path.read_bytes().rindex(b"8=FIX")
    assert [(each["id"], each["line"]) for each in found] == [(f"line 1 byte {place}", 1)]
    assert found[0]["because"] == (
        "fills: out_of_range: price '0' is outside the range of a price; MsgType 35 is '8', "
        "ClOrdID 11 is 'A1', OrderID 37 is 'B1', ExecID 17 is 'E2'"
    )


def test_an_identifier_told_twice_is_one_record_and_a_conflict_whatever_the_order() -> None:
    fill_row: dict[str, str | int | None] = {
        "fill_id": "E1", "order_id": "O1", "executed_at": "2026-07-01T14:00:00Z",
        "quantity": "1", "file": "ab",
    }  # fmt: skip
    first = fill_row | {"price": "10", "line": 1, "start": 0, "end": 9}
    second = fill_row | {"price": "11", "line": 1, "start": 10, "end": 19}
    for rows in ([first, second], [second, first]):
        records, rejects = _checked(Kind.FILLS, told({Kind.FILLS: rows}).tables[Kind.FILLS], BOUNDS)

        assert records["price"].to_list() == [10 * 10**8]
        assert [(file, each.reason, each.start) for file, each in rejects] == [
            ("ab", "conflict", 10)
        ]
