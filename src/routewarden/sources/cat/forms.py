"""The two forms of a record, JSON and CSV, read into one.

JSON is one object a line. CSV is positional and has no header: the type stands fourth; pairs are
`NAME` or `NAME=value` with `|` between (several values with `@`), arrays are elements with `|`
between and an element's parts with `@`. Trailing positions may be left off. Numbers stay text.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Never

from routewarden.sources.cat.events import EVENTS, HEAD, OTHER_EVENTS, Place, elements
from routewarden.sources.cat.fields import FIELDS, TIMES_IN_FORCE, Shape
from routewarden.sources.reject import Reason

Raw = Mapping[str, object]
"""A record as its form states it: Number, str, bool, None, and lists and mappings of these."""

_FLAGS = {"true": True, "false": False}


class Number(str):
    """A number, in the digits it was written in."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record, or a field of it, is refused."""

    reason: Reason
    detail: str
    column: str | None = None


class _TwiceError(ValueError):
    def __init__(self, name: str) -> None:
        super().__init__(f"'{name}' is named twice")


class _NotANumberError(ValueError):
    def __init__(self, text: str) -> None:
        super().__init__(f"{text} is not a number")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object's names and values; of two of one name neither can be believed."""
    named: dict[str, object] = {}
    for name, value in pairs:
        if name in named:
            raise _TwiceError(name)
        named[name] = value
    return named


def _refuse(text: str) -> Never:
    raise _NotANumberError(text)


_DECODER = json.JSONDecoder(
    parse_int=Number, parse_float=Number, parse_constant=_refuse, object_pairs_hook=_once
)


def read_json(text: str) -> Raw | Fault:
    """Return the record of a JSON line."""
    try:
        value = _DECODER.decode(text)
    except ValueError as error:
        return Fault(Reason.MALFORMED, f"not a JSON record: {error}")
    except RecursionError:
        return Fault(Reason.MALFORMED, "not a JSON record: nested too deep")
    if not isinstance(value, dict):
        return Fault(Reason.MALFORMED, "a JSON value that is not an object")
    return value


def read_positions(text: str) -> Raw | Fault:
    """Return the record of a CSV line."""
    try:
        cells = next(csv.reader([text], strict=True))
    except csv.Error as error:
        return Fault(Reason.MALFORMED, str(error))
    kind = cells[3] if len(cells) > 3 else ""
    places = _places(cells[0], kind, len(cells))
    if places is None:
        detail = f"'{kind[:20]}' in the fourth position is no event whose positions are known"
        return Fault(Reason.UNKNOWN_WORD, detail, "type")
    if any(cells[len(places) :]):
        detail = f"{len(cells)} positions where {kind or 'DEL'} has {len(places)}"
        return Fault(Reason.RAGGED, detail)
    filled = [(p.field, cell) for p, cell in zip(places, cells, strict=False) if cell]
    if any(name is None for name, _ in filled):
        return Fault(Reason.RAGGED, f"a value in a position that {kind} does not use")
    return {name: _value(kind, name, cell) for name, cell in filled if name is not None}


def _places(action: str, kind: str, width: int) -> tuple[Place, ...] | None:
    """Return the positions of a record; None where they are not known."""
    if action == "DEL":
        return HEAD
    return EVENTS[kind].places if kind in EVENTS else _other(kind, width)


def _other(kind: str, width: int) -> tuple[Place, ...] | None:
    """Return the positions of an event that is only kept: from the sixth on named by number."""
    timestamp = OTHER_EVENTS.get(kind)
    if timestamp is None:
        return None
    names = ["eventTimestamp" if at == timestamp else f"position{at + 1}" for at in range(width)]
    return (*HEAD, *map(Place, names[len(HEAD) :]))


def _value(kind: str, name: str, cell: str) -> object:
    """Return a cell as JSON would have it; what does not fit is left as text, to be refused."""
    field = FIELDS.get(name)
    if field is None:
        return cell
    if field.shape is Shape.NUMBER:
        return Number(cell)
    if field.shape is Shape.FLAG:
        return _FLAGS.get(cell.lower(), cell)
    if field.shape is Shape.PAIRS:
        return _pairs(cell)
    return _array(kind, name, cell) if field.shape is Shape.ARRAY else cell


def _pairs(cell: str) -> dict[str, object]:
    """Return names with values; a time in force may have its value after `|` too."""
    name, bar, value = cell.partition("|")
    if name in TIMES_IN_FORCE and bar and value[:1].isdigit():
        return {name: value}
    pairs: dict[str, object] = {}
    for part in filter(None, (part.strip() for part in cell.split("|"))):
        name, equals, value = part.partition("=")
        pairs[name] = _FLAGS.get(value, value) if equals else True
    return pairs


def _array(kind: str, name: str, cell: str) -> list[object]:
    parts = elements(kind, name)
    if parts is None:
        return list(cell.split("|"))
    return [_element(parts.places, element) for element in cell.split("|")]


def _element(parts: tuple[Place, ...], text: str) -> dict[str, object]:
    """Return an element; parts past the last one known go by their number, and are kept."""
    names = [part.field for part in parts]
    element: dict[str, object] = {}
    for at, cell in enumerate(text.split("@")):
        if cell:
            name = names[at] if at < len(names) else None
            element[name or f"part{at + 1}"] = _value("", name or "", cell)
    return element
