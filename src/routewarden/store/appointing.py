"""Making somebody a user, and letting them be none: who can be what, beside whom."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from routewarden.base.errors import RoutewardenError
from routewarden.cases.roles import Role, clash
from routewarden.store.home import Home
from routewarden.store.users import ADDED, REMOVED, User, users

_PREFIX = "rw_"
_TOKEN_BYTES = 32


class UserError(RoutewardenError):
    """A user cannot be added, or is not."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}.")


def entitled(known: Mapping[str, User], user: User) -> None:
    """Require that somebody can be a user beside those known.

    Raises:
        UserError: They cannot, and why.
    """
    name, roles = user.name, user.roles
    if not name.strip() or name != name.strip() or not name.isprintable():
        raise UserError(repr(name), "not a name; give the person's own, on one line")
    if why := clash(roles):
        raise UserError(name, why)
    if Role.VENDOR in roles and not user.of.strip():
        raise UserError(name, "say which provider they are of (--of)")
    if user.of and Role.VENDOR not in roles:
        raise UserError(name, "only a vendor is of a provider (--of)")
    if Role.EXAMINER in roles and user.until is None:
        raise UserError(name, "say until which date they may look (--until)")
    if not known and Role.ADMINISTRATOR not in roles:
        raise UserError(name, "the first user of a home is an administrator")
    others = [each for each in known.values() if each.name != name]
    if known and not any(Role.ADMINISTRATOR in each.roles for each in [*others, user]):
        raise UserError(name, "the last administrator stays one; make another first")


def draw_token() -> str:
    """Return a new token."""
    return _PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)


def stated(user: User) -> dict[str, object]:
    """Return what the entry of a user says."""
    return {
        "v": 1,
        "name": user.name,
        "roles": [str(role) for role in user.roles],
        "token": user.token,
        "until": None if user.until is None else str(user.until),
        "of": user.of or None,
    }


def add_user(home: Home, user: User) -> None:
    """Make somebody a user, or what a user is another; their token before, if any, ends.

    Raises:
        UserError: They cannot be one.
    """
    entitled(users(home.log), user)
    home.record(ADDED, f"{ADDED}:{user.name}:{home.log.size}", user.name, stated(user))


def remove_user(home: Home, name: str) -> None:
    """Let a user be none from now on.

    Raises:
        UserError: There is none of that name, or it is the last administrator.
    """
    known = users(home.log)
    if name not in known:
        raise UserError(name, "no user; `routewarden user list` shows who is")
    others = [each for each in known.values() if each.name != name]
    if not any(Role.ADMINISTRATOR in each.roles for each in others):
        raise UserError(name, "the last administrator stays; make another first")
    home.record(REMOVED, f"{REMOVED}:{name}:{home.log.size}", name, {"v": 1, "name": name})
