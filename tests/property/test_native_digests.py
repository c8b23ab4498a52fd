"""The digests seen so far, against a set of Python."""

from __future__ import annotations

import hashlib

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from routewarden.native.digests import Digests

_MANY = st.lists(st.lists(st.integers(0, 60), max_size=40), max_size=8)


def hexadecimal(numbers: list[int]) -> pl.Series:
    digests = [hashlib.sha256(b"%d" % number).hexdigest() for number in numbers]
    return pl.Series(digests, dtype=pl.String)


def assert_told(batches: list[list[int]]) -> None:
    known, seen = Digests(), set[int]()
    for numbers in batches:
        expected = []
        for number in numbers:
            expected.append(number not in seen)
            seen.add(number)
        assert known.add(hexadecimal(numbers)).to_list() == expected
    assert len(known) == len(seen)


@given(_MANY)
def test_a_digest_is_new_once(batches: list[list[int]]) -> None:
    assert_told(batches)


def test_more_digests_than_there_was_room_for_are_kept() -> None:
    assert_told([list(range(3_000)), [5, 3_001], list(range(2_900, 9_000)), list(range(9_000))])


def test_digests_that_differ_in_one_digit_are_two() -> None:
    """Wherever the digit stands; what they share is where they are looked for first."""
    digests = ["0" * place + digit + "0" * (63 - place) for place in range(64) for digit in "1af"]
    known = Digests()

    assert known.add(pl.Series(["0" * 64, *digests])).all()
    assert not known.add(pl.Series(digests)).any()
