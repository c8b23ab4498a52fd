from __future__ import annotations

import io
import random
import zipfile

import pytest

from routewarden.base.canonical import canonical_json, sha256
from routewarden.ledger.archive import Member, TooLargeError, directory
from routewarden.ledger.envelope import (
    Envelope,
    pre_authentication,
    read_envelope,
    seal,
    statement_bytes,
    subject_of,
)
from routewarden.ledger.note import WrongSignerError
from routewarden.ledger.outside import Outside
from routewarden.ledger.pack import check_pack, entries_json
from routewarden.ledger.strict import MalformedError
from routewarden.ledger.tree import Head, hash_leaf, head_of
from tests.signing import key_of
from tests.small_pack import HEAD, KEY, LOG, SIGNER, made_by, members, pack, sealed, stated

PACK = pack(members())
NOBODY = Outside()


def found(data: bytes, outside: Outside = NOBODY) -> str:
    return "; ".join(f"{each.where}: {each.what}" for each in check_pack(data, outside).wrong)


# -- The envelope ----------------------------------------------------------------------------------


def test_what_is_signed_is_as_dsse_defines_it() -> None:
    """The example of the DSSE protocol has the type `http://example.com/HelloWorld`."""
    assert pre_authentication(b"hello world") == (
        b"DSSEv1 28 application/vnd.in-toto+json 11 hello world"
    )


def test_a_statement_is_read_as_it_was_signed() -> None:
    envelope = sealed({"b": "22", "a": "11"}, "urn:x", {"n": "1"})

    assert read_envelope(envelope.data) == envelope
    assert envelope.signer([key_of("other"), KEY]) == KEY
    assert envelope.signer([key_of("other")]) is None
    assert subject_of(envelope.statement) == {"a": "11", "b": "22"}
    assert Envelope(envelope.payload + b" ", envelope.key_id, envelope.signature).signer([KEY]) is (
        None
    )


def test_a_signer_with_another_key_is_refused() -> None:
    with pytest.raises(WrongSignerError):
        seal(statement_bytes({}, "urn:x", {}), key_of("other"), SIGNER)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        made_by().data + b" ",
        canonical_json({**stated(made_by()), "payloadType": "text"}),
        canonical_json({**stated(made_by()), "signatures": []}),
        canonical_json({**stated(made_by()), "payload": "AAAA"}),
        seal(b'{"_type":"other"}', KEY, SIGNER).data,
    ],
)
def test_other_bytes_are_no_statement(data: bytes) -> None:
    with pytest.raises(MalformedError, match="no signed statement"):
        read_envelope(data)


# -- The archive -----------------------------------------------------------------------------------


def test_any_reader_of_zip_reads_it() -> None:
    with zipfile.ZipFile(io.BytesIO(PACK)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()[1:]} == members()


def test_what_cannot_be_said_in_it_is_refused() -> None:
    half = Member("a", 2**31, 0)
    with pytest.raises(TooLargeError):
        directory([Member("a", 2**32, 0)])
    with pytest.raises(TooLargeError):
        directory([half, half])
    with pytest.raises(TooLargeError):
        directory([half, half, half])
    with pytest.raises(TooLargeError):
        directory([Member("a", 0, 0)] * 2**16)


# -- The pack --------------------------------------------------------------------------------------


def test_a_sound_pack_has_no_fault_and_says_by_whose_word() -> None:
    sound = check_pack(PACK, NOBODY)
    known = check_pack(PACK, Outside((KEY,), (), (HEAD, head_of(list(map(hash_leaf, LOG[:3]))))))

    assert (sound.wrong, sound.about, sound.members) == ((), "a small review", 10)
    assert sound.said == "internal consistency only: no outside witness vouches for it"
    assert known.said.split("; ") == [
        "signed by log.example, whose key you gave",
        "goes on from the 5 entries you know",
        "goes on from the 3 entries you know",
    ]


@pytest.mark.parametrize(
    ("outside", "why"),
    [
        (Outside((key_of("other"),)), "pack.json: no key of the log signed it as it is"),
        (Outside(heads=(Head(3, HEAD.root),)), "its first 3 entries are not those you know"),
        (Outside(heads=(Head(6, HEAD.root),)), "of 6 entries cannot be compared"),
    ],
)
def test_what_is_known_from_elsewhere_may_contradict_it(outside: Outside, why: str) -> None:
    assert why in found(PACK, outside)


def test_every_flipped_byte_is_found_and_located() -> None:
    """One bit of each byte; of the signed list, whose check is slow, of every ninth."""
    draw, places = random.Random(10), located(PACK)
    checked, wrong = 0, []
    for place, (start, end) in places.items():
        for at in range(start, end, 9 if place == "pack.json" else 1):
            altered = bytearray(PACK)
            altered[at] ^= 1 << draw.randrange(8)
            checked += 1
            told = {each.where for each in check_pack(bytes(altered), NOBODY).wrong}
            if not any(place in where for where in told) or len(told) > 1:
                wrong.append((at, place, told))
    assert checked > 2_500
    assert wrong == []


def located(data: bytes) -> dict[str, tuple[int, int]]:
    """Return where in a pack is what."""
    places, at = dict[str, tuple[int, int]](), 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            begin = at + 30 + len(info.filename)
            places[f"the header of {info.filename}"] = (at, begin)
            at = begin + info.file_size
            places[info.filename] = (begin, at)
    return {**places, "the archive's directory": (at, len(data))}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (PACK + b" ", f"the archive: goes on after its end, at byte {len(PACK):,}"),
        (PACK[:-1], f"the archive's directory: is not as it has to be, at byte {len(PACK) - 1:,}"),
        (PACK[:-2_000], "the archive's directory: is not as it has to be"),
        (b" " + PACK, "pack.json: cannot be read"),
        (b"", "pack.json: cannot be read"),
        (pack(members(), "urn:other"), "pack.json: cannot be read: This is no pack"),
    ],
)
def test_bytes_too_many_or_too_few_are_told(data: bytes, why: str) -> None:
    assert why in found(data)


def test_a_gap_between_members_is_told() -> None:
    at = PACK.index(b"PK\x03\x04", 4)
    told = check_pack(PACK[:at] + b"hidden" + PACK[at:], NOBODY).wrong

    assert told[0].where == "the header of README.txt"


OTHER = made_by(inputs=[{"sha256": "00"}])


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"log/leaves": b"".join(map(hash_leaf, LOG[:4]))}, "are not those of the checkpoint"),
        ({"log/entries.json": entries_json({1: LOG[2]})}, "entry 1 is not that of the log"),
        ({"log/entries.json": entries_json({9: LOG[2]})}, "entry 9 is not that of the log"),
        ({"log/entries.json": b"5"}, "log/: cannot be read"),
        ({"log/checkpoint": b""}, "log/: cannot be read"),
        ({"log/entries.json": entries_json({0: LOG[0]})}, "none of them names this review"),
        ({"log/entries.json": entries_json({2: LOG[2]})}, "none of them names the file"),
        ({"review/more": b""}, "review/: its files are not those that were stated"),
        ({"review-statement.json": OTHER.data}, "none of them names the file 00"),
        (
            {"review-statement.json": Envelope(made_by().payload, "x", bytes(64)).data},
            "review-statement.json: no key of the log signed it as it is",
        ),
        (
            {"review-statement.json": made_by(log={"size": "2", "root": "00" * 32}).data},
            "the log it was made from is not the beginning of this one",
        ),
        ({"records/other": b"x"}, "records/other: is not the file of its name"),
        ({f"records/{sha256(b'x')}": b"x"}, "or none the review rests on"),
    ],
)
def test_what_the_keys_holder_puts_together_wrongly_is_told(
    changed: dict[str, bytes], why: str
) -> None:
    """All of it is signed; what does not go together is told nevertheless."""
    assert why in found(pack(members(**changed)))


def test_a_pack_whose_keys_cannot_be_read_is_signed_by_nobody() -> None:
    told = found(pack(members(**{"log/keys": b"\xff"})))

    assert "log/checkpoint: no key of the log signed it as it is" in told
