"""One record of a raw file proven: its bytes, their blocks, the file's entry, the log's head."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from routewarden.base.canonical import Digest
from routewarden.base.errors import RoutewardenError
from routewarden.ledger.entry import StoredEntry
from routewarden.ledger.proof import ProofFile
from routewarden.ledger.record import (
    BLOCK,
    Blocks,
    Inclusion,
    RecordProof,
    blocks_of,
    stated_blocks,
)
from routewarden.ledger.tree import (
    Hash,
    Head,
    Proof,
    hash_leaf,
    head_in,
    nodes_of,
    prove_consistency,
    prove_inclusion,
)
from routewarden.store.blobs import BlobCorruptError
from routewarden.store.expanded import is_packed
from routewarden.store.home import Home
from routewarden.store.segments import SEGMENT
from routewarden.store.terms import named_keys

_BINARY = (b"PAR1", b"DBN")


class NotProvableError(RoutewardenError):
    """A record cannot be proven by itself."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(
            f"{what}: {why}. The whole file proves it: hand over its raw bytes (evidence/cas), "
            "whose digest its entry states."
        )


class NoSuchRecordError(RoutewardenError):
    """Nothing in the home is what is asked for."""

    def __init__(self, *what: object) -> None:
        named = " ".join(map(str, what))
        super().__init__(
            f"{named}: is not in this home. `export` and `findings` name file and line."
        )


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a raw file, counted from 1, both included."""

    digest: Digest
    first: int
    last: int


def prove(home: Home, lines: Lines, since: Iterable[Head] = ()) -> ProofFile:
    """Return the proof that lines of a raw file are in the log as it is published.

    Args:
        home: The home.
        lines: Which lines.
        since: Earlier heads that the proof is to go on from.

    Raises:
        NoSuchRecordError: There is no such file or line.
        NotProvableError: The file's entry states no blocks, or its bytes have no lines.
        BlobCorruptError: The raw bytes are not those of the entry.
    """
    newest = home.published.newest()
    stored = _entry(home, lines.digest)
    if newest is None:
        raise NoSuchRecordError(lines.digest)
    file = stated_blocks(stored.entry)
    if file is None:
        raise NotProvableError(lines.digest, "its entry was made before blocks were stated")
    path = home.blobs.path(lines.digest)
    start, end = range_of(path, lines)
    checkpoint, note = newest
    size = checkpoint.head.size
    nodes = home.published.nodes(size)
    outer = Inclusion(stored.seq, prove_inclusion(stored.seq, size, nodes))
    wanted = blocks_of(start, end)
    blocks, inner = _blocks(path, file, wanted)
    return ProofFile(
        RecordProof(start, end, blocks, inner, stored.entry, outer),
        note,
        named_keys(home.log.entries()),
        tuple(
            (head.size, prove_consistency(head.size, size, nodes))
            for head in since
            if 0 < head.size < size
        ),
    )


def _entry(home: Home, digest: Digest) -> StoredEntry:
    """Return the last entry of a raw file."""
    found = [e for e in home.log.entries(SEGMENT) if e.content["payload"]["digest"] == digest]
    if not found:
        raise NoSuchRecordError(digest)
    return found[-1]


def range_of(path: Path, lines: Lines) -> tuple[int, int]:
    """Return where lines of a raw file begin and end, in bytes.

    Raises:
        NotProvableError: It is packed, or has no lines.
        NoSuchRecordError: It has fewer.
    """
    if is_packed(path):
        raise NotProvableError(lines.digest, "it is packed, so its lines are not among its bytes")
    start = at = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if number == 1 and line.startswith(_BINARY):
                raise NotProvableError(lines.digest, "it is a table of columns and has no lines")
            if number == lines.first:
                start = at
            at += len(line)
            if number == lines.last:
                return start, at
    raise NoSuchRecordError(lines.digest, "line", lines.last)


def _blocks(path: Path, file: Blocks, wanted: range) -> tuple[tuple[bytes, ...], tuple[Proof, ...]]:
    """Return some blocks of a raw file, and the proof of each."""
    leaves: list[Hash] = []
    held: list[bytes] = []
    with path.open("rb") as raw:
        while block := raw.read(BLOCK):
            if len(leaves) in wanted:
                held.append(block)
            leaves.append(hash_leaf(block))
    nodes = nodes_of(leaves)
    if head_in(nodes, len(leaves)) != file.head:
        raise BlobCorruptError(path)
    return tuple(held), tuple(prove_inclusion(at, len(leaves), nodes) for at in wanted)
