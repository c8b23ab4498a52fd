"""Which key was the log's, and when: its terms, as the log itself tells them.

A key's term begins with the entry that names it. The head that first covers that entry is signed by
the key before too, so whoever trusts that one may trust the next; unless it was lost, which the
entry then says, and the new key has to be learned from elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from routewarden.ledger.checkpoint import read_checkpoint
from routewarden.ledger.entry import StoredEntry, content_of
from routewarden.ledger.note import Key, parse_key, signed_by
from routewarden.ledger.strict import MalformedError
from routewarden.ledger.tree import Head
from routewarden.store.home import BEGUN, ROTATED
from routewarden.store.published import PublishedLog


@dataclass(frozen=True, slots=True)
class Term:
    """A key of the log, the entry it is in force from, and whether the one before was lost."""

    since: int
    key: Key
    lost: bool = False


def terms(entries: Iterable[StoredEntry]) -> tuple[Term, ...]:
    """Return the terms of the log's keys, in order; an entry that names no key begins none."""
    found = []
    for stored in entries:
        if b'"key:' not in stored.entry and b'"log:' not in stored.entry:
            continue
        content = content_of(stored.entry) or {}
        payload = content.get("payload")
        if content.get("type") not in {BEGUN, ROTATED} or not isinstance(payload, dict):
            continue
        try:
            key = parse_key(str(payload.get("key")))
        except MalformedError:
            continue
        found.append(Term(stored.seq, key, payload.get("lost") is True))
    return tuple(found)


def named_keys(entries: Iterable[StoredEntry]) -> tuple[Key, ...]:
    """Return the keys that the log itself names as its own, the first one first."""
    return tuple(dict.fromkeys(term.key for term in terms(entries)))


def required(known: Sequence[Term], size: int, before: int) -> tuple[Key, ...]:
    """Return the keys that had to sign the head of a size, the last one signed being `before`."""
    now = [term for term in known if term.since < size]
    fresh = [term for term in now if term.since >= before]
    if not now:
        return ()
    newest = now[-1].key
    if not fresh or any(term.lost for term in fresh):
        return (newest,)
    old = now[-len(fresh) - 1] if len(fresh) < len(now) else now[0]
    return tuple(dict.fromkeys([old.key, newest]))


def trusted(
    published: PublishedLog,
    known: Sequence[Term],
    heads: Mapping[int, Head],
    given: Collection[Key],
) -> tuple[Key, ...]:
    """Return which keys of the log may be trusted by whoever trusts some of them.

    Those before, since a head signed by a trusted key covers the entries that name them; those
    after, as far as each signed the head that brought in the next. None given: those of the log.

    Args:
        published: The published log.
        known: The terms of its keys.
        heads: The heads that the log had at each of its signed sizes.
        given: The keys that are trusted.
    """
    if not given:
        return tuple(term.key for term in known)
    last = max((at for at, term in enumerate(known) if term.key in given), default=None)
    if last is None:
        return tuple(given)
    after = last + 1
    while after < len(known) and _handed_over(published, known[after - 1 : after + 1], heads):
        after += 1
    return tuple(dict.fromkeys([*given, *(term.key for term in known[:after])]))


def _handed_over(published: PublishedLog, pair: Sequence[Term], heads: Mapping[int, Head]) -> bool:
    """Return whether a key signed the head that first covers the entry of the next."""
    before, after = pair
    size = min((size for size in heads if size > after.since), default=None)
    if size is None:
        return False
    try:
        checkpoint, note = read_checkpoint(published.signed_at(size).read_bytes())
    except (OSError, MalformedError):
        return False
    return checkpoint.head == heads[size] and bool(signed_by(note, [before.key]))
