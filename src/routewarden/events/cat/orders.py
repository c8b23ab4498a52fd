"""The lives of orders: what began each, what it came from, and what ended it.

An order is known by its key: orderID, orderKeyDate and symbol (or option). Its first life begins
when it is received (MENO, MEOA), sliced off another (MECO) or taken on by another desk (MEIR). A
modification (MEOM, MECOM, MEIM) ends the life in force and begins the next, under its own key or,
where that stays the same, under the old identifier and the instant it began: `O1@20260701T133000…`.

An MEIM or MEIC of an order that the firm's own desk did not take on by an MEIR tells of handling
inside the firm, and ends nothing. A cancel ends a life only where it leaves nothing (leavesQty 0).
Of two events that begin one order, which CAT forbids, a customer's stands, then a corrected one,
then the first. CAT does not tell of orders that expire, nor of those that exchanges fill.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from routewarden.events.cat.held import Event, compact
from routewarden.events.cat.identifiers import dated, distinct
from routewarden.events.cat.kinds import (
    AT_A_DESK,
    CANCELLED,
    CHILDREN,
    MODIFIED,
    RECEIVED,
    TAKEN_ON,
)


@dataclass(frozen=True, slots=True)
class Key:
    """What an order is known by; `dated` (UTC ns) is None where an event leaves it out."""

    id: str
    dated: int | None
    symbol: str


@dataclass(frozen=True, slots=True)
class Life:
    """An order from one event to the next; `order_id` is its canonical name."""

    order_id: str
    key: Key
    event: Event


@dataclass(frozen=True, slots=True)
class End:
    """When and why a life ended, and the life that took its place."""

    at: int
    reason: str
    successor: Life | None = None


def key_of(event: Event, prefix: str = "") -> Key | None:
    """Return the key of an event's order, its `parent` or its `prior`."""
    name, day = (f"{prefix}Order{part}" if prefix else f"order{part}" for part in ("ID", "KeyDate"))
    stated = event.text(name)
    return None if stated is None else Key(stated, event.instant(day), event.symbol)


class Orders:
    """Every life of every order, with what came before, above and after it."""

    def __init__(self, events: Sequence[Event], mentioned: Iterable[Key]) -> None:
        """Take the events that stand; keys that only other events mention are named as well."""
        self._begun = _begun(events)
        self._undated = _undated(self._begun)
        told = [event for event in events if event.type in MODIFIED and self._counts(event)]
        own = [key for event in events for key in _keys(event)]
        keys = {self._resolved(key) for key in (*own, *mentioned)}
        self._names = distinct({key: _ways(key) for key in keys})
        self._lives = self._all_lives(told)
        self._began_by = {life.event.id: life for life in self}
        self._before: dict[str, Life] = {}
        self._ends: dict[str, End] = {}
        for event in filter(self._counts, events):
            if event.type in MODIFIED:
                self._replace(event)
            elif event.type in CANCELLED:
                self._cancel(event)

    def __iter__(self) -> Iterator[Life]:
        """Yield every life."""
        for lives in self._lives.values():
            yield from lives

    def named(self, key: Key) -> str:
        """Return the canonical identifier of an order, held or not."""
        return self._names[self._resolved(key)]

    def end(self, life: Life) -> End | None:
        """Return how a life ended, where an event tells."""
        return self._ends.get(life.order_id)

    def first(self, life: Life) -> Life:
        """Return the life that an order's modifications go back to."""
        seen = {life.order_id}
        while (prior := self._before.get(life.order_id)) and prior.order_id not in seen:
            seen.add(prior.order_id)
            life = prior
        return life

    def parent_key(self, life: Life) -> Key | None:
        """Return the key of the order a life was sliced off; an order is not its own parent."""
        began = self.first(life)
        key = key_of(began.event, "parent") if began.event.type in CHILDREN else None
        return None if key is None or self._resolved(key) == began.key else self._resolved(key)

    def parent(self, life: Life, at: int) -> Life | None:
        """Return the parent in force at an instant, where it is held."""
        key = self.parent_key(life)
        return None if key is None else self.in_force(key, at)

    def in_force(self, key: Key, at: int) -> Life | None:
        """Return the life in force at an instant, followed to what had replaced it by then.

        An event before the first life (clocks differ) is of the first.
        """
        life = self._of_key(key, at)
        seen: set[str] = set()
        while life and life.order_id not in seen:
            seen.add(life.order_id)
            end = self.end(life)
            if end and end.successor and end.at <= at:
                life = end.successor
        return life

    def top(self, life: Life, at: int) -> Life:
        """Return the highest order held above a life at an instant: the customer's, if held."""
        seen = {life.key}
        while (above := self.parent(life, at)) and above.key not in seen:
            seen.add(above.key)
            life = above
        return life

    def root(self, life: Life) -> Life | None:
        """Return the life that a chain of parents and modifications begins with.

        None where the chain goes on to a parent, or a modified order, that is not held.
        """
        top = self.first(self.top(life, life.event.at))
        complete = self.parent_key(top) is None and top.event.type not in MODIFIED
        return top if complete else None

    def owner(self, key: Key, at: int) -> str:
        """Return the identifier of the highest order held above a key, or of the key itself."""
        life = self.in_force(key, at)
        return self.named(key) if life is None else self.top(life, at).order_id

    def _of_key(self, key: Key, at: int) -> Life | None:
        lives = self._lives.get(self._resolved(key))
        if not lives:
            return None
        return lives[bisect_right(lives, at, lo=1, key=lambda life: life.event.at) - 1]

    def _resolved(self, key: Key) -> Key:
        """Return the key a reference without a date means, if only one order can be meant."""
        if key.dated is not None:
            return key
        return self._undated.get((key.id, key.symbol), key)

    def _counts(self, event: Event) -> bool:
        """Return whether a modification or cancel is of an order of its own."""
        if event.type not in AT_A_DESK:
            return True
        key = key_of(event, "prior") or key_of(event)
        began = self._begun.get(self._resolved(key)) if key else None
        return began is None or began.type in TAKEN_ON

    def _all_lives(self, told: Sequence[Event]) -> dict[Key, list[Life]]:
        """Return each order's lives by instant, the one it was received or sliced with first."""
        changes: dict[Key, list[Event]] = defaultdict(list)
        for event in told:
            key = key_of(event)
            if key is not None and event.text("leavesQty") != "0":
                changes[key].append(event)
        return {
            key: list(self._lives_of(key, changes.get(key, [])))
            for key in {**self._begun, **changes}
        }

    def _lives_of(self, key: Key, changes: Sequence[Event]) -> Iterator[Life]:
        name = self._names[key]
        began = self._begun.get(key)
        anew = began is None and bool(changes) and self._prior(changes[0]) != key
        if began is not None:
            yield Life(name, key, began)
        instants = Counter(event.at for event in changes)
        for event in changes:
            if anew and event is changes[0]:
                yield Life(name, key, event)
                continue
            later = f"{name}@{compact(event.at)}"
            yield Life(later if instants[event.at] == 1 else f"{later}-{event.id[:8]}", key, event)

    def _prior(self, event: Event) -> Key | None:
        """Return the key of what an event modifies: its own, where it names no other."""
        key = key_of(event, "prior") or key_of(event)
        return None if key is None else self._resolved(key)

    def _replace(self, event: Event) -> None:
        """End the life that a modification found in force."""
        prior = self._prior(event)
        lives = self._lives.get(prior, []) if prior else []
        first = 1 if prior in self._begun else 0
        found = bisect_left(lives, event.order, lo=first, key=lambda life: life.event.order)
        if found == 0:
            return
        replaced, successor = lives[found - 1], self._began_by.get(event.id)
        if successor:
            self._before[successor.order_id] = replaced
        self._close(replaced, End(event.at, "replaced", successor))

    def _cancel(self, event: Event) -> None:
        key = key_of(event)
        life = self._of_key(key, event.at) if key and event.text("leavesQty") == "0" else None
        if life:
            self._close(life, End(event.at, "cancelled"))

    def _close(self, life: Life, end: End) -> None:
        """End a life, once: events come by instant, so the first end stands."""
        self._ends.setdefault(life.order_id, end)


def _begun(events: Iterable[Event]) -> dict[Key, Event]:
    """Return the event that begins each order: of two, a customer's, a correction, the first."""
    begun: dict[Key, Event] = {}
    for event in events:
        key = key_of(event) if event.type in RECEIVED | CHILDREN else None
        if key is not None and (key not in begun or _rank(event) < _rank(begun[key])):
            begun[key] = event
    return begun


def _rank(event: Event) -> tuple[bool, bool]:
    return event.type not in RECEIVED, event.action == "NEW"


def _undated(begun: Mapping[Key, Event]) -> dict[tuple[str, str], Key]:
    """Return the orders that are the only one of their identifier and symbol."""
    alike: dict[tuple[str, str], list[Key]] = defaultdict(list)
    for key in begun:
        alike[key.id, key.symbol].append(key)
    return {name: keys[0] for name, keys in alike.items() if len(keys) == 1}


def _keys(event: Event) -> Iterator[Key]:
    for prefix in ("", "parent", "prior"):
        key = key_of(event, prefix)
        if key is not None:
            yield key


def _ways(key: Key) -> tuple[str, ...]:
    """Return the ways to write an order's identifier, from plain to sure to be unique."""
    at = key.dated
    return (
        key.id,
        dated(at, key.id),
        dated(at, f"{key.symbol}-{key.id}"),
        f"{key.id}@{'' if at is None else compact(at)}-{key.symbol}",
    )
