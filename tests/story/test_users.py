"""Users and what each may do: every command of the running program, for every role."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from routewarden.cases.roles import GRANTS, Right, Role
from routewarden.cli.app import app
from routewarden.cli.rights import NEEDS, commands
from routewarden.store.database import Log
from routewarden.store.home import opened
from routewarden.store.session import Session, using
from routewarden.store.users import NotAllowedError, admit
from tests.command import must, routewarden
from tests.people import NOBODY, People

COMMANDS = [path for path, _ in commands(app)]


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> People:
    """A home with a user of each role."""
    home = tmp_path_factory.mktemp("crew") / "firm"
    must(home, "init")
    people = People(home).founded()
    more = {Role.VENDOR: ("--of", "acme"), Role.EXAMINER: ("--until", "2026-12-31")}
    for role in Role:
        if role not in {Role.NOBODY, Role.ADMINISTRATOR}:
            people.add(role, role, more=more.get(role, ()))
    people.tokens[Role.ADMINISTRATOR] = people.tokens["root"]
    people.tokens[Role.NOBODY] = ""
    return people


def test_every_command_says_what_it_needs_and_nothing_else_is_listed() -> None:
    assert sorted(NEEDS) == sorted(COMMANDS)


@pytest.fixture(scope="module")
def door(crew: People) -> Iterator[Log]:
    """The log that is asked who may come in, held open in a copy of the home."""
    copy = crew.home.with_name("copy")
    shutil.copytree(crew.home, copy)
    with opened(copy) as home:
        yield home.log


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_is_for_those_who_may(crew: People, door: Log, path: str, role: Role) -> None:
    session = Session(lambda: crew.at, crew.tokens[role], NEEDS[path])
    if NEEDS[path] in GRANTS[role]:
        assert role in admit(door, session).roles or NEEDS[path] is Right.NOTHING
        return
    with pytest.raises(NotAllowedError, match="not allowed"):
        admit(door, session)


@pytest.mark.parametrize("role", Role)
def test_a_home_is_opened_to_those_who_may(crew: People, role: Role) -> None:
    session = Session(lambda: crew.at, crew.tokens[role], Right.TAKE_AWAY)
    may = Right.TAKE_AWAY in GRANTS[role]
    answer = nullcontext() if may else pytest.raises(NotAllowedError)
    with using(session), answer, opened(crew.home, only_to_read=True) as home:
        assert home.actor.roles == (role,)


@pytest.mark.parametrize(
    ("role", "arguments"),
    [
        (Role.AUDITOR, ("ingest", "orders", __file__)),
        (Role.AUDITOR, ("export", "fills", "--out", "none.csv")),
        (Role.VENDOR, ("findings",)),
        (Role.VENDOR, ("scorecard",)),
        (Role.ADMINISTRATOR, ("case", "list")),
        (Role.ADMINISTRATOR, ("policy", "approve", "00000000", "--key", __file__)),
        (Role.DESK, ("user", "list")),
        (Role.DESK, ("user", "add", "x", "--role", "desk")),
        (Role.CHAIR, ("run",)),
        (Role.NOBODY, ("case", "take", "EX-1")),
        (Role.NOBODY, ("user", "remove", "desk")),
    ],
)
def test_a_command_of_the_program_is_held_to_it(
    crew: People, role: Role, arguments: tuple[str, ...]
) -> None:
    outcome = crew.run(role, *arguments)
    right = NEEDS.get(" ".join(arguments[:2])) or NEEDS[arguments[0]]
    if right in GRANTS[role]:
        assert "not allowed" not in outcome.err
    else:
        assert (outcome.status, "not allowed" in outcome.err) == (2, True), outcome


def test_a_home_without_users_is_its_accounts(tmp_path: Path) -> None:
    home = tmp_path / "firm"
    must(home, "init")
    must(home, "user", "list")
    refused = routewarden(home, "case", "take", "EX-1")
    assert (refused.status, "no token is shown" in refused.err) == (2, True)
    first = routewarden(home, "user", "add", "ann", "--role", "desk")
    assert "the first user of a home is an administrator" in first.err
    must(home, "user", "add", "root", "--role", "administrator")
    later = routewarden(home, "user", "add", "ann", "--role", "desk")
    assert "not allowed: no token is shown" in later.err


def test_a_token_is_shown_once_and_kept_nowhere(tmp_path: Path) -> None:
    people = People(tmp_path / "firm")
    must(people.home, "init")
    people.founded(ann="desk")
    token = people.tokens["ann"].encode()
    assert token.startswith(b"rw_")
    kept = [path for path in people.home.rglob("*") if path.is_file()]
    assert not [path for path in kept if token in path.read_bytes()]


def test_a_new_token_ends_the_one_before(crew: People) -> None:
    crew.add("tom", "analyst")
    crew.must("tom", "case", "list")
    before = crew.tokens["tom"]
    crew.tokens["tom"] = crew.must("root", "user", "token", "tom").out.strip()
    crew.must("tom", "case", "list")
    assert "nobody's in this home" in crew.run(before, "case", "list").err


def test_a_token_can_come_from_a_file(crew: People, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(crew.tokens[Role.DESK] + "\n")
    must(crew.home, "--token-file", file, "case", "list")


def test_an_examiner_looks_until_their_last_date(crew: People) -> None:
    crew.add("ed", "examiner", more=("--until", "2026-07-31"))
    crew.must("ed", "case", "list")
    before, crew.at = crew.at, datetime(2026, 8, 1, 4, 1, tzinfo=UTC)
    ended = crew.run("ed", "case", "list")
    crew.at -= timedelta(minutes=2)  # still the 31st in New York
    crew.must("ed", "case", "list")
    crew.at = before
    assert (ended.status, "ended with 2026-07-31" in ended.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("ann", "--role", "desk", "--role", "supervisor"), "are two persons"),
        (("vic", "--role", "vendor"), "which provider"),
        (("ann", "--role", "desk", "--of", "acme"), "only a vendor"),
        (("ed", "--role", "examiner"), "until which date"),
        ((" ann", "--role", "desk"), "not a name"),
        (("ann", "--role", "nobody"), "no user's role"),
        (("root", "--role", "chair"), "the last administrator stays one"),
    ],
)
def test_who_cannot_be_a_user_is_told_why(
    crew: People, arguments: tuple[str, ...], why: str
) -> None:
    refused = crew.run("root", "user", "add", *arguments)
    assert (refused.status, why in refused.err) == (2, True), refused


def test_the_last_administrator_stays(crew: People) -> None:
    assert "the last administrator stays" in crew.run("root", "user", "remove", "root").err
    assert "no user" in crew.run("root", "user", "remove", "zoe").err
    assert "no user" in crew.run("root", "user", "token", "zoe").err


def test_users_are_listed_with_what_the_home_trusts(crew: People) -> None:
    told = crew.must("root", "user", "list", "--json").json
    assert "operating-system account" in told["trust"]
    assert {user["name"] for user in told["users"]} >= {"root", "vendor", "examiner"}
    shown = crew.must("root", "user", "list")
    assert "acme" in shown.out
    assert "operating-system account" in shown.err


def test_what_needs_no_home_needs_no_token() -> None:
    assert {path for path, right in NEEDS.items() if right is Right.NOTHING} == {
        *(
            "demo",
            "wsp template",
            "profile try",
            "profile list",
            "profile show",
            "witness init",
            "witness add",
        ),
        *("witness serve", "person key", "evidence verifier"),
    }


def test_acts_of_users_and_of_the_account_are_told_apart(crew: People) -> None:
    crew.must(NOBODY, "verify")
    with opened(crew.home) as home:
        issuers = {entry.content["actor"]["iss"] for entry in home.log.entries()}
    assert issuers == {"os", "user"}
