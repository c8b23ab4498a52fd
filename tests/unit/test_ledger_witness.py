from __future__ import annotations

import pytest

from routewarden.ledger.checkpoint import Checkpoint, sign_checkpoint
from routewarden.ledger.note import Algorithm, Note, Signature, cosign, sign, signed_by
from routewarden.ledger.strict import MalformedError
from routewarden.ledger.tree import EMPTY, Hash, Head, hash_leaf, head_of, nodes_of
from routewarden.ledger.tree import prove_consistency as prove
from routewarden.ledger.witness import (
    MOST_PROOF,
    SIZE_TYPE,
    Cosigning,
    KnownLog,
    Refusal,
    Request,
    Status,
    answer,
    parse_request,
    with_cosignatures,
)
from tests.signing import key_of, seed_of, signer_of

LOG = key_of("firm.example/log")
WITNESS = key_of("witness.example/w", Algorithm.COSIGNATURE_V1)
OTHER = key_of("witness.example/other", Algorithm.COSIGNATURE_V1)
LEAVES = [hash_leaf(bytes([number])) for number in range(20)]
FORKED = [*LEAVES[:6], *reversed(LEAVES[6:])]


def head(size: int, leaves: list[Hash] = LEAVES) -> Head:
    return head_of(leaves[:size])


def signed(tree: Head, name: str = LOG.name) -> Note:
    return sign_checkpoint(tree, key_of(name), signer_of(seed_of(name)))


def asked(old: int, new: int, leaves: list[Hash] = LEAVES) -> bytes:
    return Request(old, prove(old, new, nodes_of(leaves)), signed(head(new, leaves))).data


def answered(body: bytes, last: Head = EMPTY) -> Cosigning | Refusal:
    return answer(body, {LOG.name: KnownLog((LOG,), last)}.get)


def refused(body: bytes, last: Head = EMPTY) -> tuple[int, int | None, bool]:
    refusal = answered(body, last)
    assert isinstance(refusal, Refusal)
    return refusal.status, refusal.size, refusal.signed


# -- Yes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 1), (0, 7), (7, 7), (7, 8), (8, 20)])
def test_a_log_that_only_grew_is_cosigned(old: int, new: int) -> None:
    checkpoint = Checkpoint(LOG.name, head(new))
    assert answered(asked(old, new), head(old)) == Cosigning(checkpoint, checkpoint.text)


def test_what_is_cosigned_is_the_whole_text_with_lines_that_others_added() -> None:
    text = Checkpoint(LOG.name, head(3)).text + "more\n"
    note = Note(text, (sign(text, LOG, signer_of(seed_of(LOG.name))),))

    yes = answered(Request(0, (), note).data)

    assert isinstance(yes, Cosigning)
    assert yes.text == text


def test_signatures_of_strangers_are_passed_over() -> None:
    note = signed(head(3))
    strange = Signature("stranger", bytes(4), bytes(64))
    assert isinstance(
        answered(Request(0, (), Note(note.text, (strange, *note.signatures))).data), Cosigning
    )


# -- No: by the table of the specification ---------------------------------------------------------


def test_what_is_no_request_is_a_bad_request() -> None:
    assert refused(b"") == (400, None, False)
    assert refused(b"old 0\n\nno note") == (400, None, False)
    no_checkpoint = Note("text\n", (sign("text\n", LOG, signer_of(seed_of(LOG.name))),))
    assert refused(Request(0, (), no_checkpoint).data) == (400, None, False)


def test_an_old_size_larger_than_the_checkpoint_s_is_a_bad_request() -> None:
    assert refused(Request(9, (), signed(head(8))).data, head(9)) == (400, None, True)


def test_a_log_that_is_not_known_is_not_found() -> None:
    assert refused(Request(0, (), signed(head(1), "another")).data) == (404, None, False)


def test_what_no_key_of_the_log_signed_is_forbidden() -> None:
    note = signed(head(1))
    for signature in (
        Signature("stranger", bytes(4), bytes(64)),
        Signature(LOG.name, LOG.id, bytes(64)),
    ):
        assert refused(Request(0, (), Note(note.text, (signature,))).data) == (403, None, False)


@pytest.mark.parametrize(("old", "last"), [(0, 7), (6, 7), (8, 7), (7, 0)])
def test_another_old_size_than_the_last_is_a_conflict_that_says_the_last(
    old: int, last: int
) -> None:
    assert refused(asked(old, 10), head(last)) == (409, last, True)


def test_a_conflict_s_body_is_the_size() -> None:
    refusal = answered(asked(0, 10), head(7))
    assert isinstance(refusal, Refusal)
    assert (refusal.status, refusal.body) == (Status.CONFLICT, "7\n")
    assert SIZE_TYPE == "text/x.tlog.size"


def test_another_refusal_s_body_says_why() -> None:
    refusal = answered(b"")
    assert isinstance(refusal, Refusal)
    assert (
        refusal.body
        == "This is no request: a line `old SIZE` and up to 63 lines of proof begin it.\n"
    )


def test_a_second_history_of_the_last_size_is_a_conflict() -> None:
    assert refused(asked(10, 10, FORKED), head(10)) == (409, 10, True)
    assert refused(Request(0, (), signed(Head(0, LEAVES[0]))).data) == (409, 0, True)


def test_a_second_history_of_a_larger_size_cannot_be_processed() -> None:
    assert refused(asked(10, 12, FORKED), head(10)) == (422, None, True)
    assert isinstance(answered(asked(6, 12, FORKED), head(6)), Cosigning)


@pytest.mark.parametrize(
    ("old", "new", "proof"),
    [
        (0, 5, (LEAVES[0],)),
        (5, 5, (LEAVES[0],)),
        (5, 6, ()),
        (5, 6, prove(5, 7, nodes_of(LEAVES))),
        (4, 6, prove(4, 6, nodes_of(LEAVES))[:-1]),
    ],
)
def test_a_proof_that_is_not_the_one_cannot_be_processed(
    old: int, new: int, proof: tuple[Hash, ...]
) -> None:
    assert refused(Request(old, proof, signed(head(new))).data, head(old)) == (422, None, True)


def test_no_rollback_is_ever_cosigned() -> None:
    """Whatever the log's own key signs: an earlier size is refused whichever way it is asked."""
    for old in range(11):
        for new in range(10):
            body = Request(old, (), signed(head(new))).data
            assert isinstance(answered(body, head(10)), Refusal)


# -- Requests --------------------------------------------------------------------------------------

NOTE = signed(head(7)).data
LINE = b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"


def test_a_request_is_read_as_it_is_written() -> None:
    body = asked(5, 7)
    assert parse_request(body).data == body
    assert len(parse_request(b"old 5\n" + LINE * MOST_PROOF + b"\n" + NOTE).proof) == 63


@pytest.mark.parametrize(
    "body",
    [
        NOTE,
        b"\n\n" + NOTE,
        b"old\n\n" + NOTE,
        b"old \n\n" + NOTE,
        b"old 05\n\n" + NOTE,
        b"old  5\n\n" + NOTE,
        b"old -5\n\n" + NOTE,
        b"old 5 \n\n" + NOTE,
        b"old 5\r\n\r\n" + NOTE,
        b"OLD 5\n\n" + NOTE,
        b"old 5\n" + NOTE,
        b"old 5\n\n",
        b"old 5\nnot base64\n\n" + NOTE,
        b"old 5\nAAAA\n\n" + NOTE,
        b"old 5\n" + LINE * 64 + b"\n" + NOTE,
        b"old \xff\n\n" + NOTE,
    ],
)
def test_what_is_not_of_its_form_is_no_request(body: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_request(body)


# -- The answer, at the log ------------------------------------------------------------------------


def cosigned(note: Note, name: str = WITNESS.name, time: int = 5) -> Signature:
    key = key_of(name, Algorithm.COSIGNATURE_V1)
    return cosign(note.text, key, time, signer_of(seed_of(name)))


def test_a_witness_s_signature_goes_beneath_the_log_s() -> None:
    note = signed(head(7))
    body = (cosigned(note, OTHER.name).line + cosigned(note).line).encode()

    both = with_cosignatures(note, body, (WITNESS,))

    assert both == Note(note.text, (*note.signatures, cosigned(note)))
    assert with_cosignatures(both, body, (WITNESS,)) == both
    assert [each.time for each in signed_by(both, [LOG, WITNESS])] == [None, 5]


def test_a_false_signature_of_a_witness_goes_nowhere() -> None:
    note = signed(head(7))
    body = (cosigned(note).line + cosigned(signed(head(8))).line).encode()
    assert with_cosignatures(note, body, (WITNESS,)) == note


def test_an_answer_that_is_not_lines_of_signatures_is_none() -> None:
    note = signed(head(7))
    for body in (b"", b"yes\n", b"\xff", b"\n" + cosigned(note).line.encode()):
        with pytest.raises(MalformedError):
            with_cosignatures(note, body, (WITNESS,))
