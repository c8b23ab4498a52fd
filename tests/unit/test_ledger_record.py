from __future__ import annotations

import json
from dataclasses import replace

import pytest

from routewarden.base.canonical import canonical_json
from routewarden.ledger.entry import NOTHING_BEFORE, Happening, entry_bytes
from routewarden.ledger.record import (
    BLOCK,
    Blocks,
    Inclusion,
    RecordProof,
    blocks_of,
    cut,
    stated_blocks,
)
from routewarden.ledger.tree import EMPTY_ROOT, hash_leaf, head_of, nodes_of, prove_inclusion

FILE = b"".join(b"8=FIX.4.4|34=%d|\n" % number for number in range(1_000))
LEAVES = [hash_leaf(block) for block in cut(FILE)]
BLOCKS = Blocks(len(FILE), head_of(LEAVES).root)
AT = 3
"""Where the file's entry stands in the log."""


def entry(payload: object) -> bytes:
    what = Happening("segment", "id", "2026-07-01T20:00:00Z", 1, "ops", "fills.log", {"a": payload})
    return entry_bytes(AT, NOTHING_BEFORE, replace(what, payload=payload))  # type: ignore[arg-type]


SEGMENT = entry({"rows": 1_000} | BLOCKS.payload)
ENTRIES = [b"first", b"second", b"third", SEGMENT, b"fifth"]
LOG = [hash_leaf(each) for each in ENTRIES]
HEAD = head_of(LOG)
OUTER = Inclusion(AT, prove_inclusion(AT, len(LOG), nodes_of(LOG)))


def proof_of(start: int, end: int) -> RecordProof:
    wanted = blocks_of(start, end)
    nodes = nodes_of(LEAVES)
    return RecordProof(
        *(start, end),
        tuple(FILE[at * BLOCK : (at + 1) * BLOCK] for at in wanted),
        tuple(prove_inclusion(at, len(LEAVES), nodes) for at in wanted),
        *(SEGMENT, OUTER),
    )


def test_every_line_of_a_file_is_proven_by_the_log_s_head() -> None:
    """Of 17,890 bytes in five blocks; four lines lie across two of them."""
    start, across = 0, 0
    for line in FILE.splitlines(keepends=True):
        proof = proof_of(start, start + len(line))
        assert proof.holds(HEAD)
        assert proof.record == line
        across += len(proof.blocks) - 1
        start += len(line)
    assert (len(LEAVES), across) == (5, 4)


def test_all_of_a_file_is_a_record_too() -> None:
    assert proof_of(0, len(FILE)).holds(HEAD)


def test_a_file_of_no_bytes_states_so_and_proves_nothing() -> None:
    empty = entry(Blocks(0, EMPTY_ROOT).payload)

    assert stated_blocks(empty) == Blocks(0, EMPTY_ROOT)
    assert not replace(proof_of(0, 1), entry=empty).holds(HEAD)


def test_no_other_record_place_entry_or_log_will_do() -> None:
    proof = proof_of(BLOCK - 5, BLOCK + 5)
    first, second = proof.blocks
    others = [
        replace(proof, start=proof.start + BLOCK, end=proof.end + BLOCK),
        replace(proof, start=-5),
        replace(proof, end=proof.start),
        replace(proof, end=len(FILE) + 1),
        replace(proof, blocks=(second, first)),
        replace(proof, blocks=(first,)),
        replace(proof, blocks=(first + second[:1], second[1:])),
        replace(proof, blocks=(first, second[:-1] + b"?")),
        replace(proof, inner=proof.inner[::-1]),
        replace(proof, inner=(proof.inner[0],)),
        replace(proof, inner=(proof.inner[0], proof.inner[1][:-1])),
        replace(proof, outer=replace(proof.outer, index=2)),
        replace(proof, outer=replace(proof.outer, proof=())),
        replace(proof, entry=entry(BLOCKS.payload)),
        replace(proof, entry=b"fifth"),
    ]
    assert proof.holds(HEAD)
    assert not any(other.holds(HEAD) for other in others)
    assert not proof.holds(head_of(LOG[:4]))
    assert not proof.holds(head_of([*LOG, LOG[0]]))


def stating(**changed: object) -> object:
    return {"blocks": BLOCKS.payload["blocks"] | changed}


@pytest.mark.parametrize(
    "payload",
    [
        {},
        [],
        None,
        "text",
        {"blocks": None},
        {"blocks": {}},
        {"blocks": {"bytes": "4096"}},
        stating(bytes="8192"),
        stating(bytes=4096),
        stating(size=1),
        stating(size="01"),
        stating(root="AAAA"),
        stating(root=None),
        stating(root=1),
    ],
)
def test_an_entry_that_states_no_blocks_has_none(payload: object) -> None:
    assert stated_blocks(canonical_json({"payload": payload})) is None


@pytest.mark.parametrize("data", [b"", b"[]", b"1", b"\xff", b"{", b"[" * 100_000, b"1.5", b"{}"])
def test_what_is_no_entry_states_no_blocks(data: bytes) -> None:
    assert stated_blocks(data) is None


def test_an_entry_that_two_readers_could_read_otherwise_states_no_blocks() -> None:
    """A key that comes twice is the last to one reader and the first to another."""
    sound = canonical_json({"payload": BLOCKS.payload})
    twice = sound.replace(b'{"payload"', b'{"payload":{},"payload"')

    assert stated_blocks(sound) == BLOCKS
    assert json.loads(twice) == json.loads(sound)
    assert stated_blocks(twice) is None
    assert stated_blocks(sound + b" ") is None
