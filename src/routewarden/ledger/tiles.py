"""The files a log is published in: the hashes of its tree, and its entries (C2SP tlog-tiles).

A tile holds up to 256 hashes side by side. At level 0 they are those of leaves; a hash at any other
level is the root of a full tile at the level below. An entry bundle holds the entries whose hashes
a tile of level 0 holds. A tile or bundle that is full never changes again. One that is not is a
file of its own under its width, and the next width is another file: nothing is ever written over.

All hashes between those levels are worked out, so any proof can be made from a few tiles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.strict import MalformedError
from routewarden.ledger.tree import LENGTH, Hash, Nodes, head_of

HEIGHT = 8
WIDTH = 1 << HEIGHT
MOST_ENTRY = 2**16 - 1
"""The longest entry, in bytes."""

_T = TypeVar("_T")
_PATH = re.compile(
    r"tile/(?P<level>entries|[1-5]?[0-9]|6[0-3])/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[0-9]{1,3}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, order=True)
class Bundle:
    """Where some entries stand: those from index * 256, as many as its width."""

    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The path beneath the log's own."""
        return f"tile/entries/{_place(self.index, self.width)}"


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """Where some hashes of a level stand: those from index * 256, as many as its width."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The path beneath the log's own."""
        return f"tile/{self.level}/{_place(self.index, self.width)}"


def parse_path(text: str) -> Tile | Bundle:
    """Return the tile or bundle that a path leads to.

    Raises:
        MalformedError: It leads to none, or is not how the path would be written.
    """
    if found := _PATH.fullmatch(text):
        index = int(re.sub("[x/]", "", found["index"]))
        width = int(found["width"] or WIDTH)
        level = found["level"]
        place = Bundle(index, width) if level == "entries" else Tile(int(level), index, width)
        if width and place.path == text:
            return place
    raise MalformedError("path", f"{text[:80]!r} does not lead to a tile or a bundle")


def tiles_between(old: int, new: int) -> Iterator[Tile]:
    """Yield the tiles that a tree of one size has and a smaller one has not, by level."""
    level = 0
    while old < new:
        yield from (Tile(level, *place) for place in _places(old, new))
        level, old, new = level + 1, old >> HEIGHT, new >> HEIGHT


def bundles_between(old: int, new: int) -> Iterator[Bundle]:
    """Yield the bundles that a log of one size has and a smaller one has not."""
    return (Bundle(*place) for place in _places(old, new))


def grown_tiles(
    old: int, leaves: Sequence[Hash], read: Callable[[Tile], bytes]
) -> Iterator[tuple[Tile, bytes]]:
    """Yield each tile that a tree has newly with more leaves, and its bytes.

    Args:
        old: How many leaves the tree had before.
        leaves: The hashes of those it has more.
        read: Gives the bytes of a tile of the old tree; asked for those not full, one a level.

    Raises:
        MalformedError: What is read is not such a tile.
    """
    level, count, fresh = 0, old, list(leaves)
    while fresh:
        index, part = divmod(count, WIDTH)
        held = parse_tile(read(Tile(level, index, part)), part) if part else ()
        chunks = _chunks([*held, *fresh])
        for place, chunk in enumerate(chunks, index):
            yield Tile(level, place, len(chunk)), b"".join(chunk)
        fresh = [head_of(chunk).root for chunk in chunks if len(chunk) == WIDTH]
        level, count = level + 1, index


def grown_bundles(
    old: int, entries: Sequence[bytes], read: Callable[[Bundle], bytes]
) -> Iterator[tuple[Bundle, bytes]]:
    """Yield each bundle that a log has newly with more entries, and its bytes.

    As `grown_tiles`; `read` is asked for the last bundle, if it is not full.

    Raises:
        MalformedError: What is read is not such a bundle.
        LongEntryError: An entry is longer than a bundle can hold.
    """
    index, part = divmod(old, WIDTH)
    held = parse_bundle(read(Bundle(index, part)), part) if part and entries else ()
    for place, chunk in enumerate(_chunks([*held, *entries]), index):
        yield Bundle(place, len(chunk)), bundle_bytes(chunk)


def nodes_in(size: int, read: Callable[[Tile], bytes]) -> Nodes:
    """Return the nodes of a tree that is published, for a proof or a few.

    Each tile is read once and then kept, so let go of the nodes when the proofs are made.

    Args:
        size: How many leaves the tree has.
        read: Gives the bytes of a tile of the tree.

    Raises:
        MalformedError: What is read is not such a tile; raised where a node is asked for.
    """

    @cache
    def hashes(level: int, index: int) -> tuple[Hash, ...]:
        width = min(WIDTH, (size >> HEIGHT * level) - WIDTH * index)
        return parse_tile(read(Tile(level, index, width)), width)

    def node(level: int, index: int) -> Hash:
        rank, above = divmod(level, HEIGHT)
        tile, place = divmod(index << above, WIDTH)
        return head_of(hashes(rank, tile)[place : place + (1 << above)]).root

    return node


def parse_tile(data: bytes, width: int) -> tuple[Hash, ...]:
    """Return the hashes of a tile of a width.

    Raises:
        MalformedError: It has fewer or more bytes.
    """
    if len(data) != width * LENGTH:
        raise MalformedError("tile", f"{len(data)} bytes are not {width} hashes")
    return tuple(Hash(data[at : at + LENGTH]) for at in range(0, len(data), LENGTH))


def bundle_bytes(entries: Sequence[bytes]) -> bytes:
    """Return the bytes of a bundle: each entry after its length, of two bytes.

    Raises:
        LongEntryError: An entry is longer than a bundle can hold.
    """
    if any(len(entry) > MOST_ENTRY for entry in entries):
        raise LongEntryError(max(map(len, entries)))
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_bundle(data: bytes, width: int) -> tuple[bytes, ...]:
    """Return the entries of a bundle of a width.

    Raises:
        MalformedError: It ends early or goes on.
    """
    at = 0
    entries: list[bytes] = []
    for _ in range(width):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if not start <= at <= len(data):
            raise MalformedError("bundle", f"it ends before its entry {len(entries)}")
        entries.append(data[start:at])
    if at != len(data):
        raise MalformedError("bundle", f"it goes on after its {width} entries")
    return tuple(entries)


def _places(old: int, new: int) -> Iterator[tuple[int, int]]:
    """Yield index and width of what holds the items from one count up to another, by 256."""
    for index in range(old >> HEIGHT, -(-new // WIDTH) if old < new else 0):
        yield index, min(WIDTH, new - WIDTH * index)


def _place(index: int, width: int) -> str:
    """Return the end of a path: the index by thousands, and the width unless it is full."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    *above, last = (digits[at : at + 3] for at in range(0, len(digits), 3))
    return "".join(f"x{part}/" for part in above) + last + (f".p/{width}" if width < WIDTH else "")


def _chunks(items: Sequence[_T]) -> list[Sequence[_T]]:
    """Return items by up to 256."""
    return [items[at : at + WIDTH] for at in range(0, len(items), WIDTH)]


class LongEntryError(RoutewardenError):
    """An entry has more bytes than two bytes can count."""

    def __init__(self, length: int) -> None:
        super().__init__(
            f"An entry of {length:,} bytes is too long for the log, which holds {MOST_ENTRY:,}. "
            "Keep what it says in a file, and its digest in the entry."
        )
