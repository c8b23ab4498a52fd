"""The persons whose approval counts, by registered keys, and their approvals in the log.

A person is a name and a public key, entered in the log when registered. The private half is the
person's own and outside the home. What needs two persons is proposed by one and approved by
another: by name, and by key. An entry that keeps an approval has in its payload

    statement   what was approved; `proposed_by` in it names the person who may not approve it
    approval    name, key, signature

and `verify` checks every one of them against the persons that the log knew by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.approval import Approval, is_signed, read_approval, sign_approval
from routewarden.ledger.entry import StoredEntry, content_of
from routewarden.ledger.note import Algorithm, Key, parse_key
from routewarden.ledger.strict import MalformedError
from routewarden.store.fault import Fault
from routewarden.store.home import Home
from routewarden.store.signing import file_key, make_key

ADDED = "person:added"
"""The type of the entry that registers a person's key, in place of any key of theirs before."""
REMOVED = "person:removed"
"""The type of the entry from which on a person approves nothing more."""

STATEMENT, APPROVAL, PROPOSED_BY = "statement", "approval", "proposed_by"
_BY_TWO = ":approved"
"""How the type of an entry ends that is nothing without an approval."""


_OWN_KEY = "two persons do not share one: make another with `routewarden person key DIR NAME`"
_REGISTER = "register its public half with `routewarden person add NAME KEY`"


class PersonError(RoutewardenError):
    """A person cannot be registered, or is not; or a key cannot be made for one."""

    def __init__(self, what: object, why: str) -> None:
        super().__init__(f"{what}: {why}.")


class ApprovalError(RoutewardenError):
    """An approval that does not count."""

    def __init__(self, whose: object, why: str) -> None:
        super().__init__(f"{whose}: {why}.")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone whose approval counts, and since which entry of the log."""

    name: str
    key: Key
    since: int


def persons(home: Home) -> tuple[Person, ...]:
    """Return the persons registered now, by name."""
    entries = [*home.log.entries(ADDED), *home.log.entries(REMOVED)]
    return known_persons(sorted(entries, key=lambda stored: stored.seq))


def known_persons(entries: Iterable[StoredEntry]) -> tuple[Person, ...]:
    """Return the persons registered as of the last of some entries, by name."""
    found: dict[str, Person] = {}
    for stored in _that_may_matter(entries):
        _fold(found, stored)
    return tuple(found[name] for name in sorted(found))


def _that_may_matter(entries: Iterable[StoredEntry]) -> list[StoredEntry]:
    """Return the entries that may be of a person or an approval; most need no reading."""
    return [
        stored
        for stored in entries
        if b"approv" in (entry := stored.entry) or b"person:" in entry or b"\\u" in entry
    ]


def _fold(found: dict[str, Person], stored: StoredEntry) -> None:
    """Take one entry into what is known of persons."""
    content = content_of(stored.entry) or {}
    payload = content.get("payload")
    if content.get("type") not in {ADDED, REMOVED} or not isinstance(payload, dict):
        return
    name = payload.get("name")
    if not isinstance(name, str):
        return
    found.pop(name, None)
    if content["type"] == ADDED:
        try:
            key = parse_key(str(payload.get("key")))
        except MalformedError:
            return
        found[name] = Person(name, key, stored.seq)


def add_person(home: Home, name: str, key: Key) -> Person:
    """Register a person's key, in place of any they had; the same again changes nothing.

    Raises:
        PersonError: The name is none, or the key is another's or none to sign texts with.
    """
    if not name.strip() or name != name.strip() or not name.isprintable():
        raise PersonError(repr(name), "not a name; give the person's own, on one line")
    if key.algorithm is not Algorithm.ED25519:
        raise PersonError(key.name, "a witness's key approves nothing; use `person key`")
    if key.public in {own.public for own in _keys_of_the_log(home)}:
        raise PersonError(key.name, "the log's own key is no person's; use `person key`")
    present = persons(home)
    for other in present:
        if other.name != name and other.key.public == key.public:
            raise PersonError(key.name, f"is the key of {other.name}; {_OWN_KEY}")
    held = next((other for other in present if (other.name, other.key) == (name, key)), None)
    if held is not None:
        return held
    identity = f"{ADDED}:{name}:{home.log.size}"
    home.record(ADDED, identity, name, {"v": 1, "name": name, "key": key.text})
    return next(person for person in persons(home) if person.name == name)


def remove_person(home: Home, name: str) -> None:
    """Let a person approve nothing more; what they approved stands.

    Raises:
        PersonError: There is none of that name.
    """
    if name not in {person.name for person in persons(home)}:
        raise PersonError(name, "not registered; `routewarden person list` shows who is")
    home.record(REMOVED, f"{REMOVED}:{name}:{home.log.size}", name, {"v": 1, "name": name})


def make_person_key(folder: Path, name: str) -> Key:
    """Make a key pair for someone: NAME.pem, theirs alone, and NAME.pub.

    Raises:
        PersonError: There is one already.
        MalformedError: The name cannot be that of a key.
    """
    if "/" in name or name.startswith("."):
        raise PersonError(name, "no name of a key; take one such as jane.doe@firm.example")
    for path in (folder / f"{name}.pem", folder / f"{name}.pub"):
        if path.exists():
            raise PersonError(path, "is there already, and is not written over")
    return make_key(folder, name, name, Algorithm.ED25519)


def approve(home: Home, statement: Mapping[str, Any], key_file: Path) -> Approval:
    """Approve a statement with the private key in a file.

    Args:
        home: The home whose persons count.
        statement: What is approved: what is done, and by digest to what. `proposed_by` in it, if
            there, is the name of the person who may not approve it.
        key_file: The private key that `person key` made.

    Raises:
        ApprovalError: The key is nobody's, or that of the person who proposed.
        KeyUnusableError: The file holds no key.
    """
    public, signer = file_key(key_file)
    known = persons(home)
    person = next((each for each in known if each.key.public == public), None)
    if person is None:
        raise ApprovalError(key_file, f"the key of no registered person; {_REGISTER}")
    _require_another(person.name, statement)
    return sign_approval(statement, person.name, person.key, signer)


def check(
    entries: Iterable[StoredEntry], statement: Mapping[str, Any], approval: Approval
) -> Person:
    """Return the person who approved a statement.

    Args:
        entries: The log before the approval: the persons it knows are those who count.
        statement: What is to be approved.
        approval: The approval.

    Raises:
        ApprovalError: It does not count, and why.
    """
    return _checked(known_persons(entries), statement, approval)


def approval_faults(entries: Sequence[StoredEntry]) -> Iterator[Fault]:
    """Name entries whose approval is false, or missing where there has to be one."""
    found: dict[str, Person] = {}
    for stored in _that_may_matter(entries):
        content = content_of(stored.entry) or {}
        payload = content.get("payload")
        stated = payload if isinstance(payload, dict) else {}
        needed = str(content.get("type")).endswith(_BY_TWO)
        if needed or APPROVAL in stated:
            try:
                approval = read_approval(stated.get(APPROVAL))
                _checked(tuple(found.values()), _statement(stated), approval)
            except (ApprovalError, MalformedError) as error:
                yield Fault(f"event {stored.seq}", f"its approval does not count: {error}", _WHO)
        _fold(found, stored)


_WHO = "Find out who wrote it: what it stands for was not approved."


def _statement(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    statement = payload.get(STATEMENT)
    if not isinstance(statement, dict):
        raise ApprovalError(STATEMENT, "states nothing that could be approved")
    return statement


def _checked(known: Iterable[Person], statement: Mapping[str, Any], approval: Approval) -> Person:
    """Return who approved, among some persons."""
    person = next((each for each in known if each.name == approval.name), None)
    if person is None or person.key.text != approval.key:
        raise ApprovalError(approval.name, "was not registered with the key that signed it")
    if not is_signed(statement, approval):
        raise ApprovalError(approval.name, "did not sign what it states")
    _require_another(approval.name, statement)
    return person


def _require_another(name: str, statement: Mapping[str, Any]) -> None:
    if statement.get(PROPOSED_BY) == name:
        raise ApprovalError(name, "proposed it; another registered person has to approve it")


def _keys_of_the_log(home: Home) -> tuple[Key, ...]:
    own = home.keys.public()
    return () if own is None else (own,)
