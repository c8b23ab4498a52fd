"""A record proven to be in the log, where the log has one entry for the whole file it came in.

The bytes of a raw file, cut into blocks of 4,096, are the leaves of a tree of their own, and the
file's entry states that tree's root and the file's size. So the log stays small, whatever the
volume; and still the blocks that hold a record, the file's entry and a few paths of hashes show,
against the log's head alone, that those bytes were in that file, and in which place.

Blocks and not records, because a file is bytes before anybody knows where its records begin.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from routewarden.base.canonical import canonical_json
from routewarden.ledger.strict import MalformedError, decimal, hash_from, in_base64
from routewarden.ledger.tree import Hash, Head, Proof, hash_leaf, is_included

STATED_AS = "blocks"
"""What a file's entry calls the head of its blocks."""
BLOCK = 4096
"""How many bytes a block has; the last one of a file may have fewer."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """All that an entry states of a file's blocks: how many bytes they are, and their root."""

    size: int
    root: Hash

    @property
    def head(self) -> Head:
        """The head of the tree over the blocks."""
        return Head(-(-self.size // BLOCK), self.root)

    @property
    def payload(self) -> dict[str, dict[str, str]]:
        """What the entry's payload states."""
        stated = {"bytes": str(BLOCK), "size": str(self.size), "root": in_base64(self.root)}
        return {STATED_AS: stated}


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That a leaf is in a tree: its index, and the proof."""

    index: int
    proof: Proof


@dataclass(frozen=True, slots=True)
class RecordProof:
    """That a record, the bytes of a file from `start` up to `end`, is in a log.

    `blocks` are those that hold it, side by side, and `inner` leads from each to the root that the
    entry states; `outer` leads from the entry to the head of the log.
    """

    start: int
    end: int
    blocks: tuple[bytes, ...]
    inner: tuple[Proof, ...]
    entry: bytes
    outer: Inclusion

    @property
    def record(self) -> bytes:
        """The bytes that are proven."""
        from_ = self.start % BLOCK
        return b"".join(self.blocks)[from_ : from_ + self.end - self.start]

    def holds(self, head: Head) -> bool:
        """Return whether it shows that the log with this head has the record."""
        file = stated_blocks(self.entry)
        return (
            file is not None
            and 0 <= self.start < self.end <= file.size
            and self._are_of(file)
            and is_included(hash_leaf(self.entry), self.outer.index, head, self.outer.proof)
        )

    def _are_of(self, file: Blocks) -> bool:
        """Return whether the blocks are those that hold the record, and of the file."""
        wanted = blocks_of(self.start, self.end)
        return len(self.blocks) == len(self.inner) == len(wanted) and all(
            len(block) == min(BLOCK, file.size - index * BLOCK)
            and is_included(hash_leaf(block), index, file.head, proof)
            for index, block, proof in zip(wanted, self.blocks, self.inner)  # noqa: B905 - of one length
        )


def blocks_of(start: int, end: int) -> range:
    """Return the indexes of the blocks that hold the bytes from `start` up to `end`."""
    return range(start // BLOCK, -(-end // BLOCK))


def cut(data: bytes) -> Iterator[bytes]:
    """Yield the blocks of some bytes, which begin with one."""
    return (data[at : at + BLOCK] for at in range(0, len(data), BLOCK))


def stated_blocks(entry: bytes) -> Blocks | None:
    """Return what a file's entry states of its blocks; None if it states nothing.

    An entry that is not canonical is not believed: a reader could find another root in it. Nor is
    one whose blocks are of another size than ours.
    """
    try:
        content = json.loads(entry)
        if canonical_json(content) != entry:
            return None
        stated = content["payload"][STATED_AS]
        if stated["bytes"] != str(BLOCK):
            return None
        return Blocks(decimal(stated["size"], "size"), hash_from(stated["root"], "root"))
    except (ValueError, TypeError, LookupError, RecursionError, MalformedError):
        return None
