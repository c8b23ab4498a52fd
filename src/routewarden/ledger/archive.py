"""An archive whose every byte follows from its members: a ZIP without compression, without dates.

So nothing can hide between members, after the end or in a field that nobody reads: whoever knows
the names, sizes and checksums knows all bytes but the members' own. It is stored, not deflated:
another compressor would give other bytes, and most of what evidence is made of is packed already.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

from routewarden.base.errors import RoutewardenError

LOCAL = b"PK\x03\x04"
LENGTH_OF_LOCAL = 30
MOST_BYTES = 2**32 - 1
MOST_MEMBERS = 2**16 - 1

_VERSION, _UTF8, _STORED, _MIDNIGHT, _FIRST_DAY = 20, 0x0800, 0, 0, 0x21  # 1980-01-01
_BY_UNIX, _READABLE = 3 << 8 | 20, 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an archive, but for its bytes: its name, how many they are, their CRC-32."""

    name: str
    size: int
    crc: int

    @property
    def header(self) -> bytes:
        """What stands before its bytes."""
        return struct.pack("<4sHHHHHIII2H", LOCAL, *self._fields, len(self._named), 0) + self._named

    def listed(self, at: int) -> bytes:
        """Return its line in the directory, for where its header begins."""
        tail = (len(self._named), 0, 0, 0, 0, _READABLE, at)
        begin = struct.pack("<4sHHHHHHIII", b"PK\x01\x02", _BY_UNIX, *self._fields)
        return begin + struct.pack("<HHHHHII", *tail) + self._named

    @property
    def _fields(self) -> tuple[int, ...]:
        sizes = (self.crc, self.size, self.size)
        return (_VERSION, _UTF8, _STORED, _MIDNIGHT, _FIRST_DAY, *sizes)

    @property
    def _named(self) -> bytes:
        return self.name.encode()


def member_of(name: str, data: bytes) -> Member:
    """Return some bytes as a member."""
    return Member(name, len(data), crc32(data))


def directory(members: Sequence[Member]) -> bytes:
    """Return what stands after the last member's bytes.

    Raises:
        TooLargeError: The archive would be larger than its fields can say.
    """
    lines, at = [], 0
    for member in members:
        if at > MOST_BYTES or member.size > MOST_BYTES or len(members) > MOST_MEMBERS:
            raise TooLargeError
        lines.append(member.listed(at))
        at += len(member.header) + member.size
    whole = b"".join(lines)
    if at + len(whole) > MOST_BYTES:
        raise TooLargeError
    count = len(members)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(whole), at, 0)
    return whole + end


def archived(files: Mapping[str, bytes]) -> Iterator[bytes]:
    """Yield the bytes of an archive of some files, in their order.

    Raises:
        TooLargeError: It would be larger than its fields can say; before anything is yielded.
    """
    members = [member_of(name, data) for name, data in files.items()]
    end = directory(members)
    for member, data in zip(members, files.values()):  # noqa: B905 - of one length
        yield member.header
        yield data
    yield end


class TooLargeError(RoutewardenError):
    """An archive would have more bytes or members than can be said in it."""

    def __init__(self) -> None:
        super().__init__(
            f"The pack would have more than {MOST_BYTES:,} bytes or {MOST_MEMBERS:,} members. "
            "Leave out the raw records, and hand them over beside it: their digests are in it."
        )
