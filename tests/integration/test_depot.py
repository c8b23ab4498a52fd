"""The lake and the results in a bucket: the same answers as in files, and all or nothing."""

from __future__ import annotations

import io
import os
import pickle
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from routewarden.base.canonical import Digest
from routewarden.base.schema import TABLES, Kind
from routewarden.store.depot import Bucket, Depot, Folder, depot_at
from routewarden.store.home import opened
from routewarden.store.lake import MARKER, Lake
from routewarden.store.lakefile import wide_columns
from routewarden.store.results import NoResultError, Results
from tests.command import must, routewarden
from tests.integration.homes import fills_csv, orders_csv, quotes_csv, routes_csv
from tests.integration.relay import killed_at_write
from tests.integration.s3 import BUCKET, server
from tests.integration.warm import PROGRAM

DAY = date(2026, 7, 1)
FILES = {
    "orders": orders_csv(),
    "routes": routes_csv(),
    "quotes": quotes_csv(),
    "fills": fills_csv(),
}


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    before = dict(os.environ)
    with server(tmp_path_factory.mktemp("weed")) as environment:
        os.environ.update(environment)
        yield f"s3://{BUCKET}"
    for name in environment:
        os.environ.pop(name)
    os.environ.update(before)


@pytest.fixture(params=["folder", "bucket"])
def depot(request: pytest.FixtureRequest, tmp_path: Path) -> Depot:
    if request.param == "folder":
        return Folder(tmp_path / "depot")
    request.getfixturevalue("s3")
    return Bucket(BUCKET, f"depots/{tmp_path.name}")


def test_a_file_is_there_whole_until_it_is_removed(depot: Depot) -> None:
    depot.put("a/b/two", b"2")
    depot.put("a/b/two", b"second")
    depot.put("a/one", b"1")
    depot.put("ab", b"")
    inner = depot.within("a")

    assert depot.names() == ["a/b/two", "a/one", "ab"]
    assert (depot.names("a"), inner.names(), inner.names("none")) == (
        ["a/b/two", "a/one"],
        ["b/two", "one"],
        [],
    )
    assert (depot.read("a/b/two"), inner.read("b/two"), depot.read("ab")) == (
        b"second",
        b"second",
        b"",
    )
    assert depot.digest("ab") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    depot.remove("ab")
    depot.remove("a")
    depot.remove("a")
    assert depot.names() == []


def test_what_is_not_there_is_named(depot: Depot) -> None:
    for asked in (depot.read, depot.digest):
        with pytest.raises(FileNotFoundError) as missing:
            asked("a/none")
        assert missing.value.filename in {depot.where("a/none"), Path(depot.where("a/none"))}


def test_a_depot_that_was_sent_is_the_same(depot: Depot) -> None:
    depot.put("a", b"1")
    sent = pickle.loads(pickle.dumps(depot))  # noqa: S301 - our own

    assert (sent, sent.read("a")) == (depot, b"1")
    assert b"no-secret-at-all" not in pickle.dumps(depot)


def test_polars_reads_where_a_file_is(depot: Depot) -> None:
    frame = pl.DataFrame({"n": [1, 2, 3]})
    depot.put("f.parquet", parquet(frame))
    scanned = pl.scan_parquet(
        depot.where("f.parquet"), storage_options=depot.options, glob=False
    ).filter(pl.col("n") > 1)

    assert scanned.collect()["n"].to_list() == [2, 3]


def parquet(frame: pl.DataFrame) -> bytes:
    """Return a frame as Parquet."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def test_published_files_are_there_together(depot: Depot, tmp_path: Path) -> None:
    staged = tmp_path / "depot" / "staged"
    staged.mkdir(parents=True)
    for name in ("b", "a", MARKER):
        (staged / name).write_text(name)
    depot.publish(staged, "fills/x", last=MARKER)

    assert depot.names("fills") == [f"fills/x/{name}" for name in (MARKER, "a", "b")]
    assert not staged.exists()


def rows(*numbers: int) -> pl.DataFrame:
    """Return rows with a 128-bit column, as results have them."""
    return pl.DataFrame({"n": numbers}, schema={"n": pl.Int128})


def test_parts_are_read_together_once_they_are_committed(depot: Depot) -> None:
    results = Results(depot)
    written = [each for n in (10, 2, 1) for each in results.put(DAY, "i1", n, {"fills": rows(n)})]
    written += results.put(DAY, "i1", 1, {"orders": rows(7)})
    assert (results.dates(), results.inputs(DAY)) == (set(), None)
    with pytest.raises(NoResultError):
        results.read(DAY, "fills")

    results.commit(DAY, "i1", written)

    assert (results.dates(), results.inputs(DAY)) == ({DAY}, "i1")
    assert results.read(DAY, "fills")["n"].to_list() == [1, 2, 10]
    assert results.read(DAY, "fills", ["n"]).equals(rows(1, 2, 10))
    assert results.damaged_files(DAY) == []


def test_a_commit_leaves_nothing_that_it_does_not_name(depot: Depot) -> None:
    results = Results(depot)
    results.write(DAY, "i1", {"fills": rows(1), "orders": rows(2)})
    results.put(DAY, "i2", 9, {"fills": rows(9)})  # by a run that was cut short
    results.put(DAY, "i3", 1, {"fills": rows(9)})
    again = results.put(DAY, "i2", 1, {"fills": rows(3)})
    assert results.read(DAY, "fills").equals(rows(1))

    results.commit(DAY, "i2", again)

    assert depot.names() == [f"{DAY}/i2/fills-0001.parquet", f"{DAY}/result.json"]
    assert results.read(DAY, "fills").equals(rows(3))
    with pytest.raises(NoResultError, match="earlier version"):
        results.read(DAY, "orders")


def test_what_a_killed_run_left_unfinished_is_gone_after_the_next(tmp_path: Path) -> None:
    left = tmp_path / "measured" / ".part-cut_off"
    left.parent.mkdir()
    left.write_bytes(b"half")
    Results(Folder(tmp_path / "measured")).note_run(1, "something")

    assert [path.name for path in left.parent.iterdir()] == ["last_run.json"]


def test_the_bytes_of_a_part_are_those_of_its_frame(depot: Depot) -> None:
    results = Results(depot)
    once, again = (results.put(DAY, "i", 1, {"fills": rows(1, 2)}) for _ in range(2))

    assert once == again
    assert (once[0].rows, once[0].sha256) == (2, depot.digest(f"{DAY}/i/{once[0].file}"))


def test_a_result_without_one_of_its_files_is_none(depot: Depot) -> None:
    results = Results(depot)
    results.write(DAY, "i1", {"fills": rows(1)})
    depot.remove(f"{DAY}/i1/fills.parquet")

    assert results.inputs(DAY) is None
    assert [fault.split(": ")[-1] for fault in results.damaged_files(DAY)] == ["missing"]
    with pytest.raises(NoResultError, match="missing"):
        results.read(DAY, "fills")


def taken_in(home: Path, folder: Path, *options: str) -> Path:
    """Make a home and take the files in."""
    must(home, "init", *options)
    for kind, text in FILES.items():
        path = folder / f"{kind}.csv"
        path.write_text(text, newline="")
        assert routewarden(home, "ingest", kind, path).status in {0, 3}
    return home


def exported(home: Path, part: str) -> bytes:
    """Return what is exported of a part."""
    out = home.parent / f"{part}.csv"
    must(home, "export", part, "--out", out)
    return out.read_bytes()


def stored(home: Path) -> dict[str, str]:
    """Return every file of the lake and the results, by digest."""
    with opened(home) as firm:
        return {
            f"{number}/{name}": depot.digest(name)
            for number, depot in enumerate((firm.lake.depot, firm.measured))
            for name in depot.names()
            if name != "last_run.json"  # says how long the log was
        }


def test_a_home_with_its_lake_in_a_bucket_answers_as_one_without(s3: str, tmp_path: Path) -> None:
    local = taken_in(tmp_path / "local", tmp_path)
    away = taken_in(tmp_path / "away", tmp_path, "--storage", f"{s3}/{tmp_path.name}")
    for home in (local, away):
        assert must(home, "run", "--json").json["measured"] == [str(DAY)]

    for part in ("fills", "orders", "routes", "findings", "summary"):
        assert exported(away, part) == exported(local, part)
    assert stored(away) == stored(local)
    assert must(away, "run", "--json").json["unchanged"] == [str(DAY)]
    assert must(away, "verify", "--json").json["lake_folders"] == len(FILES)
    assert not (away / "measured").exists()
    assert not list((away / "lake").rglob("*.parquet"))


def fault_places(home: Path) -> list[str]:
    """Return what verify says is wrong, and where."""
    outcome = routewarden(home, "verify", "--json")
    assert outcome.status == (1 if outcome.json["faults"] else 0)
    return [f"{fault['where']} {fault['what']}" for fault in outcome.json["faults"]]


@pytest.mark.parametrize("change", ["altered", "removed", "added"])
def test_a_file_of_the_bucket_that_changed_is_named_and_made_anew(
    change: str, s3: str, tmp_path: Path
) -> None:
    home = taken_in(tmp_path / "home", tmp_path, "--storage", f"{s3}/{tmp_path.name}")
    before = stored(home)
    with opened(home) as firm:
        depot = firm.lake.depot
    name = next(name for name in depot.names("fills") if name.endswith(".parquet"))
    match change:
        case "altered":
            depot.put(name, b"x" + depot.read(name)[1:])
        case "removed":
            depot.remove(name)
        case _:
            depot.put(name.replace("2026-07-01", "2026-07-02"), depot.read(name))

    faults = fault_places(home)
    assert len(faults) == 1
    assert depot.where(name.rpartition("/")[0]) in faults[0]
    depot.remove(name.rpartition("/")[0])
    must(home, "run")
    assert (fault_places(home), stored(home).items() >= before.items()) == ([], True)


def test_an_interrupted_publish_shows_nothing_and_is_swept(s3: str, tmp_path: Path) -> None:
    home = taken_in(tmp_path / "home", tmp_path, "--storage", f"{s3}/{tmp_path.name}")
    before = stored(home)
    with opened(home) as firm:
        lake, digest = firm.lake, Digest("ab" * 32)
        held = lake.read(Kind.FILLS)
        known = next(name for name in lake.depot.names("fills") if name.endswith(".parquet"))
        lake.depot.put(f"fills/{digest}/{DAY}.parquet", lake.depot.read(known))

        assert lake.read(Kind.FILLS).equals(held)
        assert digest not in lake.dates(Kind.FILLS)[DAY]
        lake.depot.remove(f"{known.rpartition('/')[0]}/{MARKER}")
        assert lake.read(Kind.FILLS).is_empty()
    must(home, "run")
    with opened(home) as firm:
        assert firm.lake.read(Kind.FILLS).equals(held)
    assert stored(home).items() >= before.items()
    assert f"0/fills/{digest}/{DAY}.parquet" not in stored(home)


@pytest.mark.parametrize(("command", "nth"), [("ingest", 2), ("run", 3), ("run", 6)])
def test_a_command_killed_while_it_writes_to_the_bucket_shows_nothing_of_it(
    command: str, nth: int, s3: str, tmp_path: Path
) -> None:
    """A date's fills are a file and a marker; its results are five files and a pointer."""
    undisturbed = taken_in(tmp_path / "undisturbed", tmp_path)
    must(undisturbed, "run")
    home, fills = tmp_path / "home", tmp_path / "fills.csv"
    must(home, "init", "--storage", f"{s3}/{tmp_path.name}")
    for kind in FILES:
        if (kind, command) != ("fills", "ingest"):
            assert routewarden(home, "ingest", kind, tmp_path / f"{kind}.csv").status in {0, 3}
    arguments = ["ingest", "fills", str(fills)] if command == "ingest" else ["run"]
    whole = [str(PROGRAM), "--home", str(home), *arguments]
    killed_at_write(whole, os.environ["AWS_ENDPOINT_URL"], nth)

    with opened(home) as firm:
        assert firm.lake.read(Kind.FILLS).is_empty() == (command == "ingest")
        assert Results(firm.measured).dates() == set()
        assert bool(firm.measured.names()) == (command == "run")
    assert routewarden(home, "ingest", "fills", fills).status in {0, 3}
    must(home, "run")
    assert exported(home, "fills") == exported(undisturbed, "fills")
    assert stored(home) == stored(undisturbed)
    assert fault_places(home) == []


def test_the_files_of_a_date_are_read_in_the_order_of_their_numbers(depot: Depot) -> None:
    digest = Digest("ab" * 32)
    lake = Lake(depot, Path("unused"))
    wide = wide_columns(TABLES[Kind.FILLS])
    fills = pl.DataFrame({"symbol": ["NA"], "line": [1]}).with_columns(
        pl.lit(1, dtype=pl.Decimal(38, scale)).alias(name) for name, scale in wide.items()
    )
    for number in (10, 3, 2, 1):
        name = f"{DAY}.parquet" if number == 1 else f"{DAY}.{number:03}.parquet"
        rows = fills.with_columns(fill_id=pl.lit(f"F{number}"))
        depot.put(f"fills/{digest}/{name}", parquet(rows))
    assert (lake.dates(Kind.FILLS), lake.whole()) == ({}, set())
    depot.put(f"fills/{digest}/{MARKER}", b"{}")

    assert lake.dates(Kind.FILLS) == {DAY: (digest,)}
    assert lake.read(Kind.FILLS, day=DAY)["fill_id"].to_list() == ["F1", "F2", "F3", "F10"]
    shared = lake.read_sharing(Kind.FILLS, "fill_id", pl.Series(["F3", "F7"]), {digest})
    assert shared["fill_id"].to_list() == ["F3"]


def test_a_bucket_that_cannot_be_reached_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    outcome = routewarden(tmp_path / "home", "init", "--storage", "s3://nowhere/a")

    assert outcome.status == 2
    assert outcome.err.startswith("error: s3://nowhere/a: ")
    assert "AWS_ENDPOINT_URL" in outcome.err
    assert not (tmp_path / "home").exists()


def test_without_its_client_a_bucket_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    outcome = routewarden(tmp_path / "home", "init", "--storage", "s3://somewhere/a")

    assert (outcome.status, "routewarden[s3]" in outcome.err) == (2, True)


def test_a_prefix_that_holds_something_is_nobody_elses_home(s3: str, tmp_path: Path) -> None:
    place = f"{s3}/{tmp_path.name}"
    depot_at(place).put("theirs", b"1")
    outcome = routewarden(tmp_path / "home", "init", "--storage", place)

    assert (outcome.status, f"{place}: is here already" in outcome.err) == (2, True)


@pytest.mark.parametrize(
    "text", ["place = 1", "place = 's3://'", "place = 'relative'", "other = 1", "place ="]
)
def test_a_storage_setting_that_names_no_place_is_refused(text: str, tmp_path: Path) -> None:
    must(tmp_path / "home", "init")
    (tmp_path / "home" / "policy" / "storage.toml").write_text(text)
    outcome = routewarden(tmp_path / "home", "run")

    assert (outcome.status, "policy/storage.toml" in outcome.err) == (2, True)


def test_records_moved_to_another_folder_are_made_anew_there(tmp_path: Path) -> None:
    home = taken_in(tmp_path / "home", tmp_path)
    must(home, "run")
    before, fills = stored(home), exported(home, "fills")
    (home / "policy" / "storage.toml").write_text(f"place = '{tmp_path / 'mounted'}'\n")
    must(home, "run")

    assert (stored(home), exported(home, "fills")) == (before, fills)
    assert (tmp_path / "mounted" / "lake" / "fills").is_dir()
