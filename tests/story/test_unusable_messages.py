"""Messages that were read whole, and tell of something nobody can use."""

from __future__ import annotations

from pathlib import Path

from tests.command import must
from tests.fix_log import NEW, fill, log


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
