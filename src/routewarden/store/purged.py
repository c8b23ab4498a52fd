"""Raw files that are gone by an approved act: what the log says of them stays, and is proven."""

from __future__ import annotations

from collections.abc import Sequence

from routewarden.base.canonical import Digest
from routewarden.ledger.entry import StoredEntry, payloads

SEGMENT = "segment:ingested"
"""The type of a segment's entry in the log."""
PURGED = "segment:purged"
"""The type of the entry that stands for a raw file whose bytes were deleted."""


def purged(entries: Sequence[StoredEntry]) -> set[Digest]:
    """Return the digests whose bytes are gone by approval: raw files, and lists of their rejects.

    A list that a file which is not purged has too is not among them, whichever came first.

    Args:
        entries: The log; of the types PURGED and SEGMENT at least.
    """
    stated = payloads([s for s in entries if b"purged" in s.entry], {PURGED})
    if not stated:
        return set()
    raw = {each.get("digest") for each in stated}
    deleted = [each["deleted"] for each in stated if isinstance(each.get("deleted"), list)]
    live = {
        each.get("rejects_manifest")
        for each in payloads(entries, {SEGMENT})
        if each.get("digest") not in raw
    }
    named = {digest for digests in deleted for digest in digests if isinstance(digest, str)}
    return {Digest(digest) for digest in named - live}
