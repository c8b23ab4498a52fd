"""A text with the names of those who signed it beneath (C2SP signed-note).

After the text comes an empty line, then for each signature a line of an em dash, the name of the
key, and base64 of its id and the signature. The text may have empty lines of its own: the last one
in the note ends it.

A key is known by name and id together, and written `name+id+base64(algorithm, key)`. It signs the
text itself, or, as a witness (C2SP tlog-cosignature), the text under a time. Keys that sign live
elsewhere: whoever has one is a function from the bytes to be signed to the signature.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.ed25519 import verify
from routewarden.ledger.strict import MOST, MalformedError, from_base64, in_base64, text_from

Signer = Callable[[bytes], bytes]
"""Makes the Ed25519 signature, of 64 bytes, over some bytes."""

MOST_SIGNATURES = 100
MOST_BYTES = 1_000_000

_DASH = "\N{EM DASH} "
_TIME, _ID, _KEY = 8, 4, 32


class Algorithm(IntEnum):
    """What a key signs, and how; its value is the byte that stands for it in the key."""

    ED25519 = 0x01  # the text
    COSIGNATURE_V1 = 0x04  # the text under a time, by Ed25519


@dataclass(frozen=True, slots=True)
class Signature:
    """A line beneath a text: whose it says it is, and the bytes that should show it."""

    name: str
    key_id: bytes
    data: bytes

    @property
    def line(self) -> str:
        """The line, with its newline."""
        return f"{_DASH}{self.name} {in_base64(self.key_id + self.data)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures beneath it, whoever's they are."""

    text: str
    signatures: tuple[Signature, ...]

    @property
    def data(self) -> bytes:
        """The note's bytes."""
        return f"{self.text}\n{''.join(each.line for each in self.signatures)}".encode()


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, under its name, for one algorithm."""

    name: str
    algorithm: Algorithm
    public: bytes

    def __post_init__(self) -> None:
        _encoded(self.name, "key")
        if not _is_name(self.name) or len(self.public) != _KEY:
            raise MalformedError("key", "a key has a name without spaces or plus, and 32 bytes")

    @property
    def id(self) -> bytes:
        """The four bytes that tell the key from others of its name."""
        named = f"{self.name}\n".encode() + self._stated
        return hashlib.sha256(named).digest()[:_ID]

    @property
    def text(self) -> str:
        """The key as it is written down for those who trust it."""
        return f"{self.name}+{self.id.hex()}+{in_base64(self._stated)}"

    @property
    def _stated(self) -> bytes:
        return bytes([self.algorithm]) + self.public

    def signs(self, text: str, signature: Signature) -> bool:
        """Return whether a signature over a text is this key's."""
        data = signature.data
        if (signature.name, signature.key_id) != (self.name, self.id):
            return False
        if self.algorithm is Algorithm.ED25519:
            return verify(self.public, text.encode(), data)
        time = time_of(signature)
        return time is not None and verify(self.public, _under(time, text), data[_TIME:])


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed a text, and at what time by their own clock: seconds since 1970, if they say."""

    key: Key
    time: int | None


def time_of(signature: Signature) -> int | None:
    """Return the time that a cosignature states; None for what is none."""
    if len(signature.data) != _TIME + 64:
        return None
    time = int.from_bytes(signature.data[:_TIME], "big")
    return time if time <= MOST else None


def parse_key(text: str) -> Key:
    """Return the key that a text spells.

    Raises:
        MalformedError: It is no key, its id is another's, or its algorithm is none we can check.
    """
    name, _, rest = text.partition("+")
    stated = from_base64(rest[2 * _ID + 1 :], "key")
    if stated[0] not in {each.value for each in Algorithm}:
        raise MalformedError("key", f"its algorithm, {stated[0]:#04x}, is none that is known here")
    key = Key(name, Algorithm(stated[0]), stated[1:])
    if key.text != text:
        raise MalformedError("key", "its id is not that of its name and bytes")
    return key


def parse_note(data: bytes) -> Note:
    """Return the note that bytes spell, its signatures not yet checked.

    Raises:
        MalformedError: They spell none, or more than a note may hold.
    """
    if len(data) > MOST_BYTES:
        raise MalformedError("note", f"it has more than {MOST_BYTES:,} bytes")
    whole = text_from(data, "note")
    text, end, beneath = whole.rpartition("\n\n")
    if not end:
        raise MalformedError("note", "no empty line ends its text")
    return Note(text + "\n", parse_signatures(beneath))


def parse_signatures(text: str) -> tuple[Signature, ...]:
    """Return the signatures that lines spell.

    Raises:
        MalformedError: There is none, there are too many, or a line is something else.
    """
    *lines, rest = text.split("\n")
    if rest or not 0 < len(lines) <= MOST_SIGNATURES:
        raise MalformedError("note", f"1 to {MOST_SIGNATURES} lines of signatures end it")
    return tuple(map(_signature, lines))


def _signature(line: str) -> Signature:
    """Return the signature that a line without its newline spells."""
    name, _, stated = line.removeprefix(_DASH).partition(" ")
    if not (line.startswith(_DASH) and _is_name(name)):
        raise MalformedError("note", f"{line[:60]!r} is not a line of a signature")
    data = from_base64(stated, "note")
    if len(data) <= _ID:
        raise MalformedError("note", f"the signature of {name} is too short")
    return Signature(name, data[:_ID], data[_ID:])


def signed_by(note: Note, keys: Iterable[Key]) -> tuple[Signed, ...]:
    """Return which of some keys signed a note, each once, in the note's order.

    Signatures of others are passed over. A false one in the name of one of the keys means that
    somebody tampered with the note, so then nobody has signed it.
    """
    known = tuple(keys)
    found: dict[Key, Signed] = {}
    for signature in dict.fromkeys(note.signatures):
        named = [key for key in known if (key.name, key.id) == (signature.name, signature.key_id)]
        for key in named:
            if not key.signs(note.text, signature):
                return ()
            timed = key.algorithm is Algorithm.COSIGNATURE_V1
            found.setdefault(key, Signed(key, time_of(signature) if timed else None))
    return tuple(found.values())


def sign(text: str, key: Key, signer: Signer) -> Signature:
    """Return a key's signature over a text.

    Raises:
        MalformedError: The text cannot be that of a note.
        WrongSignerError: The signer does not have the key.
    """
    return _made(text, key, signer(_text(text)))


def cosign(text: str, key: Key, time: int, signer: Signer) -> Signature:
    """Return a witness's signature over a text, made at a time in seconds since 1970.

    Raises:
        MalformedError: The text cannot be that of a note, or the time not that of a signature.
        WrongSignerError: The signer does not have the key.
    """
    _text(text)
    if not 0 < time <= MOST:
        raise MalformedError("time", f"{time} is not a count of seconds since 1970")
    return _made(text, key, time.to_bytes(_TIME, "big") + signer(_under(time, text)))


def _made(text: str, key: Key, data: bytes) -> Signature:
    """Return a signature just made, once it is seen to be the key's.

    One by another key, or for another algorithm, would be found out only by those it is sent to.
    """
    signature = Signature(key.name, key.id, data)
    if not key.signs(text, signature):
        raise WrongSignerError(key)
    return signature


def _under(time: int, text: str) -> bytes:
    """Return what a witness signs (C2SP tlog-cosignature)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _text(text: str) -> bytes:
    """Return the bytes of a text to be signed."""
    if not text.endswith("\n"):
        raise MalformedError("note", "its text does not end with a newline")
    return _encoded(text, "note")


def _encoded(text: str, what: str) -> bytes:
    """Return the bytes of a text of our own, held to what a text from outside is."""
    data = text.encode("utf-8", "surrogatepass")
    text_from(data, what)
    return data


def _is_name(text: str) -> bool:
    """Return whether a text can name a key."""
    return bool(text) and not any(letter == "+" or letter.isspace() for letter in text)


class WrongSignerError(RoutewardenError):
    """A signer's signature is not that of the key it should have."""

    def __init__(self, key: Key) -> None:
        super().__init__(
            f"The signature made for {key.name} is not its key's: the signer has another key, or "
            f"signs otherwise. Give the signer the key whose public half is {key.text}."
        )
