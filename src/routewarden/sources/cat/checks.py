"""A record's values checked against its event, in one canonical form.

What says nothing is left out: null, an empty text, array or mapping, a pair whose value is false.
A number is plain digits without superfluous zeros. A flag that is absent is false, so no event
lacks a flag. Fields that an event does not name are kept and not checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from routewarden.sources.cat.events import ANY_EVENT, DELETION, EVENTS, Layout, elements
from routewarden.sources.cat.fields import FIELDS, TIMES_IN_FORCE, Field, Shape
from routewarden.sources.cat.forms import Fault, Number, Raw
from routewarden.sources.cat.times import instant_of
from routewarden.sources.file_limits import CAT_DEPTH
from routewarden.sources.reject import Reason

Value = str | bool | list["Value"] | dict[str, "Value"] | None

_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_SHOWN = 40


def checked(raw: Raw) -> dict[str, Value] | Fault:
    """Return a record's fields in canonical form, or its first fault."""
    if any(_too_deep(value) for value in raw.values()):
        return Fault(Reason.MALFORMED, "values within values within values: nested too deep")
    if raw.get("actionType") == "DEL":
        return _record("a deletion", DELETION, raw)
    kind = raw.get("type")
    if not isinstance(kind, str) or isinstance(kind, Number):
        return Fault(Reason.MISSING, "the record states no type", "type")
    return _record(kind, EVENTS.get(kind, ANY_EVENT), raw)


def _record(kind: str, layout: Layout, raw: Raw) -> dict[str, Value] | Fault:
    """Return the fields of an event or of an element of one."""
    fields: dict[str, Value] = {}
    for name, value in raw.items():
        found = _known(kind, name, value) if name in layout.fields else _any(value)
        if isinstance(found, Fault):
            return found
        if found is not None:
            fields[name] = found
    for name in layout.required:
        if name not in fields and FIELDS[name].shape is not Shape.FLAG:
            return Fault(Reason.MISSING, f"{kind} states no {name}", name)
    return fields


def _known(kind: str, name: str, value: object) -> Value | Fault:
    """Return the value of a field the event has; None where it says nothing."""
    if value is None or value in ("", [], {}):
        return None
    field = FIELDS[name]
    if field.shape is Shape.ARRAY:
        return _array(kind, name, value)
    return _SCALARS[field.shape](name, value, field)


def _text(name: str, value: object, field: Field) -> Value | Fault:
    if not isinstance(value, str) or isinstance(value, Number):
        return _wrong(name, value, Reason.MALFORMED, field.shape)
    if field.words and value not in field.words:
        return Fault(
            Reason.UNKNOWN_WORD,
            f"{name} '{value[:_SHOWN]}' is none of " + ", ".join(field.words),
            name,
        )
    if field.size and len(value) > field.size:
        return Fault(Reason.TOO_LONG, f"{name} is over {field.size} characters", name)
    return value


def _flag(name: str, value: object, field: Field) -> Value | Fault:
    return value if isinstance(value, bool) else _wrong(name, value, Reason.NOT_A_FLAG, field.shape)


def _instant(name: str, value: object, field: Field) -> Value | Fault:
    found = instant_of(value) if isinstance(value, str) else Reason.NOT_AN_INSTANT
    if found is Reason.AMBIGUOUS_TIME:
        detail = f"{name} '{value}' is in the hour New York clocks show twice; write it as a number"
        return Fault(found, detail, name)
    if isinstance(found, Reason):
        return _wrong(name, value, found, field.shape)
    return str(value)


def _number(name: str, value: object, field: Field) -> Value | Fault:
    plain = plain_number(value) if isinstance(value, Number) else None
    if plain is None:
        return _wrong(name, value, Reason.NOT_A_DECIMAL, field.shape)
    whole, _, fraction = plain.removeprefix("-").partition(".")
    if len(whole) > field.size:
        detail = f"{name} has more than {field.size} digits before its point"
        return Fault(Reason.OUT_OF_RANGE, detail, name)
    if len(fraction) > field.scale:
        return Fault(Reason.TOO_PRECISE, f"{name} has more than {field.scale} decimals", name)
    return plain


def plain_number(text: str) -> str | None:
    """Return a number's digits without exponent or superfluous zeros; None if it is none."""
    if not _NUMBER.fullmatch(text):
        return None
    plain = format(Decimal(text), "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain == "-0" else plain


def _pairs(name: str, value: object, field: Field) -> Value | Fault:
    """Return names with values; several values of a name are one text, with `@` between."""
    if not isinstance(value, dict):
        return _wrong(name, value, Reason.MALFORMED, field.shape)
    pairs: dict[str, Value] = {}
    for key, item in value.items():
        several = isinstance(item, list) and all(isinstance(each, str) for each in item)
        found = "@".join(item) if several and item else _any(item)
        if found not in (None, False):
            pairs[key] = found
    if name == "timeInForce" and (len(pairs) != 1 or not set(pairs) <= set(TIMES_IN_FORCE)):
        detail = f"timeInForce is not one of {', '.join(TIMES_IN_FORCE)}"
        return Fault(Reason.UNKNOWN_WORD, detail, name)
    return pairs or None


_SCALARS: Mapping[Shape, Callable[[str, object, Field], Value | Fault]] = {
    Shape.TEXT: _text,
    Shape.WORD: _text,
    Shape.NUMBER: _number,
    Shape.INSTANT: _instant,
    Shape.FLAG: _flag,
    Shape.PAIRS: _pairs,
}


def _array(kind: str, name: str, value: object) -> Value | Fault:
    if not isinstance(value, list):
        return _wrong(name, value, Reason.MALFORMED, Shape.ARRAY)
    parts = elements(kind, name)
    if parts is None:
        return _any(value)
    found: list[Value] = []
    for element in value:
        if not isinstance(element, dict):
            return _wrong(name, element, Reason.MALFORMED, Shape.PAIRS)
        record = _record(f"an element of {name}", parts, element)
        if isinstance(record, Fault):
            return Fault(record.reason, record.detail, name)
        found.append(record)
    return found


def _any(value: object) -> Value:
    """Return a value nothing is known of: numbers plain, what says nothing left out."""
    if isinstance(value, Number):
        return plain_number(value) or str(value)
    if isinstance(value, list):
        return [_any(item) for item in value] or None
    if isinstance(value, dict):
        named = {name: _any(item) for name, item in value.items()}
        return {name: item for name, item in named.items() if item is not None} or None
    if isinstance(value, str):
        return value or None
    return value if isinstance(value, bool) else None


def _too_deep(value: object, depth: int = CAT_DEPTH.most) -> bool:
    """Return whether a value holds values that hold values, past what an event needs."""
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return False
    return depth == 0 or any(_too_deep(item, depth - 1) for item in value)


def _wrong(name: str, value: object, reason: Reason, shape: Shape) -> Fault:
    return Fault(reason, f"{name} '{str(value)[:_SHOWN]}' is not {shape}", name)
