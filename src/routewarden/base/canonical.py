"""One way to write a value as bytes, so that equal values have equal digests.

The form is the JSON Canonicalization Scheme (RFC 8785) restricted to what it carries safely:
objects with ASCII keys, arrays, strings, booleans, null and integers below 2**53. Prices,
quantities and instants are therefore written as strings.
"""

from __future__ import annotations

import hashlib
import json
from typing import NewType

Digest = NewType("Digest", str)
"""A SHA-256 digest: 64 lower-case hexadecimal characters."""

_SAFE_INTEGER = 2**53


def canonical_json(value: object) -> bytes:
    """Return the canonical bytes of a JSON value.

    Raises:
        TypeError: The value holds a float, an integer past 2**53 or a type JSON does not have.
    """
    _check(value)
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def sha256(data: bytes) -> Digest:
    """Return the SHA-256 digest of some bytes."""
    return Digest(hashlib.sha256(data).hexdigest())


def _check(value: object) -> None:
    """Refuse what would not survive another reader."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not (isinstance(key, str) and key.isascii()):
                raise _UnsafeValueError(key)
            _check(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check(item)
    elif not _is_safe(value):
        raise _UnsafeValueError(value)


def _is_safe(value: object) -> bool:
    """Return whether a value that holds no others is read alike by everyone."""
    if isinstance(value, str):
        return not any("\ud800" <= letter <= "\udfff" for letter in value)  # half a character
    if isinstance(value, int):
        return abs(value) < _SAFE_INTEGER
    return value is None


class _UnsafeValueError(TypeError):
    """A value has no safe canonical form."""

    def __init__(self, value: object) -> None:
        super().__init__(f"{value!r} has no safe canonical form; write it as a string")
