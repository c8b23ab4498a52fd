"""The CAT events held, of every file, and which of them stand.

An event that a firm submitted wrongly is submitted again: `COR` corrects one, `RPR` repairs one
that CAT refused, `DEL` takes one away. All three name it by its firmROEID (and its reporter, where
both state one), and hold over all events held, whatever order they came in: what is deleted is out,
and of what is corrected only the correction stands; of several, the greatest by instant and digest,
for CAT does not say which was submitted last. One firmROEID on two events submitted as `NEW` is a
fault of their numbering: both stand.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from routewarden.base.canonical import canonical_json
from routewarden.base.time import NS_PER_SECOND
from routewarden.events.cat.kinds import TELLING, step
from routewarden.sources.cat.times import instant_of

Pairs = Mapping[str, object]
Cell = str | int | None

_DELETE = "DEL"
_ANEW = ("COR", "RPR")


@dataclass(frozen=True, slots=True)
class Event:
    """An event with the place of its record; `at` (UTC ns) is when what it tells happened.

    Where a person handled the order (`manualFlag`) two times are stated; the electronic one, taken
    down by a machine, stands over the one that a person noted to the second.
    """

    id: str
    at: int
    action: str
    type: str
    fields: Mapping[str, Any]
    place: Mapping[str, Cell]

    @property
    def symbol(self) -> str:
        """The symbol of a share, or the identifier of an option."""
        return self.text("symbol") or self.text("optionID") or ""

    @property
    def reporter(self) -> str | None:
        """The firm that submitted the event."""
        return self.text("CATReporterIMID")

    @property
    def roe(self) -> str:
        """The firm's own number of the event."""
        return str(self.text("firmROEID"))

    @property
    def order(self) -> tuple[int, int, str]:
        """Where the event stands among others: by instant, what begins first, then by digest."""
        return self.at, step(self.type), self.id

    def text(self, name: str) -> str | None:
        """Return a field that is text, a word or a number."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else None

    def flag(self, name: str) -> bool:
        """Return a flag; one that is absent is false."""
        return self.fields.get(name) is True

    def pairs(self, name: str) -> Pairs:
        """Return names with values, empty where there are none."""
        value = self.fields.get(name)
        return value if isinstance(value, dict) else {}

    def instant(self, name: str) -> int | None:
        """Return a timestamp as UTC ns."""
        text = self.text(name)
        return None if text is None else int(instant_of(text))

    def extras(self, told: frozenset[str]) -> dict[str, str]:
        """Return the fields that no canonical column tells exactly, as `x_name`."""
        return {f"x_{k}": _written(v) for k, v in self.fields.items() if k not in told}


def standing(events: pl.DataFrame) -> list[Event]:
    """Return the events that stand and tell of orders, routes or executions, by instant.

    Args:
        events: Records of `Kind.CAT` with `file` and their place; an event told twice counts once.
    """
    if events.is_empty():
        return []
    once = events.sort("event_id", "file", "line").unique("event_id", keep="first")
    held = [_event(row) for row in once.iter_rows(named=True)]
    telling = (event for event in _effective(held) if event.type in TELLING)
    return sorted(telling, key=lambda event: event.order)


def _effective(held: Sequence[Event]) -> Iterator[Event]:
    """Yield the events that nothing deletes or corrects."""
    reporters: dict[str, set[str]] = defaultdict(set)
    for event in held:
        reporters[event.roe].update(filter(None, [event.reporter]))
    same: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in held:
        known = reporters[event.roe]
        only = next(iter(known)) if len(known) == 1 else ""
        same[event.reporter or only, event.roe].append(event)
    for group in same.values():
        anew = [event for event in group if event.action in _ANEW]
        if all(event.action != _DELETE for event in group):
            yield from [max(anew, key=lambda event: event.order)] if anew else group


def _event(row: Mapping[str, Any]) -> Event:
    fields = json.loads(row["fields"])
    manual = row["type"] in TELLING and fields.get("manualFlag") is True
    noted = fields.get("electronicTimestamp") if manual else None
    return Event(
        id=row["event_id"],
        at=int(instant_of(noted)) if noted else row["event_at"],
        action=row["action"],
        type=row["type"],
        fields=fields,
        place={name: row[name] for name in ("file", "line", "start", "end")},
    )


def _written(value: object) -> str:
    """Return a field as text: flags as canonical tables write them, what holds others as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return canonical_json(value).decode()


def rfc3339(at: int) -> str:
    """Return an instant as canonical tables write it."""
    second, rest = divmod(at, NS_PER_SECOND)
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def compact(at: int) -> str:
    """Return an instant as part of an identifier: `20260701T133000.123456789Z`."""
    return rfc3339(at).replace("-", "").replace(":", "")
