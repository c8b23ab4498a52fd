from __future__ import annotations

import pytest

from routewarden.ledger.tree import (
    EMPTY,
    Frontier,
    Hash,
    Head,
    NoProofError,
    hash_children,
    hash_leaf,
    head_of,
    is_consistent,
    is_included,
    nodes_of,
    only_grew,
    prove_consistency,
    prove_inclusion,
)

LEAVES = [hash_leaf(bytes([number])) for number in range(5)]
HEADS = [head_of(LEAVES[:size]) for size in range(6)]
NODES = nodes_of(LEAVES)


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert EMPTY.root.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Frontier().head == head_of([]) == EMPTY


def test_three_leaves_are_two_and_one() -> None:
    one, two, three = LEAVES[:3]
    assert head_of(LEAVES[:3]) == Head(3, hash_children(hash_children(one, two), three))


def test_a_frontier_keeps_a_hash_for_each_perfect_part() -> None:
    grown = Frontier().extended(LEAVES)
    assert grown == Frontier(5, (NODES(2, 0), LEAVES[4]))


def test_a_leaf_beyond_the_tree_has_no_proof() -> None:
    for index in (-1, 5):
        with pytest.raises(NoProofError, match=f"5 leaves has no leaf {index} to prove"):
            prove_inclusion(index, 5, NODES)


def test_a_tree_does_not_begin_with_a_larger_one() -> None:
    for old in (-1, 5):
        with pytest.raises(NoProofError, match=f"4 leaves has no prefix {old} to prove"):
            prove_consistency(old, 4, NODES)


def test_there_is_nothing_to_prove_of_an_empty_tree_or_the_same() -> None:
    assert prove_consistency(0, 5, NODES) == prove_consistency(5, 5, NODES) == ()
    assert is_consistent(HEADS[5], HEADS[5], ())
    assert not is_consistent(EMPTY, HEADS[5], ())
    assert not is_consistent(EMPTY, EMPTY, ())


def test_nothing_but_hashes_is_a_proof() -> None:
    """The hash of two children is that of their bytes, wherever one ends and the other begins."""
    one, two = LEAVES[:2]
    shorter, longer = Hash(one[:-1]), Hash(one[-1:] + two)

    assert hash_children(shorter, longer) == HEADS[2].root
    assert is_included(one, 0, HEADS[2], (two,))
    assert not is_included(shorter, 0, HEADS[2], (longer,))
    assert not is_consistent(Head(1, shorter), HEADS[2], (longer,))


@pytest.mark.parametrize(
    ("old", "new", "grew"),
    [
        (EMPTY, EMPTY, True),
        (EMPTY, HEADS[1], True),
        (EMPTY, HEADS[5], True),
        (EMPTY, Head(0, LEAVES[0]), False),
        (Head(0, LEAVES[0]), HEADS[5], False),
        (HEADS[2], HEADS[5], True),
        (HEADS[5], HEADS[5], True),
        (HEADS[5], HEADS[2], False),
        (HEADS[5], EMPTY, False),
    ],
)
def test_a_log_may_only_grow(old: Head, new: Head, grew: bool) -> None:  # noqa: FBT001
    proof = prove_consistency(old.size, new.size, NODES) if old.size <= new.size else ()
    assert only_grew(old, new, proof) is grew


def test_a_log_that_was_empty_has_nothing_to_prove() -> None:
    assert not only_grew(EMPTY, HEADS[5], (LEAVES[0],))
