"""Commands interrupted, killed, raced and robbed of what they can rebuild: the same bytes come."""

from __future__ import annotations

import fcntl
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.command import Outcome
from tests.integration.homes import (
    Golden,
    fills_csv,
    finished,
    golden,
    once_more,
    times_acknowledged,
    tree,
)
from tests.integration.warm import PROGRAM, Running, start, warm

FILLS = 20_000
TRIALS = 5
"""Random moments for each of two signals and two commands."""
SIGNALS = (signal.SIGINT, signal.SIGKILL)
COMMANDS = ("ingest", "run")


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    return golden(tmp_path_factory.mktemp("large"), FILLS)


def begun(home: Path, firm: Golden, command: str) -> Running:
    """Start a command, with what it needs done before."""
    if command == "ingest":
        return start(home, "ingest", "fills", firm.fills)
    once_more(home, firm)
    return start(home, "run")


@pytest.fixture(scope="module")
def seconds(firm: Golden, tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """How long each command takes here undisturbed."""
    home, taken = firm.home(tmp_path_factory.mktemp("timed") / "home"), {}
    for command in COMMANDS:
        running = begun(home, firm, command)
        before = time.monotonic()
        assert running.wait().status in {0, 3}
        taken[command] = time.monotonic() - before
    return taken


@pytest.mark.parametrize("seed", range(TRIALS))
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_cut_short_at_any_moment_can_be_finished_to_the_same_bytes(  # noqa: PLR0913, PLR0917 - fixtures
    command: str,
    number: signal.Signals,
    seed: int,
    firm: Golden,
    seconds: dict[str, float],
    tmp_path: Path,
) -> None:
    home = firm.home(tmp_path / "home")
    running = begun(home, firm, command)
    chance = random.Random(f"{command} {number} {seed}")
    time.sleep(chance.uniform(0, seconds[command]))
    running.signal(number)
    ended(running.wait(), number)

    once_more(home, firm)
    assert finished(home) == firm.export
    assert times_acknowledged(home, "fills", firm.fills) == 1


def ended(outcome: Outcome, number: signal.Signals) -> None:
    """Require that a command was done in time, or ended as the signal asks."""
    if outcome.status in {0, 3}:
        return
    assert not outcome.err.startswith("Traceback"), outcome.err
    assert outcome.status == (130 if number is signal.SIGINT else -number), outcome


def test_an_interrupted_command_says_that_nothing_is_half_in(firm: Golden, tmp_path: Path) -> None:
    home = firm.home(tmp_path / "home")
    with (home / ".lock").open("a") as lock:
        waiting = held_by_us(lock.fileno(), home, firm)
        waiting.signal(signal.SIGINT)
        outcome = waiting.wait()

    assert (outcome.status, "nothing is half in" in outcome.err) == (130, True), outcome


def test_an_interrupt_while_the_program_loads_is_no_trace() -> None:
    command = [str(PROGRAM), "--version"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as loading:  # noqa: S603 - ours
        memory = Path(f"/proc/{loading.pid}/maps")
        while loading.poll() is None and "polars" not in memory.read_text():
            time.sleep(0.01)
        loading.send_signal(signal.SIGINT)
        err = loading.communicate(timeout=60)[1]

    assert "Traceback" not in err


def held_by_us(lock: int, home: Path, firm: Golden) -> Running:
    """Start an ingest that waits for a lock we hold; return it once it waits."""
    fcntl.flock(lock, fcntl.LOCK_EX)
    running = start(home, "ingest", "fills", firm.fills)
    queue, waits = Path("/proc/locks"), f"-> FLOCK  ADVISORY  WRITE {running.pid} "
    end = time.monotonic() + 30
    while waits not in queue.read_text() and time.monotonic() < end:
        time.sleep(0.01)
    return running


@pytest.mark.parametrize("racers", [2, 4])
def test_of_several_at_once_one_takes_the_file_in_and_the_others_report_duplicates(
    racers: int, firm: Golden, tmp_path: Path
) -> None:
    home = firm.home(tmp_path / "home")
    copies = [shutil.copy(firm.fills, tmp_path / f"fills {number}.csv") for number in range(racers)]
    running = [start(home, "ingest", "fills", copy, "--json") for copy in copies]
    outcomes = [each.wait() for each in running]
    rows = FILLS + 2

    counts = [outcome.json["files"][0] for outcome in outcomes]
    answers = [
        (outcome.status, c["records"], c["duplicates"])
        for outcome, c in zip(outcomes, counts, strict=True)
    ]
    assert sorted(answers) == [*[(0, 0, rows)] * (racers - 1), (3, FILLS, 1)]
    assert times_acknowledged(home, "fills", firm.fills) == 1
    assert finished(home) == firm.export


def test_of_overlapping_files_at_once_every_row_is_in_once(firm: Golden, tmp_path: Path) -> None:
    """One file is the beginning of the other; whichever comes first, the rows are the same."""
    home = firm.home(tmp_path / "home")
    lines = fills_csv(FILLS).splitlines(keepends=True)
    beginning = tmp_path / "beginning.csv"
    beginning.write_text("".join(lines[: FILLS // 2]))
    running = [start(home, "ingest", "fills", path, "--json") for path in (firm.fills, beginning)]
    files = [each.wait().json["files"][0] for each in running]

    assert sum(file["records"] for file in files) == FILLS
    assert finished(home) == firm.export


def test_commands_of_every_sort_at_once_wait_for_each_other(firm: Golden, tmp_path: Path) -> None:
    home = firm.home(tmp_path / "home")
    commands = [("ingest", "fills", firm.fills), ("run",), ("verify",), ("run",), ("verify",)]
    outcomes = [each.wait() for each in [start(home, *command) for command in commands]]

    assert [outcome.status for outcome in outcomes] == [3, 0, 0, 0, 0], outcomes
    assert finished(home) == firm.export


@pytest.fixture(scope="module")
def measured(firm: Golden, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with everything in and measured."""
    home = firm.home(tmp_path_factory.mktemp("measured") / "home")
    once_more(home, firm)
    finished(home)
    return home


@pytest.mark.parametrize("gone", [["lake"], ["measured"], ["lake", "measured"]])
def test_what_can_be_rebuilt_is_rebuilt_to_the_same_bytes(
    gone: list[str], firm: Golden, measured: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(measured, tmp_path / "home")
    for folder in gone:
        shutil.rmtree(home / folder)

    assert finished(home) == firm.export
    assert parquet(home) == parquet(measured)


@pytest.mark.parametrize("kind", ["orders", "routes", "fills", "quotes"])
def test_a_folder_of_the_lake_that_is_gone_is_rebuilt_by_any_command(
    kind: str, measured: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(measured, tmp_path / "home")
    shutil.rmtree(next((home / "lake" / kind).iterdir()))
    assert warm(home, "scorecard").status == 0

    assert parquet(home) == parquet(measured)


def parquet(home: Path) -> dict[str, bytes]:
    """Return the Parquet files of a home, lake and results."""
    return {name: data for name, data in tree(home).items() if name.endswith(".parquet")}


WAITING = """
import sys, threading
from routewarden.cli import app
threading.Thread(target=threading.Event().wait).start()
app.app = lambda _: sys.exit(130)
app.main([])
"""


def test_a_thread_that_waits_for_ever_keeps_no_interrupted_command() -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", WAITING], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 130
    assert done.stderr.startswith("interrupted: nothing is half in")


FORGOTTEN = """
import routewarden.cli.app as app
from routewarden.cli import entry

class Ending:
    def __del__(self):
        raise {error}

def run():
    Ending()
    print("went on")

app.main = run
entry.main()
"""


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        ("KeyboardInterrupt", 130, "interrupted: nothing is half in\n"),
        ("ValueError('odd')", 0, "ValueError: odd\n"),
    ],
)
def test_an_interrupt_the_interpreter_would_forget_is_heard(
    error: str, status: int, said: str
) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", FORGOTTEN.format(error=error)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout == "went on\n") == (status, status == 0)
    assert done.stderr.endswith(said)
