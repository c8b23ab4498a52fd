"""Ray, started for real on this machine: what threads do, and workers that die."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from routewarden.base.schema import Kind
from routewarden.runs import cluster, pipeline
from routewarden.runs.cluster import (
    EngineName,
    NoClusterError,
    NoEngineError,
    OnRay,
    OtherCodeError,
    WorkerError,
    engine_named,
)
from routewarden.runs.engine import Done, Engine, Threads
from routewarden.store.home import make_home, opened
from routewarden.store.segments import Arrival, ingest
from tests.command import must, routewarden
from tests.integration.homes import fills_csv, orders_csv, quotes_csv, routes_csv, tree
from tests.integration.partitions import (
    Breaking,
    Numbers,
    summed,
    summed_at_second_try,
    summed_or_killed,
    summed_unless_odd,
    threads_of_polars,
    told_then_asleep,
)

WORKERS = 2
AGAIN = 1


@pytest.fixture(scope="module")
def ray() -> Iterator[OnRay]:
    engine = OnRay(workers=WORKERS, again=AGAIN)
    with engine.connected():
        yield engine


@pytest.fixture
def parts(tmp_path: Path) -> list[Numbers]:
    return [Numbers(n, 1000 * n, tmp_path) for n in range(6)]


def told(engine: Engine, work: Callable[[Numbers], Any], parts: list[Numbers]) -> list[Any]:
    """Return what an engine answers, in the order of the partitions."""
    done = sorted(engine.map(work, parts), key=lambda each: each.part.first)
    assert [each.part for each in done] == parts
    return [each.failure or each.result for each in done]


def test_ray_gives_what_threads_give(ray: OnRay, parts: list[Numbers]) -> None:
    assert told(ray, summed, parts) == told(Threads(2), summed, parts)


def test_nothing_to_do_is_done(ray: OnRay) -> None:
    assert list(ray.map(summed, [])) == []


def test_a_worker_that_is_killed_changes_nothing(
    ray: OnRay, parts: list[Numbers], capfd: pytest.CaptureFixture[str]
) -> None:
    assert told(ray, summed_at_second_try, parts) == told(Threads(1), summed, parts)
    assert (parts[0].folder / "killed").exists()
    time.sleep(1)  # Ray speaks of it late, were it let
    assert capfd.readouterr() == ("", "")


def test_a_partition_that_always_fails_is_named_and_the_rest_is_kept(
    ray: OnRay, parts: list[Numbers]
) -> None:
    answers = told(ray, summed_unless_odd, parts)

    assert answers[::2] == told(Threads(1), summed, parts)[::2]
    assert [type(failure) for failure in answers[1::2]] == [WorkerError] * 3
    assert str(answers[1]) == "NumberError: 1 is odd"


def test_a_partition_that_kills_its_workers_is_named_after_so_many(
    ray: OnRay, parts: list[Numbers]
) -> None:
    answers = told(ray, summed_or_killed, parts)

    assert answers[2:] == told(Threads(1), summed, parts)[2:]
    assert str(answers[1]).startswith("WorkerCrashedError: ")
    assert (parts[0].folder / "deaths").read_text() == "x" * (1 + AGAIN)


def test_a_partition_has_one_processor(ray: OnRay, parts: list[Numbers]) -> None:
    assert set(told(ray, threads_of_polars, parts)) == {1}


def test_a_worker_with_other_code_refuses(
    ray: OnRay, parts: list[Numbers], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "code_digest", lambda: "another")

    refused = f"OtherCodeError: {OtherCodeError()}"
    assert {str(answer) for answer in told(ray, summed, parts)} == {refused}


def test_a_run_that_is_left_leaves_nothing_running(ray: OnRay, parts: list[Numbers]) -> None:
    folder = parts[0].folder
    running = ray.map(told_then_asleep, parts)
    assert next(running) == Done(parts[0], None)
    until(lambda: len(asleep(folder)) >= 1)
    running.close()  # type: ignore[attr-defined]

    until(lambda: not asleep(folder))
    assert told(ray, summed, parts) == told(Threads(1), summed, parts)


def asleep(folder: Path) -> list[Path]:
    """Return the marks of workers that live, and work on what takes ten minutes."""
    return [mark for mark in folder.iterdir() if Path("/proc", mark.name).exists()]


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.usefixtures("ray")
def test_a_run_on_ray_gives_the_bytes_of_one_on_threads(tmp_path: Path) -> None:
    homes = {name: tmp_path / name for name in EngineName}
    files = {"orders": orders_csv(), "routes": routes_csv(), "quotes": quotes_csv()}
    files["fills"] = fills_csv()
    for name, home in homes.items():
        must(home, "init")
        for kind, text in files.items():
            (tmp_path / f"{kind}.csv").write_text(text, newline="")
            assert routewarden(home, "ingest", kind, tmp_path / f"{kind}.csv").status in {0, 3}
        must(home, "run", "--engine", name, "--workers", str(WORKERS))

    results = [tree(home / "measured") for home in homes.values()]
    assert results[0] == results[1]
    assert results[0]


def test_a_date_cut_into_ranges_survives_a_worker_and_names_the_range_that_fails(
    ray: OnRay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "MOST_ROWS", 1)
    files = {"orders": orders_csv(), "routes": routes_csv(), "quotes": quotes_csv()}
    files["fills"] = fills_csv()
    cut, killed = "2026-07-01, symbols ABC to last", tmp_path / "killed"
    engines: dict[str, Engine] = {
        "threads": Threads(1),
        "killed": Breaking(ray, cut, killed),
        "failing": Breaking(ray, cut),
    }
    runs: dict[str, pipeline.Run] = {}
    trees: dict[str, dict[str, bytes]] = {}
    for name, engine in engines.items():
        make_home(tmp_path / name)
        with opened(tmp_path / name) as home:
            for kind, text in files.items():
                path = tmp_path / f"{kind}.csv"
                path.write_text(text, newline="")
                ingest(home, Arrival(Kind(kind), path), lambda _: None, lambda _: None)
            runs[name] = pipeline.run(home, None, None, lambda *_: None, engine)
        trees[name] = tree(tmp_path / name / "measured")

    assert killed.exists()
    assert trees["killed"] == trees["threads"]
    assert runs["killed"] == runs["threads"]
    (failed,) = runs["failing"].failed
    assert (failed.part, failed.why) == (cut, "WorkerError: NumberError: 0 is of no use")
    assert runs["failing"].measured == ()
    assert not any(file.endswith("result.json") for file in trees["failing"])


def test_where_nothing_listens_there_is_no_cluster() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(NoClusterError, match=f"^{address}: no Ray cluster answers"):
            list(OnRay(address).map(summed, []))


def test_without_ray_a_run_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(NoEngineError, match=r"routewarden\[ray\]"):
        list(OnRay().map(summed, [Numbers(0, 1, tmp_path)]))


def test_an_engine_has_a_name() -> None:
    assert engine_named(EngineName.LOCAL, None, 3) == Threads(3)
    assert engine_named(EngineName.LOCAL, None, None) == Threads()
    assert engine_named(EngineName.RAY, None, None) == OnRay("local", None)
    assert engine_named(EngineName.RAY, "head:6379", 40) == OnRay("head:6379", 40)
