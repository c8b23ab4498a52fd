from __future__ import annotations

import json
import random

import pytest

from routewarden.base.canonical import canonical_json
from routewarden.ledger.checkpoint import Checkpoint, sign_checkpoint
from routewarden.ledger.note import Algorithm, Note, cosign
from routewarden.ledger.outside import INTERNAL, Outside, utc
from routewarden.ledger.proof import ProofFile, read_proof
from routewarden.ledger.strict import MalformedError
from routewarden.ledger.tree import Head, head_of, nodes_of, prove_consistency
from tests.signing import key_of, seed_of, signer_of
from tests.unit.test_ledger_record import HEAD, LOG, proof_of

KEY = key_of("log.example")
WITNESS = key_of("w.example", Algorithm.COSIGNATURE_V1)
NOTE = sign_checkpoint(HEAD, KEY, signer_of(seed_of("log.example")))
COSIGNED = Note(
    NOTE.text,
    (
        *NOTE.signatures,
        cosign(NOTE.text, WITNESS, 1_790_000_000, signer_of(seed_of("w.example"))),
    ),
)
OLD = head_of(LOG[:2])
SINCE = ((2, prove_consistency(2, len(LOG), nodes_of(LOG))),)
FILE = ProofFile(proof_of(4_000, 4_200), COSIGNED, (KEY,), SINCE)


def checked(**known: object) -> tuple[str, tuple[str, ...]]:
    found = FILE.check(Outside(**known))  # type: ignore[arg-type]
    return found.text, found.faults


def test_a_proof_is_read_as_it_was_written() -> None:
    assert read_proof(FILE.data) == FILE
    assert read_proof(FILE.data).data == FILE.data


def test_without_anything_from_outside_it_is_internal_consistency() -> None:
    assert checked() == (f"{INTERNAL}: no outside witness vouches for it", ())


def test_what_is_known_from_elsewhere_is_said() -> None:
    said, faults = checked(log_keys=(KEY,), witnesses=(WITNESS,), heads=(OLD, HEAD))

    assert faults == ()
    assert said.split("; ") == [
        "signed by log.example, whose key you gave",
        "w.example cosigned 5 entries at 2026-09-21 14:13:20 UTC",
        "goes on from the 2 entries you know",
        "goes on from the 5 entries you know",
    ]


@pytest.mark.parametrize(
    ("known", "fault"),
    [
        ({"log_keys": (key_of("other"),)}, "no key of the log signed it as it is"),
        ({"witnesses": (key_of("other"),)}, "the witness other has not cosigned it"),
        ({"heads": (Head(2, HEAD.root),)}, "its first 2 entries are not those you know"),
        ({"heads": (Head(5, OLD.root),)}, "its first 5 entries are not those you know"),
        ({"heads": (Head(3, HEAD.root),)}, "the checkpoint of 3 entries cannot be compared"),
    ],
)
def test_what_is_known_from_elsewhere_may_contradict(known: dict[str, object], fault: str) -> None:
    _, faults = checked(**known)

    assert fault in " ".join(faults)


def test_a_record_of_another_log_is_not_proven() -> None:
    other = sign_checkpoint(head_of(LOG[:4]), KEY, signer_of(seed_of("log.example")))
    faults = ProofFile(FILE.proof, other, (KEY,)).check(Outside()).faults

    assert faults == ("its hashes do not lead from the record to the checkpoint",)


def test_no_changed_byte_of_a_proof_passes_for_the_same() -> None:
    """A bit of each byte outside the blocks' own; other bounds within the blocks prove others."""
    data, draw = FILE.data, random.Random(7)
    outside, passed = Outside((), (), (OLD,)), set()
    begin = data.index(b'"checkpoint"')
    for at in [*range(draw.randrange(50), begin, 50), *range(begin, len(data), 3)]:
        altered = bytearray(data)
        altered[at] ^= 1 << draw.randrange(8)
        try:
            read = read_proof(bytes(altered))
        except MalformedError:
            continue
        stands = read.proof.record == FILE.proof.record and read.note.text == FILE.note.text
        if stands and not read.check(outside).faults:
            passed.add(at)
    line = data.index(b"w.example")
    assert all(line <= at < line + 130 for at in passed)  # whose key nobody knows here


@pytest.mark.parametrize(
    "change", [{"format": "other"}, {"more": 1}, {"start": 1}, {"keys": None}, {"entry": 5}]
)
def test_another_form_is_no_proof(change: dict[str, object]) -> None:
    stated = json.loads(FILE.data) | change
    with pytest.raises(MalformedError, match="no proof of a record"):
        read_proof(canonical_json(stated))


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_other_bytes_are_no_proof(data: bytes) -> None:
    with pytest.raises(MalformedError, match="no proof of a record"):
        read_proof(data)


def test_a_time_past_all_calendars_is_shown_as_it_is() -> None:
    assert utc(0) == "1970-01-01 00:00:00 UTC"
    assert utc(2**62) == f"{2**62:,} seconds after 1970"


def test_the_entry_says_where_the_record_came_from() -> None:
    assert FILE.came == "fills.log, entered 2026-07-01T20:00:00Z by ops"
    assert Checkpoint("log.example", HEAD).text == NOTE.text
