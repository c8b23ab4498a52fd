"""Every tree of up to 256 leaves, beside the recursive definitions of RFC 6962, 2.1."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from itertools import combinations

from routewarden.ledger.tree import (
    EMPTY,
    Frontier,
    Hash,
    Head,
    Proof,
    hash_leaf,
    head_of,
    is_consistent,
    is_included,
    nodes_of,
    prove_consistency,
    prove_inclusion,
)

MOST = 256
SMALL = 12
ENTRIES = [f"entry {number}".encode() for number in range(MOST)]
LEAVES = [hash_leaf(entry) for entry in ENTRIES]


def split(size: int) -> int:
    """k, the largest power of two smaller than n."""
    return max(1 << power for power in range(9) if 1 << power < size)


@cache
def mth(start: int, end: int) -> bytes:
    """MTH(D[start:end])."""
    if start == end:
        return hashlib.sha256(b"").digest()
    if end - start == 1:
        return hashlib.sha256(b"\x00" + ENTRIES[start]).digest()
    k = split(end - start)
    both = mth(start, start + k) + mth(start + k, end)
    return hashlib.sha256(b"\x01" + both).digest()


def path(m: int, start: int, end: int) -> list[bytes]:
    """PATH(m, D[start:end])."""
    if end - start == 1:
        return []
    k = split(end - start)
    if m < k:
        return [*path(m, start, start + k), mth(start + k, end)]
    return [*path(m - k, start + k, end), mth(start, start + k)]


def subproof(m: int, start: int, end: int, *, known: bool) -> list[bytes]:
    """SUBPROOF(m, D[start:end], b)."""
    if m == end - start:
        return [] if known else [mth(start, end)]
    k = split(end - start)
    if m <= k:
        return [*subproof(m, start, start + k, known=known), mth(start + k, end)]
    return [*subproof(m - k, start + k, end, known=False), mth(start, start + k)]


def heads() -> list[Head]:
    return [Head(size, Hash(mth(0, size))) for size in range(MOST + 1)]


def flips(value: bytes) -> Iterator[Hash]:
    for bit in range(8 * len(value)):
        changed = bytearray(value)
        changed[bit // 8] ^= 1 << bit % 8
        yield Hash(bytes(changed))


def damaged(proof: Proof) -> Iterator[Proof]:
    """Each other proof by one bit, by one hash more or less, or by two in each other's place."""
    for at, value in enumerate(proof):
        yield from ((*proof[:at], other, *proof[at + 1 :]) for other in flips(value))
        yield (*proof[:at], *proof[at + 1 :])
        yield (*proof[:at], value, *proof[at:])
        yield (*proof[:at], Hash(value[:-1]), *proof[at + 1 :])
    for one, other in combinations(range(len(proof)), 2):
        swapped = list(proof)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        yield tuple(swapped)
    yield (*proof, EMPTY.root)
    yield (EMPTY.root, *proof)


def test_a_root_is_that_of_the_definition_however_it_is_worked_out() -> None:
    grown = Frontier()
    for size, head in enumerate(heads()):
        assert head_of(LEAVES[:size]) == head
        assert Frontier().extended(LEAVES[:size]).head == head
        assert grown.head == head
        grown = grown.extended(LEAVES[size : size + 1])


def test_every_proof_of_inclusion_is_that_of_the_definition_and_holds() -> None:
    nodes = nodes_of(LEAVES)
    for head in heads():
        for index in range(head.size):
            proof = prove_inclusion(index, head.size, nodes)
            assert list(proof) == path(index, 0, head.size)
            assert is_included(LEAVES[index], index, head, proof)


def test_every_proof_of_consistency_is_that_of_the_definition_and_holds() -> None:
    nodes = nodes_of(LEAVES)
    for old, new in combinations(heads()[1:], 2):
        proof = prove_consistency(old.size, new.size, nodes)
        assert list(proof) == subproof(old.size, 0, new.size, known=True)
        assert is_consistent(old, new, proof)


def test_no_damaged_proof_of_inclusion_holds_in_a_small_tree() -> None:
    nodes = nodes_of(LEAVES)
    for head in heads()[1 : SMALL + 1]:
        for index in range(head.size):
            leaf, proof = LEAVES[index], prove_inclusion(index, head.size, nodes)
            for other in damaged(proof):
                assert not is_included(leaf, index, head, other)
            for bits in flips(leaf):
                assert not is_included(bits, index, head, proof)
            for bits in flips(head.root):
                assert not is_included(leaf, index, Head(head.size, bits), proof)


def test_no_damaged_proof_of_consistency_holds_in_a_small_tree() -> None:
    nodes = nodes_of(LEAVES)
    for old, new in combinations(heads()[1 : SMALL + 1], 2):
        proof = prove_consistency(old.size, new.size, nodes)
        for other in damaged(proof):
            assert not is_consistent(old, new, other)
        for bits in flips(old.root):
            assert not is_consistent(Head(old.size, bits), new, proof)
        for bits in flips(new.root):
            assert not is_consistent(old, Head(new.size, bits), proof)


def test_a_leaf_is_at_no_other_index() -> None:
    nodes = nodes_of(LEAVES)
    for head in heads()[1:40]:
        for index in range(head.size):
            proof = prove_inclusion(index, head.size, nodes)
            at = [n for n in range(-1, 42) if is_included(LEAVES[index], n, head, proof)]
            assert at == [index]


def test_a_history_that_differs_in_one_entry_is_consistent_with_none_of_the_other() -> None:
    other = [*LEAVES[:20], hash_leaf(b"another"), *LEAVES[21:40]]
    nodes = nodes_of(other)
    for old in heads()[1:40]:
        proof = prove_consistency(old.size, 40, nodes)
        assert is_consistent(old, head_of(other), proof) is (old.size <= 20)
