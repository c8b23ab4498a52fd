"""What the firm expects of each router: its configuration, by dated version.

A version is in force from its date until a later one of the same router. Only what orders, routes
and fills can show is in it: where routes go, what they carry, which strategies there are, and how
well and how fast. Nothing ships: of a router without a version in force nothing is expected.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from routewarden.base.errors import RoutewardenError
from routewarden.base.exact import PER_SHARE_SCALE
from routewarden.base.schema import ORDER_TYPES, TIMES_IN_FORCE
from routewarden.base.time import NS_PER_MS

ROUTER = "router.toml"
ROUTER_TEXT = """\
# How each router is to be set up, by dated version. What is observed is compared with it: `router
# drift` shows both, and what is not as it should be is a finding. A version counts from its date
# until a later one of the same router. On a date for which a router has none, nothing is asked.
#
# [[version]]
# router = "ACME"                    # as the orders' column `router` has it
# version = "4.2"
# from = 2026-01-01
# provider = "Acme Routing Inc."
# source = "configuration sheet of 2025-12-10"
# approved_by = "who approved it"
# order_handling = "SHA-256 of the policy/order_handling.md it follows"   # may be left out
# venues = ["IEXG", "XNAS", "XNYS"]  # where it may route to; left out, any
# strategies = ["dark-first"]        # as the orders' column `strategy` has them; left out, any
#
# What a route may carry: it is as it should be if one of these has it. A key left out stands for
# anything, and with none of them nothing is asked. A route that states no instructions has none.
#
# [[version.allows]]
# venues = ["IEXG"]
# strategies = ["dark-first"]
# order_types = ["pegged"]
# times_in_force = ["ioc", "day"]
# instructions = ["midpoint"]
#
# How well and how fast: one of `improvement_least` (price/share, of market and marketable limit
# orders' executions), `decision_most_ms` (from receipt to the first route) and `first_venues`
# (where an order's first routes go). `strategies` says of whose orders; left out, of all.
# How often it may be missed is the dated limit `expectation_missed_most`.
#
# [[version.expects]]
# strategies = ["dark-first"]
# improvement_least = "0.005"
"""

_TEXTS = ("router", "version", "provider", "source", "approved_by")
_CARRIES: Mapping[str, tuple[str, ...]] = {
    "venues": (),
    "strategies": (),
    "order_types": ORDER_TYPES,
    "times_in_force": TIMES_IN_FORCE,
    "instructions": (),
}
_DIGEST = re.compile(r"[0-9a-f]{64}")


class RouterError(RoutewardenError):
    """The firm's `router.toml` cannot be used."""

    def __init__(self, *, entry: str, value: object) -> None:
        super().__init__(
            f"policy/{ROUTER}: {entry}: {value}. Write each as [[version]] with router, version, "
            'from = 2026-01-01, provider, source, approved_by, and perhaps venues = ["XNYS"], '
            "strategies, order_handling (a digest), [[version.allows]] and [[version.expects]]."
        )


class What(StrEnum):
    """What may be expected, by the name the file gives it."""

    IMPROVEMENT = "improvement_least"
    DECISION = "decision_most_ms"
    FIRST_VENUES = "first_venues"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a route may carry, by column; empty is anything."""

    venues: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    order_types: tuple[str, ...] = ()
    times_in_force: tuple[str, ...] = ()
    instructions: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say it in a line."""
        parts = [f"{name} {' '.join(getattr(self, name))}" for name in _CARRIES]
        return ", ".join(part for part in parts if not part.endswith(" ")) or "anything"


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of the orders of some strategies, of all where none is named.

    `amount` is in 10**-9 of a price or in nanoseconds, 0 where `venues` say it; `written` is the
    amount as the file has it.
    """

    what: What
    amount: int = 0
    written: str = ""
    venues: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say it in a few words."""
        said = f"first routes to {' '.join(self.venues)}"
        if self.what is What.IMPROVEMENT:
            said = f"price improvement of at least {self.written}"
        elif self.what is What.DECISION:
            said = f"decision within {self.written} ms"
        return f"{said} ({' '.join(self.strategies)})" if self.strategies else said


@dataclass(frozen=True, slots=True)
class Version:
    """A router's configuration from a date on; `order_handling` is the digest of the policy."""

    router: str
    version: str
    provider: str
    source: str
    approved_by: str
    since: date
    order_handling: str = ""
    venues: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    allows: tuple[Allowed, ...] = ()
    expects: tuple[Expected, ...] = ()


@dataclass(frozen=True, slots=True)
class Routers:
    """Every version there was, of every router."""

    entries: tuple[Version, ...] = ()

    def on(self, day: date) -> tuple[Version, ...]:
        """Return the version of each router in force on a date, by router."""
        begun: dict[str, Version] = {}
        for entry in sorted(self.entries, key=lambda entry: entry.since):
            if entry.since <= day:
                begun[entry.router] = entry
        return tuple(begun[name] for name in sorted(begun))


def read_routers(text: str) -> Routers:
    """Return the versions of a `router.toml`.

    Raises:
        RouterError: It is not that.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RouterError(entry="the file", value=str(error)) from error
    if extra := set(table) - {"version"}:
        raise RouterError(entry=min(extra), value="no such entry")
    entries = tuple(map(_version, _tables(table, "version")))
    seen: set[tuple[str, date]] = set()
    for each in entries:
        if (each.router, each.since) in seen:
            raise RouterError(entry=each.router, value=f"given twice from {each.since}")
        seen.add((each.router, each.since))
    return Routers(entries)


def _tables(row: Mapping[str, object], key: str) -> Iterator[Mapping[str, object]]:
    rows = row.get(key, [])
    if not isinstance(rows, list):
        raise RouterError(entry=key, value=rows)
    for each in rows:
        if not isinstance(each, dict):
            raise RouterError(entry=key, value=each)
        yield each


def _version(row: Mapping[str, object]) -> Version:
    router, version, provider, source, approved_by = (_text(row, key) for key in _TEXTS)
    known = ("from", "order_handling", "venues", "strategies", "allows", "expects")
    _require_known(row, (*_TEXTS, *known))
    since, cited = row.get("from"), row.get("order_handling", "")
    if type(since) is not date:
        raise RouterError(entry=f"{router}.from", value=since)
    if not isinstance(cited, str) or (cited and not _DIGEST.fullmatch(cited)):
        raise RouterError(entry="order_handling", value=f"{cited} is no SHA-256 in hexadecimal")
    return Version(
        *(router, version, provider, source, approved_by, since, cited),
        venues=_names(row, "venues"),
        strategies=_names(row, "strategies"),
        allows=tuple(map(_allowed, _tables(row, "allows"))),
        expects=tuple(map(_expected, _tables(row, "expects"))),
    )


def _allowed(row: Mapping[str, object]) -> Allowed:
    _require_known(row, _CARRIES)
    return Allowed(**{key: _names(row, key, words) for key, words in _CARRIES.items()})


def _expected(row: Mapping[str, object]) -> Expected:
    _require_known(row, {*What, "strategies"})
    stated = [what for what in What if what in row]
    if len(stated) != 1:
        raise RouterError(entry="expects", value=f"not one of {', '.join(What)}")
    what, strategies = stated[0], _names(row, "strategies")
    if what is What.FIRST_VENUES:
        return Expected(what, venues=_names(row, what), strategies=strategies)
    text = _text(row, what)
    return Expected(what, _AMOUNTS[what](text), text, strategies=strategies)


def _amount(what: What, factor: int) -> Callable[[str], int]:
    """Return what reads an amount in units of which there are `factor` to the one written."""

    def read(text: str) -> int:
        try:
            value = Decimal(text) * factor
        except InvalidOperation as error:
            raise RouterError(entry=what, value=text) from error
        if not value.is_finite() or value != int(value) or value < 0:
            raise RouterError(entry=what, value=text)
        return int(value)

    return read


_AMOUNTS: Mapping[What, Callable[[str], int]] = {
    What.IMPROVEMENT: _amount(What.IMPROVEMENT, 10**PER_SHARE_SCALE),
    What.DECISION: _amount(What.DECISION, NS_PER_MS),
}


def _require_known(row: Mapping[str, object], known: Iterable[str]) -> None:
    if extra := set(row) - set(known):
        raise RouterError(entry=min(extra), value="no such entry")


def _text(row: Mapping[str, object], key: str) -> str:
    text = row.get(key)
    if not isinstance(text, str) or not text.strip():
        raise RouterError(entry=key, value=text)
    return text


def _names(row: Mapping[str, object], key: str, words: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return a list of names, of a closed set where there is one; empty where it is left out."""
    if key not in row:
        return ()
    names = row[key]
    if not isinstance(names, list) or not names:
        raise RouterError(entry=key, value=names)
    for name in names:
        if not isinstance(name, str) or not name or (words and name not in words):
            raise RouterError(entry=key, value=name)
    return tuple(names)
