"""How numbers and bytes are spelled in the texts of a log: in one way each, or not at all.

Two spellings of one thing would be two texts with two hashes. The limits are those of C2SP's
specifications (c2sp.org), which write sizes as decimals and bytes as base64 (RFC 4648, 4).
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.tree import LENGTH, Hash

MOST = 2**63 - 1
"""The largest size, index and time."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class MalformedError(RoutewardenError):
    """Something read from outside is not what it should be."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"This is no {what}: {why}.")


def decimal(text: str, what: str) -> int:
    """Return the number that a text spells.

    Raises:
        MalformedError: It is not a decimal up to 2**63 - 1 without sign or superfluous zero.
    """
    if _DECIMAL.fullmatch(text) and (number := int(text)) <= MOST:
        return number
    raise MalformedError(what, f"{text[:40]!r} is not a number as sizes are written")


def in_base64(data: bytes) -> str:
    """Return bytes as text."""
    return b64encode(data).decode()


def from_base64(text: str, what: str) -> bytes:
    """Return the bytes that a text spells.

    Raises:
        MalformedError: There are none, or it is not how they would be written.
    """
    try:
        data = b64decode(text)
    except ValueError:
        data = b""
    if not data or in_base64(data) != text:
        raise MalformedError(what, f"{text[:40]!r} is not base64")
    return data


def hash_from(text: str, what: str) -> Hash:
    """Return the hash that a text spells.

    Raises:
        MalformedError: It is not base64 of 32 bytes.
    """
    data = from_base64(text, what)
    if len(data) != LENGTH:
        raise MalformedError(what, f"{text[:60]!r} is not a hash of {LENGTH} bytes")
    return Hash(data)


def text_from(data: bytes, what: str) -> str:
    """Return the text that bytes spell.

    Raises:
        MalformedError: They are not UTF-8, or hold a control character other than a newline.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise MalformedError(what, "its bytes are not UTF-8") from None
    if any(letter < " " and letter != "\n" for letter in text):
        raise MalformedError(what, "it holds a control character")
    return text
