"""What each entry of a log says of itself, all of them read once.

A check of the whole log asks the same of every entry: its number, its names, its time. What else it
says is let go at once: held for a hundred thousand entries, it costs more than to read them. Which
entries are of a type is then known, and only those are read again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import itemgetter

from routewarden.ledger.entry import Content, StoredEntry, content_of
from routewarden.ledger.tree import Hash, hash_leaf

OUTLINE = ("seq", "prev", "type", "id", "subject", "at", "signed")
"""What is held of what an entry says."""
_said = itemgetter(*OUTLINE)


@dataclass(frozen=True, slots=True)
class Outlined:
    """Some entries, what each says of itself (None if its bytes are none), and their hashes."""

    entries: Sequence[StoredEntry]
    outlines: Sequence[Content | None]
    leaves: Sequence[Hash]

    def of(self, types: Collection[str]) -> list[StoredEntry]:
        """Return the entries of some types, in order."""
        return [
            stored
            for stored, outline in zip(self.entries, self.outlines, strict=True)
            if outline is not None and isinstance(kind := outline["type"], str) and kind in types
        ]


def outlined(entries: Sequence[StoredEntry]) -> Outlined:
    """Read entries, and hash them."""
    outlines = [outline_of(stored.entry) for stored in entries]
    return Outlined(entries, outlines, [hash_leaf(stored.entry) for stored in entries])


def outline_of(entry: bytes) -> Content | None:
    """Return what the bytes of an entry say of it; what is not said is None, as in JSON."""
    content = content_of(entry)
    if content is None:
        return None
    try:
        return dict(zip(OUTLINE, _said(content), strict=True))
    except KeyError:
        return {name: content.get(name) for name in OUTLINE}
