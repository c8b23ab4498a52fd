"""Files of every packing, and more of them than memory should hold, on their way into the lake."""

from __future__ import annotations

import bz2
import gzip
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest
import zstandard

from routewarden.base.schema import TABLES, Kind
from routewarden.sources.table import read_table
from routewarden.store.expanded import expanded
from routewarden.store.staging import Limits, unwatched, write_dates
from tests.command import must, routewarden
from tests.line import BOUNDS

QUOTES = b"symbol,at,bid,ask\n" + b"".join(
    b"%s,2026-07-0%dT14:%02d:00Z,10.%02d,10.9,\n".replace(b",\n", b"\n") % (symbol, day, n, n)
    for n in range(40)
    for symbol in (b"BBB", b"AAA", b"NA")
    for day in (2, 1)
)
QUOTES_TABLE = TABLES[Kind.QUOTES]


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/", b"")
        for name in names:
            archive.writestr(name, QUOTES)
    return buffer.getvalue()


PACKED: Mapping[str, Callable[[], bytes]] = {
    "gzip": lambda: gzip.compress(QUOTES),
    "gzip in two members": lambda: gzip.compress(QUOTES[:99]) + gzip.compress(QUOTES[99:]),
    "bzip2": lambda: bz2.compress(QUOTES),
    "Zstandard": lambda: zstandard.compress(QUOTES),
    "Zstandard in two frames": lambda: (
        zstandard.compress(QUOTES[:99]) + zstandard.compress(QUOTES[99:])
    ),
    "ZIP": lambda: zipped("quotes.csv"),
}


@pytest.mark.parametrize("packing", PACKED)
def test_a_packed_file_reads_as_what_is_in_it(packing: str, tmp_path: Path) -> None:
    must(tmp_path / "home", "init")
    path = tmp_path / "quotes.csv"
    path.write_bytes(PACKED[packing]())
    (told,) = must(tmp_path / "home", "ingest", "quotes", path, "--json").json["files"]

    assert (told["records"], told["rejects"]) == (240, 0)
    assert must(tmp_path / "home", "verify").status == 0


def test_a_packed_file_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    must(tmp_path / "home", "init")
    path = tmp_path / "quotes.csv.gz"
    half = gzip.compress(QUOTES, 0)[:4_000]  # not compressed: 15 bytes, then the file as it is
    path.write_bytes(half)
    outcome = routewarden(tmp_path / "home", "ingest", "quotes", path, "--json")
    (told,) = outcome.json["files"]

    assert outcome.status == 3
    assert told["records"] == half[15:].count(b"\n") - 1
    assert "breaks off" in told["rejected"][0]["detail"]


@pytest.mark.parametrize("missing", [1, 200])
def test_a_zstandard_file_that_breaks_off_between_lines_is_said(
    missing: int, tmp_path: Path
) -> None:
    must(tmp_path / "home", "init")
    path = tmp_path / "quotes.csv.zst"
    path.write_bytes(zstandard.compress(QUOTES)[:-missing])
    outcome = routewarden(tmp_path / "home", "ingest", "quotes", path, "--json")

    assert outcome.status == 3
    assert "breaks off" in outcome.json["files"][0]["rejected"][0]["detail"]


def test_an_archive_of_several_files_says_what_to_do(tmp_path: Path) -> None:
    must(tmp_path / "home", "init")
    path = tmp_path / "quotes.zip"
    path.write_bytes(zipped("a.csv", "b.csv"))
    (told,) = routewarden(tmp_path / "home", "ingest", "quotes", path, "--json").json["files"]

    assert told["records"] == 0
    assert "it holds 2 files; unpack it and name them" in told["rejected"][0]["detail"]


def test_a_file_that_grows_beyond_measure_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(bytes(4_000_000)))
    with expanded(path, tmp_path, free=1_000) as file:
        assert len(file.data) == 0
        assert file.fault is not None
        assert "unpacks to more than" in file.fault


@pytest.mark.parametrize("most", [1, 50, 100_000])
def test_any_number_of_rows_in_memory_gives_the_same_sorted_files(
    most: int, tmp_path: Path
) -> None:
    frames = [batch.records for batch in read_table(QUOTES_TABLE, QUOTES, BOUNDS)]
    pieces = [frame.slice(at, 7) for frame in frames for at in range(0, frame.height, 7)]
    pieces[3] = pieces[3].with_columns(x_note=pl.lit("a"))
    written = dict(write_dates(QUOTES_TABLE, pieces, tmp_path, unwatched, Limits(held=most)))

    assert {path.name: rows for path, rows in written.items()} == {
        "2026-07-01.parquet": 120,
        "2026-07-02.parquet": 120,
    }
    for path in written:
        rows = pl.read_parquet(path)
        assert rows["x_note"].count() > 0
        whole = pl.concat(pieces, how="diagonal").filter(
            pl.from_epoch("at", "ns").dt.date().cast(pl.String) == path.stem
        )
        expected = whole.sort("symbol", "at", "seq", "line").drop("start", "end")
        assert rows.select("symbol", "at", "bid", "line", "x_note").equals(
            expected.select("symbol", "at", "bid", "line", "x_note")
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(p.name for p in written)


def test_in_however_many_pieces_a_file_is_sorted_its_bytes_are_the_same(tmp_path: Path) -> None:
    written = set()
    for most in (1, 50, 100_000):
        folder = tmp_path / str(most)
        folder.mkdir()
        frames = [batch.records for batch in read_table(QUOTES_TABLE, QUOTES, BOUNDS)]
        pieces = [frame.slice(at, 7) for frame in frames for at in range(0, frame.height, 7)]
        paths = dict(write_dates(QUOTES_TABLE, pieces, folder, unwatched, Limits(held=most)))
        written.add(tuple((path.name, path.read_bytes()) for path in sorted(paths)))

    assert len(written) == 1


def test_how_far_the_sorting_has_come_is_told_to_the_last_row(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    (frame,) = (batch.records for batch in read_table(QUOTES_TABLE, QUOTES, BOUNDS))
    pieces = frame.iter_slices(7)
    list(write_dates(QUOTES_TABLE, pieces, tmp_path, lambda *by: told.append(by), Limits(held=50)))

    assert [rows for _, rows in told] == [240] * len(told)
    assert len(told) > 2
    assert told == sorted(told)
    assert told[-1] == (240, 240)
