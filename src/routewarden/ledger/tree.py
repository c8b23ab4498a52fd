"""A Merkle tree over the entries of a log: one hash stands for all of them, in their order.

A leaf is hashed after a zero byte, two children after a one byte, and the left part of a tree is
the largest perfect one that leaves something for the right (RFC 6962, 2.1). Whoever keeps a root
can later be shown, with a few hashes, that an entry is in the tree (2.1.1) and that a larger tree
begins with all of it (2.1.2); the checks are those of RFC 9162, 2.1.3.2 and 2.1.4.2.

Proofs are made from the hashes of perfect subtrees, which never change again. Where those come
from, leaves in memory or tiles in files, is the caller's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NewType

from routewarden.base.errors import RoutewardenError

Hash = NewType("Hash", bytes)
"""A SHA-256 of 32 bytes."""

Nodes = Callable[[int, int], Hash]
"""Gives, for (level, index), the root of the leaves from index * 2**level, 2**level of them."""

Proof = tuple[Hash, ...]
"""The hashes of a proof, those nearest to the leaves first."""

EMPTY_ROOT = Hash(hashlib.sha256(b"").digest())
LENGTH = len(EMPTY_ROOT)


def hash_leaf(entry: bytes) -> Hash:
    """Return the hash of an entry."""
    return Hash(hashlib.sha256(b"\x00" + entry).digest())


def hash_children(left: Hash, right: Hash) -> Hash:
    """Return the hash of two subtrees side by side."""
    return Hash(hashlib.sha256(b"\x01" + left + right).digest())


@dataclass(frozen=True, slots=True)
class Head:
    """All that has to be remembered of a tree: how many leaves it has, and its root."""

    size: int
    root: Hash


EMPTY = Head(0, EMPTY_ROOT)


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that has to be remembered of a tree to go on with it.

    `nodes` are the roots of the perfect subtrees side by side, the largest first: one for each
    binary one of `size`.
    """

    size: int = 0
    nodes: tuple[Hash, ...] = ()

    def extended(self, leaves: Iterable[Hash]) -> Frontier:
        """Return the frontier with more leaves."""
        size, nodes = self.size, list(self.nodes)
        for leaf in leaves:
            nodes.append(leaf)
            size += 1
            for _ in range((size & -size).bit_length() - 1):  # as often as a carry
                right = nodes.pop()
                nodes[-1] = hash_children(nodes[-1], right)
        return Frontier(size, tuple(nodes))

    @property
    def head(self) -> Head:
        """The size and root of the tree."""
        return Head(self.size, _joined(self.nodes))


def nodes_of(leaves: Iterable[Hash]) -> Nodes:
    """Return the nodes of a tree whose leaves are in memory."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append(list(map(hash_children, below[::2], below[1::2])))
    return lambda level, index: levels[level][index]


def head_of(leaves: Sequence[Hash]) -> Head:
    """Return the head of a tree whose leaves are in memory."""
    return head_in(nodes_of(leaves), len(leaves))


def head_in(nodes: Nodes, size: int) -> Head:
    """Return the head of the tree of a size that has some nodes."""
    return Head(size, _range(nodes, 0, size))


def prove_inclusion(index: int, size: int, nodes: Nodes) -> Proof:
    """Return the proof that the tree of a size has a leaf at an index.

    Raises:
        NoProofError: The tree is not that large.
    """
    if not 0 <= index < size:
        raise NoProofError("leaf", index, size)
    proof, start, end = [], 0, size
    while end - start > 1:
        middle = start + _left(end - start)
        if index < middle:
            proof.append(_range(nodes, middle, end))
            end = middle
        else:
            proof.append(_range(nodes, start, middle))
            start = middle
    return tuple(reversed(proof))


def prove_consistency(old: int, new: int, nodes: Nodes) -> Proof:
    """Return the proof that a tree begins with the smaller tree it once was.

    It is empty for trees of one size, and where the smaller tree is empty: then there is nothing
    to be consistent with.

    Raises:
        NoProofError: The old tree is larger than the new.
    """
    if not 0 <= old <= new:
        raise NoProofError("prefix", old, new)
    if old == 0:
        return ()
    proof, start, end = [], 0, new
    while old < end:
        middle = start + _left(end - start)
        if old <= middle:
            proof.append(_range(nodes, middle, end))
            end = middle
        else:
            proof.append(_range(nodes, start, middle))
            start = middle
    if start > 0:  # else it is the old tree itself, whose root the verifier has
        proof.append(_range(nodes, start, end))
    return tuple(reversed(proof))


def is_included(leaf: Hash, index: int, head: Head, proof: Proof) -> bool:
    """Return whether a proof shows that a tree has a leaf at an index (RFC 9162, 2.1.3.2)."""
    if not (0 <= index < head.size and _are_hashes(leaf, head.root, *proof)):
        return False
    place, last, found = index, head.size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = hash_children(sibling, found)
            place, last = _past_lone_parents(place, last)
        else:
            found = hash_children(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == head.root


def is_consistent(old: Head, new: Head, proof: Proof) -> bool:
    """Return whether a proof shows that a tree begins with another (RFC 9162, 2.1.4.2).

    Nothing is consistent with an empty tree: whoever has seen no leaf has nothing to compare.
    """
    if old.size == new.size > 0:
        return old.root == new.root and not proof
    if not (0 < old.size < new.size and _are_hashes(old.root, new.root, *proof)):
        return False
    # A perfect tree is itself the first node, and is left out of the proof.
    whole = proof if old.size & (old.size - 1) else (old.root, *proof)
    return bool(whole) and _lead_to_both(old, new, whole)


def only_grew(old: Head, new: Head, proof: Proof) -> bool:
    """Return whether a log that had one head may state another.

    As `is_consistent`, but a log that was empty may state anything, with nothing to prove.
    """
    if old == EMPTY:
        return not proof and (new == EMPTY or new.size > 0)
    return is_consistent(old, new, proof)


def _lead_to_both(old: Head, new: Head, proof: Proof) -> bool:
    """Return whether the hashes of a proof lead to the roots of both trees."""
    place, last = old.size - 1, new.size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    was = now = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            was, now = hash_children(sibling, was), hash_children(sibling, now)
            place, last = _past_lone_parents(place, last)
        else:
            now = hash_children(now, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and (was, now) == (old.root, new.root)


def _past_lone_parents(place: int, last: int) -> tuple[int, int]:
    """Return the place higher up, past the levels where a last node has no sibling."""
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last


def _are_hashes(*values: bytes) -> bool:
    """Return whether each value has the length of a hash.

    Else bytes could move from one hash to the next and the whole still be the same.
    """
    return all(len(value) == LENGTH for value in values)


def _left(size: int) -> int:
    """Return the size of the left part of a tree of two leaves or more."""
    return 1 << (size - 1).bit_length() - 1


def _range(nodes: Nodes, start: int, end: int) -> Hash:
    """Return the root of leaves that stand side by side, as a tree of their own.

    The start is that of a part of a tree, so it is a multiple of any perfect subtree in it.
    """
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(nodes(level, start >> level))
        start += 1 << level
    return _joined(parts)


def _joined(parts: Sequence[Hash]) -> Hash:
    """Return the root of perfect subtrees side by side, the largest first."""
    if not parts:
        return EMPTY_ROOT
    *others, root = parts
    for left in reversed(others):
        root = hash_children(left, root)
    return root


class NoProofError(RoutewardenError):
    """A proof is asked for that no tree can give."""

    def __init__(self, what: str, number: int, size: int) -> None:
        super().__init__(f"A tree of {size} leaves has no {what} {number} to prove.")
