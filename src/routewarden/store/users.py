"""Users: who they are by personal tokens, what they may do by roles, all of it in the log.

A token is drawn when a user is added, shown once, and kept by its digest only. Whoever has it is
the user. The first user of a home is an administrator; from then on only an administrator adds
others, and the last of them cannot be removed. What a user did stands after they are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from routewarden.base.canonical import Digest, sha256
from routewarden.base.errors import RoutewardenError
from routewarden.cases.roles import GRANTS, Right, Role, may
from routewarden.ledger.entry import StoredEntry, content_of
from routewarden.store.database import Log
from routewarden.store.session import USER, Actor, Session, account, instant, new_york_date

ADDED = "user:added"
"""The type of the entry that says who a user is from now on: roles, digest of the token."""
REMOVED = "user:removed"
"""The type of the entry from which on a token is nobody's."""


class TokenError(RoutewardenError):
    """The token shown is no user's, or no longer."""

    def __init__(self, ended: User | None = None) -> None:
        why = "shown is nobody's in this home"
        if ended is not None:
            why = f"of {ended.name} ended with {ended.until}"
        super().__init__(f"the token {why}. An administrator gives a new one: `user token NAME`.")


class NotAllowedError(RoutewardenError):
    """Who runs the command may not."""

    def __init__(self, who: Actor, right: Right) -> None:
        holders = ", ".join(role for role in Role if right in GRANTS[role] and role != Role.NOBODY)
        if who.is_user:
            whose = f"{who.name} is {' and '.join(who.roles)}"
        else:
            whose = "no token is shown (ROUTEWARDEN_TOKEN or --token-file)"
        super().__init__(f"not allowed: {whose}, and this takes one of {holders}.")


@dataclass(frozen=True, slots=True)
class User:
    """Somebody the firm knows: `until` is their last date, `of` the provider they speak for."""

    name: str
    roles: tuple[Role, ...]
    token: Digest
    since: int
    until: date | None = None
    of: str = ""

    def is_on(self, day: date) -> bool:
        """Return whether they are a user on a date."""
        return self.until is None or day <= self.until


def users(log: Log) -> Mapping[str, User]:
    """Return who is a user now, by name."""
    entries = [*log.entries(ADDED), *log.entries(REMOVED)]
    return known_users(sorted(entries, key=lambda stored: stored.seq))


def known_users(entries: Iterable[StoredEntry]) -> dict[str, User]:
    """Return who is a user as of the last of some entries; one that says nothing makes none."""
    found: dict[str, User] = {}
    for stored in entries:
        fold_user(found, stored)
    return dict(sorted(found.items()))


def fold_user(found: dict[str, User], stored: StoredEntry) -> None:
    """Take one entry into who is a user."""
    content = content_of(stored.entry) or {}
    payload = content.get("payload")
    if content.get("type") not in {ADDED, REMOVED} or not isinstance(payload, dict):
        return
    found.pop(str(payload.get("name")), None)
    if content["type"] == ADDED and (user := _user(payload, stored.seq)) is not None:
        found[user.name] = user


def _user(payload: Mapping[str, Any], seq: int) -> User | None:
    try:
        until = payload.get("until")
        return User(
            name=str(payload["name"]),
            roles=tuple(Role(each) for each in payload["roles"]),
            token=Digest(str(payload["token"])),
            since=seq,
            until=None if until is None else date.fromisoformat(until),
            of=str(payload.get("of") or ""),
        )
    except (LookupError, ValueError, TypeError):
        return None


def admit(log: Log, session: Session) -> Actor:
    """Return who a session is of; a home without users has no token to look at.

    Raises:
        TokenError: The token shown is nobody's now.
        NotAllowedError: They have not the right that the command needs.
    """
    known = {} if session.right is Right.NOTHING else users(log)
    actor = _shown(known, session) if session.token and known else account()
    if session.right is None or may(actor.roles, session.right):
        return actor
    if not known and session.right is Right.APPOINT:
        return actor
    raise NotAllowedError(actor, session.right or Right.NOTHING)


def _shown(known: Mapping[str, User], session: Session) -> Actor:
    digest = sha256(session.token.encode())
    user = next((each for each in known.values() if each.token == digest), None)
    if user is None:
        raise TokenError
    if not user.is_on(new_york_date(instant(session.clock))):
        raise TokenError(user)
    return Actor(user.name, USER, user.roles, user.of)
