"""The log, in a file and on a server: the same tests of both."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from routewarden.ledger.entry import Happening, faults
from routewarden.ledger.outline import outlined
from routewarden.store.database import Log, Place, open_log
from routewarden.store.database import altered as differing
from routewarden.store.embedded import Embedded
from routewarden.store.server import Server, UnsafeServerError
from routewarden.store.unavailable import LogUnavailableError, NoLogError, OvertakenError
from tests.integration.postgres import Postgres, postgres
from tests.integration.severing import Cut, How, severing


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return Embedded(tmp_path / "log.sqlite")
    running: Postgres = request.getfixturevalue("server")
    return Server(running.url(), f"log_{abs(hash(tmp_path))}")


def happening(number: int, kind: str = "test:made") -> Happening:
    return Happening(kind, f"{kind}:{number}", "2026-07-01T00:00:00Z", 7, "who", f"s{number}", {})


def filled(log: Log, count: int = 3) -> Log:
    for number in range(count):
        log.append(happening(number))
    return log


def altered(log: Log) -> list[str]:
    """Return which columns do not say what their entries do."""
    entries, beside = log.rows()
    return differing(outlined(entries), beside)


def test_entries_come_back_in_order_and_tied_together(place: Place) -> None:
    with open_log(place) as log:
        appended = [log.append(happening(number)) for number in range(3)]
    with open_log(place) as log:
        assert log.entries() == appended
        assert (log.size, log.known) == (3, 3)
        assert faults(log.entries()) == altered(log) == []


def test_the_same_happenings_are_the_same_entries_in_a_file_and_on_a_server(
    server: Postgres, tmp_path: Path
) -> None:
    places: tuple[Place, Place]
    places = (Embedded(tmp_path / "log.sqlite"), Server(server.url(), "same_entries"))
    held = []
    for each in places:
        with open_log(each) as log:
            held.append(filled(log).entries())

    assert held[0] == held[1]


def test_asking_again_with_an_id_returns_the_first(place: Place) -> None:
    with open_log(place) as log:
        first = filled(log).find("test:made:1")

        assert log.append(happening(1)) == first
        assert log.size == 3


def test_an_entry_nobody_made_is_not_found(place: Place) -> None:
    with open_log(place) as log:
        assert filled(log).find("test:made:9") is None


def test_a_log_adopts_the_entries_of_another_and_goes_on_from_there(
    place: Place, tmp_path: Path
) -> None:
    with open_log(Embedded(tmp_path / "other.sqlite")) as other, open_log(place) as log:
        log.adopt(filled(other).entries())
        log.append(happening(3))

        assert log.entries()[:3] == other.entries()
        assert (log.size, faults(log.entries()), altered(log)) == (4, [], [])


def test_a_log_that_has_entries_adopts_none(place: Place, tmp_path: Path) -> None:
    with open_log(Embedded(tmp_path / "other.sqlite")) as other, open_log(place) as log:
        filled(log, 1)
        with pytest.raises(OvertakenError):
            log.adopt(filled(other).entries())

        assert log.size == 1


def test_entries_can_be_had_by_type(place: Place) -> None:
    with open_log(place) as log:
        filled(log).append(happening(0, "test:other"))

        assert [entry.seq for entry in log.entries("test:other")] == [3]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET at = 'x' WHERE seq = 1",
        "UPDATE event SET entry = NULL",
        "DELETE FROM event WHERE seq = 1",
        "DELETE FROM event",
        "INSERT INTO event SELECT seq, 'x', type, subject, at, prev, 'x', entry FROM event",
        "INSERT INTO event SELECT seq + 9, id, type, subject, at, prev, 'x', entry FROM event",
        "INSERT INTO event SELECT seq, id, type, subject, at, prev, leaf, entry FROM event "  # noqa: ISC004
        "WHERE true ON CONFLICT (seq) DO UPDATE SET at = 'x'",
    ],
)
def test_the_database_itself_refuses_to_change_an_entry(statement: str, place: Place) -> None:
    with open_log(place) as log:
        before = filled(log).entries()
        with (
            pytest.raises(DBAPIError, match=r"append-only|duplicate key"),
            log.engine.begin() as connection,
        ):
            connection.execute(text(statement))

        assert log.entries() == before


@pytest.mark.parametrize(
    "statement",
    ["TRUNCATE event", "TRUNCATE event CASCADE", "DELETE FROM event", "UPDATE event SET at = 'x'"],
)
def test_not_even_a_replica_of_a_server_changes_an_entry(statement: str, server: Postgres) -> None:
    place = Server(server.url(), "replica")
    with open_log(place) as log:
        before = filled(log).entries()
        with log.engine.connect() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            with pytest.raises(DBAPIError, match="append-only"):
                connection.execute(text(statement))

        assert log.entries() == before


def test_a_column_that_says_something_else_than_its_entry_is_named(place: Place) -> None:
    off = {
        "sqlite": "DROP TRIGGER event_no_update",
        "postgresql": "ALTER TABLE event DISABLE TRIGGER event_no_change",
    }
    with open_log(place) as log:
        filled(log)
        with log.engine.begin() as connection:
            connection.execute(text(off[log.engine.dialect.name]))
            connection.execute(text("UPDATE event SET subject = 'x' WHERE seq = 1"))

        assert altered(log) == ["event 1: its column subject differs from its entry"]


def test_a_log_somebody_else_added_to_takes_nothing_more(place: Place) -> None:
    with open_log(place) as log:
        log.append(happening(0))
        with log.engine.begin() as connection:
            copied = "SELECT 1, 'n', type, subject, at, prev, 'n', entry FROM event"
            connection.execute(text(f"INSERT INTO event {copied}"))
        with pytest.raises(OvertakenError, match="has 2 entries and had 1"):
            log.append(happening(1))

        assert log.size == 2


def test_who_only_reads_a_log_waits_for_nobody_and_changes_nothing(place: Place) -> None:
    with open_log(place) as log:
        filled(log)
        with open_log(place, read_only=True) as other:
            assert other.size == 3
        log.append(happening(3))


def test_one_log_on_a_server_waits_until_the_other_is_closed(server: Postgres) -> None:
    place, order = Server(server.url(), "alone"), list[str]()

    def second() -> None:
        with open_log(place) as log:
            order.append(f"second sees {log.size}")

    waiting = threading.Thread(target=second)
    with open_log(place) as log:
        waiting.start()
        waiting.join(timeout=1)
        assert waiting.is_alive()
        filled(log)
        order.append("first is done")
    waiting.join(timeout=60)

    assert order == ["first is done", "second sees 3"]


def test_homes_of_one_database_do_not_wait_for_each_other(server: Postgres) -> None:
    with open_log(Server(server.url(), "one")) as one, open_log(Server(server.url(), "two")) as two:
        filled(one, 2)

        assert (one.size, two.size) == (2, 0)


def test_a_log_that_was_lost_is_not_begun_anew(server: Postgres) -> None:
    with (
        pytest.raises(NoLogError, match="holds no log of this home"),
        open_log(Server(server.url(), "lost"), begins=False),
    ):
        pass

    assert server.ask("SELECT 1 FROM pg_namespace WHERE nspname = 'lost'") == []


def test_what_was_asked_when_the_server_crashed_is_asked_again(server: Postgres) -> None:
    with open_log(Server(server.url(), "crashed")) as log:
        filled(log)
        server.restart()

        assert log.append(happening(3)).seq == 3
        assert (log.size, faults(log.entries())) == (4, [])


@pytest.mark.parametrize("how", How)
@pytest.mark.parametrize("nth", range(1, 13))
def test_an_append_cut_at_any_packet_is_settled_by_itself(
    nth: int, how: How, server: Postgres
) -> None:
    """BEGIN, three questions, INSERT, COMMIT; each asked and answered."""
    schema = f"cut_{nth}_{how}"
    with severing(server.port, Cut()) as proxy:
        url = server.url(port=proxy.port)
        with open_log(Server(url, schema)) as log:
            filled(log)
            begun = len(proxy.packets)
            proxy.cut = Cut(begun + nth, 1, how)
            assert log.append(happening(3)).seq == 3
            assert log.append(happening(4)).seq == 4
            names = ["BEGIN", *["SELECT"] * 3, "INSERT", "COMMIT"]
            packets = [f"{name} {part}" for name in names for part in ("asked", "answered")]
            assert proxy.cuts == [packets[nth - 1]]
    with open_log(Server(server.url(), schema)) as log:
        assert (log.size, faults(log.entries())) == (5, [])


def test_a_log_lost_for_a_moment_in_which_somebody_added_to_it_takes_nothing_more(
    server: Postgres,
) -> None:
    place = Server(server.url(), "taken")
    with open_log(place) as log:
        log.append(happening(0))
        mine = "SELECT pid FROM pg_stat_activity WHERE application_name = 'routewarden'"
        for (pid,) in server.ask(mine):
            server.ask(f"SELECT pg_terminate_backend({pid})")
        with open_log(place) as other:
            other.append(happening(7))
        with pytest.raises(OvertakenError):
            log.append(happening(1))


def test_a_commit_is_on_the_disk_whatever_the_server_was_set_to(server: Postgres) -> None:
    server.ask("ALTER ROLE owner SET synchronous_commit = off")
    with open_log(Server(server.url(), "synchronous")) as log, log.engine.begin() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    server.ask("ALTER ROLE owner RESET synchronous_commit")


def test_a_database_of_another_encoding_is_refused(server: Postgres) -> None:
    server.ask("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    with (
        pytest.raises(UnsafeServerError, match="server_encoding = LATIN1"),
        open_log(Server(server.url("latin"), "latin")),
    ):
        pass


def test_a_server_that_does_not_come_back_leaves_it_open_what_the_last_question_did(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routewarden.store.server._RETURNS_IN_S", 0.5)
    with open_log(Server(server.url(), "away")) as log:
        filled(log)
        server.stop()
        with pytest.raises(LogUnavailableError, match="may be in the log or not") as raised:
            log.append(happening(3))
        server.start()

        assert raised.value.passes
        assert log.append(happening(3)).seq == 3
