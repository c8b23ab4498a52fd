"""Messages that are told more than once, in one file or in several, are each one record."""

from __future__ import annotations

from pathlib import Path

import pytest

from routewarden.base.schema import Kind
from routewarden.store import once
from routewarden.store.home import Home, make_home, opened
from routewarden.store.segments import Arrival, Segment, ingest, repair
from tests.fix_log import sent

ONE, TWO, THREE = (sent(number, f"35=0|112={number}") for number in (1, 2, 3))


def unheard(_: int) -> None:
    """Hear how far it is."""


def taken_in(home: Home, folder: Path, *logs: bytes) -> list[Segment]:
    found = []
    for number, log in enumerate(logs):
        path = folder / f"{number}.fix"
        path.write_bytes(log)
        found.append(ingest(home, Arrival(Kind.FIX, path), unheard, unheard))
    return found


def counts(segment: Segment) -> tuple[int, int, int]:
    return segment.records, segment.duplicates, segment.rejects


@pytest.mark.parametrize("together", [1, 2_000_000])
def test_of_one_message_in_several_files_the_first_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr(once, "_TOGETHER", together)
    make_home(tmp_path / "home")
    with opened(tmp_path / "home") as home:
        found = taken_in(home, tmp_path, ONE + TWO, TWO + b"\n" + THREE + ONE[:-1], ONE + b"\nx")
        assert [counts(each) for each in found] == [(2, 0, 0), (1, 2, 0), (0, 1, 0)]
        held = home.lake.read(Kind.FIX).sort("seq").select("seq", "line")
        assert held.rows() == [(1, 1), (2, 1), (3, 2)]

        home.lake.discard(home.lake.folder(Kind.FIX, found[1].digest))
        assert [counts(each) for each in repair(home, unheard)] == [(1, 2, 0)]


def test_of_one_message_twice_on_a_line_one_is_a_duplicate(tmp_path: Path) -> None:
    make_home(tmp_path / "home")
    with opened(tmp_path / "home") as home:
        (segment,) = taken_in(home, tmp_path, ONE + ONE + TWO + b"\n" + TWO + THREE + ONE)
        assert counts(segment) == (3, 3, 0)
        places = home.lake.read(Kind.FIX).sort("seq").select("seq", "line", "start")
        third = len(ONE + ONE + TWO + b"\n" + TWO)
        assert places.rows() == [(1, 1, 0), (2, 1, len(ONE + ONE)), (3, 2, third)]
