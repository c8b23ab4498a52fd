"""Cases in the log: opened, joined by findings, acted on. The log is the cases; nothing else is.

    case:opened     a person opened one
    case:begun      what the data say opened one
    case:collected  what a trading date's findings joined, and which cases they opened
    case:acted      somebody took a step

Entries are replayed through the same `decide` that let them happen, so one that somebody wrote past
the rules is found (`case_faults`), and is not part of any case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from routewarden.base.canonical import Digest
from routewarden.base.errors import RoutewardenError
from routewarden.cases.book import PROCEDURES
from routewarden.cases.case import (
    Act,
    Case,
    Document,
    Joined,
    Opening,
    RefusedError,
    decide,
    joined,
    opened,
    read_act,
    stated,
)
from routewarden.cases.roles import Role
from routewarden.cases.sharing import is_visible
from routewarden.ledger.entry import Content, StoredEntry, content_of
from routewarden.rules.rule import Severity
from routewarden.store.fault import Fault
from routewarden.store.home import Home
from routewarden.store.session import ACCOUNT, USER, new_york_date
from routewarden.store.users import ADDED, REMOVED, User, fold_user

OPENED = "case:opened"
BEGUN = "case:begun"
COLLECTED = "case:collected"
ACTED = "case:acted"
TYPES = (OPENED, BEGUN, COLLECTED, ACTED)
_PEOPLE = (ADDED, REMOVED)
CONCERNED = (*TYPES, *_PEOPLE)
"""The types of all entries that cases depend on."""


class NoCaseError(RoutewardenError):
    """No case has the number meant."""

    def __init__(self, case_id: str) -> None:
        super().__init__(f"{case_id}: no such case. `routewarden case list` shows those there are.")


class NobodyActsError(RoutewardenError):
    """A case is to be moved by nobody in particular."""

    def __init__(self) -> None:
        super().__init__(
            "who acts on a case is known by a token: set ROUTEWARDEN_TOKEN or give --token-file. "
            "`routewarden user add NAME --role ROLE` makes a user and shows the token."
        )


@dataclass(slots=True)
class Docket:
    """Every case, by number, and what of the log is not part of one.

    `collected` says, for each trading date, which result its findings were last read from.
    """

    cases: dict[str, Case] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    collected: dict[date, str] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    def case(self, case_id: str) -> Case:
        """Return a case.

        Raises:
            NoCaseError: There is none.
        """
        found = self.cases.get(case_id.upper())
        if found is None:
            raise NoCaseError(case_id)
        return found

    def next_id(self, kind: str, ahead: int = 0) -> str:
        """Return the number of the next case of a kind, or of one further ahead."""
        held = sum(case.procedure.kind == kind for case in self.cases.values())
        return f"{PROCEDURES[kind].mark}-{held + ahead + 1}"


def docket(home: Home) -> Docket:
    """Return every case of a home as it stands."""
    entries = [entry for kind in CONCERNED for entry in home.log.entries(kind)]
    return read_docket(sorted(entries, key=lambda entry: entry.seq))


def read_docket(entries: Iterable[StoredEntry]) -> Docket:
    """Return the cases that entries of a log make, in order; those of other types make none."""
    made = Docket()
    for stored in entries:
        content = content_of(stored.entry) or {}
        if content.get("type") in _PEOPLE:
            fold_user(made.users, stored)
        if content.get("type") not in TYPES:
            continue
        try:
            _take(made, content)
        except RefusedError as error:
            made.faults.append(Fault(f"event {stored.seq}", str(error), _WHO))
        except (RoutewardenError, LookupError, ValueError, TypeError, AttributeError) as error:
            made.faults.append(Fault(f"event {stored.seq}", f"no act of a case: {error!r}", _WHO))
    return made


_WHO = "Find out who wrote it: no command does, and it counts for nothing."


def case_faults(entries: Sequence[StoredEntry]) -> Iterator[Fault]:
    """Name entries that say a case moved as none can, of those of the types CONCERNED."""
    yield from read_docket(entries).faults


def _take(made: Docket, content: Content) -> None:
    payload = content["payload"]
    match content["type"]:
        case "case:opened":
            opening = _opening(content, content["actor"]["sub"])
            _require_roles(made, content, opening.roles)
            _add(made, opened(PROCEDURES[payload["kind"]], payload["case"], opening))
        case "case:begun":
            _add(made, opened(PROCEDURES[payload["kind"]], payload["case"], _opening(content)))
        case "case:acted":
            act = read_act({**payload, **_when_and_who(content)})
            _require_roles(made, content, act.roles)
            made.cases[payload["case"]] = decide(made.cases[payload["case"]], act)
        case _:
            _collect(made, content)


def _add(made: Docket, case: Case) -> None:
    expected = made.next_id(case.procedure.kind)
    if case.id != expected:
        raise RefusedError(case.id, "open", f"the next one is {expected}")
    made.cases[case.id] = case


def _when_and_who(content: Content) -> dict[str, object]:
    at = content["at"]
    return {"by": content["actor"]["sub"], "at": at, "day": str(new_york_date(at))}


def _require_roles(made: Docket, content: Content, roles: Sequence[Role]) -> None:
    """Require that an entry's author was a user by then, with the roles it says."""
    actor = content["actor"]
    user = made.users.get(actor["sub"]) if actor["iss"] == USER else None
    known = user is not None and user.is_on(new_york_date(content["at"]))
    if user is None or not known or set(user.roles) != set(roles):
        why = f"{actor['sub']} was no user then, or not with these roles"
        raise RefusedError(str(content["subject"]), str(content["type"]), why)


def _opening(content: Content, by: str = "") -> Opening:
    payload, at = content["payload"], content["at"]
    roles = tuple(Role(each) for each in payload.get("roles", ()))
    return Opening(
        subject=payload["subject"],
        title=payload["title"],
        severity=Severity(payload["severity"]),
        by=by,
        roles=roles,
        at=at,
        day=new_york_date(at),
        facts=payload["facts"],
    )


def _collect(made: Docket, content: Content) -> None:
    """Take in what a date's findings joined, and the cases that they opened."""
    payload, at = content["payload"], content["at"]
    day, file = date.fromisoformat(payload["day"]), Digest(payload["digest"])
    for new in payload["opened"]:
        severity = Severity(new["severity"])
        opening = Opening(
            *(new["subject"], new["title"], severity, "", (), at),
            new_york_date(at),
            new["facts"],
        )
        _add(made, opened(PROCEDURES[new["kind"]], new["case"], opening))
    for case_id, (count, severity) in payload["joined"].items():
        found = Joined(day, int(count), Severity(severity), file)
        made.cases[case_id] = joined(made.cases[case_id], found)
    made.collected[day] = payload["of"]


def open_case(home: Home, kind: str, opening: Opening) -> Case:
    """Open a case as the user whose token is shown.

    Raises:
        NobodyActsError: No token is shown.
        RefusedError: It is not theirs to open.
    """
    _require_user(home)
    made = docket(home)
    case = opened(PROCEDURES[kind], made.next_id(kind), opening)
    roles = [str(role) for role in opening.roles]
    home.record(OPENED, f"{OPENED}:{case.id}", case.id, {**_told(case), "roles": roles})
    return docket(home).case(case.id)


def begin_case(home: Home, kind: str, opening: Opening, key: str) -> Case | None:
    """Open a case because the data say so; None if one was opened for the same key before.

    Args:
        home: The home.
        kind: The procedure's kind, of one that is opened unasked.
        opening: What is known of it; by nobody.
        key: What happened, in words that name it once, such as a clause and a window.
    """
    identity = f"{BEGUN}:{kind}:{key}"
    if home.log.find(identity) is not None:
        return None
    made = docket(home)
    case = opened(PROCEDURES[kind], made.next_id(kind), opening)
    home.record(BEGUN, identity, case.id, _told(case))
    return docket(home).case(case.id)


def _told(case: Case) -> dict[str, object]:
    """Return what the entry that opens a case says of it."""
    return {
        "v": 1,
        "case": case.id,
        "kind": case.procedure.kind,
        "subject": case.subject,
        "title": case.title,
        "severity": case.severity,
        "facts": dict(case.facts),
    }


def act_on(home: Home, case: Case, act: Act) -> Case:
    """Take a step of a case as the user whose token is shown; return the case as it then is.

    Raises:
        NobodyActsError: No token is shown.
        RefusedError: The procedure does not let it happen.
    """
    enter_act(home, case, act)
    return docket(home).case(case.id)


def enter_act(home: Home, case: Case, act: Act) -> None:
    """Take a step of a case; its instant is that of the entry."""
    _require_user(home)
    decide(case, act)
    said = {n: value for n, value in stated(act).items() if n not in {"by", "at", "day"}}
    payload = {"v": 1, "case": case.id, **said}
    home.record(ACTED, f"{ACTED}:{case.id}:{len(case.acts)}", case.id, payload)


def act_of(home: Home, step: str, **said: Any) -> Act:  # noqa: ANN401 - the fields of an act
    """Return an act of the user whose token is shown, now."""
    actor, at = home.actor, home.now()
    roles = tuple(actor.roles)
    return Act(step, actor.name, roles, at, new_york_date(at), of=actor.of, **said)


def attach(home: Home, kind: str, path: Path) -> Document:
    """Keep the bytes of a file, and return the document it is."""
    data = path.read_bytes()
    return keep(home, kind, path.name, data)


def keep(home: Home, kind: str, name: str, data: bytes) -> Document:
    """Keep some bytes as a document of a case."""
    return Document(kind, name, home.blobs.put_bytes(data))


def visible(cases: Iterable[Case], home: Home) -> list[Case]:
    """Return the cases that whoever asks may see: a provider those with it that it was told of."""
    actor = home.actor
    return [case for case in cases if is_visible(case, actor.roles, actor.of)]


def _require_user(home: Home) -> None:
    if home.actor.issuer == ACCOUNT:
        raise NobodyActsError
