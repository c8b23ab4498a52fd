"""Homes whose log is on a real PostgreSQL: the same results, and a sentence for what goes wrong."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from routewarden.store.home import opened
from routewarden.store.server import Server
from routewarden.store.unavailable import LogUnavailableError, NoSpaceError
from tests.command import Outcome, routewarden
from tests.integration.disturbing import complaint, recovers, told
from tests.integration.homes import (
    Golden,
    database_of,
    finished,
    golden,
    once_more,
    orders_csv,
    times_acknowledged,
)
from tests.integration.postgres import OWNER, Postgres, postgres
from tests.integration.tracing import SENT, Boundary, boundaries, disturbed
from tests.integration.warm import start, warm
from tests.matrix.row import Volume
from tests.matrix.row06 import trials

KILLS = 24
PART = 0.1
"""Share of the matrix's cuts and crashes of the server that is made here."""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        running.ask("CREATE DATABASE firm")
        yield running


@pytest.fixture(scope="module")
def firm(server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Golden:
    return golden(tmp_path_factory.mktemp("golden"), 24, "--database", server.url("firm"))


@pytest.fixture
def home(firm: Golden, tmp_path: Path) -> Path:
    return firm.home(tmp_path / "home")


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(orders_csv(), newline="")
    return path


def named(home: Path, database: str) -> None:
    """Say where a home's log is."""
    (home / "policy" / "storage.toml").write_text(f'database = "{database}"\n')


def sample(found: list[Boundary], count: int) -> list[Boundary]:
    """Return so many of a command's steps, evenly spread."""
    return [found[n * len(found) // count] for n in range(count)]


def sentence(outcome: Outcome) -> str:
    """Return the one sentence a command failed with."""
    (line,) = outcome.err.splitlines()
    assert line.startswith("error: "), outcome
    return line


def test_a_home_on_a_server_comes_to_the_same_bytes_as_one_without(
    firm: Golden, tmp_path: Path
) -> None:
    alone = golden(tmp_path)

    assert alone.export == firm.export
    made = ("lake/", "measured/2", "links/")  # the log has a key of its own, and the clock's times
    assert {name: data for name, data in firm.tree.items() if name.startswith(made)} == {
        name: data for name, data in alone.tree.items() if name.startswith(made)
    }
    assert not (firm.after / "routewarden.sqlite").exists()


def test_init_keeps_the_address_and_no_password(server: Postgres, tmp_path: Path) -> None:
    server.ask("CREATE DATABASE new")
    assert warm(tmp_path / "home", "init", "--database", server.url("new")).status == 0

    assert database_of(tmp_path / "home") == server.url("new")


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://{OWNER}:hunter2@127.0.0.1/firm",
        "postgresql://127.0.0.1/firm?user=a&password=hunter2",
        "postgresql://127.0.0.1/firm?pass%77ord=hunter2",
        "postgresql://127.0.0.1/firm?sslpassword=hunter2",
        "postgresql://a:hunter2#b@127.0.0.1/firm",
    ],
)
def test_an_address_with_a_password_is_refused_and_not_repeated(
    address: str, tmp_path: Path
) -> None:
    outcome = warm(tmp_path / "home", "init", "--database", address)

    assert (outcome.status, "PGPASSWORD" in sentence(outcome)) == (2, True)
    assert "hunter2" not in outcome.err
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    "address", ["mysql://there/firm", "firm", "", "postgresql://h:port/x?no=1", "postgresql://[::1"]
)
def test_an_address_that_is_none_makes_no_home(address: str, tmp_path: Path) -> None:
    outcome = warm(tmp_path / "home", "init", "--database", address)

    assert (outcome.status, "postgresql://" in sentence(outcome)) == (2, True)
    assert not (tmp_path / "home").exists()


def test_without_the_package_that_speaks_to_a_server_the_command_says_which_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    outcome = routewarden(tmp_path / "home", "init", "--database", "postgresql://there/firm")

    assert outcome.status == 2
    assert "pip install 'routewarden[postgres]'" in sentence(outcome)


def test_a_server_that_is_gone_is_for_later(home: Path, firm: Golden) -> None:
    named(home, "postgresql://owner@127.0.0.1:1/firm")
    outcome = warm(home, "ingest", "fills", firm.fills)

    assert (outcome.status, "refused" in sentence(outcome)) == (75, True)
    assert warm(home, "verify").status == 75


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("/firm?", "/nowhere?"), 'database "nowhere" does not exist'),
        ((f"{OWNER}@", "nobody@"), "password authentication failed"),
        (("pgpass", "no-such-file"), "PGPASSWORD, ~/.pgpass or a service file"),
    ],
)
def test_a_server_that_does_not_let_one_in_is_a_wrong_call(
    change: tuple[str, str], said: str, server: Postgres, tmp_path: Path
) -> None:
    url = server.url("firm").replace(*change)
    outcome = warm(tmp_path / "home", "init", "--database", url)

    assert (outcome.status, said in sentence(outcome)) == (2, True), outcome
    assert warm(tmp_path / "home", "verify").status == 2


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_may_lose_what_it_holds_is_refused(
    setting: str, server: Postgres, home: Path, firm: Golden
) -> None:
    server.ask(f"ALTER SYSTEM SET {setting} = off")
    server.restart()
    outcome = warm(home, "ingest", "fills", firm.fills)
    server.ask(f"ALTER SYSTEM RESET {setting}")
    server.restart()

    assert (outcome.status, f"{setting} = off" in sentence(outcome)) == (2, True), outcome
    assert times_acknowledged(home, "fills", firm.fills) == 0


def test_a_full_disk_of_the_server_is_no_space() -> None:
    full = psycopg.errors.DiskFull("could not extend file: No space left on device\nHINT: check")
    failure = Server("postgresql://there/firm", "s").failure(full)

    assert isinstance(failure, NoSpaceError)
    assert str(failure).startswith("no space; nothing acknowledged (could not extend file")


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (psycopg.errors.AdminShutdown, True),
        (psycopg.errors.TooManyConnections, True),
        (psycopg.errors.LockNotAvailable, True),
        (psycopg.OperationalError, True),
        (psycopg.errors.InsufficientPrivilege, False),
        (psycopg.ProgrammingError, False),
        (psycopg.errors.ReadOnlySqlTransaction, False),
    ],
)
def test_what_passes_on_a_server_is_told_from_what_does_not(
    error: type[psycopg.Error], *, passes: bool
) -> None:
    failure = Server("postgresql://there/firm", "s").failure(error("why\nHINT: a hint"))

    assert isinstance(failure, LogUnavailableError)
    assert (failure.passes, "HINT" in str(failure)) == (passes, False)


def test_two_homes_in_one_database_do_not_see_each_other(
    server: Postgres, orders: Path, tmp_path: Path
) -> None:
    homes = [tmp_path / "one", tmp_path / "two"]
    for each in homes:
        assert warm(each, "init", "--database", server.url()).status == 0
    assert warm(homes[0], "ingest", "orders", orders).status == 0

    assert [times_acknowledged(each, "orders", orders) for each in homes] == [1, 0]
    assert [warm(each, "verify").status for each in homes] == [0, 0]


def test_an_entry_changed_on_the_server_is_named(server: Postgres, home: Path) -> None:
    database = str(database_of(home)).partition("?")[0].rpartition("/")[2]
    event = (home / "routewarden-home").read_text().split()[-1] + ".event"
    server.ask(f"ALTER TABLE {event} DISABLE TRIGGER event_no_change", database)
    server.ask(f"UPDATE {event} SET entry = entry || ' '::bytea WHERE seq = 1", database)  # noqa: S608 - ours
    outcome = warm(home, "verify")

    assert (outcome.status, "event 1" in outcome.err) == (1, True), outcome


def test_a_home_is_not_opened_on_a_database_without_its_log(home: Path, server: Postgres) -> None:
    server.ask("CREATE DATABASE empty")
    named(home, server.url("empty"))
    outcome = warm(home, "run")

    assert (outcome.status, "holds no log of this home" in sentence(outcome)) == (2, True)
    assert (home / "lake" / "orders").exists()


def test_a_home_whose_setting_forgets_the_server_begins_no_other_log(home: Path) -> None:
    (home / "policy" / "storage.toml").unlink()
    outcome = warm(home, "run")

    assert (outcome.status, "write the line" in sentence(outcome)) == (2, True)
    assert not (home / "routewarden.sqlite").exists()


def test_a_home_with_its_log_inside_is_not_moved_by_a_line_in_its_setting(
    server: Postgres, orders: Path, tmp_path: Path
) -> None:
    assert warm(tmp_path / "home", "init").status == 0
    assert warm(tmp_path / "home", "ingest", "orders", orders).status == 0
    named(tmp_path / "home", server.url())
    outcome = warm(tmp_path / "home", "run")

    assert (outcome.status, "take the line out" in sentence(outcome)) == (2, True)


def test_a_home_moves_its_log_to_a_server_and_goes_on_there(
    server: Postgres, tmp_path: Path
) -> None:
    alone, home = golden(tmp_path), tmp_path / "undisturbed"
    with opened(home, only_to_read=True) as firm:
        entries = firm.log.size
    server.ask("CREATE DATABASE moved")
    moved = warm(home, "init", "--database", server.url("moved"), "--json")

    assert moved.json == {"home": str(home), "made": False, "moved": entries}
    assert once_more(home, alone)["records"] == 0
    assert finished(home) == alone.export
    assert not (home / "routewarden.sqlite").exists()
    assert (home / "routewarden.sqlite.moved").exists()
    assert warm(home, "init", "--database", server.url("moved"), "--json").json["moved"] is None


def test_a_move_killed_at_any_step_leaves_one_log_that_goes_on(
    server: Postgres, orders: Path, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    assert warm(begun, "init").status == 0
    assert warm(begun, "ingest", "orders", orders).status == 0
    server.ask("CREATE DATABASE target")
    move, wrong = ("init", "--database", server.url("target")), {}
    found = boundaries(shutil.copytree(begun, tmp_path / "undisturbed"), *move)
    for number, at in enumerate(sample(found, KILLS)):
        home = shutil.copytree(begun, tmp_path / str(number))
        assert disturbed(home, at, "signal=KILL", *move).status == -9
        wrong[str(at)] = complaint(partial(holds_its_orders, home, orders, move))

    assert told(wrong) == ""


def holds_its_orders(home: Path, orders: Path, move: tuple[str, ...]) -> None:
    """Require that a home says how to go on, if it does not by itself, and has lost nothing."""
    outcome = warm(home, *move)
    if outcome.status == 2:
        assert "take the line out" in sentence(outcome)
        (home / "policy" / "storage.toml").unlink()
        outcome = warm(home, *move)
    assert outcome.status == 0, outcome
    again = warm(home, "ingest", "orders", orders, "--json")
    assert again.json["files"][0]["records"] == 0, again
    assert times_acknowledged(home, "orders", orders) == 1
    assert warm(home, "verify").status == 0


def test_a_role_that_may_only_read_and_append_is_enough(
    server: Postgres, home: Path, firm: Golden
) -> None:
    url = str(database_of(home))
    database = url.partition("?")[0].rpartition("/")[2]
    schema = (home / "routewarden-home").read_text().split()[-1]
    for statement in (
        "CREATE ROLE clerk LOGIN PASSWORD 'no-secret-at-all'",
        f"GRANT USAGE ON SCHEMA {schema} TO clerk",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO clerk",
        f"GRANT INSERT ON {schema}.event TO clerk",
    ):
        server.ask(statement, database)
    named(home, url.replace(f"{OWNER}@", "clerk@"))
    once_more(home, firm)

    assert finished(home) == firm.export


def test_two_folders_that_share_a_log_exclude_each_other(
    home: Path, firm: Golden, tmp_path: Path
) -> None:
    """As two machines do that mount one folder, whose locks do not reach each other."""
    other = shutil.copytree(home, tmp_path / "other")
    shutil.rmtree(other / "evidence")
    (other / "evidence").symlink_to(home / "evidence")
    running = [start(each, "ingest", "fills", firm.fills, "--json") for each in (home, other)]
    outcomes = [each.wait() for each in running]

    assert [outcome.status in {0, 3} for outcome in outcomes] == [True, True], outcomes
    assert times_acknowledged(home, "fills", firm.fills) == 1


def test_a_home_that_may_not_be_written_is_read_while_another_holds_its_lock(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(home) as firm:
        monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anything
        with opened(home, only_to_read=True) as other:
            assert other.log.entries() == firm.log.entries()


def test_a_command_that_waits_for_the_lock_can_be_interrupted(home: Path) -> None:
    other = shutil.copytree(home, home.with_name("other"))  # whose file lock is another
    with opened(home) as firm:
        waiting = start(other, "verify")
        waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        with firm.log.engine.connect() as connection:
            end = time.monotonic() + 60
            while connection.exec_driver_sql(waits).scalar() == 0 and time.monotonic() < end:
                time.sleep(0.05)
        waiting.signal(signal.SIGINT)
        outcome = waiting.wait()

    assert (outcome.status, "interrupted" in outcome.err) == (130, True), outcome


def test_a_command_killed_at_any_step_or_question_is_finished_by_the_next(
    firm: Golden, tmp_path: Path
) -> None:
    found = boundaries(firm.home(tmp_path / "undisturbed"), "ingest", "fills", firm.fills)
    wrong, asked = {}, 0
    for number, at in enumerate(sample(found, KILLS)):
        home = firm.home(tmp_path / str(number))
        outcome = disturbed(home, at, "signal=KILL", "ingest", "fills", firm.fills)
        assert outcome.status == -9 or not at.main, (at, outcome)
        wrong[str(at)] = complaint(partial(recovers, home, firm))
        asked += at.name == SENT

    assert told(wrong) == ""
    assert 0 < asked < KILLS


def test_an_init_killed_at_any_question_is_finished_by_the_next(
    server: Postgres, tmp_path: Path
) -> None:
    server.ask("CREATE DATABASE begun")
    wrong = {}
    init = ("init", "--database", server.url("begun"))
    for number, at in enumerate(sample(boundaries(tmp_path / "undisturbed", *init), KILLS)):
        home = tmp_path / str(number)
        assert disturbed(home, at, "signal=KILL", *init).status == -9
        again = warm(home, *init)
        wrong[str(at)] = "" if again.status == 0 else again.err

    assert told(wrong) == ""


def test_a_connection_cut_at_any_packet_does_nothing_twice(tmp_path: Path) -> None:
    outcome = trials(Volume(nightly=False, folder=tmp_path, seed=6, part=PART))
    assert outcome.passed == outcome.trials == 32, outcome
