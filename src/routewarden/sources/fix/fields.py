"""The fields of a FIX message: each SOH, a tag, `=` and a value.

A data field may hold anything, SOH included; the length field before it says how many bytes it has.
Where those bytes do not fit (a log that rewrote SOH inside data too), the separator decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

SOH = b"\x01"

_LENGTHS_AND_DATA = (
    b"90 91 93 89 95 96 212 213 348 349 350 351 352 353 354 355 356 357 358 359 360 361 362 363 "
    b"364 365 445 446 618 619 621 622 1184 1185 1277 1278 1280 1281 1282 1283 1397 1398 1401 1402 "
    b"1403 1404"
).split()
DATA_OF_LENGTH = dict(zip(_LENGTHS_AND_DATA[::2], _LENGTHS_AND_DATA[1::2], strict=True))
"""The data field that follows each length field."""

_BY_FIRST_DIGIT = groupby(sorted(DATA_OF_LENGTH), key=lambda tag: tag[:1])
_LENGTH = b"|".join(  # most tags are told from these by their first digit
    first + b"(?:" + b"|".join(tag[1:] for tag in tags) + b")=" for first, tags in _BY_FIRST_DIGIT
)
_LENGTH = b"(?:" + _LENGTH + b")"
_LENGTH_IN_TEXT = re.compile(r"(?:^|\x01)" + _LENGTH.decode())
_PLAIN = re.compile(rb"(?:\x01(?!" + _LENGTH + rb")[1-9][0-9]*+=[^\x01]*+)++")
_FIELD = re.compile(rb"[1-9][0-9]*=")
_DIGITS_MOST = 7
_FREE_TEXT = (b"58=", b"148=")  # Text and Headline: what a person wrote may hold a log's separator


Fields = bytes | tuple[bytes, ...]
"""Fields in one run, each after an SOH; or one by one, where a value may hold SOH."""


def fields_of(body: bytes, mark: bytes) -> Fields | None:
    """Return the fields of a body in which each begins with a separator; None if one is no field.

    Nearly all messages hold no data field, and are checked and kept in one run.
    """
    run = body if mark == SOH else body.replace(mark, SOH)
    if _PLAIN.fullmatch(run):
        return run
    fields = tuple(_rejoined(_walk(body, mark), mark))
    return fields if all(map(_FIELD.match, fields)) else None


def pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield tag and value of a record's `fields`."""
    for field in _split(text):
        tag, _, value = field.partition("=")
        yield tag, value


def first_of_each(text: str) -> dict[str, str]:
    """Return the value of each tag of a record's `fields`; of two with one tag, the first."""
    parted = [field.partition("=") for field in reversed(_split(text))]
    return {tag: value for tag, _, value in parted}


def _split(text: str) -> list[str]:
    if _LENGTH_IN_TEXT.search(text):
        return [field.decode() for field in _walk(SOH + text.encode(), SOH)]
    return text.split("\x01")


def _walk(body: bytes, mark: bytes) -> Iterator[bytes]:
    """Yield fields one by one, taking a data field at the length stated before it."""
    at, data, size = len(mark), b"", 0
    while at <= len(body):
        end = body.find(mark, at)
        end = len(body) if end < 0 else end
        stated = at + len(data) + size
        if data and body.startswith(data, at):
            end = stated if stated == len(body) or body.startswith(mark, stated) else end
        field = body[at:end]
        tag, _, value = field.partition(b"=")
        data, size = b"", 0
        if tag in DATA_OF_LENGTH and value.isdigit() and len(value) <= _DIGITS_MOST:
            data, size = DATA_OF_LENGTH[tag] + b"=", int(value)
        yield field
        at = end + len(mark)


def _rejoined(fields: Iterator[bytes], mark: bytes) -> Iterator[bytes]:
    """Yield fields, a text that held the separator of a rewritten log put together again."""
    held = next(fields, b"")
    for field in fields:
        if mark != SOH and held.startswith(_FREE_TEXT) and not _FIELD.match(field):
            held += mark + field
        else:
            yield held
            held = field
    yield held
