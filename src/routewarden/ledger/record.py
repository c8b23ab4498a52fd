"""One record proven to be in the log, where the log has one entry for a whole segment of them.

The records of a segment are the leaves of a tree of their own, and the segment's entry states its
head. So the log stays small, whatever the volume: an entry for a file or for some seconds of a
session; and still one record, its segment's entry and two paths of hashes show, against the log's
head alone, that the record was there, and in which place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from routewarden.base.canonical import canonical_json
from routewarden.ledger.strict import MalformedError, decimal, hash_from, in_base64
from routewarden.ledger.tree import (
    Frontier,
    Head,
    Proof,
    hash_leaf,
    is_included,
    nodes_of,
    prove_inclusion,
)

STATED_AS = "record_tree"
"""What a segment's payload calls the head of its records."""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That a leaf is in a tree: its index, and the proof."""

    index: int
    proof: Proof


@dataclass(frozen=True, slots=True)
class RecordProof:
    """That a record is in a log.

    `inner` leads from the record to the head that the entry states, `outer` from the entry to the
    head of the log.
    """

    record: bytes
    inner: Inclusion
    entry: bytes
    outer: Inclusion

    def holds(self, head: Head) -> bool:
        """Return whether it shows that the log with this head has the record."""
        segment = stated_head(self.entry)
        return (
            segment is not None
            and _leads(self.record, self.inner, segment)
            and _leads(self.entry, self.outer, head)
        )


def head_of_records(records: Iterable[bytes]) -> Head:
    """Return the head of a segment's records, in their order; they pass through once."""
    return Frontier().extended(map(hash_leaf, records)).head


def include_record(records: Iterable[bytes], index: int) -> Inclusion:
    """Return how a record is in its segment.

    Raises:
        NoProofError: The segment has fewer records.
    """
    leaves = list(map(hash_leaf, records))
    return Inclusion(index, prove_inclusion(index, len(leaves), nodes_of(leaves)))


def payload_of(head: Head) -> dict[str, dict[str, str]]:
    """Return what a segment's payload states of its records."""
    return {STATED_AS: {"size": str(head.size), "root": in_base64(head.root)}}


def stated_head(entry: bytes) -> Head | None:
    """Return the head of its records that a segment's entry states; None if it states none.

    An entry that is not canonical is not believed: a reader could find another head in it.
    """
    try:
        content = json.loads(entry)
        if canonical_json(content) != entry:
            return None
        stated = content["payload"][STATED_AS]
        return Head(decimal(stated["size"], "size"), hash_from(stated["root"], "root"))
    except (ValueError, TypeError, LookupError, RecursionError, MalformedError):
        return None


def _leads(leaf: bytes, inclusion: Inclusion, head: Head) -> bool:
    """Return whether a leaf is in the tree of a head."""
    return is_included(hash_leaf(leaf), inclusion.index, head, inclusion.proof)
