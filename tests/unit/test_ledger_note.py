from __future__ import annotations

import pytest

from routewarden.ledger.checkpoint import (
    Checkpoint,
    parse_checkpoint,
    read_checkpoint,
    sign_checkpoint,
)
from routewarden.ledger.note import (
    MOST_BYTES,
    Algorithm,
    Key,
    Note,
    Signature,
    Signed,
    WrongSignerError,
    cosign,
    parse_key,
    parse_note,
    parse_signatures,
    sign,
    signed_by,
    time_of,
)
from routewarden.ledger.quorum import Quorum, QuorumError, standing
from routewarden.ledger.strict import MOST, MalformedError, decimal, from_base64, hash_from
from routewarden.ledger.tree import EMPTY, Head, hash_leaf
from tests.signing import key_of, seed_of, signer_of

LOG = key_of("firm.example/log")
WITNESSES = tuple(
    key_of(f"witness.example/{number}", Algorithm.COSIGNATURE_V1) for number in range(3)
)
HEAD = Head(7, hash_leaf(b""))
NOON = 1_782_907_200


def by(key: Key, text: str, time: int = NOON) -> Signature:
    signer = signer_of(seed_of(key.name))
    if key.algorithm is Algorithm.ED25519:
        return sign(text, key, signer)
    return cosign(text, key, time, signer)


def noted(text: str, *keys: Key) -> Note:
    return Note(text, tuple(by(key, text) for key in keys))


# -- Spelling --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1, 10, 9_223_372_036_854_775_807])
def test_a_size_is_a_plain_decimal(number: int) -> None:
    assert decimal(str(number), "size") == number


@pytest.mark.parametrize(
    "text", ["", "01", "00", "-1", "+1", " 1", "1\n", "1_0", "٣", "9223372036854775808", "9" * 5000]
)
def test_nothing_else_is_a_size(text: str) -> None:
    with pytest.raises(MalformedError, match="This is no size"):
        decimal(text, "size")


@pytest.mark.parametrize("text", ["", "A", "AA", "AAA", "AB==", "AA==\n", "AA-_", "AA= =", "é==="])
def test_bytes_are_written_in_one_way(text: str) -> None:
    assert from_base64("AA==", "key") == b"\x00"
    with pytest.raises(MalformedError, match="is not base64"):
        from_base64(text, "key")


def test_a_hash_has_32_bytes() -> None:
    with pytest.raises(MalformedError, match="not a hash of 32 bytes"):
        hash_from("AA==", "root")


# -- Keys ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [LOG, *WITNESSES])
def test_a_key_is_read_as_it_is_written(key: Key) -> None:
    assert parse_key(key.text) == key


def test_one_key_for_two_algorithms_has_two_ids() -> None:
    other = Key(LOG.name, Algorithm.COSIGNATURE_V1, LOG.public)
    assert other.id != LOG.id
    assert signed_by(noted("text\n", LOG), [other]) == ()


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\n", "a\N{NO-BREAK SPACE}b", "a\x01", "\ud800"]
)
def test_a_key_has_a_name_that_a_line_can_hold(name: str) -> None:
    with pytest.raises(MalformedError, match="This is no key"):
        Key(name, Algorithm.ED25519, bytes(32))


def test_a_key_has_32_bytes() -> None:
    with pytest.raises(MalformedError, match="and 32 bytes"):
        Key("name", Algorithm.ED25519, bytes(31))


def test_a_key_of_another_algorithm_is_told_so() -> None:
    with pytest.raises(MalformedError, match="its algorithm, 0x02, is none that is known"):
        parse_key("name+00000000+AgAA")


def test_a_key_under_another_id_is_none() -> None:
    name, _, stated = LOG.text.split("+", 2)
    with pytest.raises(MalformedError, match="not that of its name"):
        parse_key(f"{name}+00000000+{stated}")
    with pytest.raises(MalformedError, match="not that of its name"):
        parse_key(f"{name}+{LOG.id.hex().upper()}+{stated}")


# -- Notes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["text\n", "\n", "one\n\ntwo\n", "one\n\n", "\n\n\n", "— a AAAA\n"]
)
def test_a_note_is_read_as_it_is_written(text: str) -> None:
    note = noted(text, LOG, *WITNESSES)
    assert parse_note(note.data) == note
    assert [each.key for each in signed_by(note, [LOG, *WITNESSES])] == [LOG, *WITNESSES]


@pytest.mark.parametrize("text", ["", "text", "text\r\n", "a\tb\n", "\ud800\n"])
def test_what_no_note_can_hold_is_not_signed(text: str) -> None:
    for key in (LOG, WITNESSES[0]):
        with pytest.raises(MalformedError, match="This is no note"):
            by(key, text)


@pytest.mark.parametrize("time", [-1, 0, MOST + 1])
def test_a_witness_signs_at_a_time_there_is(time: int) -> None:
    with pytest.raises(MalformedError, match="not a count of seconds"):
        by(WITNESSES[0], "text\n", time)


def test_a_cosignature_says_when() -> None:
    note = Note("text\n", (by(WITNESSES[0], "text\n", 1), by(WITNESSES[1], "text\n", MOST)))
    assert [each.time for each in signed_by(note, WITNESSES)] == [1, MOST]


def test_a_cosignature_is_not_that_of_another_time() -> None:
    signature = by(WITNESSES[0], "text\n", 1)
    later = Signature(signature.name, signature.key_id, bytes(7) + b"\x02" + signature.data[8:])

    assert (time_of(signature), time_of(later)) == (1, 2)
    assert WITNESSES[0].signs("text\n", signature)
    assert not WITNESSES[0].signs("text\n", later)


@pytest.mark.parametrize("data", [b"", bytes(64), bytes(71), bytes(73), b"\x80" + bytes(71)])
def test_what_states_no_time_is_no_cosignature(data: bytes) -> None:
    witness = WITNESSES[0]
    assert time_of(Signature(witness.name, witness.id, data)) is None
    assert not witness.signs("text\n", Signature(witness.name, witness.id, data))


def test_a_signer_with_another_key_is_found_out() -> None:
    other = signer_of(seed_of("another"))
    with pytest.raises(WrongSignerError, match="the signer has another key"):
        sign("text\n", LOG, other)
    with pytest.raises(WrongSignerError, match=r"public half is witness\.example/0"):
        cosign("text\n", WITNESSES[0], NOON, other)
    with pytest.raises(WrongSignerError, match="or signs otherwise"):
        sign("text\n", WITNESSES[0], signer_of(seed_of(WITNESSES[0].name)))


def test_one_false_signature_in_a_known_name_is_nobody_s_note() -> None:
    true, false = by(LOG, "text\n"), by(LOG, "another\n")

    assert signed_by(Note("text\n", (true, true)), [LOG, LOG]) == (Signed(LOG, None),)
    assert signed_by(Note("text\n", (true, false)), [LOG]) == ()
    assert signed_by(Note("text\n", (by(WITNESSES[0], "text\n"), false)), [WITNESSES[0]]) != ()


def test_a_signature_in_another_name_or_of_another_id_is_not_the_key_s() -> None:
    true = by(LOG, "text\n")
    for other in (
        Signature("another", true.key_id, true.data),
        Signature(true.name, bytes(4), true.data),
    ):
        assert not LOG.signs("text\n", other)
        assert signed_by(Note("text\n", (other,)), [LOG]) == ()
        assert signed_by(Note("text\n", (other, true)), [LOG]) == (Signed(LOG, None),)


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "\n",
        "— name AAAAAAA=",
        "-- name AAAAAAA=\n",
        "—name AAAAAAA=\n",
        "— name\n",
        "— AAAAAAA=\n",
        "—  AAAAAAA=\n",
        "— name  AAAAAAA=\n",
        "— na+me AAAAAAA=\n",
        "— name AAAAAA==\n",
        "— name AAAAAAA= \n",
        "— name AAAAAAB=\n",
        "— name AAAAAAA=\n\n",
        "— name AAAAAAA=\n" * 101,
    ],
)
def test_what_is_not_lines_of_signatures_is_none(lines: str) -> None:
    assert parse_signatures("— name AAAAAAA=\n") == (Signature("name", bytes(4), b"\x00"),)
    with pytest.raises(MalformedError):
        parse_signatures(lines)


def test_a_note_may_have_a_hundred_signatures_and_a_million_bytes() -> None:
    lines = "— name AAAAAAA=\n" * 100
    text = "x" * (MOST_BYTES - len(lines.encode()) - 2) + "\n"

    assert len(parse_note(f"{text}\n{lines}".encode()).signatures) == 100
    with pytest.raises(MalformedError, match="more than 1,000,000 bytes"):
        parse_note(f"x{text}\n{lines}".encode())


# -- Checkpoints -----------------------------------------------------------------------------------


def test_a_log_signs_what_it_is() -> None:
    note = sign_checkpoint(HEAD, LOG, signer_of(seed_of(LOG.name)))

    assert note.text == "firm.example/log\n7\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n"
    assert read_checkpoint(note.data) == (Checkpoint(LOG.name, HEAD), note)
    assert signed_by(note, [LOG]) == (Signed(LOG, None),)


def test_lines_that_others_add_are_passed_over() -> None:
    checkpoint = Checkpoint("a log", EMPTY)
    assert parse_checkpoint(checkpoint.text) == checkpoint
    assert parse_checkpoint(checkpoint.text + "more\nand more\n") == checkpoint


ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        "log\n0\n",
        f"log\n0\n{ROOT}",
        f"\n0\n{ROOT}\n",
        f"log\n\n{ROOT}\n",
        f"log\n00\n{ROOT}\n",
        f"log\n-1\n{ROOT}\n",
        f"log\n0\n{ROOT[:-4]}\n",
        f"log\n0\n{ROOT[:-1]}\n",
        f"log\n0\n{ROOT}\n\n",
        f"log\n0\n{ROOT}\n\nmore\n",
    ],
)
def test_what_is_not_three_lines_is_no_checkpoint(text: str) -> None:
    with pytest.raises(MalformedError):
        parse_checkpoint(text)


# -- Quorums ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signers", "least", "enough"),
    [
        ((LOG,), 0, True),
        ((LOG,), 1, False),
        ((LOG, WITNESSES[1]), 1, True),
        ((LOG, WITNESSES[2], WITNESSES[0]), 2, True),
        ((LOG, WITNESSES[2], WITNESSES[2]), 2, False),
        (WITNESSES, 3, False),
        ((LOG, *WITNESSES), 3, True),
    ],
)
def test_the_log_and_enough_witnesses_make_a_checkpoint_good(
    signers: tuple[Key, ...],
    least: int,
    enough: bool,  # noqa: FBT001
) -> None:
    found = standing(noted("text\n", *signers), Quorum((LOG,), WITNESSES, least))

    assert found.enough is enough
    assert [each.key for each in (*found.log, *found.witnesses)] == list(dict.fromkeys(signers))


def test_without_witnesses_the_log_s_word_is_enough() -> None:
    assert standing(noted("text\n", LOG), Quorum((LOG,))).enough


def test_one_witness_cannot_count_twice() -> None:
    one = WITNESSES[0]
    with pytest.raises(QuorumError, match="each needs a key of its own"):
        Quorum((LOG,), (one, Key("other", one.algorithm, one.public)), 1)


@pytest.mark.parametrize(("witnesses", "least"), [(WITNESSES, 4), (WITNESSES, -1), ((LOG,), 1)])
def test_a_quorum_that_nothing_can_meet_is_none(witnesses: tuple[Key, ...], least: int) -> None:
    with pytest.raises(QuorumError, match="is no quorum"):
        Quorum((LOG,), witnesses, least)
