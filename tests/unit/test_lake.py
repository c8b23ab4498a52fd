"""Records of the lake that share an identifier with others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from routewarden.base.canonical import Digest
from routewarden.base.schema import TABLES, Kind
from routewarden.sources.table import no_records
from routewarden.store.depot import Folder
from routewarden.store.lake import Lake
from routewarden.store.lakefile import disk_faults, write_file
from routewarden.store.staging import unwatched

FIRST, SECOND = Digest("aa" * 32), Digest("bb" * 32)


def routes(*ids: str) -> pl.DataFrame:
    """Routes of one date, in lines from 2 on."""
    empty = no_records(TABLES[Kind.ROUTES])
    sent = pl.lit(1_782_914_400_000_000_000, dtype=pl.Int64)
    rows = pl.DataFrame({"route_id": ids}).with_columns(
        sent_at=sent, line=pl.int_range(2, len(ids) + 2, dtype=pl.Int64)
    )
    return pl.concat([empty, rows], how="diagonal")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(Folder(tmp_path / "lake"), tmp_path / "staging")
    for digest, ids in ((FIRST, ("A1", "A5", "A9")), (SECOND, ("A5", "B1"))):
        made.publish(made.stage(Kind.ROUTES, [routes(*ids)], unwatched), Kind.ROUTES, digest)
    return made


def shared(lake: Lake, ids: Sequence[str], digests: Sequence[Digest]) -> list[tuple[str, str, int]]:
    wanted = pl.Series(ids, dtype=pl.String)
    found = lake.read_sharing(Kind.ROUTES, "route_id", wanted, digests)
    assert found["quantity"].dtype == pl.Int128
    return found.select("file", "route_id", "line").rows()


def test_the_records_of_ids_given_are_found_in_each_file_that_has_them(lake: Lake) -> None:
    assert shared(lake, ["A5", "A9", "A5", "Z"], [FIRST, SECOND]) == [
        (FIRST, "A5", 3),
        (FIRST, "A9", 4),
        (SECOND, "A5", 2),
    ]


def test_only_the_files_named_are_looked_into(lake: Lake) -> None:
    assert shared(lake, ["A5"], [SECOND]) == [(SECOND, "A5", 2)]
    assert shared(lake, ["A5"], []) == []


@pytest.mark.parametrize("ids", [["C1", "C2"], ["A2", "A3"], []])
def test_ids_beyond_those_held_or_between_them_are_shared_by_none(
    lake: Lake, ids: list[str]
) -> None:
    assert shared(lake, ids, [FIRST, SECOND]) == []


def test_a_disk_that_is_full_is_told_as_the_system_tells_it() -> None:
    full = Path("/dev/full")
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        write_file(full, iter([pl.DataFrame({"a": [1]})]))


@pytest.mark.parametrize("said", ["Invalid thrift: transport error", "x (os error 28)"])
def test_a_fault_of_the_disk_is_found_however_it_is_told(said: str) -> None:
    with pytest.raises(OSError, match="No space left"), disk_faults(Path("/dev/full")):
        raise pl.exceptions.ComputeError(said)


def test_a_fault_that_is_not_the_disk_s_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(pl.exceptions.ComputeError, match="odd"), disk_faults(tmp_path / "file"):
        raise pl.exceptions.ComputeError("odd")
