from __future__ import annotations

import json
from dataclasses import replace

import pytest

from routewarden.base.canonical import canonical_json
from routewarden.ledger.entry import NOTHING_BEFORE, Happening, entry_bytes
from routewarden.ledger.record import (
    Inclusion,
    RecordProof,
    head_of_records,
    include_record,
    payload_of,
    stated_head,
)
from routewarden.ledger.tree import (
    EMPTY,
    NoProofError,
    hash_leaf,
    head_of,
    nodes_of,
    prove_inclusion,
)

RECORDS = [f"8=FIX.4.4|34={number}|".encode() for number in range(13)]
AT = 3
"""Where the segment's entry stands in the log."""


def entry(payload: object) -> bytes:
    what = Happening("segment", "id", "2026-07-01T20:00:00Z", 1, "ops", "fills.log", {"a": payload})
    return entry_bytes(AT, NOTHING_BEFORE, replace(what, payload=payload))  # type: ignore[arg-type]


SEGMENT = entry({"rows": 13} | payload_of(head_of_records(RECORDS)))
ENTRIES = [b"first", b"second", b"third", SEGMENT, b"fifth"]
LEAVES = [hash_leaf(each) for each in ENTRIES]
HEAD = head_of(LEAVES)
OUTER = Inclusion(AT, prove_inclusion(AT, len(LEAVES), nodes_of(LEAVES)))


def proof_of(index: int) -> RecordProof:
    return RecordProof(RECORDS[index], include_record(RECORDS, index), SEGMENT, OUTER)


def test_every_record_of_a_segment_is_proven_by_the_log_s_head() -> None:
    assert all(proof_of(index).holds(HEAD) for index in range(len(RECORDS)))


def test_a_segment_of_no_records_states_so() -> None:
    assert stated_head(entry(payload_of(head_of_records([])))) == EMPTY


def test_a_record_that_is_not_there_has_no_proof() -> None:
    with pytest.raises(NoProofError, match="13 leaves has no leaf 13"):
        include_record(RECORDS, 13)


def test_no_other_record_place_entry_or_log_will_do() -> None:
    proof = proof_of(5)
    others = [
        replace(proof, record=RECORDS[6]),
        replace(proof, record=proof.record + b" "),
        replace(proof, inner=replace(proof.inner, index=6)),
        replace(proof, inner=include_record(RECORDS, 6)),
        replace(proof, inner=replace(proof.inner, proof=proof.inner.proof[:-1])),
        replace(proof, outer=replace(proof.outer, index=2)),
        replace(proof, outer=replace(proof.outer, proof=())),
        replace(proof, entry=entry(payload_of(head_of_records(RECORDS)))),
        replace(proof, entry=b"fifth"),
    ]
    assert proof.holds(HEAD)
    assert not any(other.holds(HEAD) for other in others)
    assert not proof.holds(head_of(LEAVES[:4]))
    assert not proof.holds(head_of([*LEAVES, LEAVES[0]]))


def test_records_in_another_order_are_another_segment() -> None:
    assert head_of_records(RECORDS) != head_of_records(RECORDS[::-1])


@pytest.mark.parametrize(
    "payload",
    [
        {},
        [],
        None,
        "text",
        {"record_tree": None},
        {"record_tree": {}},
        {"record_tree": {"size": "1"}},
        {"record_tree": {"size": 1, "root": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}},
        {"record_tree": {"size": "01", "root": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}},
        {"record_tree": {"size": "1", "root": "AAAA"}},
        {"record_tree": {"size": "1", "root": None}},
        {"record_tree": {"size": "1", "root": 1}},
    ],
)
def test_an_entry_that_states_no_head_has_none(payload: object) -> None:
    assert stated_head(canonical_json({"payload": payload})) is None


@pytest.mark.parametrize("data", [b"", b"[]", b"1", b"\xff", b"{", b"[" * 100_000, b"1.5", b"{}"])
def test_what_is_no_entry_states_no_head(data: bytes) -> None:
    assert stated_head(data) is None


def test_an_entry_that_two_readers_could_read_otherwise_states_no_head() -> None:
    """A key that comes twice is the last to one reader and the first to another."""
    sound = canonical_json({"payload": payload_of(EMPTY)})
    twice = sound.replace(b'{"payload"', b'{"payload":{},"payload"')

    assert stated_head(sound) == EMPTY
    assert json.loads(twice) == json.loads(sound)
    assert stated_head(twice) is None
    assert stated_head(sound + b" ") is None
