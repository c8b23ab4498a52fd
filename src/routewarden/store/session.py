"""Who runs a command, by which clock, and what right it needs: asked when a home is opened.

Nobody says who they are: a personal token does, or else the operating-system account, which the
embedded home trusts. A command states the right it needs; a home opened by no command, as from a
notebook, is opened as that account and asks for none.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from routewarden.base.time import TRADING_ZONE
from routewarden.cases.roles import Right, Role

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the instant it is."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Session:
    """A command under way: its clock, the token shown with it, the right it needs."""

    clock: Clock = system_clock
    token: str = ""
    right: Right | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `issuer` vouches for the name, and `of` is the provider they speak for, if any."""

    name: str
    issuer: str
    roles: tuple[Role, ...]
    of: str = ""

    @property
    def is_user(self) -> bool:
        """Whether a token says who it is."""
        return self.issuer == USER


ACCOUNT, USER = "os", "user"
"""What vouches for a name: the operating system, or a token bound to a user."""

_CURRENT: ContextVar[Session] = ContextVar("session")


def current() -> Session:
    """Return the session under way; one of the system's clock and no token where there is none."""
    return _CURRENT.get(Session())


@contextmanager
def using(session: Session) -> Iterator[None]:
    """Make a session the one under way."""
    token = _CURRENT.set(session)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def show(token: str) -> None:
    """Show a token in the session under way."""
    _CURRENT.set(replace(current(), token=token))


@contextmanager
def needing(right: Right) -> Iterator[None]:
    """Make the session under way one that needs a right."""
    with using(replace(current(), right=right)):
        yield


def account() -> Actor:
    """Return who runs the command: by name, or by number where the system has no name."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = f"uid:{os.getuid()}"
    return Actor(name, ACCOUNT, (Role.NOBODY,))


def instant(clock: Clock) -> str:
    """Return the instant a clock shows, in RFC 3339."""
    return clock().astimezone(UTC).isoformat().replace("+00:00", "Z")


def new_york_date(instant: str) -> date:
    """Return the date in New York of an instant in RFC 3339."""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(TRADING_ZONE)).date()
